/** Requests with a body (SPEC 4.4): what is sold is the answer to that body alone. */
import assert from 'node:assert/strict';
import { readProblem } from '../../src/protocol/problem.ts';
import { getPurse } from '../../src/seller/charges/purses.ts';
import { challengeIn, payChallenge } from '../support/payer.ts';
import { type AdapterFact, assertCors, assertPrivate, codeOf, type Scene } from './scene.ts';

/** The payment header for the answer to this body. */
async function payForBody({ search, purse }: Scene, body: () => BodyInit) {
  const challenge = challengeIn(await search(body()));
  const { digest } = challenge;
  const { header: Authorization } = await payChallenge(purse, challenge, { opening: { digest } });
  return { Authorization };
}

/** A body whose length nobody is told, in parts. */
function inParts(...parts: readonly string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const waiting = [...parts];
  const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const part = waiting.shift();
    if (part === undefined) controller.close();
    else controller.enqueue(encoder.encode(part));
  };
  return new ReadableStream({ pull });
}

export const BODY_FACTS: readonly AdapterFact[] = [
  {
    fact: 'a body is sold with its digest, and its handler finds it unread',
    check: async (scene) => {
      const { search } = scene;
      const headers = await payForBody(scene, () => 'tides');
      const answer = await search('tides', headers);
      assert.equal(await answer.text(), 'found tides');
      assert.ok(answer.headers.has('Payment-Receipt'));
      assertPrivate(answer, '');
      assertCors(answer);
    },
  },
  {
    fact: 'what was paid for one body buys no other',
    check: async (scene) => {
      const { search, backstage, store, purse } = scene;
      const headers = await payForBody(scene, () => 'tides');
      assert.equal(await codeOf(await search('reefs', headers)), 'digest_mismatch');
      assert.equal(await getPurse(store, purse.id), undefined);
      assert.equal(await backstage.handled(), 0);
    },
  },
  {
    fact: 'a body in parts whose length is not said is sold all the same',
    check: async (scene) => {
      const body = () => inParts('ti', 'd'.repeat(100_000), 'es');
      const headers = await payForBody(scene, body);
      const answer = await scene.search(body(), { ...headers, 'Content-Type': 'text/plain' });
      assert.equal(await answer.text(), `found ti${'d'.repeat(100_000)}es`);
    },
  },
  {
    fact: 'a body of a megabyte is sold whole, and one of a byte more is not',
    check: async (scene) => {
      const { search, backstage } = scene;
      const largest = 'x'.repeat(1_000_000);
      const headers = await payForBody(scene, () => largest);
      assert.equal((await (await search(largest, headers)).text()).length, 1_000_006);
      const answer = await search(`${largest}x`);
      assert.equal(answer.status, 413);
      assert.equal(readProblem(await answer.json())?.code, 'body_too_large');
      assert.equal(await backstage.handled(), 1);
      assert.equal((await search('tides')).status, 402);
    },
  },
  {
    fact: 'a body with nothing in it is sold',
    check: async (scene) => {
      const headers = await payForBody(scene, () => '');
      assert.equal((await scene.search('', headers)).status, 200);
    },
  },
  {
    fact: 'what is free takes bodies larger than any that is sold',
    check: async ({ search, backstage }) => {
      await backstage.setPrice('free');
      const body = 'x'.repeat(3_000_000);
      assert.equal((await (await search(body)).text()).length, body.length + 6);
    },
  },
];
