/** Purses: how much is set aside at a seller, and getting it there (SPEC 5.8–5.10). */
import type { PurseAnswer } from '../protocol/api.ts';
import { encodeBase64url } from '../protocol/base64url.ts';
import { type Certificate, readCertificate } from '../protocol/certificate.ts';
import { type ErrorCode, FarthingError } from '../protocol/errors.ts';
import { addMicros, MICROS_ZERO, type Micros, subtractMicros } from '../protocol/money.ts';
import {
  bookBalance,
  checkSignedByProvider,
  clientOf,
  providerNow,
  requireAccount,
  trustAnswer,
} from './accounts.ts';
import { makeDeviceKey } from './keys.ts';
import type { WalletPorts } from './ports.ts';
import type { Account, Door, Payment, Purse } from './rows.ts';

/** A purse this near to its end is left alone: a retry could outlive it. */
const EXPIRY_MARGIN_SEC = 600;
/** SPEC 5.11: by then the provider has given back what was not spent. */
const RELEASED_AFTER_SEC = 96 * 3600;

function* steps(): Generator<bigint> {
  yield 50_000n;
  for (let unit = 100_000n; ; unit *= 10n) yield* [unit, 2n * unit, 5n * unit];
}

function stepFrom(atLeast: bigint): bigint {
  for (const step of steps()) if (step >= atLeast) return step;
  throw new TypeError('unreachable: steps have no end');
}

/**
 * How much to set aside for a price (SPEC 5.10): the smallest step that covers it three times
 * unless that is over a quarter of the balance; else once; else, when the balance is below that
 * step, all of it. Undefined when the balance does not cover the price.
 */
export function purseAmount(priceMicros: Micros, availableMicros: Micros): Micros | undefined {
  const generous = stepFrom(3n * priceMicros);
  if (4n * generous <= availableMicros) return generous as Micros;
  const enough = stepFrom(priceMicros);
  if (enough <= availableMicros) return enough as Micros;
  return priceMicros <= availableMicros ? availableMicros : undefined;
}

/** What a purse still holds for charges to come. */
export function leftInPurse(purse: Purse): Micros {
  return purse.state === 'requested' && purse.certificate === undefined
    ? MICROS_ZERO
    : subtractMicros(purse.limitMicros, purse.totalMicros);
}

/** Whether money stands in a purse: until the provider gave it back (SPEC 5.11). */
function isHeld({ state, expiresAtSec }: Purse, providerNowMs: number): boolean {
  const isThere = state === 'open' || state === 'retired';
  return isThere && providerNowMs / 1000 < expiresAtSec + RELEASED_AFTER_SEC;
}

/** Set aside and unspent: still the reader's. */
export function asideMicros(purses: readonly Purse[], providerNowMs: number): Micros {
  const held = purses.filter((purse) => isHeld(purse, providerNowMs));
  return held.reduce((sum, purse) => sum + leftInPurse(purse), 0n) as Micros;
}

/**
 * What may be gone although there is no receipt: of each purse the dearest of its charges that were
 * refused, or have no answer (SPEC 6.9). They stand on one total, so that only one can be taken.
 */
export function atRiskMicros(
  purses: readonly Purse[],
  pending: readonly Payment[],
  providerNowMs: number,
): Micros {
  const riskOf = ({ id, riskMicros }: Purse) => {
    const sending = pending.find(
      ({ state, charge }) => state === 'sending' && charge?.purse === id,
    );
    const sent = sending?.charge?.opening.amt ?? MICROS_ZERO;
    return sent > riskMicros ? sent : riskMicros;
  };
  const held = purses.filter((purse) => isHeld(purse, providerNowMs));
  return held.reduce((sum, purse) => addMicros(sum, riskOf(purse)), MICROS_ZERO);
}

/** Whether a purse is so near to its end, or past it, that the next charge is for another. */
export function isEnding({ expiresAtSec }: Purse, providerNowMs: number): boolean {
  return expiresAtSec - EXPIRY_MARGIN_SEC <= providerNowMs / 1000;
}

function isUsable(purse: Purse, providerNowMs: number): boolean {
  return purse.state === 'requested' || (purse.state === 'open' && !isEnding(purse, providerNowMs));
}

/** What could be paid at `payto` now: available, and what a usable purse there still holds. */
export function spendableAt(
  account: Account,
  purses: readonly Purse[],
  at: { readonly payto: string; readonly providerNowMs: number },
): Micros {
  const usable = purses.filter(
    (purse) => purse.payto === at.payto && isUsable(purse, at.providerNowMs),
  );
  return usable.reduce((sum, purse) => addMicros(sum, leftInPurse(purse)), account.availableMicros);
}

/** What a purse is wanted for. */
export interface Need {
  readonly payto: string;
  readonly priceMicros: Micros;
  readonly door: Door;
  /** Purses whose last charge has no answer yet: they sign nothing (SPEC 6.8). */
  readonly frozen: ReadonlySet<string>;
}

/** The ids of purses with a charge whose outcome is unknown. */
export function frozenBy(pending: readonly Payment[]): ReadonlySet<string> {
  const sending = pending.filter(({ state }) => state === 'sending');
  return new Set(sending.flatMap(({ charge }) => charge?.purse ?? []));
}

/** The purse for the next charge: one that will do as it is, else any; or none yet. */
export function choosePurse(
  purses: readonly Purse[],
  { payto, priceMicros, frozen }: Omit<Need, 'door'>,
  account: Pick<Account, 'currency'>,
  providerNowMs: number,
): Purse | undefined {
  const usable = purses.filter(
    (purse) =>
      purse.payto === payto &&
      purse.currency === account.currency &&
      !frozen.has(purse.id) &&
      isUsable(purse, providerNowMs),
  );
  const willDo = usable.find((purse) => leftInPurse(purse) >= priceMicros);
  return willDo ?? usable.find(({ state }) => state === 'open') ?? usable[0];
}

