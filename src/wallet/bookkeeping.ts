/**
 * Keeps the history beside the payments: with each payment that is written its entry is, its line
 * of a sheet, and the tallies of its day and month, in one transaction, so that they never say
 * anything else.
 */
import { type Change, type Entry, emptyTally, entryOf, tallied } from './entries.ts';
import { readKeep } from './keeps.ts';
import type { PaymentTable, Tables, TallyTable, WalletStore } from './ports.ts';
import type { Payment } from './rows.ts';
import { momentsOf, rewritten, sheetKeyOf } from './sheets.ts';

/**
 * The tables' own promises are chained, and no function here is async: inside a transaction of
 * IndexedDB a promise of another kind may come too late.
 */
function keep(tables: Tables, payment: Payment): Promise<void> {
  return tables.payments.put(payment).then(() => record(tables, payment));
}

function record(tables: Tables, payment: Payment): Promise<void> {
  const { entries } = tables;
  return entries.get(payment.id).then((before) => {
    const after = entryOf(payment, before);
    return entries.put(after).then(() => count(tables, after, { before, after }));
  });
}

function forget(tables: Tables, id: string): Promise<void> {
  const { entries, payments } = tables;
  return entries.get(id).then((before) =>
    payments
      .remove(id)
      .then(() => entries.remove(id))
      .then(() => before && count(tables, before, { before })),
  );
}

/** What a change of `entry` is to the sums, and to what is looked through. */
function count(tables: Tables, entry: Entry, change: Change): Promise<void> {
  const { tallies, months } = tables;
  return tally(tallies, entry.day, entry, change)
    .then(() => tally(months, entry.day.slice(0, 7), entry, change))
    .then(() => write(tables, entry, change));
}

function tally(table: TallyTable, period: string, entry: Entry, change: Change): Promise<void> {
  const empty = emptyTally(entry, period);
  return table.get(empty.key).then((known) => {
    const next = tallied(known ?? empty, change);
    return next.entryCount === 0 ? table.remove(next.key) : table.put(next);
  });
}

function write({ sheets }: Tables, { id, atMs }: Entry, change: Change): Promise<void> {
  const key = sheetKeyOf(atMs);
  return sheets.get(key).then((known) => {
    const text = rewritten(known?.text ?? '', id, change);
    return text === '' ? sheets.remove(key) : sheets.put({ key, text });
  });
}

/** @param within runs what is to be one transaction */
function kept(
  payments: PaymentTable,
  within: (work: (tables: Tables) => Promise<void>) => Promise<void>,
): PaymentTable {
  return {
    ...payments,
    put: (payment) => within((tables) => keep(tables, payment)),
    remove: (id) => within((tables) => forget(tables, id)),
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
