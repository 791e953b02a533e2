/**
 * JSON in its one canonical form (RFC 8785, JCS), for what is signed or hashed. Amounts are strings
 * on the wire (SPEC 1.2), so a bigint is written as a decimal string and numbers are whole.
 */
import { FarthingError } from './errors.ts';

import { remembering } from './memo.ts';

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
  let members = '';
  for (const name of Object.keys(object).sort()) {
    const member = object[name];
    if (member === undefined) continue;
    members += `${members && ','}${quotedName(name)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

/** The wire has a few dozen names of members, which need not be quoted anew each time. */
const quotedName = remembering((name: string) => canonicalJson(name), 256);

/**
 * Whether `JSON.stringify` writes this value, which was read from JSON, as `canonicalJson` does:
 * its members stand in their order, and nothing in it is refused. That is quicker to see than to
 * write.
 */
function isPlain(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || value === null) return typeof value === 'boolean';
  if (Array.isArray(value)) return value.every(isPlain);
  let former: string | undefined;
  for (const [name, member] of Object.entries(value)) {
    if (former !== undefined && former >= name) return false;
    if (!name.isWellFormed() || !isPlain(member)) return false;
    former = name;
  }
  return true;
}

/**
 * Reads canonical JSON and nothing else: white space, duplicate members, other escapes and another
 * order of members do not re-encode to themselves and are refused in one stroke (SPEC 5.3).
 * @throws FarthingError `json_not_canonical`
 */
export function parseCanonicalJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const again = isPlain(value) ? JSON.stringify(value) : canonicalJson(value as Json);
    if (again === text) return value;
  } catch {
    // What JSON.parse or the writer cannot take is refused below, like any other spelling.
  }
  throw new FarthingError('json_not_canonical', 'the text is not canonical JSON');
}
