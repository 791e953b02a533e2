/**
 * What a recovery secret opens (SPEC 9.18): a key that may add a device to its account, and one
 * that seals the key of the history copy. Both are derived: the secret is all there is to keep.
 */
import { decodeBase64url, encodeBase64url, utf8 } from './base64url.ts';
import { FarthingError, refuseAs } from './errors.ts';
import { importSigningKey, type PublicJwk, thumbprint } from './key.ts';
import { P256_ORDER, publicPoint } from './point.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** What a secret comes from: words that were written down, or a passkey. */
export type RecoveryKind = 'words' | 'passkey';

/** The keys of one secret. */
export interface RecoveryKeys {
  /** Proves to the provider that a new device may be added. */
  readonly signing: { readonly key: CryptoKey; readonly jwk: PublicJwk; readonly kid: string };
  /** Seals and opens the history key. */
  readonly seal: CryptoKey;
}

const KEY_LABEL = 'farthing/recovery/key/1';
const SEAL_LABEL = 'farthing/recovery/seal/1';
/** 16 bytes more than the number has: its bias is below 2^-128. */
const KEY_BYTES = 48;
const AES_BYTES = 32;
const IV_BYTES = 12;
const SECRET_BYTES_MIN = 16;

async function derive(secret: Bytes, label: string, byteCount: number): Promise<Bytes> {
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
  const terms = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(label) };
  return new Uint8Array(await crypto.subtle.deriveBits(terms, material, byteCount * 8));
}

/** 32 bytes in base64url. */
function coordinate(number: bigint): string {
  const hex = number.toString(16).padStart(64, '0');
  const byteAt = (_: unknown, index: number) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16);
  return encodeBase64url(Uint8Array.from({ length: 32 }, byteAt));
}

/** 32 bytes as a key that encrypts; it can be taken out again only where that is asked for. */
export function importAesKey(bytes: Bytes): Promise<CryptoKey> {
  if (bytes.length !== AES_BYTES) throw new TypeError('An AES key has 32 bytes');
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/**
 * Derives the keys of a secret.
 * @param secret 16 bytes or more, all of them random
 */
export async function recoveryKeys(secret: Bytes): Promise<RecoveryKeys> {
  if (secret.length < SECRET_BYTES_MIN) throw new TypeError('A recovery secret has 16 bytes');
  const wide = await derive(secret, KEY_LABEL, KEY_BYTES);
  const number = wide.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const d = (number % (P256_ORDER - 1n)) + 1n;
  const { x, y } = publicPoint(d);
  const jwk: PublicJwk = { crv: 'P-256', kty: 'EC', x: coordinate(x), y: coordinate(y) };
  const key = await importSigningKey(jwk, coordinate(d));
  const seal = await importAesKey(await derive(secret, SEAL_LABEL, AES_BYTES));
  return { signing: { key, jwk, kid: await thumbprint(jwk) }, seal };
}

/** Where something sealed belongs: opened under another name, it does not open. */
export interface Sealing {
  readonly key: CryptoKey;
  readonly name: string;
  /** 12 random bytes, never twice under one key. */
  readonly iv: Bytes;
}

function sealTerms(name: string, iv: Bytes) {
  return { name: 'AES-GCM', iv, additionalData: utf8(name) };
}

/** base64url(iv ‖ AES-256-GCM(key, iv, name, bytes)). */
export async function seal(bytes: Bytes, { key, name, iv }: Sealing): Promise<string> {
  const sealed = new Uint8Array(await crypto.subtle.encrypt(sealTerms(name, iv), key, bytes));
  const whole = new Uint8Array(iv.length + sealed.length);
  whole.set(iv);
  whole.set(sealed, iv.length);
  return encodeBase64url(whole);
}

/**
 * The inverse of `seal`.
 * @throws FarthingError `history_damaged` where it is cut, changed, or under another name or key
 */
export async function unseal(
  text: string,
  { key, name }: Pick<Sealing, 'key' | 'name'>,
): Promise<Bytes> {
  const whole = refuseAs('history_damaged', () => decodeBase64url(text));
  const iv = whole.slice(0, IV_BYTES);
  try {
    const terms = sealTerms(name, iv);
    return new Uint8Array(await crypto.subtle.decrypt(terms, key, whole.slice(IV_BYTES)));
  } catch {
    throw new FarthingError('history_damaged', 'it does not open with this key in this place');
  }
}

/** The name under which an account's history key is sealed. */
export function historyKeyName(account: string): string {
  return `farthing/history-key/1|${account}`;
}
