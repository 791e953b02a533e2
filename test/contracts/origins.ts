/** What adapters must do for pages of other origins (SPEC 4.11): a wallet can be one of them. */
import assert from 'node:assert/strict';
import { readProblem } from '../../src/protocol/problem.ts';
import { challengeIn, closeHeader } from '../support/payer.ts';
import { type AdapterFact, codeOf, MINIMAL } from './scene.ts';

const ELSEWHERE = { Origin: 'https://elsewhere.example' };
const PREFLIGHT = {
  ...ELSEWHERE,
  'Access-Control-Request-Method': 'GET',
  'Access-Control-Request-Headers': 'authorization,prefer',
};
/** A shop that lets one other origin in, cookies and all. */
const PARTNER = {
  'Access-Control-Allow-Origin': 'https://partner.example',
  'Access-Control-Allow-Credentials': 'true',
  'Access-Control-Expose-Headers': 'X-Edition',
};

/** What any page may read, and what of its head. */
function assertReadable({ headers }: Response): void {
  assert.equal(headers.get('Access-Control-Allow-Origin'), '*');
  assert.equal(headers.get('Access-Control-Allow-Credentials'), null);
  const exposed = headers.get('Access-Control-Expose-Headers')?.split(', ');
  assert.deepEqual(exposed, ['Payment-Receipt', 'Preference-Applied', 'WWW-Authenticate']);
}

function assertUnreadable({ headers }: Response): void {
  for (const [name] of headers) assert.doesNotMatch(name, /^access-control-/);
}

export const ORIGIN_FACTS: readonly AdapterFact[] = [
  {
    fact: 'a preflight: a payment may be sent from anywhere, without cookies',
    cors: {},
    check: async ({ visit, backstage }) => {
      const answer = await visit('/articles/42', PREFLIGHT, 'OPTIONS');
      assert.deepEqual([answer.status, await answer.text()], [204, '']);
      assertReadable(answer);
      const allowed = (name: string) => answer.headers.get(`Access-Control-Allow-${name}`);
      assert.equal(allowed('Headers'), 'Authorization, Payment-Authorization, Prefer');
      assert.equal(allowed('Methods'), 'GET, HEAD, POST');
      assert.equal(await backstage.handled(), 0);
    },
  },
  {
    fact: 'OPTIONS that is no preflight is offered the price',
    cors: {},
    check: async ({ visit }) => {
      const answer = await visit('/articles/42', ELSEWHERE, 'OPTIONS');
      assert.equal(await codeOf(answer), 'payment_required');
    },
  },
  {
    fact: 'a preflight for what is free is for its handler',
    cors: {},
    check: async ({ visit, backstage }) => {
      await backstage.setPrice('free');
      assertUnreadable(await visit('/articles/42', PREFLIGHT, 'OPTIONS'));
      assert.equal(await backstage.handled(), 1);
    },
  },
  {
    fact: 'offers, refusals and what a charge opens are read from anywhere',
    cors: {},
    check: async ({ visit, buy, search }) => {
      assertReadable(await visit('/articles/42', ELSEWHERE));
      assertReadable(await visit('/articles/42', { Accept: 'text/html', ...ELSEWHERE }));
      assertReadable(await buy('/articles/missing', ELSEWHERE));
      for (const headers of [ELSEWHERE, { ...MINIMAL, ...ELSEWHERE }]) {
        const answer = await buy('/articles/42', headers);
        assert.ok(answer.headers.has('Payment-Receipt'));
        assertReadable(answer);
      }
      const tooLarge = await search('x'.repeat(1_000_001), ELSEWHERE);
      assert.equal(readProblem(await tooLarge.json())?.code, 'body_too_large');
      assertReadable(tooLarge);
    },
  },
  {
    fact: 'a purse is closed from anywhere',
    cors: {},
    check: async ({ visit, buy, purse }) => {
      await buy('/articles/42');
      const Authorization = await closeHeader(purse, challengeIn(await visit('/articles/42')));
      const answer = await visit('/articles/42', { Authorization, ...ELSEWHERE });
      assertReadable(answer);
      assert.deepEqual(Object.keys((await answer.json()) as object), ['final']);
    },
  },
  {
    fact: 'what a pass opens, or is free, is read nowhere else unless the shop says so',
    cors: {},
    check: async ({ visit, passTo, backstage }) => {
      const pass = await passTo('/articles/42');
      assertUnreadable(await visit('/articles/42', { ...pass, ...ELSEWHERE }));
      await backstage.setPrice('free');
      assertUnreadable(await visit('/articles/42', ELSEWHERE));
    },
  },
  {
    fact: 'a preview is read nowhere else unless the shop says so',
    cors: {},
    hasPreview: true,
    check: async ({ visit }) => {
      assertUnreadable(await visit('/articles/42', { Accept: 'text/html', ...ELSEWHERE }));
    },
  },
  {
    fact: 'what the shop says of other origins holds',
    cors: PARTNER,
    check: async ({ visit, buy, passTo }) => {
      const Origin = PARTNER['Access-Control-Allow-Origin'];
      const answers = [
        await visit('/articles/42', { Origin }),
        await buy('/articles/42', { Origin }),
        await buy('/articles/42', { Origin, ...MINIMAL }),
        await visit('/articles/42', { Origin, ...(await passTo('/articles/42')) }),
      ];
      for (const { headers } of answers)
        for (const [name, value] of Object.entries(PARTNER))
          assert.equal(headers.get(name), value, name);
    },
  },
];
