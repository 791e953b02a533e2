/**
 * The seller's account at its provider (SPEC 9): every request carries a proof by the account key;
 * the body of a retry is the same to the byte.
 */
import type { RegisterSellerBody } from '../../protocol/api.ts';
import { encodeBase64url } from '../../protocol/base64url.ts';
import { readSellerRecord, type SellerRecord } from '../../protocol/documents.ts';
import { FarthingError } from '../../protocol/errors.ts';
import type { Payto } from '../../protocol/payto.ts';
import { readProblem } from '../../protocol/problem.ts';
import { bodyDigest, proofTarget, signProof } from '../../protocol/proof.ts';
import { compact, readMembers } from '../../protocol/shape.ts';
import type { SellerContext } from '../context.ts';
import { readJsonBody } from '../visits/body.ts';

/** A batch of a thousand takes its provider under a second. */
const TIMEOUT_MS = 15_000;
/** A thousand results take some 130 kB. */
const ANSWER_BYTES_MAX = 1_048_576;
/** A provider's nonce is good for five to ten minutes, so the last one usually serves. */
const NO_NONCE = 'none';

/** Asks with a proof. */
export interface AccountClient {
  /** @throws as `post` does */
  get(path: string): Promise<unknown>;
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

/** An id of a write. */
export function randomId(): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(16)));
}

/** One request; one without a body reads. */
interface Asked {
  readonly url: URL;
  readonly body: string | undefined;
}

const methodOf = ({ body }: Asked) => (body === undefined ? 'GET' : 'POST');

async function proofFor(seller: SellerContext, asked: Asked, nonce: string): Promise<string> {
  const { url, body } = asked;
  const proof = {
    jti: randomId(),
    htm: methodOf(asked),
    ...proofTarget(url),
    nonce,
    dig: body === undefined ? undefined : await bodyDigest(body),
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
  const send = async (asked: Asked): Promise<Answer> => {
    const { url, body } = asked;
    const proof = await proofFor(seller, asked, nonce);
    const content = body !== undefined && { 'Content-Type': 'application/json' };
    const headers = { ...content, DPoP: proof };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const method = methodOf(asked);
      const init = { method, headers, body: body ?? null, signal, redirect: 'error' } as const;
      const response = await seller.fetch(url.href, init);
      nonce = response.headers.get('DPoP-Nonce') ?? nonce;
      return { status: response.status, body: await readJsonBody(response, ANSWER_BYTES_MAX) };
    } catch (error) {
      const detail = `no readable answer from ${url.host}: does a wallet service run there?`;
      throw new FarthingError('provider_unreachable', detail, { cause: error });
    }
  };
  const ask = async (asked: Asked): Promise<unknown> => {
    const first = await send(asked);
    const isStale = first.status === 401 && readProblem(first.body)?.code === 'proof_nonce';
    return readAnswer(isStale ? await send(asked) : first, asked.url.host);
  };
  return {
    get: (path) => ask({ url: new URL(path, provider), body: undefined }),
    post: (path, body) => ask({ url: new URL(path, provider), body: JSON.stringify(body) }),
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
