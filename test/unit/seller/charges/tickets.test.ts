import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import Fastify, { type FastifyInstance } from 'fastify';
import { Hono, type MiddlewareHandler } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import { challengeIn, payChallenge, settlePurse, undoHeader } from '../../../support/payer.ts';
import {
  chargeFor42,
  codeOf,
  cookieOf,
  openShop,
  receiptOf,
  rowOf,
  type Shop,
  URL_42,
} from '../shop.ts';

const MINUTE_MS = 60_000;

/** A shop of what is used up at once, and a browser's wallet that buys there. */
async function openOnce() {
  const shop = await openShop({ duration: 'PT0S' });
  const purse = await shop.purse();
  const sign = () => chargeFor42(purse, { durationSec: 0 });
  const pay = (Authorization: string, method = 'GET') =>
    shop.visit({ Authorization, Prefer: 'return=minimal' }, URL_42, method);
  const buy = async () => {
    const charge = await sign();
    const answer = await pay(charge.header);
    if (answer.status === 204) settlePurse(purse, charge);
    return { charge, answer, Cookie: cookieOf(answer) };
  };
  const follow = async (Cookie: string) => (await shop.visit({ Cookie })).status;
  return { shop, purse, pay, buy, follow };
}

test('a payment runs nothing, the navigation runs the handler, a reload is for sale', async () => {
  const { shop, buy, follow } = await openOnce();
  const { answer, Cookie } = await buy();
  expect(answer.status).toBe(204);
  expect(answer.headers.get('Preference-Applied')).toBe('return=minimal');
  expect(receiptOf(answer).claims.until).toBe(receiptOf(answer).claims.at);
  expect(shop.world.answers).toBe(0);
  expect(await follow(Cookie)).toBe(200);
  expect(await follow(Cookie)).toBe(402);
  expect(shop.world.answers).toBe(1);
});

test('the same charge again gives the ticket again until it is used, and then never', async () => {
  const { shop, buy, pay, follow } = await openOnce();
  const { charge, answer } = await buy();
  const again = await pay(charge.header);
  expect(again.status).toBe(204);
  expect(again.headers.get('Payment-Receipt')).toBe(answer.headers.get('Payment-Receipt'));
  expect(await follow(cookieOf(again))).toBe(200);
  const late = await pay(charge.header);
  expect(late.headers.get('Payment-Receipt')).toBe(answer.headers.get('Payment-Receipt'));
  expect(await codeOf(late)).toBe('used');
  expect(shop.world.answers).toBe(1);
});

test('of two navigations at once one runs the handler', async () => {
  const { shop, buy, follow } = await openOnce();
  const { Cookie } = await buy();
  const statuses = await Promise.all([1, 2, 3].map(() => follow(Cookie)));
  expect(statuses.sort()).toEqual([200, 402, 402]);
  expect(shop.world.answers).toBe(1);
});

test('what is paid twice is opened twice, though a browser keeps one cookie', async () => {
  const { buy, follow } = await openOnce();
  await buy();
  const { Cookie } = await buy();
  expect([await follow(Cookie), await follow(Cookie), await follow(Cookie)]).toEqual([
    200, 200, 402,
  ]);
});

test.for([
  ['answers 500', () => new Response('oops', { status: 500 })],
  [
    'throws',
    () => {
      throw new Error('the database is away');
    },
  ],
] as const)('a page that %s is opened again without another payment', async ([, fail]) => {
  const { shop, buy, follow } = await openOnce();
  const { Cookie } = await buy();
  shop.answerWith(fail);
  await follow(Cookie).catch(() => undefined);
  shop.answerWith(() => new Response('the article'));
  expect([await follow(Cookie), await follow(Cookie)]).toEqual([200, 402]);
});

test('a page that sends elsewhere has failed, and does not say where to', async () => {
  const { shop, buy, follow } = await openOnce();
  const { Cookie } = await buy();
  shop.answerWith(() => Response.redirect('https://files.example/the-film', 303));
  await expect(shop.visit({ Cookie })).rejects.toThrow('sent elsewhere');
  shop.answerWith(() => new Response('the article'));
  expect([await follow(Cookie), await follow(Cookie)]).toEqual([200, 402]);
});

test('a look at the head uses nothing up', async () => {
  const { shop, buy, follow } = await openOnce();
  const { Cookie } = await buy();
  expect((await shop.visit({ Cookie }, URL_42, 'HEAD')).status).toBe(402);
  expect(await follow(Cookie)).toBe(200);
});

test('what was undone opens nothing', async () => {
  const { shop, purse, buy, follow } = await openOnce();
  const { charge, answer, Cookie } = await buy();
  const bought = { charge, receipt: receiptOf(answer).token };
  expect((await shop.pay(await undoHeader(purse, bought))).status).toBe(200);
  expect(await follow(Cookie)).toBe(402);
  expect(shop.world.answers).toBe(0);
});

