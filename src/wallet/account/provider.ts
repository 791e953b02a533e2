/**
 * Speaks the provider's API (SPEC 9). Each call answers what the provider signed, checked, or
 * throws: a FarthingError with the provider's code, or `provider_unreachable` when no answer can be
 * trusted.
 */
import type {
  AccountAnswer,
  ClosePurseAnswer,
  ClosePurseBody,
  IssuePurseBody,
  OpenAccountBody,
  PurseAnswer,
  PurseStatementAnswer,
  RaisePurseBody,
  RefundsBody,
  SellerAnswer,
  TopUpAnswer,
  TopUpBody,
  TopUpState,
  UndoAnswer,
  UndoBody,
  WithdrawalAnswer,
  WithdrawBody,
} from '../../protocol/api.ts';
import { encodeBase64url } from '../../protocol/base64url.ts';
import { readJwks } from '../../protocol/documents.ts';
import { type ErrorCode, FarthingError, refuseAs } from '../../protocol/errors.ts';
import { checkJwsByKid, type KeySet, type UncheckedJws } from '../../protocol/jws.ts';
import { importPublicKey, type PublicJwk, thumbprint } from '../../protocol/key.ts';
import { microsMember } from '../../protocol/money.ts';
import { readProblem } from '../../protocol/problem.ts';
import { bodyDigest, proofTarget, signProof } from '../../protocol/proof.ts';
import {
  compact,
  id,
  isRecord,
  type Reader,
  readMembers,
  refuse,
  text,
} from '../../protocol/shape.ts';
import type { WalletPorts } from '../ports.ts';
import type { DeviceKey } from '../rows.ts';
import type { Became } from './cardrows.ts';

/** Longer than any honest answer takes. */
const TIMEOUT_MS = 10_000;

type Ports = Pick<WalletPorts, 'fetch' | 'random' | 'store' | 'now'>;

interface Call {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly body?: string;
  readonly timeoutMs?: number | undefined;
}

/** A wallet service before there is an account. */
export interface ProviderView {
  readonly host: string;
  readonly name: string;
  readonly sandbox: boolean;
  readonly currency: string;
  /** Given on opening; zero = nothing. */
  readonly starter: string;
  /** A page for new readers to begin at. */
  readonly first: string | undefined;
}

/** What is used of a `TopUpAnswer`. */
export type TopUpWord = Pick<TopUpAnswer, 'state' | 'balance' | 'url'>;

/** What is used of a `WithdrawalAnswer`. */
export interface WithdrawalWord extends Became {
  readonly balance: string;
}

/** One provider, as seen by one device. */
export interface ProviderClient {
  openAccount(body: OpenAccountBody): Promise<AccountAnswer>;
  account(): Promise<AccountAnswer>;
  topUp(body: TopUpBody): Promise<TopUpWord>;
  /** How a top-up stands (SPEC 9.8). */
  readTopUp(topUp: string): Promise<TopUpWord>;
  withdraw(body: WithdrawBody): Promise<WithdrawalWord>;
  /** How a withdrawal stands (SPEC 9.24). */
  readWithdrawal(withdrawal: string): Promise<WithdrawalWord>;
  issuePurse(body: IssuePurseBody): Promise<PurseAnswer>;
  raisePurse(purse: string, body: RaisePurseBody): Promise<PurseAnswer>;
  closePurse(purse: string, body: ClosePurseBody): Promise<ClosePurseAnswer>;
  purse(purse: string): Promise<PurseStatementAnswer>;
  /** Asks the provider to undo where the seller does not (SPEC 9.15). */
  judgeUndo(body: UndoBody): Promise<UndoAnswer>;
  /** Hands in one refund note of the reader's own purse; answers whether its money is back. */
  giveBack(body: RefundsBody): Promise<boolean>;
}

function unreachable(provider: string, cause?: unknown): FarthingError {
  return new FarthingError('provider_unreachable', new URL(provider).host, { cause });
}

async function fetchOnce(ports: Ports, call: Call, headers: Record<string, string>) {
  const provider = call.url.origin;
  try {
    const response = await ports.fetch(call.url.href, {
      method: call.method,
      headers,
      body: call.body ?? null,
      redirect: 'error',
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(call.timeoutMs ?? TIMEOUT_MS),
    });
    const nonce = response.headers.get('DPoP-Nonce');
    if (nonce) await ports.store.nonces.put({ provider, nonce });
    const body: unknown = await response.json();
    return { status: response.status, body };
  } catch (error) {
    throw unreachable(provider, error);
  }
}

/**
 * Refusals of the request and not of what it asks for: an earlier try of it may have been taken.
 */
