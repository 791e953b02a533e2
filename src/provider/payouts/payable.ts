/**
 * What of a seller's earnings can be paid out (SPEC 10.6): it is old enough, owed to no reader, and
 * of starter credit only what came from readers who have put in money themselves. It is a rule and
 * no account: a refund finds all that a seller has in one place.
 */
import { type RawBuilder, sql } from 'kysely';
import { MICROS_ZERO, type Micros } from '../../protocol/money.ts';
import { indexed, type Reading } from '../database/database.ts';
import { greater, lesser } from '../ledger/fee.ts';
import { type Earner, tillOf } from '../refunds/tills.ts';
import { cutoffSec, feeBack, type Hold, keptMicros, youngOf } from '../refunds/young.ts';

export interface Payable {
  readonly earnedMicros: Micros;
  readonly starterMicros: Micros;
  /** Of money kept for what was captured too lately; and when the oldest of it is old enough. */
  readonly youngMicros: Micros;
  readonly ripeAtSec: number | undefined;
  /** Promised back to readers, and waiting for money. */
  readonly pendingMicros: Micros;
}

/**
 * Whether the reader of `purse` had put in money by then of which no card has taken any back since,
 * nor the reader.
 */
function hasToppedUp(beforeSec: bigint): RawBuilder<boolean> {
  return sql`exists (
    select 1 from topup
    where topup.account = purse.account
    and topup.state = 'paid' and topup.withdrawn_micros = 0
    and topup.paid_at_sec <= ${beforeSec})`;
}

/**
 * Of what was earned of starter credit: what is not payable. A purse that gave some of it back
 * counts for no more than it has left.
 */
async function unripeStarter(
  reading: Reading,
  { payto, currency }: Earner,
  hold: Hold,
): Promise<bigint> {
  const beforeSec = cutoffSec(hold);
  const purses = reading
    .selectFrom('purse')
    .select((row) => [
      row('captured_starter_micros', '-', row.ref('refunded_starter_micros')).as('left_micros'),
      row
        .selectFrom('capture')
        .select(({ fn }) => fn.coalesce(fn.sum<bigint>('earned_starter_micros'), sql`0`).as('sum'))
        .whereRef('capture.purse', '=', 'purse.id')
        .where((capture) =>
          capture.or([
            capture('capture.at_sec', '>', beforeSec),
            capture.not(hasToppedUp(beforeSec)),
          ]),
        )
        .as('unripe_micros'),
    ])
    .where('payto', '=', payto)
    .where('currency', '=', currency)
    .whereRef('captured_starter_micros', '>', 'refunded_starter_micros');
  const { sum } = await reading
    .selectFrom(purses.as('gift'))
    .select(
      sql<bigint | null>`sum(case when unripe_micros < left_micros then unripe_micros
        else left_micros end)`.as('sum'),
    )
    .executeTakeFirstOrThrow();
  return sum ?? 0n;
}

/** Refunds of the seller that wait for its money. */
export async function pendingOf(reading: Reading, { payto }: Earner): Promise<Micros> {
  const { sum } = await reading
    .selectFrom('refund')
    .select(({ fn }) => fn.sum<Micros | null>('amount_micros').as('sum'))
    .where('state', '=', indexed('pending'))
    .where('payto', '=', payto)
    .executeTakeFirstOrThrow();
  return sum ?? MICROS_ZERO;
}

/**
 * What is payable now. What giving back all that is young would take stays, as it would be without
 * the starter credit that is old enough; where that is not there in money, it stays in starter
 * credit.
 */
export async function payableOf(reading: Reading, earner: Earner, hold: Hold): Promise<Payable> {
  const till = await tillOf(reading, earner);
  const young = await youngOf(reading, earner, hold);
  const pendingMicros = await pendingOf(reading, earner);
  const hasStarter = till.earnedStarterMicros > 0n;
  const unripeMicros = hasStarter ? await unripeStarter(reading, earner, hold) : 0n;
  const leftMicros = lesser(till.earnedStarterMicros, unripeMicros as Micros);
  const feeMicros = await feeBack(reading, earner, young.amountMicros);
  const youngMicros = keptMicros({ ...till, earnedStarterMicros: leftMicros }, young, feeMicros);
  const ripeMicros = till.earnedMicros - youngMicros;
  const oweMicros = greater(0n, pendingMicros - ripeMicros);
  return {
    earnedMicros: greater(0n, ripeMicros - pendingMicros) as Micros,
    starterMicros: greater(0n, till.earnedStarterMicros - leftMicros - oweMicros) as Micros,
    youngMicros,
    ripeAtSec: young.firstSec === undefined ? undefined : young.firstSec + hold.holdSec,
    pendingMicros,
  };
}
