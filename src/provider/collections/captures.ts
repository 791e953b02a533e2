/** Takes what a charge promises out of its purse and books it for the seller (SPEC 10.3, 10.4). */
import { sql } from 'kysely';
import type { ReadCharge } from '../../protocol/charge.ts';
import { MICROS_ZERO, type Micros } from '../../protocol/money.ts';
import type { Writing } from '../api/writes.ts';
import { askAll, insertionInto, type Query, queryOf } from '../database/queries.ts';
import { type CaptureParts, feeDue, splitCapture } from '../ledger/fee.ts';
import { entryWrites, LAST_ENTRY, type Last, lastIn } from '../ledger/journal.ts';
import { makeDue } from './dues.ts';

/** A purse, as far as collecting from it goes. */
export interface Purse {
  readonly id: string;
  readonly payto: string;
  readonly currency: string;
  readonly country: string | null;
  readonly state: 'open' | 'released';
  readonly limitMicros: Micros;
  /** The part of what is left that is starter credit. */
  readonly starterMicros: Micros;
  readonly capturedMicros: Micros;
  readonly lastSeq: number;
  /** Notes of charges that are not collected yet. */
  readonly earlyCount: number;
}

/** Asks for a purse; its answer is for `purseIn`. */
export const PURSE_STATE = queryOf((reading, { id: purse }: { readonly id: string }) =>
  reading
    .selectFrom('purse')
    .select(['id', 'payto', 'currency', 'state', 'limit_micros', 'starter_micros'])
    .select(['captured_micros', 'last_seq', 'early_count', 'country'])
    .where('id', '=', purse),
);

interface PurseRow extends Pick<Purse, 'id' | 'payto' | 'currency' | 'country' | 'state'> {
  readonly limit_micros: Micros;
  readonly starter_micros: Micros;
  readonly captured_micros: Micros;
  readonly last_seq: bigint;
  readonly early_count: bigint;
}

/** The purse that `PURSE_STATE` has found. */
export function purseIn([row]: readonly PurseRow[]): Purse | undefined {
  return (
    row && {
      id: row.id,
      payto: row.payto,
      currency: row.currency,
      country: row.country,
      state: row.state,
      limitMicros: row.limit_micros,
      starterMicros: row.starter_micros,
      capturedMicros: row.captured_micros,
      lastSeq: Number(row.last_seq),
      earlyCount: Number(row.early_count),
    }
  );
}

/** A seller in one currency, as it stands while charges of its purses are captured. */
export interface Takings {
  readonly handle: string;
  readonly currency: string;
  readonly collectedMicros: bigint;
  readonly refundedMicros: bigint;
  readonly feesMicros: bigint;
  /** Where the journal ended before the last of them. */
  readonly changedNumber: number;
  readonly last: Last;
}

const EARNED = queryOf(
  (
    reading,
    of: { readonly handle: string; readonly currency: string; readonly rateBasisPoints: bigint },
  ) =>
    reading
      .selectFrom('earnings')
      .select(['collected_micros', 'refunded_micros', 'fees_micros'])
      .where('handle', '=', of.handle)
      .where('currency', '=', of.currency)
      .where('rate_basis_points', '=', of.rateBasisPoints),
);

/** Asks how a seller stands under today's rate; its answers are for `takingsIn`. */
export function takingsAsked({ context }: Writing, of: Pick<Takings, 'handle' | 'currency'>) {
  const rateBasisPoints = BigInt(context.rules.feeRateBasisPoints);
  return [EARNED({ ...of, rateBasisPoints }), LAST_ENTRY] as const;
}

type Rows<T> = { readonly rows: readonly T[] };
interface EarnedRow {
  readonly collected_micros: Micros;
  readonly refunded_micros: Micros;
  readonly fees_micros: Micros;
}

/** How a seller stands, by what `takingsAsked` was answered. */
export function takingsIn(
  { handle, currency }: Pick<Takings, 'handle' | 'currency'>,
  ...[earned, entry]: readonly [
    Rows<EarnedRow>,
    Rows<{ readonly number: bigint; readonly hash: string }>,
  ]
): Takings {
  const [row] = earned.rows;
  const last = lastIn(entry.rows);
  return {
    handle,
    currency,
    collectedMicros: row?.collected_micros ?? 0n,
    refundedMicros: row?.refunded_micros ?? 0n,
    feesMicros: row?.fees_micros ?? 0n,
    changedNumber: last.number,
    last,
  };
}

const TAKE = queryOf(
  (
    books,
    to: {
      readonly handle: string;
      readonly currency: string;
      readonly rateBasisPoints: number;
      readonly collectedMicros: Micros;
      readonly feesMicros: Micros;
      readonly changedNumber: number;
    },
  ) => {
    const sums = {
      collected_micros: to.collectedMicros,
      fees_micros: to.feesMicros,
      changed_number: to.changedNumber,
    };
    const key = {
      handle: to.handle,
      currency: to.currency,
      rate_basis_points: to.rateBasisPoints,
    };
    return books
      .insertInto('earnings')
      .values({ ...key, ...sums, refunded_micros: MICROS_ZERO })
      .onConflict((conflict) =>
        conflict.columns(['handle', 'currency', 'rate_basis_points']).doUpdateSet(sums),
      );
  },
);

