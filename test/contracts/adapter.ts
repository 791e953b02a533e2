/**
 * What every adapter must do (SPEC 4, 6.5, 6.7), as facts that can be checked on any of them over
 * real HTTP: an adapter translates, and decides nothing.
 */

import assert from 'node:assert/strict';
import { parseReceiptHeader } from '../../src/protocol/receipt.ts';
import { getPurse } from '../../src/seller/charges/purses.ts';
import { challengeIn } from '../support/payer.ts';
import { BODY_FACTS } from './bodies.ts';
import { ORIGIN_FACTS } from './origins.ts';
import {
  type AdapterFact,
  assertCors,
  assertPrivate,
  codeOf,
  MINIMAL,
  type Scene,
} from './scene.ts';
import { ARTICLE, FILM, PREVIEW, SONG } from './sites/site.ts';

const BROWSER = { Accept: 'text/html,*/*;q=0.8' };

const cookieNames = (answer: Response) =>
  answer.headers.getSetCookie().map((cookie) => cookie.replace(/=.*$/s, '').slice(0, 13));

async function assertNotDelivered({ visit, buy, store, purse }: Scene, path: string) {
  const answer = await buy(path);
  assertCors(answer);
  assert.equal(answer.headers.get('Cache-Control'), 'no-store');
  assert.deepEqual(answer.headers.getSetCookie(), []);
  assert.equal(await codeOf(answer), 'not_delivered');
  const row = await getPurse(store, purse.id);
  assert.deepEqual([row?.seq, row?.tot, row?.charge], [0, 0n, undefined]);
  assert.equal((await visit('/articles/42')).status, 402);
  assert.equal((await buy('/articles/42')).status, 200);
}