test('a ticket is good for ten minutes, its item and this purse', async () => {
  const { shop, buy, follow } = await openOnce();
  const { Cookie } = await buy();
  const elsewhere = await shop.visit({ Cookie }, 'https://news.example/articles/43');
  expect(elsewhere.status).toBe(402);
  shop.world.nowMs += 10 * MINUTE_MS;
  expect(await follow(Cookie)).toBe(402);
});

test('a row holds sixteen tickets: from then on the answer comes with the charge', async () => {
  const { shop, purse, buy } = await openOnce();
  shop.world.price = '0.000001 USD';
  const cheap = async () => {
    const charge = await chargeFor42(purse, { durationSec: 0, amountMicros: 1n as never });
    const answer = await shop.visit({ Authorization: charge.header, Prefer: 'return=minimal' });
    settlePurse(purse, charge);
    return answer.status;
  };
  for (let count = 0; count < 16; count++) expect(await cheap()).toBe(204);
  expect(await cheap()).toBe(200);
  shop.world.nowMs += 10 * MINUTE_MS;
  shop.world.price = '0.02 USD';
  expect((await buy()).answer.status).toBe(204);
  expect((await rowOf(shop, purse))?.tickets).toHaveLength(1);
});

const ROUTE = { duration: 'PT0S', price: '0.02 USD' } as const;

/** Sites whose handler answers how often it has run. */
const SITES = {
  Express: async ({ seller }: Shop) => {
    let count = 0;
    const app = express();
    app.get('/once', seller.express(ROUTE), (_, response) => void response.send(`${++count}`));
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  },
  Fastify: async ({ seller }: Shop) => {
    let count = 0;
    const app = Fastify() as unknown as FastifyInstance;
    app.get('/once', seller.fastify(ROUTE) as object, async () => `${++count}`);
    onTestFinished(() => app.close());
    return app.listen({ port: 0, host: '127.0.0.1' });
  },
};

test.for(Object.entries(SITES))('%s runs a handler for no payment either', async ([, open]) => {
  const shop = await openShop();
  const url = `${await open(shop)}/once`;
  const challenge = challengeIn(await fetch(url));
  const { header: Authorization } = await payChallenge(await shop.purse(), challenge);
  const paid = await fetch(url, { headers: { Authorization, Prefer: 'return=minimal' } });
  expect([paid.status, await paid.text()]).toEqual([204, '']);
  const opened = await fetch(url, { headers: { Cookie: cookieOf(paid) } });
  expect([opened.status, await opened.text()]).toEqual([200, '1']);
});

test('Fastify runs no handler where the answer to a payment could not be sent', async () => {
  const shop = await openShop();
  const app = Fastify() as unknown as FastifyInstance;
  let count = 0;
  let isBroken = false;
  app.addHook('onRequest', async (_, { raw }) => {
    const writeHead = () => {
      throw new Error('a layer before it is broken');
    };
    if (isBroken) Object.assign(raw, { writeHead });
  });
  app.get('/once', shop.seller.fastify(ROUTE) as object, async () => `${++count}`);
  onTestFinished(() => app.close());
  const url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/once`;
  const challenge = challengeIn(await fetch(url));
  const { header: Authorization } = await payChallenge(await shop.purse(), challenge);
  const pay = () => fetch(url, { headers: { Authorization, Prefer: 'return=minimal' } });
  isBroken = true;
  await expect(pay()).rejects.toThrow('fetch failed');
  isBroken = false;
  const opened = await fetch(url, { headers: { Cookie: cookieOf(await pay()) } });
  expect([opened.status, await opened.text()]).toEqual([200, '1']);
});

test.for([
  [200, 500, ''],
  [503, 503, 'Sorry!'],
] as const)(
  'a ticket is given back where Hono’s handler threw and the app answers %i',
  async ([said, status, body]) => {
    const shop = await openShop();
    const app = new Hono();
    let isUp = false;
    app.get('/once', shop.seller.hono(ROUTE) as MiddlewareHandler, (context) => {
      if (!isUp) throw new Error('the database is away');
      return context.text('a fortune');
    });
    app.onError((_, context) => context.text('Sorry!', said));
    const ask = (headers: Record<string, string> = {}) =>
      app.request('https://news.example/once', { headers });
    const challenge = challengeIn(await ask());
    const { header: Authorization } = await payChallenge(await shop.purse(), challenge);
    const Cookie = cookieOf(await ask({ Authorization, Prefer: 'return=minimal' }));
    const failed = await ask({ Cookie });
    expect([failed.status, await failed.text()]).toEqual([status, body]);
    isUp = true;
    expect(await (await ask({ Cookie })).text()).toBe('a fortune');
    expect((await ask({ Cookie })).status).toBe(402);
  },
);
