/**
 * When a refund note falls due (SPEC 9.12): with the collection of its charge. Until then it is
 * early; it ends without effect when that never comes, or when more would go back than was paid.
 */
import type { Micros } from '../protocol/money.ts';
import type { Books } from './database.ts';

/** Sorts the early notes of a purse whose charges are collected by now, in their order. */
export async function makeDue(books: Books, purse: string): Promise<void> {
  const row = await books
    .selectFrom('purse')
    .select(['last_seq', 'early_count', 'captured_micros', 'refunded_micros', 'owed_micros'])
    .where('id', '=', purse)
    .executeTakeFirstOrThrow();
  if (row.early_count === 0n) return;
  const notes = await books
    .selectFrom('refund')
    .select(['number', 'amount_micros'])
    .where('purse', '=', purse)
    .where('state', '=', 'early')
    .where('seq', '<=', row.last_seq)
    .orderBy('number')
    .execute();
  const leftMicros = row.captured_micros - row.refunded_micros - row.owed_micros;
  let dueMicros = 0n;
  const due: bigint[] = [];
  for (const { number, amount_micros: amountMicros } of notes) {
    if (dueMicros + amountMicros > leftMicros) continue;
    dueMicros += amountMicros;
    due.push(number);
  }
  const rest = notes.map(({ number }) => number).filter((number) => !due.includes(number));
  await setState(books, due, 'pending');
  await setState(books, rest, 'void');
  await books
    .updateTable('purse')
    .set({
      owed_micros: (row.owed_micros + dueMicros) as Micros,
      early_count: row.early_count - BigInt(notes.length),
    })
    .where('id', '=', purse)
    .execute();
}

async function setState(
  books: Books,
  numbers: readonly bigint[],
  state: 'pending' | 'void',
): Promise<void> {
  if (numbers.length === 0) return;
  await books.updateTable('refund').set({ state }).where('number', 'in', numbers).execute();
}

/** Of a purse that is released nothing more is collected: its early notes end. */
export async function endEarly(books: Books, purse: string): Promise<void> {
  await makeDue(books, purse);
  await books
    .updateTable('refund')
    .set({ state: 'void' })
    .where('purse', '=', purse)
    .where('state', '=', 'early')
    .execute();
  await books.updateTable('purse').set({ early_count: 0 }).where('id', '=', purse).execute();
}
