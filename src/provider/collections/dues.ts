/**
 * When a refund note falls due (SPEC 9.12): with the collection of its charge, and whole while the
 * purse is open. Until then it is early; with the purse it ends, as far as there is something left.
 */
import { sql } from 'kysely';
import { MICROS_ZERO, type Micros, subtractMicros } from '../../protocol/money.ts';
import { type Books, indexed, type Reading } from '../database/database.ts';
import { lesser } from '../ledger/fee.ts';

async function readDues(reading: Reading, purse: string) {
  const row = await reading
    .selectFrom('purse')
    .select(['last_seq', 'early_count', 'captured_micros', 'refunded_micros', 'owed_micros'])
    .where('id', '=', purse)
    .executeTakeFirstOrThrow();
  const { last_seq: lastSeq, early_count: earlyCount, owed_micros: owedMicros } = row;
  const leftMicros = (row.captured_micros - row.refunded_micros - owedMicros) as Micros;
  return { lastSeq, earlyCount, owedMicros, leftMicros };
}

/** When the capture was that brought the charge of a place. */
export function broughtAtSec(place: { readonly purse: unknown; readonly seq: unknown }) {
  return sql<number>`(select at_sec from capture
    where capture.purse = ${place.purse} and capture.seq >= ${place.seq}
    order by capture.seq limit 1)`;
}

/** What changes of notes that fall due. */
const DUE = {
  state: 'pending',
  captured_at_sec: broughtAtSec({ purse: sql.ref('refund.purse'), seq: sql.ref('refund.seq') }),
} as const;

function earlyNotes(reading: Reading, purse: string) {
  return reading
    .selectFrom('refund')
    .select(['number', 'seq', 'amount_micros'])
    .where('purse', '=', purse)
    .where('state', '=', indexed('early'))
    .orderBy('number');
}

/** The early notes of a purse fall due whose charges are collected by now, in their order. */
export async function makeDue(books: Books, purse: string): Promise<void> {
  const { lastSeq, earlyCount, owedMicros, leftMicros } = await readDues(books, purse);
  if (earlyCount === 0n) return;
  const notes = await earlyNotes(books, purse).where('seq', '<=', lastSeq).execute();
  let dueMicros = 0n;
  const due: bigint[] = [];
  for (const { number, amount_micros: amountMicros } of notes) {
    if (dueMicros + amountMicros > leftMicros) continue;
    dueMicros += amountMicros;
    due.push(number);
  }
  if (due.length === 0) return;
  await books.updateTable('refund').set(DUE).where('number', 'in', due).execute();
  await books
    .updateTable('purse')
    .set({
      owed_micros: (owedMicros + dueMicros) as Micros,
      early_count: earlyCount - BigInt(due.length),
    })
    .where('id', '=', purse)
    .execute();
}

/**
 * Of a purse that is released nothing more is collected: its early notes end. One that says more
 * than is left of what was collected gives that back: a seller that had the smaller of two charges
 * of one place collected keeps nothing of it for that.
 */
export async function endEarly(books: Books, purse: string): Promise<void> {
  const { lastSeq, earlyCount, owedMicros, leftMicros: micros } = await readDues(books, purse);
  if (earlyCount === 0n) return;
  let leftMicros = micros;
  for (const { number, seq, ...note } of await earlyNotes(books, purse).execute()) {
    const backMicros = seq <= lastSeq ? lesser(note.amount_micros, leftMicros) : MICROS_ZERO;
    leftMicros = subtractMicros(leftMicros, backMicros);
    await books
      .updateTable('refund')
      .set(backMicros > 0n ? { ...DUE, amount_micros: backMicros } : { state: 'void' })
      .where('number', '=', number)
      .execute();
  }
  await books
    .updateTable('purse')
    .set({ early_count: 0, owed_micros: (owedMicros + micros - leftMicros) as Micros })
    .where('id', '=', purse)
    .execute();
}
