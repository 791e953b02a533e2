/**
 * Keeps the account from being lost with its device, and brings it back (SPEC 9.18): a recovery
 * secret is set, or opens the account on a new device. The secret itself is never stored, only what
 * is derived from it, until the provider has answered.
 */
import type { DevicesAnswer } from '../../protocol/api.ts';
import { encodeBase64url } from '../../protocol/base64url.ts';
import { type ErrorCode, FarthingError } from '../../protocol/errors.ts';
import { thumbprint } from '../../protocol/key.ts';
import { MICROS_ZERO } from '../../protocol/money.ts';
import {
  historyKeyName,
  type RecoveryKind,
  recoveryKeys,
  seal,
  unseal,
} from '../../protocol/recovery.ts';
import { makeDeviceKey } from '../keys.ts';
import type { Tables, WalletPorts } from '../ports.ts';
import type { Account, HistoryCopy, RecoverySetting, Restoring } from '../rows.ts';
import { bookBalance, checkedRecord, DAILY_LIMIT_MICROS, requireActive } from './accounts.ts';
import { readCopy } from './copied.ts';
import { createDeviceClient, deviceClientOf } from './deviceclient.ts';
import { endFormer } from './former.ts';
import { readKeep } from './keeps.ts';
import { createCaller } from './provider.ts';

/** A secret, and where it comes from. */
export interface Secret {
  readonly kind: RecoveryKind;
  readonly secret: Uint8Array<ArrayBuffer>;
}

/** A copy that has nothing yet. */
function emptyCopy(historyKey: Uint8Array<ArrayBuffer>, place: number): HistoryCopy {
  const nothing = { sinceMs: 0, after: 0, read: {}, damaged: 0 };
  return { key: 'copy', state: 'on', historyKey, place, first: place + 1, ...nothing };
}

/** Notes what brings the account back, by the provider's word. */
export async function noteSafety({ keeps }: Tables, { recovery }: DevicesAnswer): Promise<void> {
  const safety = await readKeep({ keeps }, 'safety');
  await keeps.put({ ...safety, key: 'safety', kinds: recovery.map(({ kind }) => kind) });
}

async function bookSetting(
  { store }: WalletPorts,
  setting: RecoverySetting,
  { answer, place }: { answer: DevicesAnswer; place: number },
): Promise<void> {
  await store.transaction(async (tables) => {
    const waiting = await readKeep(tables, 'setting');
    if (waiting?.id === setting.id) await tables.keeps.remove('setting');
    await noteSafety(tables, answer);
    const copy = await readKeep(tables, 'copy');
    if (!copy) await tables.keeps.put(emptyCopy(setting.historyKey, place));
  });
}

/** Refusals that no second try would change. */
function isFinal(error: unknown): error is FarthingError {
  return error instanceof FarthingError && error.code !== 'provider_unreachable';
}

/** Goes on with a recovery key that was begun to be set. @throws FarthingError the provider's */
export async function finishSetting(ports: WalletPorts): Promise<void> {
  const setting = await readKeep(ports.store, 'setting');
  if (!setting) return;
  const account = await requireActive(ports);
  const { id, kind, kid, sealed } = setting;
  try {
    const answer = await deviceClientOf(ports, account).setRecovery({ id, kind, kid, sealed });
    const own = await thumbprint(account.device.jwk);
    const place = answer.devices.find((it) => it.kid === own)?.place ?? 0;
    await bookSetting(ports, setting, { answer, place });
  } catch (error) {
    if (isFinal(error)) await ports.store.keeps.remove('setting');
    throw error;
  }
  ports.changed();
}

/**
 * Sets a recovery secret, or puts it in the place of the former one of its kind.
 * @throws FarthingError `provider_unreachable` (it is tried again), the provider's codes
 */
export async function setRecovery(ports: WalletPorts, { kind, secret }: Secret): Promise<void> {
  const account = await requireActive(ports);
  const keys = await recoveryKeys(secret);
  const begun = await readKeep(ports.store, 'setting');
  const copy = await readKeep(ports.store, 'copy');
  const historyKey = copy?.historyKey ?? begun?.historyKey ?? ports.random(32);
  const sealing = { key: keys.seal, name: historyKeyName(account.id), iv: ports.random(12) };
  await ports.store.keeps.put({
    key: 'setting',
    id: encodeBase64url(ports.random(16)),
    kind,
    kid: keys.signing.kid,
    sealed: await seal(historyKey, sealing),
    historyKey,
  });
  await finishSetting(ports);
}

/** What a restore is asked with. */
export interface RestoreWish extends Secret {
  /** The provider's address. */
  readonly provider: string;
  /** This device's, for the list of devices. */
  readonly name: string;
}

