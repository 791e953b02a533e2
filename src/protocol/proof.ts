/**
 * Proofs of key for the provider's API (SPEC 9.2): RFC 9449 DPoP, whose freshness comes from the
 * provider's nonce and not from the wallet's clock, extended by the exact query and the body's
 * digest.
 */
import { encodeBase64url, sha256, utf8 } from './base64url.ts';
import { FarthingError } from './errors.ts';
import { readJws, signJws, type UncheckedJws } from './jws.ts';
import { type PublicJwk, publicJwkMember } from './key.ts';
import { count, hash, id, readMembers, text } from './shape.ts';

/** The claims of a proof. */
export interface Proof {
  readonly jti: string;
  readonly htm: string;
  /** The address without query and fragment. */
  readonly htu: string;
  readonly nonce: string;
  /** The query with its `?`, where there is one. */
  readonly qry?: string | undefined;
  /** SHA-256 of the body, base64url, where there is one. */
  readonly dig?: string | undefined;
  readonly iat: number;
}

/** A proof whose signature is still to be checked, by the key in its own header. */
export interface ReadProof {
  readonly claims: Proof;
  readonly jwk: PublicJwk;
  readonly jws: UncheckedJws;
}

/** SHA-256 of a body, as `dig` has it. */
export async function bodyDigest(body: string): Promise<string> {
  return encodeBase64url(await sha256(utf8(body)));
}

/** `htu` and `qry` of an address. */
export function proofTarget(url: URL): Pick<Proof, 'htu' | 'qry'> {
  return { htu: url.origin + url.pathname, qry: url.search || undefined };
}

/** Signs a proof with an account's device key. */
export function signProof(
  claims: Proof,
  { key, jwk }: { key: CryptoKey; jwk: PublicJwk },
): Promise<string> {
  return signJws({ typ: 'dpop+jwt', jwk: { ...jwk }, payload: { ...claims } }, key);
}

/**
 * Reads a proof; not its signature.
 * @throws FarthingError the codes of `readJws`, `jwk_malformed`, `payload_malformed`
 */
export function readProof(token: string): ReadProof {
  const jws = readJws(token, 'dpop+jwt');
  if (jws.jwk === undefined) throw new FarthingError('jws_header', 'jwk is missing');
  const jwk = publicJwkMember(jws.jwk);
  const claims = readMembers(
    jws.payload,
    { jti: id, htm: text(10), htu: text(2048), nonce: text(200), iat: count },
    { qry: text(2048), dig: hash },
  );
  return { claims, jwk, jws };
}
