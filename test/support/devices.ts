/** The devices of one account at a provider, for tests: recovery keys, and what they bring back. */
import type { DevicesAnswer, HistoryAnswer } from '../../src/protocol/api.ts';
import type { RecoveryKind } from '../../src/protocol/recovery.ts';
import { makeAccount, type Reply, type TestAccount } from './account.ts';
import { makeKey, randomId, type TestKey } from './payer.ts';
import { ISSUER, type Sandbox } from './sandbox.ts';

/** Something of the right size; what it seals is the wallet's business. */
export const SEALED = randomId(60);

export interface RecoveryWish {
  readonly key?: TestKey;
  readonly kind?: RecoveryKind;
  readonly id?: string;
  readonly sealed?: string;
}

/** Sets a recovery key; answers a caller that proves with it. */
export async function setRecovery(
  sandbox: Sandbox,
  account: TestAccount,
  wish: RecoveryWish = {},
): Promise<{ recovery: TestAccount; reply: Reply }> {
  const { kind = 'words', id = randomId(), sealed = SEALED } = wish;
  const key = wish.key ?? (await makeKey());
  const reply = await account.call('POST', '/v1/recovery', { id, kind, kid: key.kid, sealed });
  return { recovery: await makeAccount(ISSUER, sandbox.send, key), reply };
}

/** Adds a device, by whoever `sponsor` is. */
export async function addDevice(
  sandbox: Sandbox,
  sponsor: TestAccount,
  { id = randomId(), name = 'Laptop', key }: { id?: string; name?: string; key?: TestKey } = {},
): Promise<{ device: TestAccount; reply: Reply }> {
  const device = await makeAccount(ISSUER, sandbox.send, key);
  const body = { id, key: device.device.jwk, name };
  return { device, reply: await sponsor.call('POST', '/v1/devices', body) };
}

export function revoke(account: TestAccount, { device }: TestAccount, id = randomId()) {
  return account.call('POST', `/v1/devices/${device.kid}/revoke`, { id });
}

export async function devicesIn(reply: Promise<Reply> | Reply): Promise<DevicesAnswer> {
  return (await reply).body as unknown as DevicesAnswer;
}

export function listDevices(account: TestAccount): Promise<DevicesAnswer> {
  return devicesIn(account.call('GET', '/v1/devices'));
}

export function addChunk(
  account: TestAccount,
  { place, chunk = 'Zg', id = randomId() }: { place: number; chunk?: string; id?: string },
): Promise<Reply> {
  return account.call('POST', '/v1/history', { id, place, chunk });
}

export async function readHistory(account: TestAccount, after = 0): Promise<HistoryAnswer> {
  const reply = await account.call('GET', `/v1/history?after=${after}`);
  return reply.body as unknown as HistoryAnswer;
}
