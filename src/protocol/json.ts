/**
 * JSON in its one canonical form (RFC 8785, JCS), for what is signed or hashed. Amounts are strings
 * on the wire (SPEC 1.2), so a bigint is written as a decimal string and numbers are whole.
 */
import { FarthingError } from './errors.ts';

/** What may be signed: no fractions, no null, no undefined. */
export type Json = string | number | bigint | boolean | readonly Json[] | JsonObject;
/** Members that are undefined are not written. */
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

/**
 * Writes canonical JSON. Members that are undefined are left out.
 * @throws TypeError on a fraction, an unsafe integer, a lone surrogate or a value that is not JSON
 * @example canonicalJson({ b: 1n, a: 'x' }) // '{"a":"x","b":"1"}'
 */
export function canonicalJson(value: Json): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new TypeError('A lone surrogate cannot be signed');
      return JSON.stringify(value);
    case 'bigint':
      return `"${value}"`;
    case 'boolean':
      return String(value);
    case 'number':
      if (!Number.isSafeInteger(value)) throw new TypeError('Only whole numbers can be signed');
      return String(Object.is(value, -0) ? 0 : value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) throw new TypeError('Not a JSON value');
  const object = value as JsonObject;
  const members = Object.keys(object)
    .sort()
    .flatMap((name) => {
      const member = object[name];
      return member === undefined ? [] : [`${canonicalJson(name)}:${canonicalJson(member)}`];
    });
  return `{${members.join(',')}}`;
}

/**
 * Reads canonical JSON and nothing else: white space, duplicate members, other escapes and another
 * order of members do not re-encode to themselves and are refused in one stroke (SPEC 5.3).
 * @throws FarthingError `json_not_canonical`
 */
export function parseCanonicalJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (canonicalJson(value as Json) === text) return value;
  } catch {
    // What JSON.parse or the writer cannot take is refused below, like any other spelling.
  }
  throw new FarthingError('json_not_canonical', 'the text is not canonical JSON');
}
