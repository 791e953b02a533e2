import { describe, expect, it, vi } from 'vitest';
import { isOver } from '../../../../src/wallet/history/forget.ts';
import type { Payment, Purse } from '../../../../src/wallet/rows.ts';
import { balancesOf } from '../../../support/hledger.ts';
import {
  buy,
  comeBack,
  openReader,
  safeReader,
  titles,
  useTown,
  yours,
} from '../../../support/keeping.ts';
import { PATIENCE } from '../../../support/patience.ts';
import { startShop } from '../../../support/shop.ts';
import { copyProfile, makeReader, pressOn, type Reader } from '../../../support/wallet.ts';

const town = useTown();
const DAY_MS = 86_400_000;

/** Nothing is set aside any more, nothing can be undone, and it is another day. */
async function letEnd(reader: Reader, payto = town.shop.payto): Promise<void> {
  await reader.wallet.takeBack(payto);
  reader.clock.aheadMs += DAY_MS;
}

/** All that the profile holds, as text. */
async function profileOf({ ports }: Reader): Promise<string> {
  const { transaction: _, ...tables } = ports.store;
  const rows = await Promise.all(Object.values(tables).map((table) => table.all()));
  return JSON.stringify(rows, (_key, value) => (typeof value === 'bigint' ? `${value}` : value));
}

const hostOf = ({ origin }: { origin: string }) => new URL(origin).host;

