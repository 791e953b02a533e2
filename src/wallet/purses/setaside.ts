/**
 * Gets money set aside at the provider (SPEC 5.8 to 5.10, 9.9). Ids and keys are stored before they
 * are sent; called again after any death it goes on where it was.
 */
import type { PurseAnswer } from '../../protocol/api.ts';
import { encodeBase64url } from '../../protocol/base64url.ts';
import { type Certificate, readCertificate } from '../../protocol/certificate.ts';
import { type ErrorCode, FarthingError } from '../../protocol/errors.ts';
import { addMicros, MICROS_ZERO, type Micros, subtractMicros } from '../../protocol/money.ts';
import {
  bookBalance,
  checkSignedByProvider,
  clientOf,
  providerNow,
  requireAccount,
  requireActive,
  trustAnswer,
} from '../account/accounts.ts';
import { makeDeviceKey } from '../keys.ts';
import type { Tables, WalletPorts } from '../ports.ts';
import type { Account, Door, Purse } from '../rows.ts';
import { choosePurse, leftInPurse, type Need, purseAmount } from './purses.ts';

async function planPurse(
  ports: WalletPorts,
  account: Account,
  { payto, priceMicros, door }: Need,
): Promise<Purse> {
  const askedMicros = purseAmount(priceMicros, account.availableMicros);
  if (askedMicros === undefined)
    throw new FarthingError('insufficient_funds', 'the balance does not cover the price');
  return keepPlanned(ports, account, { payto, askedMicros, door });
}

async function keepPlanned(
  ports: WalletPorts,
  account: Account,
  { payto, askedMicros, door }: Pick<Purse, 'payto' | 'askedMicros' | 'door'>,
): Promise<Purse> {
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
  { token, leastMicros }: { readonly token: string; readonly leastMicros: Micros },
): Promise<Certificate> {
  const { claims, jws } = readCertificate(token);
  await checkSignedByProvider(ports, jws);
  const isMine =
    claims.jti === purse.id &&
    claims.aud === purse.payto &&
    claims.cur === purse.currency &&
    claims.cnf.jwk.x === purse.key.jwk.x &&
    claims.cnf.jwk.y === purse.key.jwk.y &&
    claims.lim >= leastMicros;
  if (!isMine)
    throw new FarthingError('provider_unreachable', 'the certificate is for another purse');
  return claims;
}

/**
 * Changes a purse as it is by now: receipts and other answers may have come while the provider was
 * asked.
 */
async function amendPurse(
  { purses }: Tables,
  purse: Purse,
  change: (now: Purse) => Partial<Purse>,
): Promise<Purse> {
  const now = (await purses.get(purse.id)) ?? purse;
  const next = { ...now, ...change(now) };
  await purses.put(next);
  return next;
}

/** Stores what answers a request, certificate and balance in one, after all of it was checked. */
async function bookCertificate(
  ports: WalletPorts,
  purse: Purse,
  { certificate, balance }: PurseAnswer,
): Promise<Purse> {
  const told = { token: certificate, leastMicros: purse.askedMicros };
  const claims = await trustAnswer(() => readOwnCertificate(ports, purse, told));
  const { lim: limitMicros, exp: expiresAtSec } = claims;
  const newest = { certificate, limitMicros, expiresAtSec, isStale: undefined };
  let open = purse;
  const change = ({ state, raiseId, ...now }: Purse): Partial<Purse> => ({
    state: state === 'requested' || state === 'refused' ? 'open' : state,
    raiseId: raiseId === purse.raiseId ? undefined : raiseId,
    ...(limitMicros >= now.limitMicros && newest),
  });
  await bookBalance(ports, balance, async (tables) => {
    open = await amendPurse(tables, purse, change);
  });
  return open;
}

/** What the provider says of a purse that it does not raise because it is over. */
const PURSE_IS_OVER: readonly ErrorCode[] = ['purse_expired', 'purse_not_found'];

/**
 * No answer keeps the request, to be sent again as it is; a refusal ends it, unless another answer
 * has settled it meanwhile.
 */