/** The same secret at the same provider goes on where it was; another begins anew. */
async function beginRestoring(
  ports: WalletPorts,
  { kind, secret, provider, name }: RestoreWish,
): Promise<void> {
  const { signing, seal: sealKey } = await recoveryKeys(secret);
  const begun = await readKeep(ports.store, 'restoring');
  if (begun?.recovery.kid === signing.kid && begun.provider === provider) return;
  const { claims, keys } = await checkedRecord(ports, provider);
  await ports.store.keeps.put({
    key: 'restoring',
    id: encodeBase64url(ports.random(16)),
    provider,
    sandbox: claims.sandbox,
    providerKeys: keys,
    currency: claims.currencies[0] ?? 'USD',
    recovery: { privateKey: signing.key, jwk: signing.jwk, kid: signing.kid },
    seal: sealKey,
    kind,
    device: await makeDeviceKey(),
    name,
  });
}

function accountOf(restoring: Restoring, id: string): Account {
  const { provider, sandbox, providerKeys, currency, device } = restoring;
  return {
    key: 'account',
    state: 'opening',
    openingId: restoring.id,
    id,
    provider,
    sandbox,
    providerKeys,
    device,
    currency,
    availableMicros: MICROS_ZERO,
    rev: 0,
    clockOffsetMs: 0,
    dailyLimitMicros: DAILY_LIMIT_MICROS,
  };
}

/** Undefined where the provider gave back something else than what was sealed. */
async function openHistoryKey({ seal: key }: Restoring, account: string, sealed = '') {
  try {
    return await unseal(sealed, { key, name: historyKeyName(account) });
  } catch (error) {
    if (error instanceof FarthingError) return undefined;
    throw error;
  }
}

async function bookRestored(
  { store }: WalletPorts,
  restoring: Restoring,
  { id, historyKey }: { id: string; historyKey: Uint8Array<ArrayBuffer> | undefined },
): Promise<void> {
  await store.transaction(async (tables) => {
    const known = await tables.account.get('account');
    const isOpen = known?.state === 'open';
    const isThere = isOpen && known.device.jwk.x === restoring.device.jwk.x;
    // Its key is the only one to what is in it.
    if (isOpen && !isThere && known.revokedAtMs === undefined)
      throw new FarthingError('account_exists', 'there is one');
    if (!isThere) {
      await endFormer(tables, id);
      await tables.keeps.put(restoring);
      const account = accountOf(restoring, id);
      const { dailyLimitMicros } = known?.id === id ? known : account;
      await tables.account.put({ ...account, dailyLimitMicros });
    }
    if (historyKey && !(await readKeep(tables, 'copy')))
      await tables.keeps.put(emptyCopy(historyKey, 0));
    const { kind, recovery } = restoring;
    await tables.keeps.put({ key: 'safety', kinds: [kind], restoredBy: recovery.kid });
  });
}

/** Refusals after which the words themselves are asked for again. */
const NOT_THESE: readonly ErrorCode[] = ['recovery_unknown', 'device_limit', 'account_exists'];

/**
 * Goes on with a restore that was begun: the account first, then what it bought.
 * @throws FarthingError `recovery_unknown`, `device_limit`, `provider_unreachable` (it goes on)
 */
export async function finishRestoring(ports: WalletPorts): Promise<void> {
  const restoring = await readKeep(ports.store, 'restoring');
  if (!restoring) return;
  const { id, provider, recovery, device, name } = restoring;
  const client = createDeviceClient(createCaller(ports, provider, recovery));
  try {
    const answer = await client.add({ id, key: device.jwk, name });
    const historyKey = await openHistoryKey(restoring, answer.account, answer.sealed);
    await bookRestored(ports, restoring, { id: answer.account, historyKey });
    await bookBalance(ports, answer.balance);
  } catch (error) {
    const isOver = isFinal(error) && NOT_THESE.includes(error.code);
    if (isOver) await ports.store.keeps.remove('restoring');
    throw error;
  }
  await readCopy(ports);
  await ports.store.keeps.remove('restoring');
  ports.changed();
}

/** Whether a screen asks again for what was done while its answer was lost. */
async function isDone({ store }: WalletPorts, { secret }: Secret): Promise<boolean> {
  const { signing } = await recoveryKeys(secret);
  return (await readKeep(store, 'safety'))?.restoredBy === signing.kid;
}

/**
 * Brings an account to this device, which has none, or was removed from it.
 * @throws FarthingError `account_exists`, `recovery_unknown`, `device_limit`,
 *   `provider_unreachable`
 */
export async function restore(ports: WalletPorts, wish: RestoreWish): Promise<void> {
  const known = await ports.store.account.get('account');
  const isThere = known?.state === 'open' && known.revokedAtMs === undefined;
  if (isThere && !(await readKeep(ports.store, 'restoring'))) {
    if (await isDone(ports, wish)) return;
    throw new FarthingError('account_exists', 'there is one');
  }
  if (!isThere) await beginRestoring(ports, wish);
  await finishRestoring(ports);
}
