/**
 * ES256 whose signatures are the same each time (RFC 6979), so that the vectors can be written
 * again byte for byte. For tests only: BigInt arithmetic takes a time that depends on the key.
 */
import { createECDH, createHash, createHmac } from 'node:crypto';

/** The order of the P-256 group. */
export const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** A private key with its public part; all four as base64url of 32 bytes, but for the names. */
export interface PrivateJwk {
  readonly crv: 'P-256';
  readonly d: string;
  readonly kty: 'EC';
  readonly x: string;
  readonly y: string;
}

/** The two halves of a signature. */
export interface Halves {
  readonly r: bigint;
  readonly s: bigint;
}

function bytesOf(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(64, '0'), 'hex');
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** The coordinates of k times the generator; the one step that node:crypto can do for us. */
function multiple(k: bigint): { x: Buffer; y: Buffer } {
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(bytesOf(k));
  const point = curve.getPublicKey();
  return { x: point.subarray(1, 33), y: point.subarray(33) };
}

/** The key pair of the private number `d`. */
export function keyOf(d: bigint): PrivateJwk {
  const { x, y } = multiple(d);
  const text = (bytes: Buffer) => bytes.toString('base64url');
  return { crv: 'P-256', d: text(bytesOf(d)), kty: 'EC', x: text(x), y: text(y) };
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base % ORDER, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % ORDER;
    square = (square * square) % ORDER;
  }
  return result;
}

/** RFC 6979 section 3.2: the nonce for private number `d` and the hash of the message. */
function nonceOf(d: bigint, hash: Buffer): bigint {
  const mac = (key: Buffer, ...parts: Buffer[]) =>
    createHmac('sha256', key).update(Buffer.concat(parts)).digest();
  const seed = [bytesOf(d), bytesOf(numberOf(hash) % ORDER)];
  let v = Buffer.alloc(32, 1);
  let key = Buffer.alloc(32, 0);
  for (const step of [0, 1]) {
    key = mac(key, v, Buffer.from([step]), ...seed);
    v = mac(key, v);
  }
  for (;;) {
    v = mac(key, v);
    const nonce = numberOf(v);
    if (nonce > 0n && nonce < ORDER) return nonce;
    key = mac(key, v, Buffer.from([0]));
    v = mac(key, v);
  }
}

/** Signs the UTF-8 bytes of `text`. */
export function sign(text: string, key: PrivateJwk): Halves {
  const d = numberOf(Buffer.from(key.d, 'base64url'));
  const hash = createHash('sha256').update(text).digest();
  const nonce = nonceOf(d, hash);
  const r = numberOf(multiple(nonce).x) % ORDER;
  const s = (power(nonce, ORDER - 2n) * (numberOf(hash) + r * d)) % ORDER;
  return { r, s };
}

/** The 64 bytes that JOSE wants. */
export function joined({ r, s }: Halves): Buffer {
  return Buffer.concat([bytesOf(r), bytesOf(s)]);
}

/** The same signature as certificates and TLS write it. */
export function der({ r, s }: Halves): Buffer {
  const integer = (number: bigint) => {
    const bytes = bytesOf(number);
    const body = (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
    return Buffer.concat([Buffer.from([2, body.length]), body]);
  };
  const body = Buffer.concat([integer(r), integer(s)]);
  return Buffer.concat([Buffer.from([48, body.length]), body]);
}