describe('what the reader wants forgotten', () => {
  it('goes with its titles, addresses and receipts, and takes no money along', async () => {
    const reader = await openReader(town);
    for (const path of ['/articles/secret-1', '/articles/secret-2'])
      await buy(reader, town.shop, path);
    await letEnd(reader);
    const before = await yours(reader);
    expect(await profileOf(reader)).toContain('secret-1');
    expect(await reader.wallet.foreseeForgetting(undefined)).toMatchObject({ now: 2, later: 0 });
    expect(await reader.wallet.forget(undefined)).toMatchObject({ now: 2, later: 0 });
    const profile = await profileOf(reader);
    for (const word of ['secret', hostOf(town.shop), town.shop.payto])
      expect(profile).not.toContain(word);
    expect(await yours(reader)).toBe(before);
    expect((await reader.wallet.spending(undefined)).sums).toEqual([]);
    expect(await reader.wallet.exportHistory('journal')).toContain('What was there before');
  });

  it('stays while it can be undone or has money set aside, and goes then by itself', async () => {
    const reader = await openReader(town);
    await buy(reader, town.shop, '/articles/young');
    expect(await reader.wallet.forget(undefined)).toMatchObject({ now: 0, later: 1 });
    await buy(reader, town.shop, '/articles/afterwards');
    await letEnd(reader);
    await reader.wallet.tidy();
    expect(await titles(reader)).toEqual(['afterwards']);
  });

  it('says by when it is gone, and is marked until then', async () => {
    const reader = await openReader(town);
    await buy(reader, town.shop, '/articles/going');
    const [purse] = await reader.ports.store.purses.all();
    const { clockOffsetMs } = (await reader.ports.store.account.get('account')) ?? {};
    const laterByMs = ((purse?.expiresAtSec ?? 0) + 96 * 3600) * 1000 - (clockOffsetMs ?? 0);
    expect(await reader.wallet.foreseeForgetting(undefined)).toEqual({
      ...{ now: 0, later: 1, laterByMs },
    });
    const marked = async () =>
      (await reader.wallet.history({})).entries.map(({ isGoing }) => isGoing);
    expect(await marked()).toEqual([undefined]);
    await reader.wallet.forget(undefined);
    await buy(reader, town.shop, '/articles/staying');
    expect(await marked()).toEqual([undefined, true]);
  });

  it('is in no copy from the moment of the wish, though it stays here for now', async () => {
    const { reader, secret } = await safeReader(town, '/articles/wished-away');
    expect(await reader.wallet.forget(undefined)).toMatchObject({ now: 0, later: 1 });
    await buy(reader, town.shop, '/articles/bought-since');
    await reader.wallet.refresh();
    expect(await titles(reader)).toEqual(['bought-since', 'wished-away']);
    expect(await titles(await comeBack(town.host, secret))).toEqual(['bought-since']);
  });

  it('is what was bought at one site, where one is named', async () => {
    const other = await startShop(town.provider.issuer, { handle: 'tunes' });
    const reader = await openReader(town);
    await buy(reader, town.shop, '/articles/here');
    await buy(reader, other, '/articles/there');
    await letEnd(reader);
    await letEnd(reader, other.payto);
    expect(await reader.wallet.forget(hostOf(town.shop))).toMatchObject({ now: 1, later: 0 });
    expect(await titles(reader)).toEqual(['there']);
    const { days, entries } = await reader.wallet.history({});
    expect(Object.values(days)).toEqual(['20000']);
    expect(entries).toHaveLength(1);
    await other.close();
  });

  it('leaves a journal that hledger adds up to what is yours', async () => {
    const other = await startShop(town.provider.issuer, { handle: 'songs' });
    const reader = await openReader(town);
    await buy(reader, town.shop, '/articles/here');
    await buy(reader, other, '/articles/there');
    const before = await balancesOf(await reader.wallet.exportHistory('journal'));
    expect(before).toMatch(/0\.040000 USD\s+expenses:farthing/);
    await letEnd(reader);
    await letEnd(reader, other.payto);
    await reader.wallet.forget(hostOf(town.shop));
    const after = await balancesOf(await reader.wallet.exportHistory('journal'));
    expect(after).toMatch(/0\.020000 USD\s+expenses:farthing/);
    const yoursIn = (balances: string) => /[\d.]+ USD\s+assets:farthing/.exec(balances)?.[0];
    expect(yoursIn(after)).toBe(yoursIn(before));
    expect(yoursIn(after)).toMatch(/^0\.210000 USD/);
    await other.close();
  });

  it('says how far it is, and never more than there is', async () => {
    const reader = await openReader(town);
    for (const path of ['/articles/one', '/articles/two']) {
      await buy(reader, town.shop, path);
      // Two months further on, so that it goes in a transaction of its own or with the other.
      reader.clock.aheadMs += 60 * DAY_MS;
    }
    await reader.wallet.takeBack(town.shop.payto);
    const told: number[] = [];
    const { now } = await reader.wallet.forget(undefined, (count) => told.push(count));
    expect(told.at(-1)).toBe(now);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });

  it('touches the marks of a copy only where there is one', async () => {
    const bare = await openReader(town);
    await buy(bare, town.shop, '/articles/uncopied');
    const { reader: safe } = await safeReader(town, '/articles/copied');
    const touched: boolean[] = [];
    for (const reader of [bare, safe]) {
      await letEnd(reader);
      const removed = vi.spyOn(reader.ports.store.marks, 'removeAll');
      expect(await reader.wallet.forget(undefined)).toMatchObject({ now: 1, later: 0 });
      touched.push(removed.mock.calls.length > 0);
    }
    expect(touched).toEqual([false, true]);
  });

  it('goes from the copy as well: a new profile does not find it', async () => {
    const { reader, secret } = await safeReader(town, '/articles/told', '/articles/told-too');
    await letEnd(reader);
    expect(await reader.wallet.forget(undefined)).toMatchObject({ now: 2, later: 0 });
    await buy(reader, town.shop, '/articles/kept');
    await reader.wallet.refresh();
    expect(await titles(await comeBack(town.host, secret))).toEqual(['kept']);
  });

  it('goes with the questions that were left open there, and no others', async () => {
    const other = await startShop(town.provider.issuer, { handle: 'asking' });
    const reader = await openReader(town);
    const ask = (shop: typeof other, tabId: number) =>
      reader.wallet.press({ ...pressOn(shop.origin, '/articles/x', { payto: shop.payto }), tabId });
    await ask(other, 1);
    await ask(town.shop, 2);
    const { atMs } = (await reader.ports.store.asks.all()).find(({ tabId }) => tabId === 2) ?? {};
    // However fast it is: in the same moment.
    vi.useFakeTimers({ toFake: ['Date'], now: atMs ?? 0 });
    await reader.wallet.forget(hostOf(town.shop));
    vi.useRealTimers();
    expect((await reader.ports.store.asks.all()).map(({ tabId }) => tabId)).toEqual([1]);
    await other.close();
  });

  it('is found also where the history of a former version is not made yet', async () => {
    const other = await startShop(town.provider.issuer, { handle: 'former' });
    const reader = await openReader(town);
    await buy(reader, town.shop, '/articles/former');
    await buy(reader, other, '/articles/elsewhere');
    await letEnd(reader);
    await letEnd(reader, other.payto);
    const { entries, tallies, months, sheets, purses } = reader.ports.store;
    for (const { id } of await entries.all()) await entries.remove(id);
    for (const table of [tallies, months, sheets])
      for (const { key } of await table.all()) await table.remove(key);
    expect(await reader.wallet.foreseeForgetting(undefined)).toMatchObject({ now: 2, later: 0 });
    expect(await reader.wallet.forget(hostOf(town.shop))).toMatchObject({ now: 1, later: 0 });
    expect((await purses.all()).map(({ payto }) => payto)).toEqual([other.payto]);
    await other.close();
  });

  it('is in no copy that was being made meanwhile', async () => {
    const { secret, reader: first } = await safeReader(town);
    let isOffline = false;
    let wished: Promise<unknown> | undefined;
    const reader = makeReader('wallet-forgetful', (ports) => ({
      ...ports,
      fetch: async (input, init, tabId) => {
        const isCopying = init?.method === 'POST' && input.includes('/v1/history');
        if (isOffline && isCopying) throw new TypeError('offline');
        return ports.fetch(input, init, tabId);
      },
      store: {
        ...ports.store,
        keeps: {
          ...ports.store.keeps,
          put: async (row) => {
            if (row.key === 'outbox' && !wished) {
              isOffline = true;
              wished = reader.wallet.forget(undefined);
              await vi.waitUntil(() => ports.store.keeps.get('erasing'), PATIENCE);
            }
            await ports.store.keeps.put(row);
          },
        },
      },
    }));
    await copyProfile(first, reader);
    await buy(reader, town.shop, '/articles/half-copied');
    await letEnd(reader);
    await reader.wallet.setCopy('on').catch(() => undefined);
    await wished;
    isOffline = false;
    await reader.wallet.refresh();
    expect(await titles(await comeBack(town.host, secret))).toEqual([]);
  });

  it('does not come back by the copy of another browser', async () => {
    const { reader, secret } = await safeReader(town, '/articles/mine');
    const tablet = await comeBack(town.host, secret);
    expect(await titles(tablet)).toEqual(['mine']);
    await letEnd(reader);
    expect(await reader.wallet.forget(undefined)).toMatchObject({ now: 1, later: 0 });
    await tablet.wallet.setCopy('off');
    await tablet.wallet.setCopy('on');
    await reader.wallet.refresh();
    expect(await titles(reader)).toEqual([]);
  });

  it('is not what waits to be heard of, whatever its age', async () => {
    const reader = await openReader(town);
    await buy(reader, town.shop, '/articles/waits');
    await letEnd(reader);
    const [payment] = await reader.ports.store.payments.all();
    if (!payment) throw new TypeError('It was bought');
    await reader.ports.store.payments.put({ ...payment, state: 'sending', pending: 1 });
    expect(await reader.wallet.forget(undefined)).toMatchObject({ now: 0, later: 1 });
    expect(await reader.ports.store.payments.get(payment.id)).toBeDefined();
  });
});

