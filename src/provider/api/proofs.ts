/**
 * Checks proofs of key (SPEC 9.2). Freshness comes from a nonce that everybody gets and that
 * changes every five minutes, so no state is kept for it. A write is safe by its own id; a read of
 * an account remembers its proof for as long as the nonce is good.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { FarthingError, refuseAs } from '../../protocol/errors.ts';
import { checkJws } from '../../protocol/jws.ts';
import { importPublicKey, thumbprint } from '../../protocol/key.ts';
import { bodyDigest, proofTarget, type ReadProof, readProof } from '../../protocol/proof.ts';
import { createLimit } from './limits.ts';
import { NONCE_PERIOD_MS, type Remember, type Use } from './replays.ts';

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

export interface Proofs {
  /** For the `DPoP-Nonce` header. */
  nonce(): string;
  /** @throws FarthingError `proof_missing`, `proof_nonce`, `proof_mismatch` */
  check(request: ProvenRequest): Promise<Use>;
  /**
   * Uses up the proof of a read, once it is known that its key has an account: strangers are not
   * remembered.
   * @throws FarthingError `proof_replayed`, `rate_limited`
   */
  use(proven: Use): Promise<void>;
}

interface Settings {
  readonly issuer: string;
  readonly nonceKey: Uint8Array;
  readonly clock: () => number;
  readonly remember: Remember;
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

/** The proofs of one provider. */
export function createProofs({ issuer, nonceKey, clock, remember }: Settings): Proofs {
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
    use: async (proven) => {
      limit(proven.kid);
      const atMs = clock();
      await remember(proven, { atMs, goodNonces: goodNonces(atMs) });
    },
  };
}
