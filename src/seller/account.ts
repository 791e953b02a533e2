/**
 * The seller's account at its provider (SPEC 9): every request carries a proof by the account key;
 * the body of a retry is the same to the byte.
 */
import type { RegisterSellerBody } from '../protocol/api.ts';
import { encodeBase64url } from '../protocol/base64url.ts';
import { readSellerRecord, type SellerRecord } from '../protocol/documents.ts';
import { FarthingError } from '../protocol/errors.ts';
import type { Payto } from '../protocol/payto.ts';
import { readProblem } from '../protocol/problem.ts';
import { bodyDigest, proofTarget, signProof } from '../protocol/proof.ts';
import { compact, readMembers } from '../protocol/shape.ts';
import { readJsonBody } from './body.ts';
import type { SellerContext } from './context.ts';

/** A batch of a thousand takes its provider under a second. */
const TIMEOUT_MS = 15_000;
/** A thousand results take some 130 kB. */
const ANSWER_BYTES_MAX = 1_048_576;
/** A provider's nonce is good for five to ten minutes, so the last one usually serves. */
const NO_NONCE = 'none';

/** Posts with a proof. */
export interface AccountClient {
  /**
   * @throws FarthingError the provider's own code; `provider_unreachable` where no answer can be
   *   trusted
   */
  post(path: string, body: object): Promise<unknown>;
}

/** One of the seller's paytos, and who speaks to its provider. */
export interface PaytoClient {
  readonly payto: Payto;
  readonly client: AccountClient;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

function randomId(): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(16)));
}

async function proofFor(seller: SellerContext, url: URL, parts: { nonce: string; body: string }) {
  const proof = {
    jti: randomId(),
    htm: 'POST',
    ...proofTarget(url),
    nonce: parts.nonce,
    dig: await bodyDigest(parts.body),
    iat: Math.floor(seller.now() / 1000),
  };
  const [{ account }] = await seller.keys();
  return signProof(proof, account);
}

function readAnswer({ status, body }: Answer, host: string): unknown {
  if (status >= 200 && status < 300) return body;
  const problem = readProblem(body);
  if (problem && status < 500) throw new FarthingError(problem.code, problem.detail);
  throw new FarthingError('provider_unreachable', `${host} answered ${status}; try again later`);
}

/** Speaks to the provider of one of the seller's paytos. */
export function createAccountClient(seller: SellerContext, { provider }: Payto): AccountClient {
  let nonce = NO_NONCE;
  const send = async (url: URL, body: string): Promise<Answer> => {
    const proof = await proofFor(seller, url, { nonce, body });
    const headers = { 'Content-Type': 'application/json', DPoP: proof };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const init = { method: 'POST', headers, body, signal, redirect: 'error' } as const;
      const response = await seller.fetch(url.href, init);
      nonce = response.headers.get('DPoP-Nonce') ?? nonce;
      return { status: response.status, body: await readJsonBody(response, ANSWER_BYTES_MAX) };
    } catch (error) {
      const detail = `${url.host} gave no answer that can be read; try again later`;
      throw new FarthingError('provider_unreachable', detail, { cause: error });
    }
  };
  return {
    post: async (path, body) => {
      const url = new URL(path, provider);
      const text = JSON.stringify(body);
      const first = await send(url, text);
      const isStale = first.status === 401 && readProblem(first.body)?.code === 'proof_nonce';
      return readAnswer(isStale ? await send(url, text) : first, url.host);
    },
  };
}

/** What `register` says of the seller. */
export interface Registration {
  /** As readers see it beside the origin. */
  readonly name: string;
  /** Exact origins; each serves `/.well-known/farthing.json`. */
  readonly origins: readonly string[];
}

/**
 * Registers the seller, or changes its record (SPEC 9.10). The state that it asks for is the whole
 * record, so that calling it again is harmless.
 */
export async function register(
  seller: SellerContext,
  { client, payto }: PaytoClient,
  { name, origins }: Registration,
): Promise<SellerRecord> {
  const keys = await seller.keys();
  // Not derived from the content: a record that goes from A to B and back to A is three writes.
  const body: RegisterSellerBody = {
    id: randomId(),
    handle: payto.handle,
    name,
    origins,
    keys: keys.map(({ receipt }) => receipt.jwk),
  };
  const answer = await client.post('/v1/sellers', body);
  return readSellerRecord(readMembers(answer, { record: compact }).record).claims;
}
