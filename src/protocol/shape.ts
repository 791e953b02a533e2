/**
 * Reads objects that came from outside: exactly the members that are named, each by its reader.
 * A member too many is refused like one too few (SPEC 5.4).
 */
import { FarthingError } from './errors.ts';

/** Turns one member's value into what the program uses, or refuses it. */
export type Reader<T> = (value: unknown) => T;
type Readers = Record<string, Reader<unknown>>;
type Read<R extends Readers> = { [K in keyof R]: ReturnType<R[K]> };

/** A refusal by a reader; the caller adds the member's name. */
export function refuse(reason: string): never {
  throw new FarthingError('payload_malformed', reason);
}

/** Whether `value` is an object with members (and not an array). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads `value` as an object of exactly the `required` members and any of the `optional` ones.
 * @throws FarthingError `payload_malformed`, naming the member
 */
export function readMembers<R extends Readers, O extends Readers = Record<never, never>>(
  value: unknown,
  required: R,
  optional?: O,
): Read<R> & Partial<Read<O>> {
  if (!isRecord(value)) return refuse('not an object');
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    // JSON has no undefined; messages between contexts keep it in one browser and drop it in the
    // other.
    if (value[name] === undefined) continue;
    const reader =
      (Object.hasOwn(required, name) && required[name]) ||
      (optional && Object.hasOwn(optional, name) && optional[name]);
    if (!reader) refuse(`unknown member "${name.slice(0, 40)}"`);
    else result[name] = readMember(name, reader, value[name]);
  }
  for (const name of Object.keys(required)) {
    if (!Object.hasOwn(result, name)) refuse(`member "${name}" is missing`);
  }
  return result as Read<R> & Partial<Read<O>>;
}

function readMember(name: string, reader: Reader<unknown>, value: unknown): unknown {
  try {
    return reader(value);
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    throw new FarthingError(error.code, `member "${name}": ${error.detail}`);
  }
}

/** A string of 1 to `lengthMax` UTF-16 units, without a lone surrogate: those have no UTF-8. */
export function text(lengthMax: number): Reader<string> {
  return (value) =>
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= lengthMax &&
    value.isWellFormed()
      ? value
      : refuse(`not a text of 1 to ${lengthMax} characters`);
}

/** A whole number from 0 to 2^53 − 1: counts, sequence numbers, seconds since 1970. */
export const count: Reader<number> = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0
    ? (value as number)
    : refuse('not a whole number from 0');

/** True or false. */
export const flag: Reader<boolean> = (value) =>
  typeof value === 'boolean' ? value : refuse('not true or false');

/** Exactly one text, as for `typ` or `action`. */
export function literal<const T extends string>(expected: T): Reader<T> {
  return (value) => (value === expected ? expected : refuse(`not "${expected}"`));
}

/** A list of 0 to `lengthMax` members, each read by `reader`. */
export function list<T>(reader: Reader<T>, lengthMax: number): Reader<T[]> {
  return (value) =>
    Array.isArray(value) && value.length <= lengthMax
      ? value.map(reader)
      : refuse(`not a list of at most ${lengthMax}`);
}

/** What may stand last, by how many bytes are left over: the bits that none fills are zero. */
const LAST_CHARACTERS = ['[A-Za-z0-9_-]', '[AQgw]', '[AEIMQUYcgkosw048]'];

/** How `byteCount` bytes look in canonical base64url. */
export function bytesPattern(byteCount: number): string {
  const length = Math.ceil((byteCount * 4) / 3);
  return `^[A-Za-z0-9_-]{${length - 1}}${LAST_CHARACTERS[byteCount % 3]}$`;
}

/** `byteCount` bytes in canonical base64url; answered as the text. */
export function bytesText(byteCount: number): Reader<string> {
  const length = Math.ceil((byteCount * 4) / 3);
  const pattern = new RegExp(bytesPattern(byteCount));
  return (value) => {
    if (typeof value !== 'string' || value.length !== length)
      return refuse(`not ${byteCount} bytes in base64url`);
    if (pattern.test(value)) return value;
    throw new FarthingError('encoding_not_canonical', 'not canonical base64url');
  };
}

/** An id made by its caller: 16 random bytes in base64url (SPEC 5.5). */
export const id: Reader<string> = bytesText(16);
/** A SHA-256 hash or a key thumbprint in base64url. */
export const hash: Reader<string> = bytesText(32);
/** A compact JWS; its content is for the reader of its own type. */
export const compact: Reader<string> = text(4096);
