/**
 * Wallet, seller and provider together in Node, over real HTTP: each pays what was signed, once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningProvider, startProvider } from '../../src/provider/main.ts';
import { type RunningShop, startShop } from '../support/shop.ts';
import { makeReader, pressOn, type Reader } from '../support/wallet.ts';

let folder: string;
let provider: RunningProvider;
let shop: RunningShop;
let reader: Reader;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farthing-test-'));
  provider = await startProvider({ dataDir: folder, port: 0 });
});

afterAll(async () => {
  await provider.close();
  await rm(folder, { recursive: true, force: true });
});

let handles = 0;

beforeEach(async () => {
  shop = await startShop(provider.issuer, { handle: `daily-${++handles}` });
  reader = makeReader();
  await reader.wallet.open(new URL(provider.issuer).host);
  reader.requests.length = 0;
});

afterEach(() => shop.close());

const press = (path: string, price = '0.02 USD') =>
  pressOn(shop.origin, path, { payto: shop.payto, price });

async function yes(path: string, remember = false) {
  const decision = await reader.wallet.press(press(path));
  if (decision.kind !== 'ask') throw new Error(`asked: ${decision.kind}`);
  return reader.wallet.pay({ askId: decision.ask.id, remember });
}

describe('buying', () => {
  it('a yes costs two requests, a click at a known seller one, what is bought none', async () => {
    const decision = await reader.wallet.press(press('/articles/a'));
    if (decision.kind !== 'ask') throw new Error(`asked: ${decision.kind}`);
    reader.requests.length = 0;

    const outcome = await reader.wallet.pay({ askId: decision.ask.id, remember: true });
    expect(outcome.kind).toBe('paid');
    expect(reader.requests).toEqual(['POST /v1/purses', 'GET /articles/a']);
    expect(reader.opened).toMatchObject([{ url: `${shop.origin}/articles/a`, tabId: 7 }]);

    reader.requests.length = 0;
    expect((await reader.wallet.press(press('/articles/b'))).kind).toBe('paid');
    expect(reader.requests).toEqual(['GET /articles/b']);

    reader.requests.length = 0;
    expect((await reader.wallet.press(press('/articles/a'))).kind).toBe('owned');
    expect(reader.requests).toEqual([]);
    expect(await shop.accepted()).toEqual({ charges: 2, totalMicros: 40_000n });
  });

  it('what is yours is what was given less what was paid, set aside or not', async () => {
    await yes('/articles/a');
    const view = await reader.wallet.view();
    expect(view).toMatchObject({ yours: '230000', aside: '30000', asideSellers: 1 });
    expect(view.latest).toMatchObject([{ title: 'Article /articles/a', state: 'paid' }]);
  });

  it('the purse grows when it no longer covers the price, and nothing is lost', async () => {
    await yes('/articles/1', true);
    for (const name of ['2', '3', '4', '5', '6']) {
      reader.clock.aheadMs += 10_000;
      expect((await reader.wallet.press(press(`/articles/${name}`))).kind).toBe('paid');
    }
    expect(await shop.accepted()).toEqual({ charges: 6, totalMicros: 120_000n });
    expect((await reader.wallet.view()).yours).toBe('130000');
  });

  it('two yeses to one question are one payment', async () => {
    const decision = await reader.wallet.press(press('/articles/a'));
    if (decision.kind !== 'ask') throw new Error(`asked: ${decision.kind}`);
    const answer = { askId: decision.ask.id, remember: false };
    await Promise.allSettled([reader.wallet.pay(answer), reader.wallet.pay(answer)]);
    expect(await shop.accepted()).toEqual({ charges: 1, totalMicros: 20_000n });
  });

  it('parallel clicks at one seller are paid one after the other', async () => {
    await yes('/articles/0', true);
    const names = ['1', '2', '3', '4'];
    const outcomes = await Promise.all(
      names.map((name) => reader.wallet.press(press(`/articles/${name}`))),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(names.map(() => 'paid'));
    expect(await shop.accepted()).toEqual({ charges: 5, totalMicros: 100_000n });
  });

  it('past the seller’s daily limit a click asks again', async () => {
    await yes('/articles/0', true);
    await reader.wallet.topUp('5000000');
    for (let n = 1; n < 25; n++) {
      reader.clock.aheadMs += 10_000;
      await reader.wallet.press(press(`/articles/${n}`));
    }
    reader.clock.aheadMs += 10_000;
    expect(await reader.wallet.press(press('/articles/25'))).toMatchObject({
      kind: 'ask',
      ask: { reasons: ['over-seller-day'] },
    });
    expect((await shop.accepted()).totalMicros).toBe(500_000n);
  });
});

describe('what is not payable is said, and nothing is charged', () => {
  it.each([
    ['a malformed price', { price: '2 cents' }, 'price_malformed'],
    ['another wallet service', { payto: 'a@pay.example' }, 'provider_unknown'],
    ['an unknown seller', { payto: 'nobody@HOST' }, 'seller_unknown'],
    ['another currency', { price: '0.02 EUR' }, 'currency_unsupported'],
  ])('%s', async (_, fields, code) => {
    const payto = (fields as { payto?: string }).payto ?? shop.payto;
    const here = { ...fields, payto: payto.replace('HOST', new URL(provider.issuer).host) };
    const decision = await reader.wallet.press(pressOn(shop.origin, '/articles/a', here));
    expect(decision).toMatchObject({ kind: 'unpayable', code });
    expect(await shop.accepted()).toEqual({ charges: 0, totalMicros: 0n });
  });

  it('a site that is not the seller’s own', async () => {
    const decision = await reader.wallet.press(
      pressOn('http://evil.localhost:1', '/articles/a', { payto: shop.payto }),
    );
    expect(decision).toMatchObject({ kind: 'unpayable', code: 'origin_not_listed' });
  });

  it('a link to another site is left to that site', async () => {
    const decision = await reader.wallet.press({
      ...press('/articles/a'),
      href: 'http://other.localhost:1/x',
    });
    expect(decision.kind).toBe('elsewhere');
  });

  it('not enough money shows what is missing; after a top-up it is paid', async () => {
    shop.prices['/articles/dear'] = '0.43 USD';
    const view = await reader.wallet.offer(press('/articles/dear', '0.43 USD'));
    expect(view).toMatchObject({ kind: 'ask', short: '180000' });
    await reader.wallet.topUp('5000000');
    const again = await reader.wallet.offer(press('/articles/dear', '0.43 USD'));
    expect(again).toMatchObject({ kind: 'ask', short: undefined });
  });

  it('a price that went up since the page was drawn is asked again', async () => {
    shop.prices['/articles/a'] = '0.03 USD';
    const outcome = await yes('/articles/a');
    if (outcome.kind !== 'ask') throw new Error(outcome.kind);
    expect(await shop.accepted()).toEqual({ charges: 0, totalMicros: 0n });
    expect(outcome.ask).toMatchObject({ formerMicros: 20_000n, terms: { amountMicros: 30_000n } });
    await reader.wallet.pay({ askId: outcome.ask.id, remember: false });
    expect(await shop.accepted()).toEqual({ charges: 1, totalMicros: 30_000n });
  });

  it('a price that went down is paid as it is now', async () => {
    shop.prices['/articles/a'] = '0.01 USD';
    expect((await yes('/articles/a')).kind).toBe('paid');
    expect(await shop.accepted()).toEqual({ charges: 1, totalMicros: 10_000n });
  });
});

describe('when an answer does not come', () => {
  it.each(['lose-reply', 'bad-gateway'] as const)(
    '%s: the same charge again, paid once',
    async (fault) => {
      shop.faults.push(fault);
      const outcome = await yes('/articles/a');
      expect(outcome.kind).toBe('waiting');
      expect(reader.opened).toEqual([]);
      await reader.passTime();
      expect(reader.opened).toHaveLength(1);
      expect(await shop.accepted()).toEqual({ charges: 1, totalMicros: 20_000n });
      expect((await reader.wallet.view()).yours).toBe('230000');
    },
  );

  it('a redirect of a request with a charge is not followed and resolves nothing', async () => {
    shop.faults.push('redirect');
    expect((await yes('/articles/a')).kind).toBe('waiting');
    expect(await shop.accepted()).toEqual({ charges: 0, totalMicros: 0n });
    await reader.passTime();
    expect(await shop.accepted()).toEqual({ charges: 1, totalMicros: 20_000n });
  });

  it('an unknown outcome holds what is set aside: the next asks, then both are paid', async () => {
    await yes('/articles/a', true);
    shop.faults.push('lose-reply', 'lose-reply');
    expect((await reader.wallet.press(press('/articles/b'))).kind).toBe('waiting');
    const next = await reader.wallet.press(press('/articles/c'));
    if (next.kind !== 'ask') throw new Error(next.kind);
    expect(next.ask.reasons).toEqual(['unresolved']);
    await reader.passTime();
    await reader.wallet.pay({ askId: next.ask.id, remember: false });
    expect(await shop.accepted()).toEqual({ charges: 3, totalMicros: 60_000n });
  });

  it('a wallet whose clock is ten years off pays all the same', async () => {
    reader.clock.aheadMs = 10 * 365 * 86_400_000;
    await reader.wallet.refresh();
    expect((await yes('/articles/a')).kind).toBe('paid');
    expect((await reader.wallet.press(press('/articles/a'))).kind).toBe('owned');
  });
});

it('what accumulated is handed in as one, and the provider’s balance says so', async () => {
  await yes('/articles/a', true);
  await reader.wallet.press(press('/articles/b'));
  const report = await shop.seller.collect();
  expect(report).toEqual({
    handed: 1,
    refunds: 0,
    captured: [{ amountMicros: 40_000n, currency: 'USD' }],
    refused: [],
  });
  expect(await shop.seller.collect()).toEqual({ handed: 0, captured: [], refunds: 0, refused: [] });
  await reader.wallet.refresh();
  expect((await reader.wallet.view()).yours).toBe('210000');
});

it('what was bought opens again where its pass is lost: its receipt is shown', async () => {
  const outcome = await yes('/articles/a', true);
  if (outcome.kind !== 'paid') throw new Error(outcome.kind);
  await reader.wallet.press(press('/articles/b'));
  reader.requests.length = 0;
  const again = await reader.wallet.reopen({ paymentId: outcome.payment.id, tabId: 9 });
  expect(again.kind).toBe('paid');
  const sent = reader.requests.filter((request) => request.startsWith('GET'));
  expect(sent).toEqual(['GET /articles/a', 'GET /articles/a']);
  expect(reader.opened.at(-1)).toMatchObject({ url: `${shop.origin}/articles/a`, tabId: 9 });
  expect((await shop.accepted()).totalMicros).toBe(40_000n);
  expect(shop.log.slice(-2)).toEqual(['GET /articles/a 402', 'GET /articles/a 204 paid']);
});
