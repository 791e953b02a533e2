/**
 * What the machine computes for the wire, by Web Crypto, which browsers, workers, Deno, Bun and
 * Node all have. Others import it as `#crypto`; under the condition `node` of package.json that is
 * `crypto.node.ts`, which computes the same without waiting for another thread.
 */

/** A result, or the promise of one: whoever asks awaits either. */
export type Computed<T> = T | Promise<T>;
/** Bytes of their own. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A private P-256 key (RFC 7517). */
export interface PrivateJwk {
  readonly crv: 'P-256';
  readonly kty: 'EC';
  readonly d: string;
  readonly x: string;
  readonly y: string;
}

const ES256 = { name: 'ECDSA', hash: 'SHA-256' } as const;
const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const;

async function toBytes(computed: Promise<ArrayBuffer>): Promise<Bytes> {
  return new Uint8Array(await computed);
}

/** SHA-256. */
export function digest(bytes: Bytes): Computed<Bytes> {
  return toBytes(crypto.subtle.digest('SHA-256', bytes));
}

/** A key for `hmac` and `isHmac`, which nobody can take out again. */
export function importHmacKey(secret: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', secret, HMAC, false, ['sign', 'verify']);
}

/** A key for `sign`, which nobody can take out again. @throws DOMException where it is no key */
export function importSigningKey(jwk: PrivateJwk): Promise<CryptoKey> {
  return crypto.subtle.importKey('jwk', jwk, P256, false, ['sign']);
}

/** HMAC-SHA-256. */
export function hmac(key: CryptoKey, bytes: Bytes): Computed<Bytes> {
  return toBytes(crypto.subtle.sign('HMAC', key, bytes));
}

/** Whether `mac` is the HMAC-SHA-256 of `bytes`, compared in constant time. */
export function isHmac(key: CryptoKey, mac: Bytes, bytes: Bytes): Computed<boolean> {
  return crypto.subtle.verify('HMAC', key, mac, bytes);
}

/** An ES256 signature, 64 bytes (RFC 7518 section 3.4). */
export function sign(key: CryptoKey, bytes: Bytes): Computed<Bytes> {
  return toBytes(crypto.subtle.sign(ES256, key, bytes));
}

/** Whether `signature` is an ES256 signature of `bytes`. */
export function isSigned(key: CryptoKey, signature: Bytes, bytes: Bytes): Computed<boolean> {
  return crypto.subtle.verify(ES256, key, signature, bytes);
}

/** `isSigned`, where others wait for this thread; Web Crypto has threads of its own anyway. */
export const isSignedElsewhere = isSigned;

/** Base64url without padding (RFC 4648 section 5). */
export function toBase64url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The bytes that `text` is the one spelling of (SPEC 5.3); undefined where there are none. */
export function fromBase64url(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  // A loop, since Uint8Array.from walks the string's characters and takes five times as long.
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return toBase64url(bytes) === text ? bytes : undefined;
}

const encoder = new TextEncoder();

/** UTF-8. */
export function toUtf8(text: string): Bytes {
  return encoder.encode(text);
}
