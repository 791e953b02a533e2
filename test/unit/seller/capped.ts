/** A shop with a cap, and readers who buy at what the cap leaves. */
import { expect } from 'vitest';
import { decodeOpaque } from '../../../src/protocol/challenge.ts';
import { micros } from '../../../src/protocol/money.ts';
import type { SellerOptions } from '../../../src/seller/index.ts';
import {
  challengeIn,
  makePurse,
  payChallenge,
  randomId,
  settlePurse,
  showHeader,
  type TestPurse,
} from '../../support/payer.ts';
import { codeOf, openShop, PAYTO, receiptOf, type Shop } from './shop.ts';

export const HOUR_MS = 3_600_000;
export const CAP = '0.05 USD/P1D';
export const CAP_MICROS = 50_000n;

export const urlOf = (item: number) => `https://news.example/articles/${item}`;

/** Buys at what the cap leaves, as the seller says it; undefined where nothing is due. */
export async function buy(shop: Shop, purse: TestPurse, item: number, amt = 20_000n) {
  const challenge = challengeIn(await shop.visit({}, urlOf(item)));
  const charge = await payChallenge(purse, challenge, { opening: { amt: micros(amt) } });
  const answer = await shop.pay(charge.header, urlOf(item));
  const receipt = answer.headers.has('Payment-Receipt') ? receiptOf(answer) : undefined;
  if (answer.status === 200) settlePurse(purse, charge);
  return { charge, answer, receipt: receipt?.token ?? '', claims: receipt?.claims };
}

export async function dueOf({
  answer,
}: Awaited<ReturnType<typeof buy>>): Promise<string | undefined> {
  expect(await codeOf(answer)).toBe('amount_mismatch');
  return decodeOpaque(challengeIn(answer).opaque ?? '').due;
}

export async function openCapped(options: Partial<SellerOptions> = {}) {
  const shop = await openShop({ cap: CAP }, options);
  const lim = micros(1_000_000n);
  return { shop, purse: await makePurse(shop.provider, PAYTO, { lim }) };
}

/** A shop of dear things, and two purses of one reader. */
export async function openDear(price = '0.19 USD') {
  const shop = await openShop({ cap: '0.20 USD/P1D', price });
  const sub = randomId();
  const lim = micros(5_000_000n);
  const first = await makePurse(shop.provider, PAYTO, { lim, sub });
  return { shop, first, second: await makePurse(shop.provider, PAYTO, { lim, sub }) };
}

/** Buys what takes its time to fail; `fail` lets it. */
export async function buyFailing(shop: Shop, purse: TestPurse, amt: bigint) {
  const started = Promise.withResolvers<void>();
  const failing = Promise.withResolvers<void>();
  shop.answerWith(async ({ url }) => {
    if (!url.endsWith('/404')) return new Response('the article');
    started.resolve();
    await failing.promise;
    return new Response('no', { status: 404 });
  });
  const answer = buy(shop, purse, 404, amt);
  await started.promise;
  return {
    fail: async () => {
      failing.resolve();
      return (await answer).answer;
    },
  };
}

export async function showAt(
  shop: Shop,
  purse: TestPurse,
  { item, bought }: { item: number; bought: Awaited<ReturnType<typeof buy>> },
) {
  const challenge = challengeIn(await shop.visit({}, urlOf(item)));
  return shop.pay(await showHeader(purse, bought, challenge), urlOf(item));
}
