/**
 * Checks proofs of key (SPEC 9.2). Freshness comes from a nonce that everybody gets and that
 * changes every five minutes, so no state is kept for it. A write is safe by its own id; a read
 * remembers its proof for as long as the nonce is good.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { FarthingError, refuseAs } from '../protocol/errors.ts';
import { checkJws } from '../protocol/jws.ts';
import { importPublicKey, thumbprint } from '../protocol/key.ts';
import { bodyDigest, proofTarget, type ReadProof, readProof } from '../protocol/proof.ts';

/** The nonce changes this often, and the one before is still good: five to ten minutes in all. */
const NONCE_PERIOD_MS = 300_000;
/** About 30 MB of remembered proofs; past it readers wait for the next nonce. */
const READ_COUNT_MAX = 200_000;

/** A request, as far as its proof speaks of it. */
export interface ProvenRequest {
  /** The `DPoP` header. */
  readonly proof: string | undefined;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly body: string | undefined;
}

export interface Proofs {
  /** For the `DPoP-Nonce` header. */
  nonce(): string;
  /**
   * The thumbprint of the key that proved `request`.
   * @throws FarthingError `proof_missing`, `proof_nonce`, `proof_mismatch`, `proof_replayed`,
   *   `rate_limited`
   */
  check(request: ProvenRequest): Promise<string>;
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

/** Remembers what was used, under the nonces that are still good. */
function createMemory() {
  const seen = new Map<string, Set<string>>();
  return (nonce: string, goodNonces: readonly string[], use: string) => {
    for (const old of seen.keys()) if (!goodNonces.includes(old)) seen.delete(old);
    const uses = seen.get(nonce) ?? new Set();
    seen.set(nonce, uses);
    if (uses.has(use)) throw new FarthingError('proof_replayed', 'each request has its own proof');
    if (uses.size >= READ_COUNT_MAX)
      throw new FarthingError('rate_limited', 'try again in five minutes');
    uses.add(use);
  };
}

/** The proofs of one provider. */
export function createProofs({ issuer, nonceKey, clock }: Settings): Proofs {
  const remember = createMemory();
  const nonceOf = (period: number) =>
    createHmac('sha256', nonceKey).update(`farthing/nonce/1 ${period}`).digest('base64url');
  const goodNonces = () => {
    const period = Math.floor(clock() / NONCE_PERIOD_MS);
    return [nonceOf(period), nonceOf(period - 1)] as const;
  };
  return {
    nonce: () => goodNonces()[0],
    async check(request) {
      const { proof: token } = request;
      if (!token) throw new FarthingError('proof_missing', 'send a DPoP header');
      const proof = refuseAs('proof_mismatch', () => readProof(token));
      const good = goodNonces();
      if (!good.some((nonce) => isEqual(nonce, proof.claims.nonce)))
        throw new FarthingError('proof_nonce', 'repeat it with the DPoP-Nonce of this answer');
      await checkTarget(proof, request, issuer);
      await checkSignature(proof);
      const kid = await thumbprint(proof.jwk);
      if (request.method === 'GET')
        remember(proof.claims.nonce, good, `${kid} ${proof.claims.jti}`);
      return kid;
    },
  };
}
