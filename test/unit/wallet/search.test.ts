import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { openWalletStore } from '../../../src/extension/store.ts';
import type { Micros } from '../../../src/protocol/money.ts';
import { catchUp, withHistory } from '../../../src/wallet/bookkeeping.ts';
import { dayOf, type Entry, spentBy } from '../../../src/wallet/entries.ts';
import type { WalletStore } from '../../../src/wallet/ports.ts';
import type { Ask, Payment } from '../../../src/wallet/rows.ts';
import {
  findEntries,
  type HistoryQuery,
  lastMonths,
  type Place,
  sumByMonth,
} from '../../../src/wallet/search.ts';

let databases = 0;
let store: WalletStore;
const newStore = () => withHistory(openWalletStore(`history-${++databases}`));
beforeEach(() => {
  store = newStore();
});

const NOON = new Date(2026, 10, 25, 12).getTime();

interface What {
  readonly id: string;
  readonly atMs?: number;
  readonly title?: string;
  readonly seller?: string;
  readonly amount?: bigint;
  readonly state?: Payment['state'];
  readonly undone?: boolean;
}

function bought({ id, atMs = NOON, title = id, seller = 'daily', amount = 20_000n, ...how }: What) {
  const terms = { amountMicros: amount as Micros, currency: 'USD', payto: `${seller}@pay.example` };
  const ask = { url: `https://${seller}.example/${id}`, title, sellerName: `The ${seller}`, terms };
  const state = how.state ?? 'paid';
  const undo = how.undone ? { undo: { state: 'granted' } as Payment['undo'] } : {};
  const rest = { itemKey: id, pending: 0, attempts: 0, opened: true } as const;
  return { id, atMs, ask: ask as Ask, state, ...rest, ...undo } satisfies Payment;
}

async function all(query: HistoryQuery): Promise<Entry[]> {
  const found: Entry[] = [];
  let after: Place | undefined;
  do {
    const part = await findEntries(store.entries, { ...query, after });
    found.push(...part.entries);
    after = part.next;
  } while (after);
  return found;
}

const idsOf = (entries: readonly Entry[]) => entries.map(({ id }) => id);

describe('the history', () => {
  it('shows the newest first, and what became of each', async () => {
    await store.payments.put(bought({ id: 'old', atMs: NOON - 1000 }));
    await store.payments.put(bought({ id: 'new', state: 'sending' }));
    const [first, second] = await all({});
    expect(first).toMatchObject({ id: 'new', state: 'waiting', host: 'daily.example' });
    expect(second).toMatchObject({ id: 'old', state: 'paid', sellerName: 'The daily' });
  });

  it('is looked through by words, seller, month and state', async () => {
    const lastMonth = new Date(2026, 9, 31, 23, 59).getTime();
    for (const what of [
      { id: 'tides', title: 'How tides work' },
      { id: 'reef', title: 'Reef sharks', seller: 'tunes' },
      { id: 'undone', title: 'How sharks work', undone: true },
      { id: 'october', title: 'How it was', atMs: lastMonth },
    ])
      await store.payments.put(bought(what));
    expect(idsOf(await all({ words: ' WORK how ' })).sort()).toEqual(['tides', 'undone']);
    expect(idsOf(await all({ words: 'tunes.example' }))).toEqual(['reef']);
    expect(idsOf(await all({ payto: 'tunes@pay.example' }))).toEqual(['reef']);
    expect(idsOf(await all({ month: '2026-10' }))).toEqual(['october']);
    expect(idsOf(await all({ state: 'undone' }))).toEqual(['undone']);
    expect(await all({ words: 'nothing of the kind' })).toEqual([]);
  });

  it('leaves none out and shows none twice, also of those that began at one moment', async () => {
    const moments = fc.array(fc.integer({ min: NOON, max: NOON + 5 }), { maxLength: 350 });
    await fc.assert(
      fc.asyncProperty(moments, async (times) => {
        store = newStore();
        await store.transaction(async ({ payments }) => {
          for (const [index, atMs] of times.entries())
            await payments.put(bought({ id: `${index}`, atMs }));
        });
        const found = await all({});
        expect(idsOf(found).sort()).toEqual(times.map((_, index) => `${index}`).sort());
        const begun = found.map(({ atMs }) => atMs);
        expect(begun).toEqual(begun.toSorted((a, b) => b - a));
      }),
      { numRuns: 5 },
    );
  });
});

