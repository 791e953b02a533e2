/**
 * An account at a provider, for tests: a device key, proofs, and the calls of SPEC 9 in one line
 * each. It speaks to a running provider or to an app in the same process, through `fetch`.
 */
import { type Charge, signCharge } from '../../src/protocol/charge.ts';
import { signFinal } from '../../src/protocol/close.ts';
import { type Balance, readBalance } from '../../src/protocol/documents.ts';
import type { ErrorCode } from '../../src/protocol/errors.ts';
import { MICROS_ZERO, type Micros } from '../../src/protocol/money.ts';
import { readProblem } from '../../src/protocol/problem.ts';
import { bodyDigest, type Proof, proofTarget, signProof } from '../../src/protocol/proof.ts';
import { type RefundNote, signRefundNote } from '../../src/protocol/undo.ts';
import { type HeldPurse, makeKey, randomId, type TestKey } from './payer.ts';

/** Sends a request; `app.request` of the provider or a real fetch. */
export type Send = (url: string, init: RequestInit) => Promise<Response>;

/** What the provider answered. */
export interface Reply {
  readonly status: number;
  /** Of a refusal. */
  readonly code: ErrorCode | undefined;
  /** The very bytes. */
  readonly text: string;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

/** What a test wants wrong with a proof. */
export interface Crooked {
  readonly claims?: Partial<Proof>;
  /** Signs the proof in the place of the account's own key. */
  readonly key?: CryptoKey;
}

export interface TestAccount {
  readonly issuer: string;
  readonly device: TestKey;
  /** The last `DPoP-Nonce`; a stale one is replaced by the answer to the first try. */
  nonce: string;
  call(method: 'GET' | 'POST', path: string, body?: object, crooked?: Crooked): Promise<Reply>;
}

export async function readReply(response: Response): Promise<Reply> {
  const text = await response.text();
  const body: Record<string, unknown> = text === '' ? {} : JSON.parse(text);
  const { status, headers } = response;
  return { status, code: readProblem(body)?.code, text, body, headers };
}

async function proofFor(
  account: TestAccount,
  request: { method: string; url: URL; body: string | undefined },
  crooked: Crooked,
): Promise<string> {
  const { method, url, body } = request;
  const claims = {
    jti: randomId(),
    htm: method,
    ...proofTarget(url),
    nonce: account.nonce,
    dig: body === undefined ? undefined : await bodyDigest(body),
    iat: 0,
    ...crooked.claims,
  };
  const { key, jwk } = account.device;
  return signProof(claims, { key: crooked.key ?? key, jwk });
}

/** A key, a new one unless it is given, and its way to the provider at `issuer`. */
export async function makeAccount(
  issuer: string,
  send: Send,
  device?: TestKey,
): Promise<TestAccount> {
  const account: TestAccount = {
    issuer,
    device: device ?? (await makeKey()),
    nonce: 'none',
    async call(method, path, json, crooked = {}) {
      const url = new URL(path, issuer);
      const body = json && JSON.stringify(json);
      const once = async () => {
        const proof = await proofFor(account, { method, url, body }, crooked);
        const headers = { DPoP: proof, 'Content-Type': 'application/json' };
        const reply = await readReply(
          await send(url.href, { method, headers, body: body ?? null }),
        );
        account.nonce = reply.headers.get('DPoP-Nonce') ?? account.nonce;
        return reply;
      };
      const first = await once();
      const isStale = first.code === 'proof_nonce' && crooked.claims?.nonce === undefined;
      return isStale ? once() : first;
    },
  };
  return account;
}

export function openAccount(account: TestAccount, id = randomId()): Promise<Reply> {
  return account.call('POST', '/v1/accounts', { id });
}

export function topUp(account: TestAccount, amountMicros: bigint, id = randomId()): Promise<Reply> {
  const body = { id, amount: amountMicros.toString(), currency: 'USD' };
  return account.call('POST', '/v1/topups', body);
}

/** What a test asks for; the rest is made up. */
export interface PurseWish {
  readonly payto: string;
  readonly amountMicros: bigint;
  readonly id?: string;
  readonly key?: TestKey;
}

export interface AskedPurse {
  readonly id: string;
  readonly payto: string;
  readonly key: TestKey;
  readonly reply: Reply;
}

export async function askForPurse(account: TestAccount, wish: PurseWish): Promise<AskedPurse> {
  const { payto, amountMicros, id = randomId() } = wish;
  const key = wish.key ?? (await makeKey());
  const amount = amountMicros.toString();
  const body = { id, payto, currency: 'USD', amount, key: key.jwk };
  return { id, payto, key, reply: await account.call('POST', '/v1/purses', body) };
}

/** A purse that was granted, ready to pay from. */
export function held({ id, payto, key, reply }: AskedPurse): HeldPurse {
  return { id, payto, key, certificate: String(reply.body.certificate), seq: 0, tot: MICROS_ZERO };
}

export function raisePurse(
  account: TestAccount,
  { purse, amountMicros, id = randomId() }: { purse: string; amountMicros: bigint; id?: string },
): Promise<Reply> {
  const amount = amountMicros.toString();
  return account.call('POST', `/v1/purses/${purse}/raise`, { id, amount });
}

/** A charge of `purse`; `claims` says what it promises, and what is wrong with it. */
export function chargeOf(
  purse: Pick<AskedPurse, 'id' | 'payto' | 'key'>,
  claims: Pick<Charge, 'seq'> & { readonly tot: bigint } & Partial<Omit<Charge, 'tot'>>,
): Promise<string> {
  const bnd = randomId(32);
  const charge = { pur: purse.id, aud: purse.payto, cur: 'USD', bnd, ...claims };
  return signCharge(charge as Charge, purse.key.key);
}

export function collect(
  account: TestAccount,
  { payto, charges, id = randomId() }: { payto: string; charges: readonly string[]; id?: string },
): Promise<Reply> {
  return account.call('POST', '/v1/collections', { id, payto, charges });
}

/** A note that gives back what a charge brought, by the seller's one key. */
export function noteOf(
  seller: TestAccount,
  purse: Pick<AskedPurse, 'id' | 'payto'>,
  claims: { readonly seq: number; readonly amt: bigint; readonly rtot?: bigint },
): Promise<string> {
  const { seq, amt, rtot = amt } = claims;
  const note = { aud: purse.payto, pur: purse.id, seq, amt, rtot };
  return signRefundNote(note as RefundNote, seller.device);
}

export function giveBack(
  account: TestAccount,
  { payto, notes, id = randomId() }: { payto: string; notes: readonly string[]; id?: string },
): Promise<Reply> {
  return account.call('POST', '/v1/refunds', { id, payto, notes });
}

/** The seller's statement on a purse, by its one key. */
export function finalOf(
  seller: TestAccount,
  purse: Pick<AskedPurse, 'id' | 'payto'>,
  { seq, tot }: { readonly seq: number; readonly tot: bigint },
): Promise<string> {
  return signFinal({ aud: purse.payto, pur: purse.id, seq, tot: tot as Micros }, seller.device);
}

export function closePurse(
  account: TestAccount,
  {
    purse,
    id = randomId(),
    ...body
  }: { purse: string; id?: string; final: string; charge?: string },
): Promise<Reply> {
  return account.call('POST', `/v1/purses/${purse}/close`, { id, ...body });
}

/** The balance in an answer; its signature is for the tests of signatures. */
export function balanceIn(reply: Reply): Balance {
  return readBalance(String(reply.body.balance)).claims;
}
