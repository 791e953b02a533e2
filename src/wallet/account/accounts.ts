/** The reader's account: opening it, its balance. */
import { encodeBase64url } from '../../protocol/base64url.ts';
import { type Balance, readBalance, readProviderRecord } from '../../protocol/documents.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { MICROS_PER_UNIT, MICROS_ZERO, type Micros } from '../../protocol/money.ts';
import { isLoopbackHost, originAt } from '../../protocol/payto.ts';
import { cleanText } from '../../protocol/text.ts';
import { makeDeviceKey } from '../keys.ts';
import type { Tables, WalletPorts } from '../ports.ts';
import type { Account } from '../rows.ts';
import { endFormer } from './former.ts';
import {
  checkSigned,
  createProviderClient,
  fetchProvider,
  fetchProviderKeys,
  type ProviderClient,
  type ProviderView,
} from './provider.ts';

/** $1 a day until the reader says otherwise. */
export const DAILY_LIMIT_MICROS = MICROS_PER_UNIT as Micros;

/** The open account. @throws FarthingError `wallet_absent` */
export async function requireAccount({ store }: WalletPorts): Promise<Account> {
  return openedAccount(await store.account.get('account'));
}

/** The account, as it was read. @throws FarthingError `wallet_absent` */
export function openedAccount(account: Account | undefined): Account {
  if (account?.state !== 'open') throw new FarthingError('wallet_absent', 'open one first');
  return account;
}

/**
 * The account, if this device may still pay from it.
 * @throws FarthingError `wallet_absent`, `device_revoked`
 */
export async function requireActive(ports: WalletPorts): Promise<Account> {
  const account = await requireAccount(ports);
  if (account.revokedAtMs === undefined) return account;
  throw new FarthingError('device_revoked', 'another device has removed this one');
}

/** The provider's clock in milliseconds, as last heard: what receipts and purses expire by. */
export function providerNow({ now }: Pick<WalletPorts, 'now'>, account: Account): number {
  return now() + account.clockOffsetMs;
}

export function clientOf(ports: WalletPorts, account: Account): ProviderClient {
  return createProviderClient(ports, account.provider, account.device);
}

/** The address of a provider as a person types it. @throws FarthingError `payto_malformed` */
export function providerAddress(text: string): string {
  const bare = text.trim().replace(/\/+$/, '');
  const host = URL.parse(bare.includes('://') ? bare : `https://${bare}`);
  if (!host?.hostname || host.pathname !== '/' || host.search || host.username)
    throw new FarthingError('payto_malformed', 'a wallet service is an address like pay.example');
  return originAt(host.host);
}

/**
 * An address that money may go by: over https, in a sandbox over http on this machine too.
 * @throws FarthingError `url_malformed`
 */
export function checkAddress(text: string, { sandbox }: Pick<Account, 'sandbox'>): URL {
  const url = URL.parse(text);
  const isPlayground = sandbox && url?.protocol === 'http:' && isLoopbackHost(url.hostname);
  if (!url || (url.protocol !== 'https:' && !isPlayground))
    throw new FarthingError('url_malformed', 'only https addresses are paid');
  return url;
}

/**
 * The provider's record, checked by its own keys; over http only what says that it plays.
 * @throws FarthingError `provider_unreachable`
 */
export async function checkedRecord(ports: WalletPorts, provider: string) {
  const { record, keys } = await fetchProvider(ports, provider);
  const { claims, jws } = readProviderRecord(record);
  await checkSigned(jws, keys);
  const isInsecure = provider.startsWith('http:');
  if (claims.iss !== provider || (isInsecure && !claims.sandbox))
    throw new FarthingError(
      'provider_unreachable',
      `${new URL(provider).host} is not what it says`,
    );
  return { claims, keys };
}

/** What a provider says of itself, before there is an account. */
export async function meetProvider(ports: WalletPorts, provider: string): Promise<ProviderView> {
  const { claims } = await checkedRecord(ports, provider);
  const { name, sandbox, currencies, starter, first } = claims;
  return {
    host: new URL(provider).host,
    name: cleanText(name),
    sandbox,
    currency: currencies[0] ?? 'USD',
    starter: starter.toString(),
    first,
  };
}

/** Stores a new account unless there is one for this provider, or an open one. */
function beginAccount({ store }: WalletPorts, account: Account): Promise<Account> {
  return store.transaction(async (tables) => {
    const known = kept(await tables.account.get('account'), account.provider);
    if (known) return known;
    await endFormer(tables);
    await tables.account.put(account);
    return account;
  });
}

/** An account that no other takes the place of: this device is not removed from it. */
function kept(known: Account | undefined, provider: string): Account | undefined {
  if (!known || known.revokedAtMs !== undefined) return undefined;
  return known.provider === provider || known.state === 'open' ? known : undefined;
}

