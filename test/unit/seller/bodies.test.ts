import { expect, test } from 'vitest';
import { micros } from '../../../src/protocol/money.ts';
import type { RouteOptions } from '../../../src/seller/index.ts';
import { challengeIn, payChallenge, showHeader, type TestPurse } from '../../support/payer.ts';
import { codeOf, cookieOf, openShop, receiptOf, type Shop } from './shop.ts';

const URL_SEARCH = 'https://news.example/search';
const ROUTE = { duration: 'PT0S', refund: 'none', price: '0.001 USD' } as const;

/** A shop that answers with what it was asked. */
async function openSearch(route: Partial<RouteOptions> = ROUTE): Promise<Shop> {
  const shop = await openShop(route);
  shop.answerWith(async (request) => new Response(`found ${await request.text()}`));
  return shop;
}

function post(shop: Shop, body: string, headers: Record<string, string> = {}) {
  return shop.visit(headers, URL_SEARCH, 'POST', body);
}

async function payFor(shop: Shop, purse: TestPurse, body: string) {
  const challenge = challengeIn(await post(shop, body));
  const { digest } = challenge;
  return payChallenge(purse, challenge, { opening: { digest } });
}

test('a body is sold with the digest that stands in its challenge', async () => {
  const shop = await openSearch();
  const challenge = challengeIn(await post(shop, 'tides'));
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode('tides'));
  expect(challenge.digest).toBe(`sha-256=:${Buffer.from(hash).toString('base64')}:`);
  const charge = await payFor(shop, await shop.purse(), 'tides');
  const answer = await post(shop, 'tides', { Authorization: charge.header });
  expect(await answer.text()).toBe('found tides');
  expect(receiptOf(answer).claims).toMatchObject({ seq: 1, amt: 1_000n });
});

test('what was paid for one body buys no other, the first time or again', async () => {
  const shop = await openSearch();
  const purse = await shop.purse();
  const { header: Authorization } = await payFor(shop, purse, 'tides');
  expect(await codeOf(await post(shop, 'reefs', { Authorization }))).toBe('digest_mismatch');
  expect(await shop.store.get(purse.id)).toBeUndefined();
  await post(shop, 'tides', { Authorization });
  expect(await codeOf(await post(shop, 'reefs', { Authorization }))).toBe('used');
  expect(shop.world.answers).toBe(1);
});

test('what was paid for one body opens no other, by pass or receipt', async () => {
  const shop = await openSearch({ price: '0.001 USD', duration: 'P365D' });
  const purse = await shop.purse();
  const charge = await payFor(shop, purse, 'tides');
  const bought = await post(shop, 'tides', { Authorization: charge.header });
  expect(bought.headers.getSetCookie()).toEqual([]);
  const receipt = receiptOf(bought).token;
  const show = async (body: string) => {
    const challenge = challengeIn(await post(shop, body));
    const Authorization = await showHeader(purse, { charge, receipt }, challenge);
    return post(shop, body, { Authorization, Prefer: 'return=minimal' });
  };
  expect(await codeOf(await show('reefs'))).toBe('digest_mismatch');
  const shown = await show('tides');
  expect(await shown.text()).toBe('found tides');
  expect(shown.headers.getSetCookie()).toEqual([]);
});

test('a pass for the page of an address opens no answer to a body there', async () => {
  const shop = await openSearch({ price: '0.001 USD', duration: 'P365D' });
  const charge = await payChallenge(
    await shop.purse(),
    challengeIn(await shop.visit({}, URL_SEARCH)),
  );
  const Cookie = cookieOf(await shop.pay(charge.header, URL_SEARCH));
  shop.world.nowMs += 3_600_000;
  for (const method of ['GET', 'HEAD'])
    expect((await shop.visit({ Cookie }, URL_SEARCH, method)).status).toBe(200);
  expect(await codeOf(await post(shop, 'reefs', { Cookie }))).toBe('payment_required');
  expect(shop.world.answers).toBe(3);
});

test('what is free under a cap is so for bodies too', async () => {
  const cap = '0.001 USD/P1D';
  const shop = await openSearch({ price: '0.002 USD', duration: 'P365D', cap });
  const challenge = challengeIn(await post(shop, 'tides'));
  const opening = { digest: challenge.digest, amt: micros(1_000n) };
  const charge = await payChallenge(await shop.purse(), challenge, { opening });
  const bought = await post(shop, 'tides', { Authorization: charge.header });
  const found = await post(shop, 'reefs', { Cookie: cookieOf(bought) });
  expect(await found.text()).toBe('found reefs');
});

test('an opening that names another body than the challenge is refused', async () => {
  const shop = await openSearch();
  const challenge = challengeIn(await post(shop, 'tides'));
  const { header: Authorization } = await payChallenge(await shop.purse(), challenge);
  expect(await codeOf(await post(shop, 'tides', { Authorization }))).toBe('digest_mismatch');
});

test('a body over a megabyte is refused before it is priced', async () => {
  const shop = await openSearch();
  const answer = await post(shop, 'x'.repeat(1_000_001));
  expect(answer.status).toBe(413);
  expect(shop.world.answers).toBe(0);
});

test('a POST without a body is sold as one with an empty body', async () => {
  const shop = await openSearch();
  const purse = await shop.purse();
  const { header: Authorization } = await payFor(shop, purse, '');
  expect(await (await post(shop, '', { Authorization })).text()).toBe('found ');
});
