/** Handing in by itself: often enough, at once when money nears its end, and one at a time. */
import { expect, it } from 'vitest';
import type { CollectResult } from '../../../../src/protocol/api.ts';
import { readCharge } from '../../../../src/protocol/charge.ts';
import type { CollectingOptions, CollectReport } from '../../../../src/seller/index.ts';
import { makePurse, START_MS, settlePurse } from '../../../support/payer.ts';
import { chargeFor42, openShop, PAYTO } from '../shop.ts';

const HOUR_MS = 3_600_000;
const DAY_SEC = 86_400;

/** A shop that hands in by itself to a provider which takes everything, on a timer of the test. */
async function openShopThatCollects(options: CollectingOptions = {}) {
  const bank = { isUp: true, refuses: false, batches: [] as number[], answer: async () => {} };
  const book = (token: string): CollectResult => {
    const { pur, seq, tot } = readCharge(token).claims;
    const result = { pur, seq, tot: `${tot}`, state: 'captured' } as const;
    return bank.refuses ? { ...result, state: 'refused', code: 'purse_not_found' } : result;
  };
  const take: typeof fetch = async (input, init) => {
    if (!String(input).includes('/v1/')) return shop.provider.fetch(input, init);
    if (!bank.isUp) throw new TypeError('fetch failed');
    const { charges } = JSON.parse(String(init?.body));
    if (charges.length > 0) bank.batches.push((shop.world.nowMs - START_MS) / HOUR_MS);
    await bank.answer();
    return Response.json({ results: charges.map(book) });
  };
  const shop = await openShop({}, { fetch: take });
  const reports: CollectReport[] = [];
  let planned = Promise.withResolvers<void>();
  const off = Promise.withResolvers<void>();
  const timer = { turn: () => {}, delayMs: Number.NaN, atMs: Number.NaN, off: off.promise };
  const collecting = shop.seller.startCollecting({
    onCollected: (report) => reports.push(report),
    after: (turn, delayMs) => {
      Object.assign(timer, { turn, delayMs, atMs: shop.world.nowMs + delayMs });
      planned.resolve();
      return off.resolve;
    },
    ...options,
  });
  await planned.promise;
  /** Lets the time pass that the collector waits, and its turn come to an end. */
  const takeTurn = async () => {
    planned = Promise.withResolvers<void>();
    shop.world.nowMs = timer.atMs;
    timer.turn();
    await planned.promise;
  };
  const passHours = async (hours: number) => {
    const untilMs = shop.world.nowMs + hours * HOUR_MS;
    while (timer.atMs <= untilMs) await takeTurn();
    shop.world.nowMs = untilMs;
  };
  const buy = async (lifeSec = 7 * DAY_SEC) => {
    const iat = Math.floor(shop.world.nowMs / 1000);
    const purse = await makePurse(shop.provider, PAYTO, { iat, exp: iat + lifeSec });
    const charge = await chargeFor42(purse);
    expect((await shop.pay(charge.header)).status).toBe(200);
    settlePurse(purse, charge);
  };
  return { bank, shop, reports, timer, collecting, takeTurn, passHours, buy };
}

it('it hands in at its start, and every twelve hours at least', async () => {
  const { bank, reports, passHours, buy } = await openShopThatCollects();
  expect(reports).toEqual([{ handed: 0, captured: [], refunds: 0, refused: [] }]);
  await buy();
  await passHours(11.9);
  expect(bank.batches).toEqual([]);
  await passHours(0.2);
  expect(bank.batches).toEqual([12]);
  await buy();
  await passHours(12);
  expect(bank.batches).toEqual([12, 24]);
});

it('everyMs: more often', async () => {
  const { bank, passHours, buy } = await openShopThatCollects({ everyMs: HOUR_MS });
  await buy();
  await passHours(1);
  await buy();
  await passHours(1);
  expect(bank.batches).toEqual([1, 2]);
});

it.each([0, 999, 13 * HOUR_MS, Number.NaN, 1000.5])('everyMs %d is refused', async (everyMs) => {
  const { seller } = await openShop();
  const refusal = expect.objectContaining({ code: 'option_invalid' });
  expect(() => seller.startCollecting({ everyMs })).toThrow(refusal);
});

it('a purse with less than a day left is handed in at the next look, with all others', async () => {
  const { bank, reports, takeTurn, buy, timer } = await openShopThatCollects();
  await buy();
  await buy(DAY_SEC - 1);
  expect(timer.delayMs).toBe(600_000);
  await takeTurn();
  expect(bank.batches).toHaveLength(1);
  expect(reports.at(-1)).toMatchObject({ handed: 2 });
  await takeTurn();
  expect(bank.batches).toHaveLength(1);
});

it('a purse is handed in when its last day begins', async () => {
  const { bank, passHours, buy } = await openShopThatCollects();
  await buy(DAY_SEC + 3 * 3600);
  await passHours(2.9);
  expect(bank.batches).toEqual([]);
  await passHours(0.5);
  expect(bank.batches).toHaveLength(1);
});

it('what the provider will not take is not sent at every look', async () => {
  const { bank, passHours, buy } = await openShopThatCollects();
  bank.refuses = true;
  await buy(3600);
  await passHours(11);
  expect(bank.batches).toHaveLength(1);
  await passHours(2);
  expect(bank.batches).toHaveLength(2);
});

it('a provider that is down is asked again later and later, then in time again', async () => {
  const { bank, shop, takeTurn, timer, passHours, buy } = await openShopThatCollects();
  await passHours(11.9);
  await buy();
  bank.isUp = false;
  const delays = [];
  await takeTurn();
  for (let count = 0; count < 8; count++) {
    delays.push(timer.delayMs / 1000);
    await takeTurn();
  }
  expect(delays).toEqual([30, 60, 120, 240, 480, 960, 1800, 1800]);
  expect(shop.world.errors.at(-1)).toMatchObject({ code: 'provider_unreachable' });
  bank.isUp = true;
  await takeTurn();
  expect(bank.batches).toHaveLength(1);
  expect(timer.delayMs).toBe(600_000);
});

it('a clock that is put back puts nothing off', async () => {
  const { bank, shop, timer, takeTurn, buy } = await openShopThatCollects();
  await buy();
  shop.world.nowMs -= 48 * HOUR_MS;
  timer.atMs = shop.world.nowMs;
  await takeTurn();
  expect(bank.batches).toHaveLength(1);
});

it('stop: nothing starts any more, and what is under way ends first', async () => {
  const { bank, shop, reports, timer, collecting, buy } = await openShopThatCollects();
  await buy();
  const arrived = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  bank.answer = () => {
    arrived.resolve();
    return answered.promise;
  };
  shop.world.nowMs += 12 * HOUR_MS;
  timer.turn();
  await arrived.promise;
  const stopped = collecting.stop();
  await timer.off;
  expect(reports).toHaveLength(1);
  answered.resolve();
  await stopped;
  expect(reports.at(-1)).toMatchObject({ handed: 1 });
  timer.delayMs = -1;
  await collecting.stop();
  expect(timer.delayMs).toBe(-1);
});

it('what the shop does with a report, now or later, is no failure to hand in', async () => {
  for (const onCollected of [
    () => {
      throw new Error('the figures are full');
    },
    () => Promise.reject(new Error('the figures are full')),
  ]) {
    const { shop, timer } = await openShopThatCollects({ onCollected });
    expect(timer.delayMs).toBe(600_000);
    await expect.poll(() => shop.world.errors).toEqual([new Error('the figures are full')]);
  }
});
