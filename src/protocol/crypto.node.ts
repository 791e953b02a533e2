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

let loaded: Promise<typeof import('./crypto.ts')> | undefined;

/** For keys that keep to themselves, and to make keys. */
function web(): Promise<typeof import('./crypto.ts')> {
  loaded ??= import('./crypto.ts');
  return loaded;
}

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
  const key = await (await web()).importHmacKey(secret);
  objects.set(key, createSecretKey(secret));
  return key;
}

/** See `crypto.ts`. */
export async function importSigningKey(jwk: PrivateJwk): Promise<CryptoKey> {
  const key = await (await web()).importSigningKey(jwk);
  objects.set(key, createPrivateKey({ key: { ...jwk }, format: 'jwk' }));
  return key;
}

/** The same memory without what Node adds: small buffers share a block of it. */
function plain({ buffer, byteOffset, byteLength }: Buffer<ArrayBuffer>): Bytes {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** See `crypto.ts`. */
export function digest(bytes: Bytes): Bytes {
  return plain(hash('sha256', bytes, 'buffer'));
}

/** See `crypto.ts`. */
export function hmac(key: CryptoKey, bytes: Bytes): Computed<Bytes> {
  const object = objectOf(key);
  if (!object) return web().then((it) => it.hmac(key, bytes));
  return plain(createHmac('sha256', object).update(bytes).digest());
}

/** See `crypto.ts`. */
export async function isHmac(key: CryptoKey, mac: Bytes, bytes: Bytes): Promise<boolean> {
  const own = await hmac(key, bytes);
  return own.length === mac.length && timingSafeEqual(own, mac);
}

/** Half of a signature. */
const HALF = 32;

/** An INTEGER of ASN.1 from 32 bytes: no zeros in front but the one that keeps it positive. */
function writeInteger(der: Uint8Array, at: number, half: Uint8Array): number {
  let start = 0;
  while (start < HALF - 1 && half[start] === 0) start += 1;
  const isNegative = (half[start] ?? 0) > 0x7f;
  der[at] = 0x02;
  der[at + 1] = HALF - start + Number(isNegative);
  der.set(half.subarray(start), at + 2 + Number(isNegative));
  return at + 2 + (der[at + 1] ?? 0);
}

/**
 * RFC 7518 has r and s side by side where others have ASN.1. Node converts by itself if it is
 * asked to (`dsaEncoding`), but looking at that option takes it a third as long as the check.
 */
function toDer(signature: Bytes): Bytes {
  const der = new Uint8Array(2 * HALF + 8);
  const middle = writeInteger(der, 2, signature.subarray(0, HALF));
  const end = writeInteger(der, middle, signature.subarray(HALF));
  der[0] = 0x30;
  der[1] = end - 2;
  return der.subarray(0, end);
}

/** The inverse of `toDer`, for what this machine signed. */
function fromDer(der: Uint8Array): Bytes {
  const signature = new Uint8Array(2 * HALF);
  let at = 2;
  for (const end of [HALF, 2 * HALF]) {
    const length = der[at + 1] ?? 0;
    const integer = der.subarray(at + 2, at + 2 + length);
    const bytes = length > HALF ? integer.subarray(1) : integer;
    signature.set(bytes, end - bytes.length);
    at += 2 + length;
  }
  return signature;
}

/** See `crypto.ts`. */
export function sign(key: CryptoKey, bytes: Bytes): Computed<Bytes> {
  const object = objectOf(key);
  if (!object) return web().then((it) => it.sign(key, bytes));
  return fromDer(signWith('sha256', bytes, object));
}

/** See `crypto.ts`. */
export function isSigned(key: CryptoKey, signature: Bytes, bytes: Bytes): Computed<boolean> {
  const object = objectOf(key);
  if (signature.length !== 2 * HALF) return false;
  if (!object) return web().then((it) => it.isSigned(key, signature, bytes));
  return verify('sha256', bytes, object, toDer(signature));
}

/** See `crypto.ts`: another of Node's threads computes it. */
export function isSignedElsewhere(
  key: CryptoKey,
  signature: Bytes,
  bytes: Bytes,
): Computed<boolean> {
  const object = objectOf(key);
  if (!object || signature.length !== 2 * HALF) return isSigned(key, signature, bytes);
  return new Promise((resolve, reject) => {
    verify('sha256', bytes, object, toDer(signature), (error, isGood) => {
      if (error) reject(error);
      else resolve(isGood);
    });
  });
}

/** See `crypto.ts`. */
export function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/** What may stand last, by how many characters are over: the bits that none fills are zero. */
const LAST_CHARACTERS = [undefined, undefined, /[AQgw]$/, /[AEIMQUYcgkosw048]$/] as const;

/**
 * See `crypto.ts`. Node reads over what it does not know and takes two alphabets: what it found is
 * compared by its length, the rest by sight, which is quicker than to encode it again.
 */
export function fromBase64url(text: string): Bytes | undefined {
  const over = text.length % 4;
  if (over === 1 || text.includes('+') || text.includes('/')) return undefined;
  if (LAST_CHARACTERS[over]?.test(text) === false) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length === Math.floor((text.length * 3) / 4) ? plain(bytes) : undefined;
}

/** See `crypto.ts`. */
export function toUtf8(text: string): Bytes {
  return plain(Buffer.from(text));
}
