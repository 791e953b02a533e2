/**
 * Keeps the history beside the payments: with each payment that is written its entry is, its line
 * of a sheet, and the tallies of its day and month, in one transaction, so that they never say
 * anything else.
 */

import { readKeep } from '../account/keeps.ts';
import type { PaymentTable, SheetTable, Tables, TallyTable, WalletStore } from '../ports.ts';
import type { Payment } from '../rows.ts';
import {
  type Change,
  type Entry,
  emptyTally,
  entryOf,
  isSameEntry,
  type Tally,
  tallied,
} from './entries.ts';
import { momentsOf, rewritten, sheetKeyOf, withoutLines } from './sheets.ts';

/**
 * The tables' own promises are chained, and no function here is async: inside a transaction of
 * IndexedDB a promise of another kind may come too late.
 */
function keep(tables: Tables, payment: Payment): Promise<void> {
  return tables.payments.put(payment).then(() => record(tables, payment));
}

const nothing = () => undefined;

/** Most of what becomes of a payment changes nothing that its entry says. */
function record(tables: Tables, payment: Payment): Promise<void> {
  const { entries } = tables;
  return entries.get(payment.id).then((before) => {
    const after = entryOf(payment, before);
    if (before && isSameEntry(before, after)) return undefined;
    return Promise.all([entries.put(after), count(tables, after, { before, after })]).then(nothing);
  });
}

/** However many go at once, each sum and each sheet is written once. */
function forget(tables: Tables, ids: readonly string[]): Promise<void> {
  const { entries, payments, tallies, months, sheets } = tables;
  return entries.among(ids).then((gone) =>
    payments
      .removeAll(ids)
      .then(() => entries.removeAll(ids))
      .then(() => takeOff(tallies, gone, ({ day }) => day))
      .then(() => takeOff(months, gone, ({ day }) => day.slice(0, 7)))
      .then(() => strike(sheets, gone)),
  );
}

/** What is gone is taken off the sums of its periods; a sum of nothing goes too. */
function takeOff(
  table: TallyTable,
  gone: readonly Entry[],
  periodOf: (entry: Entry) => string,
): Promise<void> {
  const periods = gone.map(periodOf).sort();
  const [first, last] = [periods[0], periods.at(-1)];
  if (first === undefined || last === undefined) return Promise.resolve();
  return table.within(first, last).then((known) => {
    const sums = new Map(known.map((sum) => [sum.key, sum]));
    const touched = new Map<string, Tally>();
    for (const before of gone) {
      const empty = emptyTally(before, periodOf(before));
      const sum = touched.get(empty.key) ?? sums.get(empty.key) ?? empty;
      touched.set(empty.key, tallied(sum, { before }));
    }
    const all = [...touched.values()];
    const over = all.filter(({ entryCount }) => entryCount === 0).map(({ key }) => key);
    const left = all.filter(({ entryCount }) => entryCount !== 0);
    return table.removeAll(over).then(() => table.putAll(left));
  });
}

/** The sheets of what is gone, without its lines. */
function strike(table: SheetTable, gone: readonly Entry[]): Promise<void> {
  const byKey = Map.groupBy(gone, ({ atMs }) => sheetKeyOf(atMs));
  const ids = new Set(gone.map(({ id }) => id));
  return Promise.all([...byKey.keys()].map((key) => table.get(key))).then((known) => {
    const next = known.flatMap((sheet) =>
      sheet ? [{ ...sheet, text: withoutLines(sheet.text, ids) }] : [],
    );
    const over = next.filter(({ text }) => text === '').map(({ key }) => key);
    return table.removeAll(over).then(() => table.putAll(next.filter(({ text }) => text !== '')));
  });
}

/** What a change of `entry` is to the sums, and to what is looked through. */
function count(tables: Tables, entry: Entry, change: Change): Promise<void> {
  const { tallies, months } = tables;
  return Promise.all([
    tally(tallies, entry.day, entry, change),
    tally(months, entry.day.slice(0, 7), entry, change),
    write(tables, entry),
  ]).then(nothing);
}

function tally(table: TallyTable, period: string, entry: Entry, change: Change): Promise<void> {
  const empty = emptyTally(entry, period);
  return table.get(empty.key).then((known) => table.put(tallied(known ?? empty, change)));
}

function write({ sheets }: Tables, entry: Entry): Promise<void> {
  const key = sheetKeyOf(entry.atMs);
  return sheets
    .get(key)
    .then((known) => sheets.put({ key, text: rewritten(known?.text ?? '', entry) }));
}

/** @param within runs what is to be one transaction */
function kept(
  payments: PaymentTable,
  within: (work: (tables: Tables) => Promise<void>) => Promise<void>,
): PaymentTable {
  return {
    ...payments,
    put: (payment) => within((tables) => keep(tables, payment)),
    remove: (id) => within((tables) => forget(tables, [id])),
    putAll: (all) =>
      within((tables) =>
        all.reduce((before, it) => before.then(() => keep(tables, it)), Promise.resolve()),
      ),
    removeAll: (ids) => within((tables) => forget(tables, ids)),
  };
}

/** The same store, whose payments bring their history along. */
export function withHistory(store: WalletStore): WalletStore {
  return {
    ...store,
    payments: kept(store.payments, (work) => store.transaction(work)),
    transaction: (work) =>
      store.transaction((tables) =>
        work({ ...tables, payments: kept(tables.payments, (inner) => inner(tables)) }),
      ),
  };
}

/** One sheet's payments get their history, and it is noted how far that went. */
async function catchUpOn(tables: Tables): Promise<boolean> {
  const mark = await readKeep(tables, 'catching-up');
  const untilMs = mark?.untilMs ?? Number.MAX_SAFE_INTEGER;
  const [newest] = untilMs === 0 ? [] : await tables.payments.latest(1, untilMs);
  if (!newest) {
    await tables.keeps.put({ key: 'catching-up', untilMs: 0 });
    return false;
  }
  const { fromMs } = momentsOf(sheetKeyOf(newest.atMs));
  const firstMs = Math.min(fromMs, newest.atMs);
  for (const payment of await tables.payments.since(firstMs, untilMs))
    await record(tables, payment);
  await tables.keeps.put({ key: 'catching-up', untilMs: firstMs });
  return firstMs > 0;
}

/**
 * Payments of a wallet from before there was such a history get theirs: the newest first, a day in
 * one transaction, so that it can die at any of them and what is shown adds up meanwhile.
 */
export async function catchUp(store: WalletStore): Promise<void> {
  if ((await readKeep(store, 'catching-up'))?.untilMs === 0) return;
  while (await store.transaction(catchUpOn));
}
