import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ERROR_STATUSES, type ErrorCode, isErrorCode } from '../../../src/protocol/codes.ts';
import { FarthingError, refuseAs } from '../../../src/protocol/errors.ts';
import { problemOf, readProblem } from '../../../src/protocol/problem.ts';
import { ERROR_TITLES } from '../../../src/protocol/titles.ts';

const codes = Object.keys(ERROR_STATUSES) as ErrorCode[];

describe('the table of codes', () => {
  test.each(codes)('%s has a status of refusal and a title', (code) => {
    const [status, title] = [ERROR_STATUSES[code], ERROR_TITLES[code]];
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });

  test('every refusal of a paid route is 402', () => {
    const first = codes.indexOf('payment_required');
    const last = codes.indexOf('provider_unreachable');
    const route = codes.slice(first, last + 1);
    expect(route).toContain('out_of_sync');
    expect(route.filter((code) => ERROR_STATUSES[code] !== 402)).toEqual([]);
  });

  test('two codes do not share a title', () => {
    expect(new Set(Object.values(ERROR_TITLES)).size).toBe(codes.length);
  });

  test('is that of SPEC 12, with a way out for each code', () => {
    const spec = readFileSync(new URL('../../../src/protocol/SPEC.md', import.meta.url), 'utf8');
    const rows = spec
      .slice(spec.indexOf('## 12 Codes'))
      .matchAll(/^\| `(\w+)` +\| (\d+) +\| (\S.*?) +\|$/gm);
    const said = [...rows].map(([, code, status]) => [code, Number(status)]);
    expect(said).toEqual(codes.map((code) => [code, ERROR_STATUSES[code]]));
  });

  test('knows its own codes only', () => {
    expect(isErrorCode('price_malformed')).toBe(true);
    for (const other of ['toString', '__proto__', '', 402, null])
      expect(isErrorCode(other)).toBe(false);
  });
});

describe('a refusal', () => {
  const error = new FarthingError('price_malformed', '"2 cents": write it as 0.02 USD');

  test('says its code and its detail', () => {
    expect(error.message).toBe('price_malformed: "2 cents": write it as 0.02 USD');
    expect(error.name).toBe('FarthingError');
  });

  test('takes the code of the layer that names it', () => {
    const refuse = () => {
      throw error;
    };
    expect(() => refuseAs('challenge_malformed', refuse)).toThrow(
      expect.objectContaining({ code: 'challenge_malformed', detail: error.detail }),
    );
  });

  test('of misuse stays what it was', () => {
    const misuse = () => {
      throw new TypeError('misuse');
    };
    expect(() => refuseAs('challenge_malformed', misuse)).toThrow(TypeError);
  });
});

describe('problem details', () => {
  test.each([
    ['payment_required', 'payment-required'],
    ['credential_malformed', 'malformed-credential'],
    ['challenge_unknown', 'invalid-challenge'],
    ['challenge_expired', 'payment-expired'],
    ['over_limit', 'payment-insufficient'],
    ['terms_changed', 'verification-failed'],
  ] as const)('of %s have the type %s of the Payment scheme', (code, type) => {
    expect(problemOf(new FarthingError(code, 'x'))).toEqual({
      type: `https://paymentauth.org/problems/${type}`,
      title: ERROR_TITLES[code],
      status: 402,
      detail: 'x',
      farthing: code,
    });
  });

  test.each(codes)('of %s are read back', (code) => {
    const body: unknown = JSON.parse(JSON.stringify(problemOf(new FarthingError(code, 'why'))));
    expect(readProblem(body)).toEqual({ code, detail: 'why' });
  });

  test.each([
    null,
    'price_malformed',
    ['price_malformed'],
    {},
    { farthing: 'constructor' },
    { farthing: 'no_such_code' },
    { code: 'price_malformed' },
  ])('are not read out of %j', (body) => {
    expect(readProblem(body)).toBeUndefined();
  });

  test('without a detail have an empty one', () => {
    expect(readProblem({ farthing: 'used', detail: 7 })).toEqual({ code: 'used', detail: '' });
  });
});