/** What the seller has collected under today's rate, as it is to be written. */
export function takingsWrite({ context }: Writing, takings: Takings): Query<unknown> {
  const { handle, currency, collectedMicros, feesMicros, changedNumber } = takings;
  return TAKE({
    handle,
    currency,
    rateBasisPoints: context.rules.feeRateBasisPoints,
    collectedMicros: collectedMicros as Micros,
    feesMicros: feesMicros as Micros,
    changedNumber,
  });
}

/**
 * The journal entry of a captured charge: one for each (purse, seq), whatever happens (trust T4).
 */
export function captureEntryId(purse: string, seq: number): string {
  return `capture:${purse}:${seq}`;
}

interface Capture {
  readonly purse: Purse;
  readonly charge: ReadCharge;
  readonly takings: Takings;
}

function entryOf(
  { atSec }: Writing,
  { purse, charge, takings }: Capture,
  { earnedMicros, earnedStarterMicros, feeMicros }: CaptureParts,
) {
  const { currency, id } = purse;
  const amountMicros = earnedMicros + earnedStarterMicros + feeMicros;
  const seller = { owner: takings.handle, currency };
  return {
    id: captureEntryId(id, charge.claims.seq),
    kind: 'capture',
    atSec,
    postings: [
      { account: { kind: 'purse', owner: id, currency }, amountMicros: -amountMicros },
      { account: { kind: 'seller earned', ...seller }, amountMicros: earnedMicros },
      { account: { kind: 'seller earned starter', ...seller }, amountMicros: earnedStarterMicros },
      { account: { kind: 'provider fees', owner: '', currency }, amountMicros: feeMicros },
    ],
  } as const;
}

const WRITE_CAPTURE = insertionInto('capture');

const MOVE_ON = queryOf(
  (
    books,
    to: {
      readonly id: string;
      readonly capturedMicros: Micros;
      readonly lastSeq: number;
      readonly starterMicros: Micros;
      /** Of this charge. */
      readonly takenStarterMicros: Micros;
      readonly atSec: number;
    },
  ) =>
    books
      .updateTable('purse')
      .set((row) => ({
        captured_micros: to.capturedMicros,
        captured_starter_micros: row('captured_starter_micros', '+', to.takenStarterMicros),
        last_seq: to.lastSeq,
        starter_micros: to.starterMicros,
        // A clock may be put back.
        first_captured_at_sec: sql<number>`case when first_captured_at_sec < ${to.atSec}
          then first_captured_at_sec else ${to.atSec} end`,
        last_captured_at_sec: sql<number>`case when last_captured_at_sec > ${to.atSec}
          then last_captured_at_sec else ${to.atSec} end`,
      }))
      .where('id', '=', to.id),
);

/** How purse and seller stand after a capture, and what writes it down. */
export interface Captured {
  readonly purse: Purse;
  readonly takings: Takings;
  /** `takingsWrite` belongs to them, once for all of a seller. */
  readonly writes: readonly Query<unknown>[];
}

/**
 * Captures a charge that was judged to be worth more than what was captured before, and inside the
 * limit. What has to be given back of it falls due by that: see `makeDue`.
 */
export function capture(writing: Writing, what: Capture): Captured {
  const { purse, charge, takings } = what;
  const { seq, tot } = charge.claims;
  if (takings.currency !== purse.currency) throw new TypeError('Takings of another currency');
  const amountMicros = (tot - purse.capturedMicros) as Micros;
  const collectedMicros = takings.collectedMicros + amountMicros;
  const feeMicros = feeDue({
    collectedMicros: collectedMicros - takings.refundedMicros,
    takenMicros: takings.feesMicros,
    rateBasisPoints: writing.context.rules.feeRateBasisPoints,
  });
  const parts = splitCapture({ amountMicros, starterLeftMicros: purse.starterMicros, feeMicros });
  const starterMicros = (purse.starterMicros - parts.starterMicros) as Micros;
  const { writes, last } = entryWrites(entryOf(writing, what, parts), takings.last);
  const row = WRITE_CAPTURE({
    purse: purse.id,
    payto: purse.payto,
    seq,
    total_micros: tot,
    amount_micros: amountMicros,
    earned_micros: parts.earnedMicros,
    earned_starter_micros: parts.earnedStarterMicros,
    charge: charge.token,
    at_sec: writing.atSec,
    country: purse.country,
  });
  const taken = { capturedMicros: tot, lastSeq: seq, starterMicros };
  const { starterMicros: takenStarterMicros } = parts;
  const moved = MOVE_ON({ ...taken, id: purse.id, takenStarterMicros, atSec: writing.atSec });
  return {
    purse: { ...purse, ...taken },
    takings: {
      ...takings,
      collectedMicros,
      feesMicros: takings.feesMicros + feeMicros,
      changedNumber: takings.last.number,
      last,
    },
    writes: [...writes, row, moved],
  };
}

/** Captures one charge of a seller's, with all that belongs to it; answers the purse then. */
export async function captureOne(
  writing: Writing,
  { purse, handle, charge }: Omit<Capture, 'takings'> & { readonly handle: string },
): Promise<Purse> {
  const { books } = writing;
  const seller = { handle, currency: purse.currency };
  const takings = takingsIn(seller, ...(await askAll(books, ...takingsAsked(writing, seller))));
  const captured = capture(writing, { purse, charge, takings });
  await askAll(books, ...captured.writes, takingsWrite(writing, captured.takings));
  if (purse.earlyCount > 0) await makeDue(books, purse.id);
  return captured.purse;
}