const NO_ANSWER: readonly ErrorCode[] = [
  'proof_missing',
  'proof_nonce',
  'proof_mismatch',
  'proof_replayed',
  'rate_limited',
  'internal',
];

function readAnswer(provider: string, answer: { status: number; body: unknown }): unknown {
  if (answer.status >= 200 && answer.status < 300) return answer.body;
  const problem = readProblem(answer.body);
  if (!problem || answer.status >= 500 || NO_ANSWER.includes(problem.code))
    throw unreachable(provider);
  throw new FarthingError(problem.code, problem.detail);
}

/** Removed by another device, which may have closed the account altogether. */
const REMOVED: readonly (ErrorCode | undefined)[] = ['device_revoked', 'account_closed'];

/** Remembers that another device has removed this one: whatever is asked from now on says so. */
async function noteRevocation({ store, now }: Ports, device: DeviceKey): Promise<void> {
  await store.transaction(async ({ account: table }) => {
    const account = await table.get('account');
    if (account?.device.jwk.x !== device.jwk.x || account.revokedAtMs !== undefined) return;
    await table.put({ ...account, revokedAtMs: now() });
  });
}

async function proofHeader(ports: Ports, call: Call, device: DeviceKey, nonce: string) {
  const proof = {
    jti: encodeBase64url(ports.random(16)),
    htm: call.method,
    ...proofTarget(call.url),
    nonce,
    dig: call.body === undefined ? undefined : await bodyDigest(call.body),
    iat: Math.floor(ports.now() / 1000),
  };
  return signProof(proof, { key: device.privateKey, jwk: device.jwk });
}

/** Sends with a proof; a nonce that is missing or old is fetched by the same request, once. */
async function fetchProven(ports: Ports, call: Call, device: DeviceKey): Promise<unknown> {
  const provider = call.url.origin;
  for (let attempt = 0; ; attempt++) {
    const nonce = (await ports.store.nonces.get(provider))?.nonce ?? 'none';
    const headers: Record<string, string> = { DPoP: await proofHeader(ports, call, device, nonce) };
    if (call.body !== undefined) headers['Content-Type'] = 'application/json';
    const answer = await fetchOnce(ports, call, headers);
    const code = answer.status < 300 ? undefined : readProblem(answer.body)?.code;
    if (REMOVED.includes(code)) await noteRevocation(ports, device);
    if (code !== 'proof_nonce' || attempt > 0) return readAnswer(provider, answer);
  }
}

const ACCOUNT_MEMBERS = { account: compact, balance: compact };

function readAccountAnswer(body: unknown): AccountAnswer {
  return refuseAs('provider_unreachable', () => readMembers(body, ACCOUNT_MEMBERS));
}

const TOP_UP_STATES: readonly TopUpState[] = [
  ...(['begun', 'paid', 'failed', 'disputed', 'charged back'] as const),
];
const topUpState: Reader<TopUpState> = (value) =>
  TOP_UP_STATES.find((state) => state === value) ?? refuse('not a state');

/** An answer from before top-ups had states, which a provider keeps for ever: its card has paid. */
function readTopUpAnswer(body: unknown): TopUpWord {
  const members = { topup: id, state: topUpState, amount: text(16), url: text(4096) };
  return refuseAs('provider_unreachable', () => ({
    state: 'paid',
    ...readMembers(body, ACCOUNT_MEMBERS, members),
  }));
}

const WITHDRAWAL_MEMBERS = {
  withdrawal: id,
  amount: microsMember,
  withdrawn: microsMember,
  failed: microsMember,
  ...ACCOUNT_MEMBERS,
} satisfies Record<keyof WithdrawalAnswer, Reader<unknown>>;

function readWithdrawalAnswer(body: unknown): WithdrawalWord {
  const { withdrawn, failed, balance } = refuseAs('provider_unreachable', () =>
    readMembers(body, WITHDRAWAL_MEMBERS),
  );
  return { withdrawnMicros: withdrawn, failedMicros: failed, balance };
}

function readPurseAnswer(body: unknown): PurseAnswer {
  return refuseAs('provider_unreachable', () =>
    readMembers(body, { certificate: compact, balance: compact }),
  );
}

function readStatementAnswer(body: unknown): PurseStatementAnswer {
  const members = { statement: compact, certificate: compact };
  return refuseAs('provider_unreachable', () => readMembers(body, members, { last: compact }));
}

function readCloseAnswer(body: unknown): ClosePurseAnswer {
  return refuseAs('provider_unreachable', () => readMembers(body, { balance: compact }));
}

const undoState: Reader<UndoAnswer['state']> = (value) =>
  value === 'paid' || value === 'pending' ? value : refuse('not a state');

