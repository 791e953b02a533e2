/**
 * Checks proofs of key (SPEC 9.2). Freshness comes from a nonce that everybody gets and that
 * changes every five minutes, so no state is kept for it. A write is safe by its own id; a read of
 * an account remembers its proof for as long as the nonce is good.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { FarthingError, refuseAs } from '../protocol/errors.ts';
import { checkJws } from '../protocol/jws.ts';
import { importPublicKey, thumbprint } from '../protocol/key.ts';
import { bodyDigest, proofTarget, type ReadProof, readProof } from '../protocol/proof.ts';
import { createLimit, RefusedForNow } from './limits.ts';

/** The nonce changes this often, and the one before is still good: five to ten minutes in all. */
const NONCE_PERIOD_MS = 300_000;
/** About 30 MB of remembered proofs; past it readers wait for the next nonce. */
const READ_COUNT_MAX = 200_000;
/** No wallet reads so often; so nobody fills the memory alone. */
const READ_COUNT_OF_KEY_MAX = 200;

/** A request, as far as its proof speaks of it. */
export interface ProvenRequest {
  /** The `DPoP` header. */
  readonly proof: string | undefined;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly body: string | undefined;
}

/** A proof that was found good. */
export interface Proven {
  /** The thumbprint of the key. */
  readonly kid: string;
  readonly jti: string;
  readonly nonce: string;
}

export interface Proofs {
  /** For the `DPoP-Nonce` header. */
  nonce(): string;
  /** @throws FarthingError `proof_missing`, `proof_nonce`, `proof_mismatch` */
  check(request: ProvenRequest): Promise<Proven>;
  /**
   * Uses up the proof of a read, once it is known that its key has an account: strangers are not
   * remembered.
   * @throws FarthingError `proof_replayed`, `rate_limited`
   */
  use(proven: Proven): void;
}

interface Settings {
  readonly issuer: string;
  readonly nonceKey: Uint8Array;
  readonly clock: () => number;
}

function mismatch(detail: string): FarthingError {
  return new FarthingError('proof_mismatch', detail);
}

async function checkTarget({ claims }: ReadProof, request: ProvenRequest, issuer: string) {
  const { htu, qry } = proofTarget(new URL(issuer + request.target));
  if (claims.htm !== request.method) throw mismatch('another method');
  if (claims.htu !== htu) throw mismatch(`another address than this one at ${issuer}`);
  if (claims.qry !== qry) throw mismatch('another query');
  const digest = request.body === undefined ? undefined : await bodyDigest(request.body);
  if (claims.dig !== digest) throw mismatch('another body');
}

async function checkSignature({ jwk, jws }: ReadProof): Promise<void> {
  try {
    await checkJws(jws, await importPublicKey(jwk));
  } catch (error) {
    throw error instanceof FarthingError ? mismatch(error.detail) : error;
  }
}

function isEqual(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function untilNextSec(atMs: number): number {
  return Math.ceil((NONCE_PERIOD_MS - (atMs % NONCE_PERIOD_MS)) / 1000);
}

/** Remembers what was used, under the nonces that are still good. */
function createMemory(goodNonces: (atMs: number) => readonly string[]) {
  const seen = new Map<string, Set<string>>();
  return ({ nonce, kid, jti }: Proven, atMs: number) => {
    const good = goodNonces(atMs);
    for (const old of seen.keys()) if (!good.includes(old)) seen.delete(old);
    const uses = seen.get(nonce) ?? new Set();
    seen.set(nonce, uses);
    const use = `${kid} ${jti}`;
    if (uses.has(use)) throw new FarthingError('proof_replayed', 'each request has its own proof');
    if (uses.size >= READ_COUNT_MAX)
      throw new RefusedForNow('rate_limited', 'very many read at the moment', untilNextSec(atMs));
    uses.add(use);
  };
}

/** The proofs of one provider. */
export function createProofs({ issuer, nonceKey, clock }: Settings): Proofs {
  const limit = createLimit({
    clock,
    windowMs: NONCE_PERIOD_MS,
    countMax: READ_COUNT_OF_KEY_MAX,
    what: 'reads of one key',
  });
  const nonceOf = (period: number) =>
    createHmac('sha256', nonceKey).update(`farthing/nonce/1 ${period}`).digest('base64url');
  const goodNonces = (atMs: number) => {
    const period = Math.floor(atMs / NONCE_PERIOD_MS);
    return [nonceOf(period), nonceOf(period - 1)] as const;
  };
  const remember = createMemory(goodNonces);
  return {
    nonce: () => goodNonces(clock())[0],
    async check(request) {
      const { proof: token } = request;
      if (!token) throw new FarthingError('proof_missing', 'send a DPoP header');
      const proof = refuseAs('proof_mismatch', () => readProof(token));
      const good = goodNonces(clock());
      if (!good.some((nonce) => isEqual(nonce, proof.claims.nonce)))
        throw new FarthingError('proof_nonce', 'repeat it with the DPoP-Nonce of this answer');
      await checkTarget(proof, request, issuer);
      await checkSignature(proof);
      const { jti, nonce } = proof.claims;
      return { kid: await thumbprint(proof.jwk), jti, nonce };
    },
    use: (proven) => {
      limit(proven.kid);
      remember(proven, clock());
    },
  };
}