async function planPurse(
  ports: WalletPorts,
  account: Account,
  { payto, priceMicros, door }: Need,
): Promise<Purse> {
  const askedMicros = purseAmount(priceMicros, account.availableMicros);
  if (askedMicros === undefined)
    throw new FarthingError('insufficient_funds', 'the balance does not cover the price');
  const purse: Purse = {
    id: encodeBase64url(ports.random(16)),
    payto,
    currency: account.currency,
    key: await makeDeviceKey(),
    state: 'requested',
    askedMicros,
    limitMicros: MICROS_ZERO,
    expiresAtSec: 0,
    seq: 0,
    totalMicros: MICROS_ZERO,
    riskMicros: MICROS_ZERO,
    door,
    usedAtMs: ports.now(),
  };
  await ports.store.purses.put(purse);
  return purse;
}

async function readOwnCertificate(
  ports: WalletPorts,
  purse: Purse,
  token: string,
): Promise<Certificate> {
  const { claims, jws } = readCertificate(token);
  await checkSignedByProvider(ports, jws);
  const isMine =
    claims.jti === purse.id &&
    claims.aud === purse.payto &&
    claims.cur === purse.currency &&
    claims.cnf.jwk.x === purse.key.jwk.x &&
    claims.cnf.jwk.y === purse.key.jwk.y &&
    claims.lim >= purse.askedMicros;
  if (!isMine)
    throw new FarthingError('provider_unreachable', 'the certificate is for another purse');
  return claims;
}

/** Stores what answers a request, certificate and balance in one, after all of it was checked. */
async function bookCertificate(
  ports: WalletPorts,
  purse: Purse,
  { certificate, balance }: PurseAnswer,
): Promise<Purse> {
  const claims = await trustAnswer(() => readOwnCertificate(ports, purse, certificate));
  const open: Purse = {
    ...purse,
    state: 'open',
    raiseId: undefined,
    certificate,
    limitMicros: claims.lim,
    expiresAtSec: claims.exp,
  };
  await bookBalance(ports, balance, ({ purses }) => purses.put(open));
  return open;
}

/** What the provider says of a purse that it does not raise because it is over. */
const PURSE_IS_OVER: readonly ErrorCode[] = ['purse_expired', 'purse_not_found'];

/** No answer keeps the request, to be sent again as it is; a refusal ends it. */
async function endIfRefused(ports: WalletPorts, ended: Purse, error: unknown): Promise<never> {
  if (error instanceof FarthingError && error.code !== 'provider_unreachable')
    await ports.store.purses.put(ended);
  throw error;
}

async function requestPurse(ports: WalletPorts, account: Account, purse: Purse): Promise<Purse> {
  try {
    const answer = await clientOf(ports, account).issuePurse({
      id: purse.id,
      payto: purse.payto,
      currency: purse.currency,
      amount: purse.askedMicros.toString(),
      key: purse.key.jwk,
    });
    return await bookCertificate(ports, purse, answer);
  } catch (error) {
    return endIfRefused(ports, { ...purse, state: 'refused' }, error);
  }
}

async function planRaise(
  ports: WalletPorts,
  account: Account,
  purse: Purse,
  priceMicros: Micros,
): Promise<Purse> {
  if (purse.raiseId) return purse;
  const missing = subtractMicros(priceMicros, leftInPurse(purse));
  const generous = purseAmount(priceMicros, account.availableMicros);
  const extra =
    generous ?? (missing <= account.availableMicros ? account.availableMicros : undefined);
  if (extra === undefined)
    throw new FarthingError('insufficient_funds', 'the balance does not cover the price');
  const planned: Purse = {
    ...purse,
    raiseId: encodeBase64url(ports.random(16)),
    askedMicros: addMicros(purse.limitMicros, extra),
  };
  await ports.store.purses.put(planned);
  return planned;
}

async function raisePurse(ports: WalletPorts, account: Account, purse: Purse): Promise<Purse> {
  try {
    const answer = await clientOf(ports, account).raisePurse(purse.id, {
      id: purse.raiseId ?? '',
      amount: purse.askedMicros.toString(),
    });
    return await bookCertificate(ports, purse, answer);
  } catch (error) {
    const isOver = error instanceof FarthingError && PURSE_IS_OVER.includes(error.code);
    const state = isOver ? 'retired' : purse.state;
    return endIfRefused(ports, { ...purse, state, raiseId: undefined }, error);
  }
}

/**
 * A purse that holds what is needed: an open one, raised or newly issued as needed. Ids and keys
 * are stored before they are sent; called again after any death it goes on where it was.
 * @throws FarthingError `insufficient_funds`, `provider_unreachable`, the provider's codes
 */
export async function purseFor(ports: WalletPorts, need: Need): Promise<Purse> {
  const account = await requireAccount(ports);
  const purses = await ports.store.purses.all();
  let purse =
    choosePurse(purses, need, account, providerNow(ports, account)) ??
    (await planPurse(ports, account, need));
  if (purse.state === 'requested') purse = await requestPurse(ports, account, purse);
  while (leftInPurse(purse) < need.priceMicros) {
    const fresh = await requireAccount(ports);
    const planned = await planRaise(ports, fresh, purse, need.priceMicros);
    purse = await raisePurse(ports, fresh, planned);
  }
  return purse;
}
