/**
 * The API as an OpenAPI 3.1 document (SPEC 9.1), made of the table of calls and of the readers that
 * check what comes in.
 */
import { ERROR_STATUSES, type ErrorCode } from '../../protocol/codes.ts';
import { ERROR_TITLES } from '../../protocol/titles.ts';
import type { Context } from '../context.ts';
import * as answers from './answers.ts';
import { CALLS, type CallKind } from './calls.ts';
import { JWK_SCHEMA, objectOf, type Schema } from './schema.ts';

/** What any call may be refused with (SPEC 9.2, 9.3). */
const ALWAYS: readonly ErrorCode[] = [
  ...(['proof_missing', 'proof_nonce', 'proof_mismatch'] as const),
  ...(['account_unknown', 'account_closed', 'device_revoked'] as const),
  ...(['rate_limited', 'internal'] as const),
];
const OF_READS: readonly ErrorCode[] = ['proof_replayed'];
const OF_WRITES: readonly ErrorCode[] = [
  ...(['body_malformed', 'body_too_large', 'id_reused', 'write_quota'] as const),
];

const PROBLEM: Schema = {
  ...objectOf({
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'the way out' },
    farthing: { type: 'string', description: 'the code (SPEC 12)' },
  }),
  description: 'RFC 9457',
};

function ofJson(schema: Schema, kind = 'application/json') {
  return { content: { [kind]: { schema } } };
}

/** One response for each status; the codes with it are said. */
function refusals(codes: readonly ErrorCode[]) {
  const byStatus = Map.groupBy(new Set(codes), (code) => ERROR_STATUSES[code]);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => {
      const description = group.map((code) => `\`${code}\`: ${ERROR_TITLES[code]}`).join('\n');
      const schema = {
        allOf: [{ $ref: '#/components/schemas/Problem' }],
        properties: { farthing: { enum: group } },
      };
      return [status, { description, ...ofJson(schema, 'application/problem+json') }];
    }),
  );
}

function parametersOf({ path, query = {} }: CallKind) {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true },
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(query).map(([name, schema]) => ({ name, in: 'query', schema }));
  return [...inPath, ...inQuery];
}

/** `POST /v1/purses/{purse}/raise` → `postPursesRaise`. */
function operationId({ method, path }: CallKind): string {
  const words = path.split('/').slice(2);
  const named = words.filter((word) => !word.startsWith('{'));
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  const isOne = words.at(-1)?.startsWith('{');
  return method.toLowerCase() + named.map(capital).join('') + (isOne ? 'One' : '');
}

function operationOf(call: CallKind) {
  const { method, summary, clause, body, answer, refuses } = call;
  const own = method === 'GET' ? OF_READS : OF_WRITES;
  return {
    operationId: operationId(call),
    summary,
    description: `SPEC ${clause}`,
    parameters: parametersOf(call),
    ...(body ? { requestBody: { required: true, ...ofJson(body.schema) } } : {}),
    responses: {
      200: { description: 'Done', ...ofJson(answer) },
      ...refusals([...refuses, ...own, ...ALWAYS]),
    },
  };
}

function publicDocument(summary: string, schema: Schema) {
  return {
    get: {
      ...{ operationId: summary.replace(/\W+(\w)/g, (_, first) => first.toUpperCase()), summary },
      security: [],
      responses: { 200: { description: 'Public, and may be kept', ...ofJson(schema) } },
    },
  };
}

/** What anybody may read. */
function publicPaths() {
  const jwk = { ...JWK_SCHEMA, additionalProperties: true };
  const keys = objectOf({ keys: { type: 'array', items: jwk } });
  return {
    '/.well-known/jwks.json': publicDocument('signing keys', keys),
    '/.well-known/farthing-provider.json': publicDocument('the record of the service', {
      ...answers.RECORD,
      description: 'farthing-provider+jwt',
    }),
    '/v1/sellers/{handle}': {
      get: {
        ...publicDocument('the record of a seller', answers.RECORD).get,
        parameters: [{ name: 'handle', in: 'path', required: true, schema: { type: 'string' } }],
        responses: {
          200: { description: 'Public, and may be kept', ...ofJson(answers.RECORD) },
          ...refusals(['seller_unknown']),
        },
      },
    },
  };
}

/** The document at `/openapi.json`. */
export function openApiOf({ issuer, name }: Pick<Context, 'issuer' | 'name'>): object {
  const paths: Record<string, Record<string, object>> = publicPaths();
  for (const call of CALLS)
    paths[call.path] = { ...paths[call.path], [call.method.toLowerCase()]: operationOf(call) };
  return {
    openapi: '3.1.0',
    info: {
      title: name,
      version: '1',
      description: 'A Farthing wallet service. Amounts are texts of millionths of the currency.',
    },
    servers: [{ url: issuer }],
    security: [{ proof: [] }],
    paths,
    components: {
      schemas: { Problem: PROBLEM },
      securitySchemes: {
        proof: {
          ...{ type: 'apiKey', in: 'header', name: 'DPoP' },
          description: 'A proof by the account’s device key (RFC 9449, SPEC 9.2)',
        },
      },
    },
  };
}