async function prepareAccount(ports: WalletPorts, provider: string): Promise<Account> {
  const known = kept(await ports.store.account.get('account'), provider);
  if (known) return known;
  const { claims, keys } = await checkedRecord(ports, provider);
  return beginAccount(ports, {
    key: 'account',
    state: 'opening',
    openingId: encodeBase64url(ports.random(16)),
    id: '',
    provider,
    sandbox: claims.sandbox,
    providerKeys: keys,
    device: await makeDeviceKey(),
    currency: claims.currencies[0] ?? 'USD',
    availableMicros: MICROS_ZERO,
    rev: 0,
    clockOffsetMs: 0,
    dailyLimitMicros: DAILY_LIMIT_MICROS,
  });
}

/** Another first run may have opened it meanwhile: that stays as it is. */
async function nameAccount(table: Tables['account'], { openingId }: Account, id: string) {
  const account = await table.get('account');
  if (account?.state === 'opening' && account.openingId === openingId)
    await table.put({ ...account, id });
}

/**
 * Opens an account at `provider`. The id and key are stored first: a second try after a lost answer
 * is the same request. An account that is open already is answered as it is.
 * @throws FarthingError `provider_unreachable`, the provider's codes
 */
export async function openAccount(ports: WalletPorts, provider: string): Promise<Account> {
  const account = await prepareAccount(ports, provider);
  if (account.state === 'open') return account;
  const answer = await clientOf(ports, account).openAccount({ id: account.openingId });
  await ports.store.transaction(({ account: table }) =>
    nameAccount(table, account, answer.account),
  );
  await bookBalance(ports, answer.balance);
  return requireAccount(ports);
}

/** Keys are kept; an unknown `kid` is looked up once (SPEC 2.5). */
async function checkByProvider(ports: WalletPorts, jws: Parameters<typeof checkSigned>[0]) {
  const account = await ports.store.account.get('account');
  if (!account) throw new FarthingError('wallet_absent', 'open one first');
  try {
    await checkSigned(jws, account.providerKeys);
  } catch (error) {
    if (!(error instanceof FarthingError) || error.code !== 'jws_key_unknown') throw error;
    const providerKeys = await fetchProviderKeys(ports, account.provider);
    await checkSigned(jws, providerKeys);
    await ports.store.transaction(async (tables) => {
      const now = await tables.account.get('account');
      if (now) await tables.account.put({ ...now, providerKeys });
    });
  }
}

/** Checks anything that the account's provider signed. @throws FarthingError `jws_*` */
export { checkByProvider as checkSignedByProvider };

/**
 * Reads what the provider answered. What cannot be trusted is no answer: what was asked for may
 * have been done all the same.
 * @throws FarthingError `provider_unreachable`
 */
export async function trustAnswer<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    throw new FarthingError('provider_unreachable', error.detail, { cause: error });
  }
}

/** Longer than any answer is on its way. */
const LATE_SEC = 60;

async function putBalance({ account: table }: Tables, claims: Balance, nowMs: number) {
  const account = await table.get('account');
  if (!account || claims.sub !== account.id || claims.iss !== account.provider)
    throw new FarthingError('provider_unreachable', 'the balance is for another account');
  const { rev, saidAtSec = 0 } = account;
  // A lower number that comes much later is no late answer: the books were put back.
  if (account.state === 'open' && claims.rev < rev && claims.iat < saidAtSec + LATE_SEC) return;
  await table.put({
    ...account,
    state: 'open',
    currency: claims.cur,
    availableMicros: claims.available,
    starterMicros: claims.starter,
    rev: claims.rev,
    saidAtSec: claims.iat,
    clockOffsetMs: claims.iat * 1000 - nowMs,
  });
}

/**
 * Stores the provider's signed word about the balance, unless a later one is here already; and
 * `together` with it what moved the money, so that no amount is shown in two places or in none.
 * @throws FarthingError `provider_unreachable`
 */
export async function bookBalance(
  ports: WalletPorts,
  token: string,
  together?: (tables: Tables) => Promise<void>,
): Promise<void> {
  const claims = await trustAnswer(async () => {
    const balance = readBalance(token);
    await checkByProvider(ports, balance.jws);
    return balance.claims;
  });
  await ports.store.transaction(async (tables) => {
    await putBalance(tables, claims, ports.now());
    await together?.(tables);
  });
  ports.changed();
}

/** Asks the provider for the balance. @throws FarthingError `provider_unreachable` */
export async function refreshBalance(ports: WalletPorts): Promise<void> {
  const account = await requireAccount(ports);
  const answer = await clientOf(ports, account).account();
  await bookBalance(ports, answer.balance);
}

/** The reader's own limit over all sellers, a local day. */
export async function setDailyLimit(ports: WalletPorts, dailyLimitMicros: Micros): Promise<void> {
  await ports.store.transaction(async ({ account: table }) => {
    const account = await table.get('account');
    if (account) await table.put({ ...account, dailyLimitMicros });
  });
  ports.changed();
}