async function endIfRefused(
  { store }: WalletPorts,
  { purse, ended, error }: { purse: Purse; ended: Partial<Purse>; error: unknown },
): Promise<never> {
  if (error instanceof FarthingError && error.code !== 'provider_unreachable')
    await store.transaction((tables) =>
      amendPurse(tables, purse, ({ state }) => (state === purse.state ? ended : {})),
    );
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
    return endIfRefused(ports, { purse, ended: { state: 'refused' }, error });
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
    const ended = { raiseId: undefined, ...(isOver && { state: 'retired' as const }) };
    return endIfRefused(ports, { purse, ended, error });
  }
}

/**
 * The newest certificate: what the key signed elsewhere was raised there too, and a key of the
 * provider's that signed may have left its set.
 * @throws FarthingError `provider_unreachable`, the provider's codes
 */
export async function renewCertificate(ports: WalletPorts, purse: Purse): Promise<Purse> {
  const client = clientOf(ports, await requireAccount(ports));
  const { certificate } = await client.purse(purse.id);
  const told = { token: certificate, leastMicros: purse.limitMicros };
  const claims = await trustAnswer(() => readOwnCertificate(ports, purse, told));
  const { lim: limitMicros, exp: expiresAtSec } = claims;
  const fresh = { certificate, limitMicros, expiresAtSec, isStale: undefined };
  return ports.store.transaction((tables) => amendPurse(tables, purse, () => fresh));
}

/**
 * Puts the end of a purse off by seven days, with no more in it.
 * @throws FarthingError `provider_unreachable`, the provider's codes
 */
export async function prolong(ports: WalletPorts, purse: Purse): Promise<void> {
  const raiseId = purse.raiseId ?? encodeBase64url(ports.random(16));
  const askedMicros = purse.raiseId ? purse.askedMicros : purse.limitMicros;
  const plan = () => ({ raiseId, askedMicros });
  const planned = await ports.store.transaction((tables) => amendPurse(tables, purse, plan));
  await raisePurse(ports, await requireAccount(ports), planned);
}

/** Goes on with what was asked of the provider and never answered. */
export async function finishAsking(ports: WalletPorts, purse: Purse): Promise<void> {
  const account = await requireAccount(ports);
  if (purse.state === 'requested') await requestPurse(ports, account, purse);
  else if (purse.state === 'open' && purse.raiseId) await raisePurse(ports, account, purse);
}

/**
 * A purse that holds what is needed: an open one, raised or newly issued as needed.
 * @throws FarthingError `insufficient_funds`, `provider_unreachable`, the provider's codes
 */
export async function purseFor(ports: WalletPorts, need: Need): Promise<Purse> {
  const [account, purses] = await Promise.all([requireActive(ports), ports.store.purses.all()]);
  let purse =
    choosePurse(purses, need, account, providerNow(ports, account)) ??
    (await planPurse(ports, account, need));
  if (purse.state === 'requested') purse = await requestPurse(ports, account, purse);
  if (purse.isStale) purse = await renewCertificate(ports, purse);
  while (leftInPurse(purse) < need.priceMicros) {
    const fresh = await requireAccount(ports);
    const planned = await planRaise(ports, fresh, purse, need.priceMicros);
    purse = await raisePurse(ports, fresh, planned);
  }
  return purse;
}

/**
 * A purse at a seller where this device has none, which sets nothing aside (SPEC 9.9): it shows
 * receipts, and is raised when something is bought. One that was asked for before is asked for
 * again.
 * @throws FarthingError `provider_unreachable`, `purse_count`, the provider's codes
 */
export async function emptyPurse(ports: WalletPorts, payto: string, door: Door): Promise<Purse> {
  const account = await requireActive(ports);
  const purses = await ports.store.purses.all();
  const begun = purses.find((it) => it.payto === payto && it.state === 'requested');
  const planned =
    begun ?? (await keepPlanned(ports, account, { payto, askedMicros: MICROS_ZERO, door }));
  return requestPurse(ports, account, planned);
}
