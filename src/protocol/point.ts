/**
 * The public half of a P-256 key that is only known by its number. Web Crypto computes it in one
 * browser and not in the other (NSS takes no private key without its public half), so it is
 * computed here. How long that takes depends on the number: this is for keys that are derived now
 * and then on the reader's own device, and never where somebody could watch.
 */

/** A point of the curve; `undefined` is the one at infinity. */
type Point = { readonly x: bigint; readonly y: bigint } | undefined;

/** SEC 2, secp256r1: the field, a, the generator. */
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const A = P - 3n;
const GENERATOR: Point = {
  x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
};
/** The order of the group. */
export const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

function mod(number: bigint): bigint {
  const rest = number % P;
  return rest < 0n ? rest + P : rest;
}

/** By the extended Euclidean algorithm; `number` is not a multiple of the prime. */
function inverse(number: bigint): bigint {
  let [a, b] = [mod(number), P];
  let [x, y] = [1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b] = [b - quotient * a, a];
    [x, y] = [y - quotient * x, x];
  }
  return mod(x);
}

function add(a: Point, b: Point): Point {
  if (!a || !b) return a ?? b;
  if (a.x === b.x && mod(a.y + b.y) === 0n) return undefined;
  const slope =
    a.x === b.x
      ? mod((3n * a.x * a.x + A) * inverse(2n * a.y))
      : mod((b.y - a.y) * inverse(b.x - a.x));
  const x = mod(slope * slope - a.x - b.x);
  return { x, y: mod(slope * (a.x - x) - a.y) };
}

/** `number` times the generator, `number` from 1 to the order less one. */
export function publicPoint(number: bigint): { readonly x: bigint; readonly y: bigint } {
  let sum: Point;
  let power: Point = GENERATOR;
  for (let rest = number; rest > 0n; rest >>= 1n) {
    if (rest & 1n) sum = add(sum, power);
    power = add(power, power);
  }
  if (!sum) throw new TypeError('A private number is more than zero and less than the order');
  return sum;
}
