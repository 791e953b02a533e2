/**
 * What the API takes and answers, as JSON Schema (2020-12). Each reader of a member stands beside
 * the schema of what it reads, so that the document that we serve says what is checked.
 */

import { refuseAs } from '../../protocol/errors.ts';
import { publicJwkMember } from '../../protocol/key.ts';
import { currencyMember, microsMember } from '../../protocol/money.ts';
import { originMember } from '../../protocol/origin.ts';
import { paytoMember } from '../../protocol/payto.ts';
import {
  bytesPattern,
  bytesText,
  compact,
  count,
  hash,
  id,
  list,
  type Reader,
  readMembers,
  refuse,
  text,
} from '../../protocol/shape.ts';
import { cleanText } from '../../protocol/text.ts';

/** A JSON Schema, or a part of one. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

type Readers = Record<string, Reader<unknown>>;

const schemas = new WeakMap<Reader<unknown>, Schema>();

/** An object of exactly these members. */
export function objectOf(
  required: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

function bytesSchema(byteCount: number): Schema {
  return { type: 'string', pattern: bytesPattern(byteCount) };
}

const COMPACT = { type: 'string', minLength: 1, maxLength: 4096 } as const;
export const MICROS_SCHEMA: Schema = {
  type: 'string',
  pattern: '^(0|[1-9][0-9]{0,15})$',
  description: 'millionths of the currency’s unit (SPEC 1.2)',
};
export const JWK_SCHEMA: Schema = objectOf({
  crv: { const: 'P-256' },
  kty: { const: 'EC' },
  x: bytesSchema(32),
  y: bytesSchema(32),
});

/** `reader`, which reads what `schema` says. */
export function described<R extends Reader<unknown>>(reader: R, schema: Schema): R {
  schemas.set(reader, schema);
  return reader;
}

/** @throws TypeError for a reader that nobody has described */
export function schemaOf(reader: Reader<unknown>): Schema {
  const schema = schemas.get(reader);
  if (!schema) throw new TypeError(`A reader has no schema: ${reader}`);
  return schema;
}

/** A name that people read: what `cleanText` leaves of it, which is not nothing. */
export function nameOf(lengthMax: number): Reader<string> {
  const read = text(lengthMax);
  const schema = { type: 'string', minLength: 1, maxLength: lengthMax };
  return described((value) => {
    const name = cleanText(read(value));
    return name === '' ? refuse('not a name') : name;
  }, schema);
}

/** A list of so many members, each as `reader` reads it. */
export function listOf<T>(
  reader: Reader<T>,
  { most, least = 0 }: { readonly most: number; readonly least?: number },
): Reader<T[]> {
  const read = list(reader, most);
  const schema = { type: 'array', items: schemaOf(reader), minItems: least, maxItems: most };
  return described((value) => {
    const members = read(value);
    return members.length >= least ? members : refuse(`at least ${least} is needed`);
  }, schema);
}

/** A compact JWS that `read` takes apart. */
export function compactOf<T>(read: (token: string) => T, what: string): Reader<T> {
  return described((value) => read(compact(value)), { ...COMPACT, description: what });
}

/** The body of a request. */
export interface Body<T> {
  /** @throws FarthingError `body_malformed` */
  read(value: unknown): T;
  readonly schema: Schema;
}

function schemasOf(readers: Readers): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(readers).map(([name, reader]) => [name, schemaOf(reader)]),
  );
}

/** An object of exactly these members, inside a body. */
export function membersOf<R extends Readers, O extends Readers = Record<never, never>>(
  required: R,
  optional?: O,
): Reader<ReturnType<typeof readMembers<R, O>>> {
  return described(
    (value) => readMembers(value, required, optional),
    objectOf(schemasOf(required), optional && schemasOf(optional)),
  );
}

/** A body of exactly these members; what is read and what is told are one. */
export function bodyOf<R extends Readers, O extends Readers = Record<never, never>>(
  required: R,
  optional?: O,
): Body<ReturnType<typeof readMembers<R, O>>> {
  const read = membersOf(required, optional);
  return {
    read: (value) => refuseAs('body_malformed', () => read(value)),
    schema: schemaOf(read),
  };
}

/** Canonical base64url of so many bytes, as `bytesText` reads it. */
export function bytesOf(byteCount: number): Reader<string> {
  return described(bytesText(byteCount), bytesSchema(byteCount));
}

described(id, { ...bytesSchema(16), description: '16 random bytes, made by the caller' });
described(hash, { ...bytesSchema(32), description: 'SHA-256, or the thumbprint of a key' });
described(compact, COMPACT);
described(count, { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
described(microsMember, MICROS_SCHEMA);
described(currencyMember, { type: 'string', pattern: '^[A-Z]{3}$', description: 'ISO 4217' });
described(paytoMember, {
  type: 'string',
  pattern: '^[a-z0-9][a-z0-9._-]{0,62}@[^@/]{1,260}$',
  description: 'HANDLE@HOST[:PORT] (SPEC 2.1)',
});
described(originMember, { type: 'string', pattern: '^https?://[^/*]+$', maxLength: 300 });
described(publicJwkMember, JWK_SCHEMA);