export const ADAPTER_FACTS: readonly AdapterFact[] = [
  {
    fact: 'a program is offered the price as problem details, and no handler runs',
    check: async ({ visit, backstage }) => {
      const answer = await visit('/articles/42');
      assert.equal(answer.headers.get('Cache-Control'), 'no-store');
      assertCors(answer);
      assert.equal(challengeIn(answer).realm, '127.0.0.1');
      assert.equal(await codeOf(answer), 'payment_required');
      assert.equal(await backstage.handled(), 0);
    },
  },
  {
    fact: 'a browser is offered the price as a page',
    check: async ({ visit }) => {
      const answer = await visit('/articles/42', BROWSER);
      assert.equal(answer.status, 402);
      assert.equal(answer.headers.get('Content-Type'), 'text/html; charset=utf-8');
      assert.match(answer.headers.get('Content-Security-Policy') ?? '', /^default-src 'none'/);
      assert.match(await answer.text(), /<\/html>\s*$/);
    },
  },
  {
    fact: 'a preview is what browsers see, with the price in its head',
    hasPreview: true,
    check: async ({ visit }) => {
      const answer = await visit('/articles/42', BROWSER);
      assert.equal(answer.status, 200);
      assert.equal(challengeIn(answer).realm, '127.0.0.1');
      assertPrivate(answer, '');
      assert.equal(await answer.text(), PREVIEW);
      assert.equal(await codeOf(await visit('/articles/42')), 'payment_required');
    },
  },
  {
    fact: 'a charge opens: content, receipt, pass, and what the shop itself said',
    check: async ({ buy, purse }) => {
      const answer = await buy('/articles/42');
      assert.equal(answer.status, 200);
      assert.equal(await answer.text(), ARTICLE.body);
      const { claims } = parseReceiptHeader(answer.headers.get('Payment-Receipt') ?? '');
      assert.deepEqual([claims.pur, claims.seq, claims.tot], [purse.id, 1, 20_000n]);
      assert.deepEqual(cookieNames(answer), ['visits', '__Secure-fee-']);
      assert.equal(answer.headers.get('ETag'), ARTICLE.etag);
      assertPrivate(answer);
      assertCors(answer);
    },
  },
  {
    fact: 'return=minimal: receipt and cookies without the page',
    check: async ({ buy, store, purse }) => {
      const answer = await buy('/articles/42', MINIMAL);
      assert.equal(answer.status, 204);
      assert.equal(answer.headers.get('Preference-Applied'), 'return=minimal');
      assert.ok(answer.headers.has('Payment-Receipt'));
      assert.deepEqual(cookieNames(answer), ['visits', '__Secure-fee-']);
      assert.equal(answer.headers.get('ETag'), null);
      assertPrivate(answer, '');
      assertCors(answer);
      assert.equal(await answer.text(), '');
      assert.equal((await getPurse(store, purse.id))?.seq, 1);
    },
  },
  {
    fact: 'a pass opens, without a receipt; another page stays shut',
    check: async ({ passTo, visit }) => {
      const pass = await passTo('/articles/42');
      const answer = await visit('/articles/42?utm_source=x', pass);
      assert.equal(await answer.text(), ARTICLE.body);
      assert.equal(answer.headers.get('Payment-Receipt'), null);
      assert.deepEqual(cookieNames(answer), ['visits']);
      assertPrivate(answer);
      assertCors(answer);
      assert.equal((await visit('/articles/song', pass)).status, 402);
    },
  },
  {
    fact: 'a free page is opened, and is private all the same',
    check: async ({ visit, backstage }) => {
      await backstage.setPrice('free');
      const answer = await visit('/articles/42');
      assert.equal(await answer.text(), ARTICLE.body);
      assertPrivate(answer);
    },
  },
  {
    fact: 'the same charge again: the same receipt to the byte, and the page',
    check: async ({ chargeFor, visit, store, purse }) => {
      const { header } = await chargeFor('/articles/42');
      const answers = [];
      for (let count = 0; count < 3; count++)
        answers.push(await visit('/articles/42', { Authorization: header }));
      const receipts = answers.map((answer) => answer.headers.get('Payment-Receipt'));
      assert.equal(new Set(receipts).size, 1);
      for (const answer of answers) assert.equal(await answer.text(), ARTICLE.body);
      assert.equal((await getPurse(store, purse.id))?.tot, 20_000n);
    },
  },
  {
    fact: 'a handler that throws: not delivered, the row goes back, the next charge is good',
    check: (scene) => assertNotDelivered(scene, '/articles/broken'),
  },
  {
    fact: 'a handler that answers 503: not delivered',
    check: (scene) => assertNotDelivered(scene, '/articles/down'),
  },
  {
    fact: 'a page that is not there: not delivered',
    check: (scene) => assertNotDelivered(scene, '/articles/missing'),
  },
  {
    fact: 'what fails for a pass or for nothing keeps its own status',
    check: async ({ visit, backstage }) => {
      await backstage.setPrice('free');
      for (const [name, status] of [
        ['down', 503],
        ['missing', 404],
        ['broken', 500],
      ] as const)
        assert.equal((await visit(`/articles/${name}`)).status, status);
    },
  },
  {
    fact: 'HEAD: the head of the offer, and of the page',
    check: async ({ visit, passTo }) => {
      const offer = await visit('/articles/42', {}, 'HEAD');
      assert.deepEqual([offer.status, await offer.text()], [402, '']);
      assert.equal(challengeIn(offer).realm, '127.0.0.1');
      const page = await visit('/articles/42', await passTo('/articles/42'), 'HEAD');
      assert.deepEqual([page.status, await page.text()], [200, '']);
      assert.equal(page.headers.get('ETag'), ARTICLE.etag);
      assertPrivate(page);
    },
  },
  {
    fact: 'ranges: a part of the song is a part of the song',
    check: async ({ visit, passTo, buy }) => {
      const Range = 'bytes=100-199';
      const parts = [
        await visit('/articles/song', { Range, ...(await passTo('/articles/song')) }),
        await buy('/articles/song', { Range }),
      ];
      for (const part of parts) {
        assert.equal(part.status, 206);
        assert.equal(part.headers.get('Content-Range'), 'bytes 100-199/1000');
        assert.deepEqual(new Uint8Array(await part.arrayBuffer()), SONG.slice(100, 200));
        assertPrivate(part, '');
      }
    },
  },
  {
    fact: 'conditional requests: what has not changed is 304 by a pass, and an offer without',
    check: async ({ visit, passTo }) => {
      // As browsers ask; fetch would say no-cache beside a condition of its caller's.
      const fresh = { 'If-None-Match': ARTICLE.etag, 'Cache-Control': 'max-age=0' };
      assert.equal((await visit('/articles/42', fresh)).status, 402);
      const answer = await visit('/articles/42', { ...fresh, ...(await passTo('/articles/42')) });
      assert.deepEqual([answer.status, await answer.text()], [304, '']);
      assert.equal(answer.headers.get('ETag'), ARTICLE.etag);
      assertPrivate(answer);
    },
  },
  {
    fact: 'a stream: its first word is read before its last is written',
    check: async ({ buy, backstage }) => {
      const answer = await buy('/articles/slow');
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
      assert.equal((await reader?.read())?.value, 'one');
      await backstage.openGate();
      assert.equal((await reader?.read())?.value, 'two');
      assert.equal((await reader?.read())?.done, true);
    },
  },
  {
    fact: 'a stream that nobody wants, by return=minimal, is cancelled',
    check: async ({ buy, backstage }) => {
      assert.equal((await buy('/articles/slow', MINIMAL)).status, 204);
      await backstage.cancelled();
    },
  },
  {
    fact: 'a stream larger than all buffers arrives whole',
    check: async ({ buy }) => {
      const bytes = new Uint8Array(await (await buy('/articles/film')).arrayBuffer());
      assert.equal(bytes.length, FILM.chunk.length * FILM.chunkCount);
      assert.ok(bytes.every((byte) => byte === 7));
    },
  },
  {
    fact: 'what another layer said to caches before gives way',
    outer: {
      'Cache-Control': 'public, max-age=60',
      'CDN-Cache-Control': 'max-age=60',
      'Surrogate-Control': 'max-age=60',
    },
    check: async ({ visit, buy, passTo }) => {
      const stored = (answer: Response) =>
        [...answer.headers].filter(([name]) => /cache-control|surrogate/.test(name));
      const nowhere = [['cache-control', 'no-store']];
      assert.deepEqual(stored(await visit('/articles/42')), nowhere);
      assert.deepEqual(stored(await visit('/articles/42', BROWSER)), nowhere);
      assert.deepEqual(stored(await buy('/articles/missing')), nowhere);
      for (const answer of [
        await buy('/articles/42'),
        await buy('/articles/42', MINIMAL),
        await visit('/articles/42', await passTo('/articles/42')),
      ])
        assert.match(stored(answer).join(';'), /^cache-control,private(, max-age=\d+)?$/);
    },
  },
  ...BODY_FACTS,
  ...ORIGIN_FACTS,
];
