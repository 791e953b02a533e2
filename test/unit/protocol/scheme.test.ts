/**
 * What the Payment scheme has published (the test vectors of `mppx`, its reference implementation):
 * other people's numbers, to which ours must agree.
 */
import { describe, expect, test } from 'vitest';
import { encodeBase64url, utf8 } from '../../../src/protocol/base64url.ts';
import {
  type Challenge,
  formatChallenge,
  importHmacKey,
  parseChallenges,
  sealChallenge,
} from '../../../src/protocol/challenge.ts';
import { canonicalJson, type JsonObject } from '../../../src/protocol/json.ts';

import { readProblem } from '../../../src/protocol/problem.ts';

const encode = (object: JsonObject) => encodeBase64url(utf8(canonicalJson(object)));

interface Published {
  readonly realm?: string;
  readonly method?: string;
  readonly intent?: string;
  readonly request?: JsonObject;
  readonly expires?: string;
  readonly digest?: string;
  readonly description?: string;
  readonly meta?: Record<string, string>;
}

const EXPIRES = '2025-01-06T12:00:00Z';
const DIGEST = 'sha-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE';
const PI = 'pi_3abc123XYZ';
const MANY = { amount: '1000000', currency: '0x1234', recipient: '0xabcd' };
const NESTED = { amount: '1000000', currency: '0x1234', methodDetails: { chainId: 42431 } };

/** Under the secret `test-vector-secret`; realm api.example.com, tempo, charge, amount 1000000. */
const IDS: readonly (readonly [name: string, parts: Published, id: string])[] = [
  ['required fields only', {}, 'X6v1eo7fJ76gAxqY0xN9Jd__4lUyDDYmriryOM-5FO4'],
  ['expires', { expires: EXPIRES }, 'ChPX33RkKSZoSUyZcu8ai4hhkvjZJFkZVnvWs5s0iXI'],
  ['digest', { digest: DIGEST }, 'JHB7EFsPVb-xsYCo8LHcOzeX1gfXWVoUSzQsZhKAfKM'],
  [
    'expires and digest',
    { expires: EXPIRES, digest: DIGEST },
    'm39jbWWCIfmfJZSwCfvKFFtBl0Qwf9X4nOmDb21peLA',
  ],
  ['opaque', { meta: { pi: PI } }, 'rxzKZ2qjXvinqCH96RORTZEPs1KXsA-0AUjrCAPFOWc'],
  [
    'opaque and expires',
    { expires: EXPIRES, meta: { pi: PI } },
    'KAfoMrA4fnzS1DPWN_cUv_b3_yHxCizdp6OhH7gluMY',
  ],
  [
    'a description, which is no slot',
    { description: 'Test payment' },
    'X6v1eo7fJ76gAxqY0xN9Jd__4lUyDDYmriryOM-5FO4',
  ],
  ['many members', { request: MANY }, '_H5TOnnlW0zduQ5OhQ3EyLVze_TqxLDPda2CGZPZxOc'],
  ['members of members', { request: NESTED }, 'TqujwpuDDg_zsWGINAd5XObO2rRe6uYufpqvtDmr6N8'],
  ['an empty request', { request: {} }, 'yLN7yChAejW9WNmb54HpJIWpdb1WWXeA3_aCx4dxmkU'],
  ['an empty opaque', { meta: {} }, 'vb4IyH-0LdJ3s7L0QAw8jIzcZkyxksPhIvEfmHmzA9k'],
  ['realm', { realm: 'payments.other.com' }, '3F5bOo2a9RUihdwKk4hGRvBvzQmVPBMDvW0YM-8GD00'],
  ['method', { method: 'stripe' }, 'o0ra2sd7HcB4Ph0Vns69gRDUhSj5WNOnUopcDqKPLz4'],
  ['intent', { intent: 'session' }, 'aAY7_IEDzsznNYplhOSE8cERQxvjFcT4Lcn-7FHjLVE'],
  [
    'an opaque of two members',
    { meta: { deposit: 'dep_456', pi: PI } },
    'aKskU8sadR5ZuFbUCsIwhO-ENxuVpTw17FdwHEXsJDk',
  ],
];

describe('a published challenge id is ours', () => {
  test.each(IDS)('with %s', async (_, parts, id) => {
    const { request = { amount: '1000000' }, meta, ...rest } = parts;
    const challenge = {
      realm: 'api.example.com',
      method: 'tempo',
      intent: 'charge',
      ...rest,
      request: encode(request),
      opaque: meta && encode(meta),
    };
    const key = await importHmacKey(utf8('test-vector-secret'));
    // Other methods, and challenges without an end, are others' business: only the slots are ours.
    const sealed = await sealChallenge(challenge as unknown as Omit<Challenge, 'id'>, key);
    expect(sealed.id).toBe(id);
  });
});

const CHALLENGE: Challenge = {
  id: 'abc123',
  realm: 'api.example.com',
  method: 'farthing',
  intent: 'charge',
  request: encode({ amount: '1000000' }),
  expires: EXPIRES,
};

describe('a published header value is ours', () => {
  test.each([
    ['plain', 'Plain payment description', 'Plain payment description'],
    ['quotes', 'Pay "premium"', 'Pay \\"premium\\"'],
    ['backslashes', 'Path C:\\tempo\\api', 'Path C:\\\\tempo\\\\api'],
    ['both', 'Pay "premium" path C:\\tempo\\api', 'Pay \\"premium\\" path C:\\\\tempo\\\\api'],
    ['a backslash at the end', 'Ends with slash \\', 'Ends with slash \\\\'],
    ['a dash', 'Classmatic \u2014 General', 'Classmatic \\u2014 General'],
    [
      'surrogate pairs',
      'Tickets \ud83c\udf9f\ufe0f "VIP"',
      'Tickets \\ud83c\\udf9f\\ufe0f \\"VIP\\"',
    ],
  ])('with %s', (_, description, escaped) => {
    const header = formatChallenge({ ...CHALLENGE, description });
    expect(header).toContain(`description="${escaped}"`);
    expect(parseChallenges(header)).toEqual([{ ...CHALLENGE, description }]);
  });

  test('Latin-1 as it is, which the scheme writes so', () => {
    const header = `${formatChallenge(CHALLENGE)}, description="1 \u00d7 Classmatic"`;
    expect(parseChallenges(header)).toEqual([{ ...CHALLENGE, description: '1 \u00d7 Classmatic' }]);
  });

  test('among other schemes and methods, with names in any order', () => {
    const request = encode({ amount: '1' });
    const others = `Bearer realm="x", Payment id="1", realm="r", method="stripe", intent="charge"`;
    const header = `${others}, request="${request}", ${formatChallenge(CHALLENGE)}`;
    expect(parseChallenges(header)).toEqual([CHALLENGE]);
  });
});

describe('a problem of a server that knows none of our codes', () => {
  const problem = (type: string) =>
    readProblem({ type: `https://paymentauth.org/problems/${type}`, status: 402, detail: 'no' });

  test('asks for the same charge under its own challenge', () => {
    expect(problem('invalid-challenge')).toEqual({ code: 'challenge_unknown', detail: 'no' });
    expect(problem('payment-expired')).toEqual({ code: 'challenge_expired', detail: 'no' });
  });

  test.each(['verification-failed', 'payment-insufficient', 'toString'])(
    'settles nothing with %s',
    (type) => expect(problem(type)).toBeUndefined(),
  );
});
