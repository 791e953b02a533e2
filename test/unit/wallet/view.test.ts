import { expect, it } from 'vitest';
import { monthOf } from '../../../src/wallet/history/entries.ts';
import { buy, openReader, useTown } from '../../support/keeping.ts';

const town = useTown();

it('names the month before, where something was bought in it', async () => {
  const reader = await openReader(town);
  const lastMonth = async () => (await reader.wallet.view()).lastMonth;
  expect(await lastMonth()).toBeUndefined();
  await buy(reader, town.shop, '/articles/tides');
  expect(await lastMonth()).toBeUndefined();
  const now = new Date();
  const next = (months: number) =>
    new Date(now.getFullYear(), now.getMonth() + months, 15).getTime() - now.getTime();
  reader.clock.aheadMs = next(1);
  expect(await lastMonth()).toBe(monthOf(now.getTime()));
  reader.clock.aheadMs = next(2);
  expect(await lastMonth()).toBeUndefined();
});

it('offers one click where something was bought, unless its seller is blocked', async () => {
  const reader = await openReader(town);
  const { host } = new URL(town.shop.origin);
  expect(await reader.wallet.clickOffer(host)).toBeUndefined();
  await buy(reader, town.shop, '/articles/tides');
  const [bought] = (await reader.wallet.view()).latest;
  const limits = { item: '50000', day: '500000', currency: 'USD' };
  expect(await reader.wallet.clickOffer(host)).toEqual({ paymentId: bought?.id, ...limits });
  expect(await reader.wallet.clickOffer('elsewhere.example')).toBeUndefined();
  await reader.wallet.setRule({ payto: town.shop.payto, host, rule: { kind: 'block' } });
  expect(await reader.wallet.clickOffer(host)).toBeUndefined();
});

it('never shows an amount in two places, whatever is being booked', async () => {
  const reader = await openReader(town);
  const shown: number[] = [];
  let isOver = false;
  const looking = (async () => {
    while (!isOver) shown.push(Number((await reader.wallet.view()).yours));
  })();
  // With the third, more is set aside by the way.
  for (const name of ['one', 'two', 'three', 'four', 'five'])
    await buy(reader, town.shop, `/articles/${name}`);
  isOver = true;
  await looking;
  expect(shown.length).toBeGreaterThan(5);
  expect(shown).toEqual(shown.toSorted((a, b) => b - a));
  expect(shown[0]).toBe(250_000);
  expect(Number((await reader.wallet.view()).yours)).toBe(150_000);
});