describe('what is still needed', () => {
  const at = {
    todayMs: 2_000_000,
    tomorrowMs: 9_000_000,
    providerNowMs: 3_000_000,
    clockOffsetMs: 0,
  };
  const paid = { state: 'paid', pending: 0, atMs: 1_000_000 } as Payment;
  const closed = { state: 'closed' } as Purse;

  it.each<[string, Partial<Payment>, Partial<Purse>]>([
    ['is under way', { pending: 1 }, {}],
    ['was signed and not answered', { state: 'sending' }, {}],
    ['was bought today', { atMs: 2_000_000 }, {}],
    ['is being undone', { undo: { state: 'asked', token: '' } }, {}],
    ['was undone, and is not back', { undo: { state: 'granted', token: '' } }, {}],
    ['makes the rest of a period free', { freeUntilSec: 3_001 }, {}],
    ['was paid by a purse that is open', {}, { state: 'open' }],
    ['was paid by a purse that comes back when it ends', {}, { state: 'retired' }],
    ['was paid by a purse that is being closed', {}, { state: 'closing' }],
  ])('is what %s', (_, payment, purse) => {
    expect(isOver(paid, closed, at)).toBe(true);
    expect(isOver({ ...paid, ...payment }, { ...closed, ...purse }, at)).toBe(false);
  });
});
