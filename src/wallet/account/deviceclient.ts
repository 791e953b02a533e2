/**
 * The provider's calls about devices, recovery and the history copy (SPEC 9.16–9.19), and what they
 * answer, read as strictly as anything from outside.
 */
import type {
  AddChunkBody,
  AddDeviceAnswer,
  AddDeviceBody,
  DeviceAnswer,
  DevicesAnswer,
  HistoryAnswer,
  HistoryChunk,
  NameDeviceBody,
  SetRecoveryBody,
} from '../../protocol/api.ts';
import { refuseAs } from '../../protocol/errors.ts';
import { CHUNK_LENGTH_MAX } from '../../protocol/history.ts';
import { microsMember } from '../../protocol/money.ts';
import type { RecoveryKind } from '../../protocol/recovery.ts';
import {
  compact,
  count,
  flag,
  hash,
  list,
  type Reader,
  readMembers,
  refuse,
  text,
} from '../../protocol/shape.ts';
import type { WalletPorts } from '../ports.ts';
import type { Account } from '../rows.ts';
import { type Caller, createCaller } from './provider.ts';

/** More than any account has: removed devices stay in the list. */
const LIST_LENGTH_MAX = 10_000;
const PAGE_LENGTH_MAX = 100;

const kind: Reader<RecoveryKind> = (value) =>
  value === 'words' || value === 'passkey' ? value : refuse('not a kind of recovery');

const deviceName: Reader<string> = (value) => (value === '' ? '' : text(40)(value));

function readDevice(value: unknown): DeviceAnswer {
  const aside: Reader<string> = (amount) => `${microsMember(amount)}`;
  const members = { kid: hash, name: deviceName, added: count, place: count, aside, back: count };
  const { revoked, ...read } = readMembers(value, members, { revoked: count });
  return revoked === undefined ? read : { ...read, revoked };
}

function readDevices(answer: unknown): DevicesAnswer {
  const recovery = (value: unknown) => readMembers(value, { kind, set: count });
  return refuseAs('provider_unreachable', () =>
    readMembers(answer, {
      devices: list(readDevice, LIST_LENGTH_MAX),
      recovery: list(recovery, LIST_LENGTH_MAX),
    }),
  );
}

function readChunk(value: unknown): HistoryChunk {
  const members = { number: count, device: hash, place: count, chunk: text(CHUNK_LENGTH_MAX) };
  return readMembers(value, members);
}

function readHistory(answer: unknown): HistoryAnswer {
  return refuseAs('provider_unreachable', () =>
    readMembers(answer, { chunks: list(readChunk, PAGE_LENGTH_MAX), more: flag }),
  );
}

function readAdded(answer: unknown): AddDeviceAnswer {
  const { sealed, ...read } = refuseAs('provider_unreachable', () =>
    readMembers(answer, { account: compact, balance: compact }, { sealed: text(80) }),
  );
  return sealed === undefined ? read : { ...read, sealed };
}

/** One provider, as far as it keeps devices and histories. */
export interface DeviceClient {
  add(body: AddDeviceBody): Promise<AddDeviceAnswer>;
  list(): Promise<DevicesAnswer>;
  name(device: string, body: NameDeviceBody): Promise<DevicesAnswer>;
  revoke(device: string, id: string): Promise<DevicesAnswer>;
  setRecovery(body: SetRecoveryBody): Promise<DevicesAnswer>;
  addChunk(body: AddChunkBody): Promise<void>;
  chunksAfter(number: number): Promise<HistoryAnswer>;
  erase(id: string): Promise<void>;
}

/** Speaks by `caller`. */
export function createDeviceClient({ post, get }: Caller): DeviceClient {
  return {
    add: async (body) => readAdded(await post('/v1/devices', body)),
    list: async () => readDevices(await get('/v1/devices')),
    name: async (device, body) => readDevices(await post(`/v1/devices/${device}/name`, body)),
    revoke: async (device, id) => readDevices(await post(`/v1/devices/${device}/revoke`, { id })),
    setRecovery: async (body) => readDevices(await post('/v1/recovery', body)),
    addChunk: async (body) => void (await post('/v1/history', body)),
    chunksAfter: async (number) => readHistory(await get(`/v1/history?after=${number}`)),
    erase: async (id) => void (await post('/v1/history/erase', { id })),
  };
}

/** The calls of an account's own device. */
export function deviceClientOf(
  ports: WalletPorts,
  { provider, device }: Pick<Account, 'provider' | 'device'>,
): DeviceClient {
  return createDeviceClient(createCaller(ports, provider, device));
}
