/**
 * Keeps the history beside the payments: with each payment that is written its entry and the tally
 * of its day are, in one transaction, so that they never say anything else.
 */
import { type Entry, emptyTally, entryOf, tallied } from './entries.ts';
import type { PaymentTable, Tables, WalletStore } from './ports.ts';
import type { Payment } from './rows.ts';

/**
 * The tables' own promises are chained, and no function here is async: inside a transaction of
 * IndexedDB a promise of another kind may come too late.
 */
function keep(tables: Tables, payment: Payment): Promise<void> {
  const { entries, payments } = tables;
  return entries.get(payment.id).then((before) => {
    const after = entryOf(payment, before);
    return payments
      .put(payment)
      .then(() => entries.put(after))
      .then(() => tally(tables, before, after));
  });
}

function forget(tables: Tables, id: string): Promise<void> {
  const { entries, payments } = tables;
  return entries.get(id).then((before) =>
    payments
      .remove(id)
      .then(() => entries.remove(id))
      .then(() => before && tally(tables, before, { ...before, state: 'refused' })),
  );
}

function tally({ tallies }: Tables, before: Entry | undefined, after: Entry): Promise<void> {
  const empty = emptyTally(after);
  return tallies.get(empty.key).then((known) => {
    const next = tallied(known ?? empty, before, after);
    return next.count === 0 ? tallies.remove(next.key) : tallies.put(next);
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

/** Payments of a wallet from before there was a history get theirs. */
export async function catchUp(store: WalletStore): Promise<void> {
  const [newest] = await store.entries.range({ fromMs: 0, untilMs: Infinity, limit: 1 });
  if (newest) return;
  for (const payment of await store.payments.all())
    await store.transaction((tables) => keep(tables, payment));
}
