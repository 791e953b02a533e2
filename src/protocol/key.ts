/** P-256 public keys as JSON Web Keys, and their names (SPEC 5.2; RFC 7517, RFC 7638). */
import { importSigningKey as importPrivateKey } from '#crypto';
import { encodeBase64url, sha256, utf8 } from './base64url.ts';
import { FarthingError } from './errors.ts';
import { canonicalJson } from './json.ts';
import { isRecord, type Reader } from './shape.ts';

/** Exactly these four members; coordinates are 32 bytes. */
export interface PublicJwk {
  readonly crv: 'P-256';
  readonly kty: 'EC';
  readonly x: string;
  readonly y: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** 32 bytes in canonical base64url. */
function isCoordinate(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(value);
}

/**
 * Reads a public key of exactly `{crv, kty, x, y}`: a `d`, another curve or a 33-byte coordinate,
 * which libraries accept, is refused.
 * @throws FarthingError `jwk_malformed`
 */
export const publicJwkMember: Reader<PublicJwk> = (value) => {
  if (
    isRecord(value) &&
    Object.keys(value).sort().join() === 'crv,kty,x,y' &&
    value.crv === 'P-256' &&
    value.kty === 'EC' &&
    isCoordinate(value.x) &&
    isCoordinate(value.y)
  )
    return { crv: 'P-256', kty: 'EC', x: value.x, y: value.y };
  throw new FarthingError('jwk_malformed', 'not exactly crv P-256, kty EC, x and y of 32 bytes');
};

/** The key's name: its RFC 7638 thumbprint. */
export async function thumbprint({ crv, kty, x, y }: PublicJwk): Promise<string> {
  return encodeBase64url(await sha256(utf8(canonicalJson({ crv, kty, x, y }))));
}

/**
 * Imports a key to check signatures with.
 * @throws FarthingError `jwk_malformed` for a point off the curve
 */
export async function importPublicKey(jwk: PublicJwk): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('jwk', jwk, ALGORITHM, true, ['verify']);
  } catch {
    throw new FarthingError('jwk_malformed', 'the point is not on the curve');
  }
}

/**
 * Imports a key to sign with; it cannot be exported again.
 * @param d the private part, 32 bytes in base64url
 * @throws FarthingError `jwk_malformed`, which says nothing of the key
 */
export async function importSigningKey({ crv, kty, x, y }: PublicJwk, d: string) {
  try {
    return await importPrivateKey({ crv, kty, d, x, y });
  } catch {
    throw new FarthingError('jwk_malformed', 'not a private key');
  }
}

/** The public key of a pair, without what browsers add to it (Firefox adds `alg`). */
export async function exportPublicKey(key: CryptoKey): Promise<PublicJwk> {
  const { x, y } = await crypto.subtle.exportKey('jwk', key);
  return publicJwkMember({ crv: 'P-256', kty: 'EC', x, y });
}
