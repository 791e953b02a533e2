/**
 * What the vectors are made of: published keys and a hand-made token writer. Nothing here or in
 * `cases/` imports src/protocol but its types: a mistake there must not be copied into the vectors.
 */
import { createHash, createHmac } from 'node:crypto';
import type { ErrorCode } from '../../src/protocol/errors.ts';
import { joined, keyOf, ORDER, type PrivateJwk, sign } from './p256.ts';

/** One input and what must come of it; `none` = read as if it were not there. */
export interface Vector {
  readonly description: string;
  readonly input: unknown;
  readonly expect: 'ok' | 'none' | ErrorCode;
  readonly output?: unknown;
}

/** The vectors of one operation of `vectors.test.ts`, written to `NAME.json`. */
export interface VectorFile {
  readonly operation: string;
  readonly about: string;
  readonly vectors: readonly Vector[];
}

export function accepted(description: string, input: unknown, output: unknown): Vector {
  return { description, input, expect: 'ok', output };
}

export function refused(expect: ErrorCode | 'none', description: string, input: unknown): Vector {
  return { description, input, expect };
}

/** Refusals of one code, each with its own reason: description → input. */
export function refusals(expect: ErrorCode | 'none', inputs: Record<string, unknown>): Vector[] {
  return Object.entries(inputs).map(([description, input]) => refused(expect, description, input));
}

function derivedKey(label: string): PrivateJwk {
  const hash = createHash('sha256').update(`farthing vector key: ${label}`).digest('hex');
  return keyOf(BigInt(`0x${hash}`) % ORDER);
}

/** Published: never use them for anything. */
export const KEYS = {
  /** RFC 7515 appendix A.3. */
  purse: keyOf(0x8e9b109e719098bf980487df1f5d77e9cb29606ebed2263b5f57c213df84f4b2n),
  provider: derivedKey('provider'),
  receipt: derivedKey('receipt'),
  device: derivedKey('device'),
  stranger: derivedKey('stranger'),
} as const;

/** The HMAC secrets of the vectors, as text whose UTF-8 bytes are the key. */
export const SECRETS = {
  challenge: 'farthing vector secret: challenge',
  pass: 'farthing vector secret: pass',
} as const;

/** Ids and salts: fixed bytes that look like the random ones they stand for. */
export function fixed(label: string, byteCount: number): string {
  const hash = createHash('sha256').update(`farthing vector bytes: ${label}`).digest();
  return hash.subarray(0, byteCount).toString('base64url');
}

export function base64url(data: string | Uint8Array): string {
  return Buffer.from(data).toString('base64url');
}

export function sha256(...parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('base64url');
}

export function hmac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}

/** RFC 8785 for objects of texts, whole numbers, truths, lists and objects. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}

export function publicOf({ crv, kty, x, y }: PrivateJwk) {
  return { crv, kty, x, y };
}

/** RFC 7638. */
export function thumbprint(key: PrivateJwk): string {
  return sha256(canonical(publicOf(key)));
}

/** A compact token of exactly these texts, whatever they are, signed by `key`. */
export function rawToken(
  header: string | Uint8Array,
  payload: string | Uint8Array,
  key: PrivateJwk,
) {
  const input = `${base64url(header)}.${base64url(payload)}`;
  return `${input}.${base64url(joined(sign(input, key)))}`;
}

/** A compact token as it ought to be. */
export function token(header: object, payload: unknown, key: PrivateJwk): string {
  return rawToken(canonical(header), canonical(payload), key);
}

/** `object` without `name`. */
export function without(object: object, name: string): object {
  return Object.fromEntries(Object.entries(object).filter(([member]) => member !== name));
}
