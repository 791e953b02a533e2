/**
 * `crypto.ts` by node:crypto: the same results, computed at once. Web Crypto in Node hands each
 * call to another thread and waits; for a hash or an HMAC that costs many times the work itself.
 */
import {
  createHmac,
  createPrivateKey,
  createSecretKey,
  hash,
  KeyObject,
  sign as signWith,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import type { Bytes, Computed, PrivateJwk } from './crypto.ts';
import * as web from './crypto.ts';

const objects = new WeakMap<CryptoKey, KeyObject>();

/** The key as node:crypto has it; undefined where it was made elsewhere and keeps to itself. */
function objectOf(key: CryptoKey): KeyObject | undefined {
  const known = objects.get(key);
  if (known || !key.extractable) return known;
  const object = KeyObject.from(key);
  objects.set(key, object);
  return object;
}

/** See `crypto.ts`. */
export async function importHmacKey(secret: Bytes): Promise<CryptoKey> {
  const key = await web.importHmacKey(secret);
  objects.set(key, createSecretKey(secret));
  return key;
}

/** See `crypto.ts`. */
export async function importSigningKey(jwk: PrivateJwk): Promise<CryptoKey> {
  const key = await web.importSigningKey(jwk);
  objects.set(key, createPrivateKey({ key: { ...jwk }, format: 'jwk' }));
  return key;
}

/** See `crypto.ts`. */
export function digest(bytes: Bytes): Bytes {
  return new Uint8Array(hash('sha256', bytes, 'buffer'));
}

/** See `crypto.ts`. */
export function hmac(key: CryptoKey, bytes: Bytes): Computed<Bytes> {
  const object = objectOf(key);
  if (!object) return web.hmac(key, bytes);
  return new Uint8Array(createHmac('sha256', object).update(bytes).digest());
}

/** See `crypto.ts`. */
export async function isHmac(key: CryptoKey, mac: Bytes, bytes: Bytes): Promise<boolean> {
  const own = await hmac(key, bytes);
  return own.length === mac.length && timingSafeEqual(own, mac);
}

/** RFC 7518 has r and s side by side, where others have ASN.1. */
const ES256 = { dsaEncoding: 'ieee-p1363' } as const;

/** See `crypto.ts`. */
export function sign(key: CryptoKey, bytes: Bytes): Computed<Bytes> {
  const object = objectOf(key);
  if (!object) return web.sign(key, bytes);
  return new Uint8Array(signWith('sha256', bytes, { key: object, ...ES256 }));
}

/** See `crypto.ts`. */
export function isSigned(key: CryptoKey, signature: Bytes, bytes: Bytes): Computed<boolean> {
  const object = objectOf(key);
  if (!object) return web.isSigned(key, signature, bytes);
  return verify('sha256', bytes, { key: object, ...ES256 }, signature);
}

/** See `crypto.ts`. */
export function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/** See `crypto.ts`. */
export function fromBase64url(text: string): Bytes {
  // A copy: small buffers share one block of memory.
  return new Uint8Array(Buffer.from(text, 'base64url'));
}
