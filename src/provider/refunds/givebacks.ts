/**
 * Which captures a refund gives back (SPEC 10.6): what is left of the one that brought its charge,
 * and beyond that of the oldest of its purse. So each capture says what is left of it.
 */
import { MICROS_ZERO, type Micros, subtractMicros } from '../../protocol/money.ts';
import type { Books, Reading } from '../database/database.ts';
import { lesser } from '../ledger/fee.ts';

/** A charge that goes back, and how much for it. */
interface Returned {
  readonly purse: string;
  readonly seq: bigint;
  readonly amountMicros: Micros;
}

/** What goes back of one capture. */
export interface Piece {
  readonly seq: bigint;
  readonly atSec: bigint;
  readonly amountMicros: Micros;
}

/** Captures of a purse of which something is left, oldest first. */
function whatIsLeft(reading: Reading, purse: string) {
  return reading
    .selectFrom('capture')
    .select((row) => [
      'seq',
      'at_sec',
      row('amount_micros', '-', row.ref('refunded_micros')).as('left'),
    ])
    .where('purse', '=', purse)
    .whereRef('refunded_micros', '<', 'amount_micros')
    .orderBy('seq');
}

/** Of its own capture, where that has enough, which honest notes see to. */
export async function piecesOf(reading: Reading, returned: Returned): Promise<Piece[]> {
  const { purse, seq, amountMicros } = returned;
  const own = await reading
    .selectFrom('capture')
    .select('seq')
    .where('purse', '=', purse)
    .where('seq', '>=', seq)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirstOrThrow();
  const mine = await whatIsLeft(reading, purse).where('seq', '=', own.seq).execute();
  const ownMicros = mine[0]?.left ?? MICROS_ZERO;
  const others =
    ownMicros < amountMicros
      ? await whatIsLeft(reading, purse).where('seq', '!=', own.seq).execute()
      : [];
  const pieces: Piece[] = [];
  let missingMicros = amountMicros;
  for (const { seq, at_sec: atSec, left } of [...mine, ...others]) {
    const pieceMicros = lesser(left, missingMicros);
    if (pieceMicros === 0n) break;
    pieces.push({ seq, atSec, amountMicros: pieceMicros });
    missingMicros = subtractMicros(missingMicros, pieceMicros);
  }
  if (missingMicros > 0n)
    throw new TypeError('More is given back than is left of what was captured');
  return pieces;
}

export async function bookPieces(
  books: Books,
  purse: string,
  pieces: readonly Piece[],
): Promise<void> {
  for (const { seq, amountMicros } of pieces)
    await books
      .updateTable('capture')
      .set((row) => ({ refunded_micros: row('refunded_micros', '+', amountMicros) }))
      .where('purse', '=', purse)
      .where('seq', '=', seq)
      .execute();
}
