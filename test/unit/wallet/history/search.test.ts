import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { openWalletStore } from '../../../../src/extension/store.ts';
import type { Micros } from '../../../../src/protocol/money.ts';
import { catchUp, withHistory } from '../../../../src/wallet/history/bookkeeping.ts';
import { dayOf, type Entry, spentBy } from '../../../../src/wallet/history/entries.ts';
import {
  chartMonths,
  findEntries,
  type HistoryQuery,
  lastMonths,
  type Place,
} from '../../../../src/wallet/history/search.ts';
import { linesOf } from '../../../../src/wallet/history/sheets.ts';
import type { WalletStore } from '../../../../src/wallet/ports.ts';
import type { Ask, Payment } from '../../../../src/wallet/rows.ts';

let databases = 0;
let store: WalletStore;
const newStore = () => withHistory(openWalletStore(`history-${++databases}`));
beforeEach(() => {
  store = newStore();
});

const NOON = new Date(2026, 10, 25, 12).getTime();
const DAY_MS = 86_400_000;

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
    const part = await findEntries(store, { ...query, after });
    found.push(...part.entries);
    after = part.next;
  } while (after);
  return found;
}

/** Days, months and sheets say what the entries say. */
async function expectBooksToAgree(): Promise<void> {
  const entries = await store.entries.all();
  const spent = entries.reduce((sum, entry) => sum + spentBy(entry), 0n);
  const counted = entries.filter((entry) => spentBy(entry) > 0n).length;
  for (const table of [store.tallies, store.months]) {
    const tallies = await table.all();
    expect(tallies.reduce((sum, it) => sum + it.spentMicros, 0n)).toBe(spent);
    expect(tallies.reduce((sum, it) => sum + it.count, 0)).toBe(counted);
    expect(tallies.reduce((sum, it) => sum + it.entryCount, 0)).toBe(entries.length);
    expect(tallies.every(({ entryCount }) => entryCount > 0)).toBe(true);
  }
  const lines = (await store.sheets.all()).flatMap((sheet) => linesOf(sheet, []));
  const told = ({ id, state, day }: Pick<Entry, 'id' | 'state' | 'day'>) => `${id} ${state} ${day}`;
  expect(lines.map(told).sort()).toEqual(entries.map(told).sort());
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
      gone: fc.subarray(['a', 'b', 'c', 'd'], { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(what, { minLength: 1, maxLength: 20 }), async (steps) => {
        store = newStore();
        for (const { gone, ...step } of steps) {
          await store.payments.put(bought(step));
          await store.payments.removeAll(gone);
          await expectBooksToAgree();
        }
      }),
      { numRuns: 25 },
    );
  });

  it('loses what is removed', async () => {
    await store.payments.put(bought({ id: 'a' }));
    await store.payments.put(bought({ id: 'b', amount: 50_000n }));
    await store.payments.remove('a');
    const day = dayOf(NOON);
    expect(await store.tallies.within(day, day)).toMatchObject([
      { spentMicros: 50_000n, count: 1 },
    ]);
    await store.payments.remove('b');
    expect(await store.tallies.within(day, day)).toEqual([]);
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
    expect(await store.tallies.within('2026-01-01', '2026-12-31')).toEqual([]);
  });

  it('is made for payments of a wallet that had no history, once', async () => {
    const former = openWalletStore(`history-${++databases}`);
    await former.payments.put(bought({ id: 'a' }));
    await former.payments.put(bought({ id: 'b', undone: true }));
    for (let time = 0; time < 2; time++) await catchUp(former);
    store = former;
    expect(idsOf(await all({})).sort()).toEqual(['a', 'b']);
    const day = dayOf(NOON);
    expect(await store.tallies.within(day, day)).toMatchObject([{ count: 1, entryCount: 2 }]);
  });

  it('adds up wherever that was broken off, and when it went on', async () => {
    const former = openWalletStore(`history-${++databases}`);
    for (let day = 0; day < 5; day++)
      for (const id of ['a', 'b'])
        await former.payments.put(bought({ id: `${id}${day}`, atMs: NOON - day * DAY_MS }));
    let left = 3;
    const mortal: WalletStore = {
      ...former,
      transaction: (work) => {
        if (left-- === 0) throw new RangeError('the worker dies here');
        return former.transaction(work);
      },
    };
    await expect(catchUp(mortal)).rejects.toThrow('dies here');
    store = withHistory(former);
    expect(idsOf(await all({})).sort()).toEqual(['a0', 'a1', 'a2', 'b0', 'b1', 'b2']);
    await store.payments.put(bought({ id: 'a4', atMs: NOON - 4 * DAY_MS, undone: true }));
    await catchUp(former);
    expect(await all({})).toHaveLength(10);
    await expectBooksToAgree();
  });

  it('is kept by month as well, a seller a line, under its newest name', async () => {
    await store.payments.put(bought({ id: 'october', atMs: new Date(2026, 9, 31).getTime() }));
    await store.payments.put(bought({ id: 'a' }));
    const renamed = bought({ id: 'b' });
    await store.payments.put({ ...renamed, ask: { ...renamed.ask, sellerName: 'The New Daily' } });
    expect(await store.months.within('2026-01', '2026-12')).toMatchObject([
      { period: '2026-10', sellerName: 'The daily', spentMicros: 20_000n, count: 1 },
      { period: '2026-11', sellerName: 'The New Daily', spentMicros: 40_000n, count: 2 },
    ]);
    expect(await store.months.periods()).toEqual(['2026-10', '2026-11']);
  });
});