describe('what a day came to', () => {
  it('is the sum of its entries, whatever became of each of them in whatever order', async () => {
    const what = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      seller: fc.constant('daily'),
      state: fc.constantFrom<Payment['state'][]>('intended', 'sending', 'paid', 'refused'),
      undone: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(what, { minLength: 1, maxLength: 20 }), async (steps) => {
        store = newStore();
        for (const step of steps) await store.payments.put(bought(step));
        const entries = await all({});
        const spent = entries.reduce((sum, entry) => sum + spentBy(entry), 0n);
        const day = dayOf(NOON);
        const tallies = await store.tallies.days(day, day);
        expect(tallies.reduce((sum, it) => sum + it.spentMicros, 0n)).toBe(spent);
        const counted = entries.filter((entry) => spentBy(entry) > 0n).length;
        expect(tallies.reduce((sum, it) => sum + it.count, 0)).toBe(counted);
      }),
      { numRuns: 25 },
    );
  });

  it('loses what is removed', async () => {
    await store.payments.put(bought({ id: 'a' }));
    await store.payments.put(bought({ id: 'b', amount: 50_000n }));
    await store.payments.remove('a');
    const day = dayOf(NOON);
    expect(await store.tallies.days(day, day)).toMatchObject([{ spentMicros: 50_000n, count: 1 }]);
    await store.payments.remove('b');
    expect(await store.tallies.days(day, day)).toEqual([]);
    expect(await all({})).toEqual([]);
  });

  it('is written with the payment or not at all', async () => {
    const broken = store.transaction(async ({ payments }) => {
      await payments.put(bought({ id: 'a' }));
      throw new RangeError('the worker dies here');
    });
    await expect(broken).rejects.toThrow('dies here');
    expect(await all({})).toEqual([]);
    expect(await store.payments.get('a')).toBeUndefined();
    expect(await store.tallies.days('2026-01-01', '2026-12-31')).toEqual([]);
  });

  it('is made for payments of a wallet that had no history, once', async () => {
    const former = openWalletStore(`history-${++databases}`);
    await former.payments.put(bought({ id: 'a' }));
    await former.payments.put(bought({ id: 'b', undone: true }));
    for (let time = 0; time < 2; time++) await catchUp(former);
    store = former;
    expect(idsOf(await all({})).sort()).toEqual(['a', 'b']);
    const day = dayOf(NOON);
    expect(await store.tallies.days(day, day)).toMatchObject([{ count: 1 }]);
  });

  it('makes months, a seller a line, under its newest name', () => {
    const tally = { payto: 'daily@pay.example', currency: 'USD', count: 1, key: '' };
    const spentMicros = 20_000n as Micros;
    expect(
      sumByMonth([
        { ...tally, day: '2026-11-25', sellerName: 'The New Daily', spentMicros },
        { ...tally, day: '2026-11-01', sellerName: 'The Daily', spentMicros },
        { ...tally, day: '2026-10-31', sellerName: 'The Daily', spentMicros },
      ]),
    ).toMatchObject([
      { month: '2026-10', sellerName: 'The Daily', spentMicros: 20_000n, count: 1 },
      { month: '2026-11', sellerName: 'The New Daily', spentMicros: 40_000n, count: 2 },
    ]);
  });
});

it('twelve months go back over the turn of a year', () => {
  const months = lastMonths(new Date(2026, 1, 28).getTime(), 4);
  expect(months).toEqual(['2025-11', '2025-12', '2026-01', '2026-02']);
});
