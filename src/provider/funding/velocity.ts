/**
 * How fast an account may pay in (SPEC 9.8) and take back (SPEC 9.24). Whoever tries stolen cards
 * out, or empties one, pays often and much in a short time; what was refused counts as an attempt,
 * and as no money. And a card's side keeps its fee for a payment that goes back, so that money that
 * goes round in circles is paid for by the operator.
 */
import type { Micros } from '../../protocol/money.ts';
import { RefusedForNow } from '../api/limits.ts';
import type { Writing } from '../api/writes.ts';

const DAY_SEC = 86_400;
const WEEK_SEC = 7 * DAY_SEC;

interface Attempt {
  readonly amountMicros: bigint;
  readonly atSec: number;
}

/** The attempts of the last 24 hours, oldest first. */
async function attempts({ books, account, atSec }: Writing): Promise<Attempt[]> {
  const rows = await books
    .selectFrom('topup')
    .select(['state', 'amount_micros', 'begun_at_sec'])
    .where('account', '=', account)
    .where('begun_at_sec', '>', BigInt(atSec - DAY_SEC))
    .orderBy('begun_at_sec')
    .execute();
  return rows.map(({ state, amount_micros: amountMicros, begun_at_sec: begunAtSec }) => {
    return { amountMicros: state === 'failed' ? 0n : amountMicros, atSec: Number(begunAtSec) };
  });
}

/** @throws FarthingError `topup_limit` */
export async function checkVelocity(writing: Writing, amountMicros: Micros): Promise<void> {
  const { topUpDayCount, topUpDayMicros } = writing.context.rules;
  const before = await attempts(writing);
  const refuse = (since: Attempt | undefined, what: string) => {
    const retryAfterSec = (since?.atSec ?? writing.atSec) + DAY_SEC - writing.atSec;
    throw new RefusedForNow('topup_limit', `${what} in 24 hours`, retryAfterSec);
  };
  if (before.length >= topUpDayCount) refuse(before.at(-topUpDayCount), `${topUpDayCount} top-ups`);
  let sumMicros = before.reduce((sum, it) => sum + it.amountMicros, 0n) + amountMicros;
  // The one with which enough of them are a day old.
  let last: Attempt | undefined;
  for (const attempt of before) {
    if (sumMicros <= topUpDayMicros) break;
    sumMicros -= attempt.amountMicros;
    last = attempt;
  }
  if (last) refuse(last, `${topUpDayMicros} micros`);
}

/** @throws FarthingError `withdrawal_limit` */
export async function checkReturns({ context, books, account, atSec }: Writing): Promise<void> {
  const { withdrawalWeekCount } = context.rules;
  const since = await books
    .selectFrom('withdrawal')
    .select('at_sec')
    .where('account', '=', account)
    .orderBy('at_sec', 'desc')
    .offset(withdrawalWeekCount - 1)
    .limit(1)
    .executeTakeFirst();
  const retryAfterSec = Number(since?.at_sec ?? -WEEK_SEC) + WEEK_SEC - atSec;
  if (retryAfterSec <= 0) return;
  const detail = `${withdrawalWeekCount} withdrawals in 7 days`;
  throw new RefusedForNow('withdrawal_limit', detail, retryAfterSec);
}