describe('what is written with a payment', () => {
  const row = { key: 'seller x', digest: '', atMs: 0 };

  it.each([1, 2, 5])('is of its transaction, and so is what follows %i of them', async (count) => {
    const failed = store.transaction(async ({ payments, marks }) => {
      for (let index = 0; index < count; index++) await payments.put(bought({ id: `p${index}` }));
      await marks.put(row);
      throw new RangeError('a death at the end');
    });
    await expect(failed).rejects.toThrow(RangeError);
    for (const table of ['payments', 'entries', 'tallies', 'months', 'sheets', 'marks'] as const)
      expect(await store[table].all()).toEqual([]);
  });

  it('is the payment alone where its entry says the same as before', async () => {
    const bare = openWalletStore(`history-${++databases}`);
    const written: string[] = [];
    const watched: WalletStore = {
      ...bare,
      transaction: (work) =>
        bare.transaction((tables) => {
          const noted = <T extends 'entries' | 'tallies' | 'months' | 'sheets'>(name: T) => {
            const put = tables[name].put as (row: unknown) => Promise<void>;
            const noting = (it: unknown) => {
              written.push(name);
              return put(it);
            };
            return { ...tables[name], put: noting };
          };
          const [entries, tallies] = [noted('entries'), noted('tallies')];
          const [months, sheets] = [noted('months'), noted('sheets')];
          return work({ ...tables, entries, tallies, months, sheets });
        }),
    };
    const { payments } = withHistory(watched);
    await payments.put(bought({ id: 'a', state: 'intended' }));
    expect(written.splice(0).sort()).toEqual(['entries', 'months', 'sheets', 'tallies']);
    await payments.put(bought({ id: 'a', state: 'sending' }));
    expect(written.splice(0)).toEqual([]);
    await payments.put(bought({ id: 'a' }));
    expect(written.splice(0).sort()).toEqual(['entries', 'months', 'sheets', 'tallies']);
  });
});

describe('a long history', () => {
  /** The rows that `work` reads, by table. */
  async function rowsRead(work: (tables: WalletStore) => Promise<unknown>) {
    const read: Record<string, number> = {};
    const counted = <T extends object>(table: T, name: string): T =>
      new Proxy(table, {
        get:
          (target, method) =>
          async (...args: unknown[]) => {
            const call = Reflect.get(target, method) as (...args: unknown[]) => Promise<unknown>;
            const rows = await call(...args);
            read[name] = (read[name] ?? 0) + (Array.isArray(rows) ? rows.length : 1);
            return rows;
          },
      });
    const names = ['payments', 'entries', 'tallies', 'months', 'sheets'] as const;
    const tables = Object.fromEntries(names.map((name) => [name, counted(store[name], name)]));
    await work({ ...store, ...tables });
    return read;
  }

  it('is not read: a screenful costs the same however many there are', async () => {
    const fill = async (count: number) => {
      store = newStore();
      await store.transaction(async ({ payments }) => {
        for (let index = 0; index < count; index++)
          await payments.put(bought({ id: `${index}`, atMs: NOON - index * 600_000 }));
      });
      return rowsRead((tables) => findEntries(tables, {}));
    };
    const few = await fill(150);
    expect(few).toEqual({ entries: 101 });
    expect(await fill(1200)).toEqual(few);
  });

  it('is looked through by its sheets, and only what is found is read in full', async () => {
    await store.transaction(async ({ payments }) => {
      for (let index = 0; index < 1200; index++) {
        const title = index === 1100 ? 'A rare Café' : 'How tides work';
        const atMs = NOON - index * 3_600_000;
        await payments.put(bought({ id: `${index}`, atMs, title }));
      }
    });
    const read = await rowsRead(async (tables) => {
      const { entries } = await findEntries(tables, { words: 'CAFE rare' });
      expect(idsOf(entries)).toEqual(['1100']);
    });
    expect(read).toEqual({ entries: 1, sheets: 51 });
    // What stands everywhere is found on the newest.
    const some = await rowsRead((tables) =>
      findEntries(tables, { words: 'tides', month: '2026-11' }),
    );
    expect(some.entries).toBe(100);
    expect(some.sheets).toBeLessThan(32);
  });
});

it('twelve months go back over the turn of a year', () => {
  const months = lastMonths(new Date(2026, 1, 28).getTime(), 4);
  expect(months).toEqual(['2025-11', '2025-12', '2026-01', '2026-02']);
});

it('a chart has the last twelve months, or the year of an older one', () => {
  const nowMs = new Date(2026, 10, 25).getTime();
  expect(chartMonths(nowMs, '2026-03')).toEqual(chartMonths(nowMs, undefined));
  expect(chartMonths(nowMs, '2024-03')).toMatchObject({ 0: '2024-01', 11: '2024-12', length: 12 });
});
