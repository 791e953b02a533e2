/** Offers that end (SPEC 3.8): nothing is charged afterwards, nothing that was bought is lost. */
import { expect, test } from 'vitest';
import type { RouteOptions } from '../../../src/seller/index.ts';
import {
  challengeIn,
  payChallenge,
  START_MS,
  settlePurse,
  showHeader,
  syncHeader,
  undoHeader,
} from '../../support/payer.ts';
import { chargeFor42, codeOf, cookieOf, openShop, receiptOf, rowOf, URL_42 } from './shop.ts';

const HOUR_MS = 3_600_000;
const END_MS = START_MS + HOUR_MS;
const expires = new Date(END_MS).toISOString();
const ROUTE = { expires, refund: 'PT2H' } as const;

const openUntil = (route: Partial<RouteOptions> = {}) => openShop({ ...ROUTE, ...route });

/** A shop at which the article was bought an hour before its offer ended. */
async function openAfterwards(route: Partial<RouteOptions> = {}) {
  const shop = await openUntil(route);
  const purse = await shop.purse();
  const charge = await payChallenge(purse, challengeIn(await shop.visit()));
  const answer = await shop.pay(charge.header);
  settlePurse(purse, charge);
  shop.world.nowMs = END_MS;
  return { shop, purse, charge, cookie: cookieOf(answer), receipt: receiptOf(answer).token };
}

test('no challenge outlives its offer, nor the ten minutes that all of them have', async () => {
  const shop = await openUntil();
  const lifeMs = async () => Date.parse(challengeIn(await shop.visit()).expires) - shop.world.nowMs;
  expect(await lifeMs()).toBe(600_000);
  shop.world.nowMs = END_MS - 60_000;
  expect(await lifeMs()).toBe(60_000);
});

test('a charge a millisecond before the end is good, and one at the end is not', async () => {
  const shop = await openUntil();
  const purse = await shop.purse();
  shop.world.nowMs = END_MS - 1;
  const challenge = challengeIn(await shop.visit());
  expect((await shop.pay((await payChallenge(purse, challenge)).header)).status).toBe(200);
  shop.world.nowMs = END_MS;
  const late = await shop.purse();
  expect(await codeOf(await shop.pay((await payChallenge(late, challenge)).header))).toBe(
    'offer_over',
  );
  expect(await rowOf(shop, late)).toBeUndefined();
});

test('a page that was drawn before pays nothing after the end', async () => {
  const shop = await openUntil({ refund: 'PT10M' });
  shop.world.nowMs = END_MS;
  const purse = await shop.purse();
  expect(await codeOf(await shop.pay((await chargeFor42(purse)).header))).toBe('offer_over');
  expect(await rowOf(shop, purse)).toBeUndefined();
});

test('a program and a browser that ask after the end hear that it is over', async () => {
  const shop = await openUntil();
  shop.world.nowMs = END_MS;
  expect(await codeOf(await shop.visit())).toBe('offer_over');
  const page = await shop.visit({ Accept: 'text/html' });
  const html = await page.text();
  expect(page.status).toBe(402);
  expect(html).toContain('This offer is over.');
  expect(html).not.toContain('data-fee-price');
  expect(shop.world.answers).toBe(0);
});

test('until then the page says until when, to people, wallets and search engines', async () => {
  const shop = await openUntil();
  const html = await (await shop.visit({ Accept: 'text/html' })).text();
  expect(html).toMatch(/offered until <bdi>Jan 15, 2027, 9:00\sAM UTC<\/bdi>/);
  expect(html).toContain('<meta name="fee:expires" content="2027-01-15T09:00:00Z">');
  expect(html).toContain('"validThrough":"2027-01-15T09:00:00Z"');
});

test('what was bought opens afterwards: by pass, by receipt, by its charge again', async () => {
  const { shop, purse, charge, cookie, receipt } = await openAfterwards();
  expect((await shop.visit({ Cookie: cookie })).status).toBe(200);
  expect(receiptOf(await shop.pay(charge.header)).token).toBe(receipt);
  const challenge = challengeIn(await shop.visit());
  expect(Date.parse(challenge.expires)).toBe(END_MS + 600_000);
  const shown = await shop.pay(await showHeader(purse, { charge, receipt }, challenge));
  expect(await shown.text()).toBe('the article');
});

test('afterwards a purse says how it stands, and undo is as agreed', async () => {
  const { shop, purse, charge, receipt } = await openAfterwards();
  const challenge = challengeIn(await shop.visit());
  const standing = await shop.pay(await syncHeader(purse, challenge, { prior: charge.token }));
  expect(await standing.json()).toMatchObject({ seq: 1 });
  expect((await shop.pay(await undoHeader(purse, { charge, receipt }))).status).toBe(200);
});

test('a cap that was reached opens no offer that is over', async () => {
  const second = URL_42.replace('42', '43');
  const { shop, purse, charge, receipt } = await openAfterwards({
    cap: '0.02 USD/P1D',
    expires: ({ url }) => (url === second ? expires : undefined),
  });
  const shown = async (url: string) => {
    const challenge = challengeIn(await shop.visit({}, url));
    return shop.pay(await showHeader(purse, { charge, receipt }, challenge), url);
  };
  expect(await codeOf(await shown(second))).toBe('offer_over');
  expect((await shown(URL_42.replace('42', '44'))).status).toBe(200);
});

test('what is free has no end', async () => {
  const shop = await openUntil();
  shop.world.price = 'free';
  shop.world.nowMs = END_MS;
  expect((await shop.visit()).status).toBe(200);
  const { header } = await chargeFor42(await shop.purse());
  expect(await codeOf(await shop.pay(header))).toBe('terms_changed');
});

test('an end with an offset is the same moment', async () => {
  const shop = await openUntil({ expires: '2027-01-15T10:00:00+01:00' });
  const html = await (await shop.visit({ Accept: 'text/html' })).text();
  expect(html).toContain('content="2027-01-15T09:00:00Z"');
});

test('an end that a route’s function spells wrongly is an error of the shop', async () => {
  const shop = await openUntil({ expires: () => 'tomorrow' });
  await expect(shop.visit()).rejects.toThrow(/^expires of a paid route: expires_malformed/);
});