function readUndoAnswer(body: unknown): UndoAnswer {
  const members = { state: undoState, refund: compact };
  return refuseAs('provider_unreachable', () => readMembers(body, members));
}

function readRefundAnswer(body: unknown): boolean {
  const [result] = isRecord(body) && Array.isArray(body.results) ? body.results : [];
  if (!isRecord(result)) throw new FarthingError('provider_unreachable', 'no word on the refund');
  // What was never collected came back with the rest of what was set aside.
  return result.state === 'paid' || result.code === 'refund_excess';
}

/** Requests to one provider, proven by one key. */
export interface Caller {
  /** @throws FarthingError the provider's codes, `provider_unreachable` */
  post(path: string, body: object): Promise<unknown>;
  /** @throws FarthingError the provider's codes, `provider_unreachable` */
  get(path: string, timeoutMs?: number): Promise<unknown>;
}

/** Speaks to `provider` with the proofs of `device`. */
export function createCaller(ports: Ports, provider: string, device: DeviceKey): Caller {
  const urlOf = (path: string) => new URL(path, provider);
  return {
    post(path, body) {
      const call = { method: 'POST', url: urlOf(path), body: JSON.stringify(body) } as const;
      return fetchProven(ports, call, device);
    },
    get: (path, timeoutMs) =>
      fetchProven(ports, { method: 'GET', url: urlOf(path), timeoutMs }, device),
  };
}

/** The API of `provider` for the account of `device`. */
export function createProviderClient(
  ports: Ports,
  provider: string,
  device: DeviceKey,
): ProviderClient {
  const { post, get } = createCaller(ports, provider, device);
  return {
    openAccount: async (body) => readAccountAnswer(await post('/v1/accounts', body)),
    account: async () => readAccountAnswer(await get('/v1/account')),
    topUp: async (body) => readTopUpAnswer(await post('/v1/topups', body)),
    readTopUp: async (topUp) => readTopUpAnswer(await get(`/v1/topups/${topUp}`)),
    withdraw: async (body) => readWithdrawalAnswer(await post('/v1/withdrawals', body)),
    readWithdrawal: async (withdrawal) =>
      readWithdrawalAnswer(await get(`/v1/withdrawals/${withdrawal}`)),
    issuePurse: async (body) => readPurseAnswer(await post('/v1/purses', body)),
    raisePurse: async (purse, body) =>
      readPurseAnswer(await post(`/v1/purses/${purse}/raise`, body)),
    closePurse: async (purse, body) =>
      readCloseAnswer(await post(`/v1/purses/${purse}/close`, body)),
    purse: async (purse) => readStatementAnswer(await get(`/v1/purses/${purse}`)),
    judgeUndo: async (body) => readUndoAnswer(await post('/v1/undos', body)),
    giveBack: async (body) => readRefundAnswer(await post('/v1/refunds', body)),
  };
}

async function fetchPublic(ports: Ports, provider: string, path: string): Promise<unknown> {
  const url = new URL(path, provider);
  return readAnswer(provider, await fetchOnce(ports, { method: 'GET', url }, {}));
}

/** The provider's record token and keys (SPEC 2.5), for the first meeting. */
export async function fetchProvider(ports: Ports, provider: string) {
  const [document, keys] = await Promise.all([
    fetchPublic(ports, provider, '/.well-known/farthing-provider.json'),
    fetchProviderKeys(ports, provider),
  ]);
  return { record: readMembers(document, { record: compact }).record, keys };
}

/** The provider's keys, by its own address only. */
export async function fetchProviderKeys(ports: Ports, provider: string): Promise<PublicJwk[]> {
  const body = await fetchPublic(ports, provider, '/.well-known/jwks.json');
  if (!isRecord(body)) throw unreachable(provider);
  return readJwks(body);
}

/** A seller's record token (SPEC 2.4). */
export async function fetchSellerRecord(ports: Ports, provider: string, handle: string) {
  const body = await fetchPublic(ports, provider, `/v1/sellers/${handle}`);
  return readMembers(body, { record: compact }) satisfies SellerAnswer;
}

/** Imports keys under their names, to check signatures with. */
export async function importKeySet(keys: readonly PublicJwk[]): Promise<KeySet> {
  const entries = keys.map(
    async (jwk) => [await thumbprint(jwk), await importPublicKey(jwk)] as const,
  );
  return new Map(await Promise.all(entries));
}

/**
 * Checks what a signer of `keys` signed. @throws FarthingError `jws_key_unknown`, `jws_signature`
 */
export async function checkSigned(jws: UncheckedJws, keys: readonly PublicJwk[]): Promise<void> {
  await checkJwsByKid(jws, await importKeySet(keys));
}
