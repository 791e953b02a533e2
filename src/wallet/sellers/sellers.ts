/** What the provider says about a seller, and what the reader allows it. */
import { readSellerRecord } from '../../protocol/documents.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { parsePayto } from '../../protocol/payto.ts';
import { checkSignedByProvider } from '../account/accounts.ts';
import { fetchSellerRecord } from '../account/provider.ts';
import type { WalletPorts } from '../ports.ts';
import type { Account, HostRule, Limits, Rule, Seller } from '../rows.ts';

/** SPEC 2.4: a record is asked for again after a day. */
const FRESH_MS = 24 * 3_600_000;

async function refresh(ports: WalletPorts, payto: string): Promise<Seller> {
  const { handle, provider } = parsePayto(payto);
  const { record: token } = await fetchSellerRecord(ports, provider, handle);
  const { claims, jws } = readSellerRecord(token);
  await checkSignedByProvider(ports, jws);
  if (claims.sub !== payto || claims.iss !== provider)
    throw new FarthingError('seller_unknown', 'the record is for another seller');
  return ports.store.transaction(async ({ sellers }) => {
    const rules = (await sellers.get(payto))?.rules ?? [];
    const seller: Seller = { payto, record: claims, fetchedAtMs: ports.now(), rules };
    await sellers.put(seller);
    return seller;
  });
}

/** Age by either direction of a clock that may step. */
function isFresh(seller: Seller, nowMs: number): boolean {
  return Math.abs(nowMs - seller.fetchedAtMs) < FRESH_MS;
}

/**
 * The record of the seller that is paid at `origin`, as it is `known` or anew: it is fetched before
 * the first purse, daily, and once more when it does not name the origin (SPEC 2.4).
 * @throws FarthingError `seller_unknown`, `origin_not_listed`, `provider_unreachable`
 */
export async function sellerAt(
  ports: WalletPorts,
  { payto, known }: { readonly payto: string; readonly known: Seller | undefined },
  origin: string,
): Promise<Seller> {
  if (known && isFresh(known, ports.now()) && known.record.origins.includes(origin)) return known;
  const seller = await refresh(ports, payto);
  if (!seller.record.origins.includes(origin))
    throw new FarthingError('origin_not_listed', new URL(origin).host);
  return seller;
}

/** The record again, when a receipt names a key that it does not have. */
export function refreshSeller(ports: WalletPorts, payto: string): Promise<Seller> {
  return refresh(ports, payto);
}

/** The reader's word for what a seller sells at `host`; without one it asks. */
export function ruleAt(seller: Seller | undefined, host: string): Rule {
  return seller?.rules.find((it) => it.host === host)?.rule ?? { kind: 'ask' };
}

/** What one click may pay at `host`, or might before the reader chose to be asked. */
export function limitsAt(seller: Seller | undefined, host: string): Limits | undefined {
  const known = seller?.rules.find((it) => it.host === host);
  if (known?.rule.kind !== 'one-click') return known?.limits;
  const { itemMicros, dayMicros } = known.rule;
  return { itemMicros, dayMicros };
}

/**
 * Stores the reader's word for one payto and one host (SPEC 2.6).
 * @throws FarthingError `seller_unknown` where this wallet never met the seller
 */
export async function setRule(
  ports: WalletPorts,
  payto: string,
  { host, rule }: Omit<HostRule, 'limits'>,
): Promise<void> {
  await ports.store.transaction(async ({ sellers }) => {
    const seller = await sellers.get(payto);
    if (!seller) throw new FarthingError('seller_unknown', payto);
    const others = seller.rules.filter((it) => it.host !== host);
    const limits = rule.kind === 'one-click' ? undefined : limitsAt(seller, host);
    const isSaid = rule.kind !== 'ask' || limits !== undefined;
    const rules = isSaid ? [...others, { host, rule, ...(limits && { limits }) }] : others;
    await sellers.put({ ...seller, rules });
  });
  ports.changed();
}

/** Whether this account can be paid out of at `payto`'s provider. */
export function isOwnProvider(account: Account, payto: string): boolean {
  return parsePayto(payto).provider === account.provider;
}
