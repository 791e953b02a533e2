/** Takes what a charge promises out of its purse and books it for the seller (SPEC 10.3, 10.4). */
import type { ReadCharge } from '../protocol/charge.ts';
import { MICROS_ZERO, type Micros } from '../protocol/money.ts';
import type { Reading } from './database.ts';
import { makeDue } from './dues.ts';
import { type CaptureParts, feeDue, splitCapture } from './ledger/fee.ts';
import { lastEntry, postEntry } from './ledger/journal.ts';
import type { Writing } from './writes.ts';

/** A purse, as far as collecting from it goes. */
export interface Purse {
  readonly id: string;
  readonly payto: string;
  readonly currency: string;
  readonly state: 'open' | 'released';
  readonly limitMicros: Micros;
  /** The part of what is left that is starter credit. */
  readonly starterMicros: Micros;
  readonly capturedMicros: Micros;
  readonly lastSeq: number;
}

export async function readPurse(reading: Reading, purse: string): Promise<Purse | undefined> {
  const row = await reading
    .selectFrom('purse')
    .selectAll()
    .where('id', '=', purse)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      payto: row.payto,
      currency: row.currency,
      state: row.state,
      limitMicros: row.limit_micros,
      starterMicros: row.starter_micros,
      capturedMicros: row.captured_micros,
      lastSeq: Number(row.last_seq),
    }
  );
}

interface Capture {
  readonly purse: Purse;
  /** The seller's. */
  readonly handle: string;
  readonly charge: ReadCharge;
}

/** Adds to what the seller has collected under today's rate; answers the fee that falls due. */
async function takeFee(writing: Writing, { purse, handle }: Capture, amountMicros: Micros) {
  const { books, context } = writing;
  const rateBasisPoints = context.rules.feeRateBasisPoints;
  const key = { handle, currency: purse.currency, rate_basis_points: rateBasisPoints };
  const row = await books
    .selectFrom('earnings')
    .select(['collected_micros', 'refunded_micros', 'fees_micros'])
    .where('handle', '=', handle)
    .where('currency', '=', purse.currency)
    .where('rate_basis_points', '=', BigInt(rateBasisPoints))
    .executeTakeFirst();
  const takenMicros = row?.fees_micros ?? MICROS_ZERO;
  const collectedMicros = ((row?.collected_micros ?? MICROS_ZERO) + amountMicros) as Micros;
  const netMicros = collectedMicros - (row?.refunded_micros ?? MICROS_ZERO);
  const feeMicros = feeDue({ collectedMicros: netMicros, takenMicros, rateBasisPoints });
  const sums = {
    collected_micros: collectedMicros,
    fees_micros: (takenMicros + feeMicros) as Micros,
    changed_number: (await lastEntry(books)).number,
  };
  await books
    .insertInto('earnings')
    .values({ ...key, ...sums, refunded_micros: MICROS_ZERO })
    .onConflict((conflict) =>
      conflict.columns(['handle', 'currency', 'rate_basis_points']).doUpdateSet(sums),
    )
    .execute();
  return feeMicros;
}

/**
 * The journal entry of a captured charge: one for each (purse, seq), whatever happens (trust T4).
 */
export function captureEntryId(purse: string, seq: number): string {
  return `capture:${purse}:${seq}`;
}

async function postCapture(
  writing: Writing,
  { purse, handle, charge }: Capture,
  parts: CaptureParts,
) {
  const { currency, id } = purse;
  const { earnedMicros, earnedStarterMicros, feeMicros } = parts;
  const amountMicros = earnedMicros + earnedStarterMicros + feeMicros;
  const seller = { owner: handle, currency };
  await postEntry(writing.books, {
    id: captureEntryId(id, charge.claims.seq),
    kind: 'capture',
    atSec: writing.atSec,
    postings: [
      { account: { kind: 'purse', owner: id, currency }, amountMicros: -amountMicros },
      { account: { kind: 'seller earned', ...seller }, amountMicros: earnedMicros },
      { account: { kind: 'seller earned starter', ...seller }, amountMicros: earnedStarterMicros },
      { account: { kind: 'provider fees', owner: '', currency }, amountMicros: feeMicros },
    ],
  });
}

/**
 * Captures a charge that was judged to be worth more than what was captured before, and inside the
 * limit; what has to be given back of it falls due. Answers the purse as it is then.
 */
export async function capture(writing: Writing, what: Capture): Promise<Purse> {
  const { purse, charge } = what;
  const { seq, tot } = charge.claims;
  const amountMicros = (tot - purse.capturedMicros) as Micros;
  const feeMicros = await takeFee(writing, what, amountMicros);
  const parts = splitCapture({ amountMicros, starterLeftMicros: purse.starterMicros, feeMicros });
  await postCapture(writing, what, parts);
  await writing.books
    .insertInto('capture')
    .values({
      purse: purse.id,
      seq,
      total_micros: tot,
      amount_micros: amountMicros,
      charge: charge.token,
      at_sec: writing.atSec,
    })
    .execute();
  const starterMicros = (purse.starterMicros - parts.starterMicros) as Micros;
  await writing.books
    .updateTable('purse')
    .set((row) => ({
      captured_micros: tot,
      captured_starter_micros: row('captured_starter_micros', '+', parts.starterMicros),
      last_seq: seq,
      starter_micros: starterMicros,
    }))
    .where('id', '=', purse.id)
    .execute();
  await makeDue(writing.books, purse.id);
  return { ...purse, capturedMicros: tot, lastSeq: seq, starterMicros };
}
