/** What a seller has earned and was paid (SPEC 9.22), for its own account. */
import { sql } from 'kysely';
import type {
  EarningsAnswer,
  EarningsCountry,
  EarningsDay,
  PayoutAnswer,
} from '../../protocol/api.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { type Answer, answer } from '../api/writes.ts';
import { type Context, CURRENCY, nowSec } from '../context.ts';
import { type Books, indexed, type Reading, readBooks } from '../database/database.ts';
import { balanceOf } from '../ledger/journal.ts';
import { requireAccount } from '../readers/devices.ts';
import { type Earner, totalsOf } from '../refunds/tills.ts';
import { paytoNamed, requireOwnSeller } from '../sellers/sellers.ts';
import { readBankAccount, shortNumber } from './bankaccount.ts';
import { bankAnswer } from './payee.ts';
import type { Payout } from './payout.ts';
import { dueAtSec, earnerOf, payoutTerms, requireRow } from './terms.ts';

const DAY_SEC = 86_400;
/** SPEC 9.22. */
const DAY_COUNT = 60;
const PAYOUT_COUNT_MAX = 50;

/** The seller's, in each of its places. */
async function balancesOf(reading: Reading, { handle: owner, currency }: Earner) {
  const owned = { owner, currency };
  const earned = await balanceOf(reading, { kind: 'seller earned', ...owned });
  const starter = await balanceOf(reading, { kind: 'seller earned starter', ...owned });
  const transit = await balanceOf(reading, { kind: 'payout in transit', ...owned });
  return { earned: earned + starter, transit };
}

/** Days since 1970, in whole numbers. */
function dayOf(column: string) {
  return sql<bigint>`${sql.ref(column)} / ${sql.lit(DAY_SEC)}`;
}

/** What was captured on one day from the readers of one country. */
interface CapturedRow {
  readonly day: bigint;
  readonly country: string | null;
  readonly collected: bigint;
  readonly money: bigint;
  readonly starter: bigint;
}

function capturesOf(
  reading: Reading,
  { payto }: Earner,
  sinceSec: bigint,
): Promise<readonly CapturedRow[]> {
  return reading
    .selectFrom('capture')
    .select(({ fn }) => [
      dayOf('at_sec').as('day'),
      'country',
      fn.sum<bigint>('amount_micros').as('collected'),
      fn.sum<bigint>('earned_micros').as('money'),
      fn.sum<bigint>('earned_starter_micros').as('starter'),
    ])
    .where('payto', '=', payto)
    .where('at_sec', '>=', sinceSec)
    .groupBy(['day', 'country'])
    .execute();
}

/** Of some rows together. */
function sumsOf(rows: readonly CapturedRow[]) {
  const sum = (of: (row: CapturedRow) => bigint) => rows.reduce((all, row) => all + of(row), 0n);
  return {
    collected: sum(({ collected }) => collected),
    earned: sum(({ money, starter }) => money + starter),
  };
}

async function daysOf(
  reading: Reading,
  captured: readonly CapturedRow[],
  { payto, sinceSec }: { readonly payto: string; readonly sinceSec: bigint },
): Promise<EarningsDay[]> {
  const refunded = await reading
    .selectFrom('refund')
    .select(({ fn }) => [dayOf('paid_at_sec').as('day'), fn.sum<bigint>('amount_micros').as('sum')])
    .where('state', '=', indexed('paid'))
    .where('payto', '=', payto)
    .where('paid_at_sec', '>=', sinceSec)
    .groupBy('day')
    .execute();
  const byDay = Map.groupBy(captured, ({ day }) => day);
  const backOn = new Map(refunded.map(({ day, sum }) => [day, sum]));
  return [...new Set([...byDay.keys(), ...backOn.keys()])]
    .toSorted((a, b) => Number(a - b))
    .map((day) => {
      const { collected, earned } = sumsOf(byDay.get(day) ?? []);
      return {
        day: new Date(Number(day) * DAY_SEC * 1000).toISOString().slice(0, 10),
        collected: `${collected}`,
        earned: `${earned}`,
        refunded: `${backOn.get(day) ?? 0n}`,
      };
    });
}

/** Who brought most comes first. */
function countriesOf(captured: readonly CapturedRow[]): EarningsCountry[] {
  return [...Map.groupBy(captured, ({ country }) => country)]
    .map(([country, rows]) => ({ country, ...sumsOf(rows) }))
    .toSorted((a, b) => Number(b.collected - a.collected))
    .map(({ country, collected, earned }) => ({
      ...(country === null ? {} : { country }),
      collected: `${collected}`,
      earned: `${earned}`,
    }));
}

function payoutAnswer(payout: Payout): PayoutAnswer {
  const to = readBankAccount(payout.bank);
  const endedAtSec = payout.bounced_at_sec ?? payout.paid_at_sec;
  return {
    id: payout.id,
    number: Number(payout.number),
    amount: `${payout.amount_micros}`,
    state: payout.state,
    made: Number(payout.made_at_sec),
    ...(endedAtSec === null ? {} : { ended: Number(endedAtSec) }),
    name: to.name,
    account: shortNumber(to),
  };
}

/** Newest first. */
async function payoutsOf(reading: Reading, handle: string, before: bigint | undefined) {
  const rows = await reading
    .selectFrom('payout')
    .selectAll()
    .where('handle', '=', handle)
    .$if(before !== undefined, (rows) => rows.where('number', '<', before ?? 0n))
    .orderBy('number', 'desc')
    .limit(PAYOUT_COUNT_MAX + 1)
    .execute();
  const payouts = rows.slice(0, PAYOUT_COUNT_MAX).map(payoutAnswer);
  return { payouts, more: rows.length > PAYOUT_COUNT_MAX };
}

async function earningsAnswer(
  context: Context,
  books: Books,
  { handle, before }: { readonly handle: string; readonly before: bigint | undefined },
): Promise<EarningsAnswer> {
  const atSec = nowSec(context);
  const earner = earnerOf(context, handle);
  const seller = await requireRow(books, handle);
  const { collected, refunded, fees } = await totalsOf(books, earner);
  const { earned, transit } = await balancesOf(books, earner);
  const { payable, amountMicros, waits } = await payoutTerms(context, books, { seller, atSec });
  const [next, bank] = [dueAtSec(waits, atSec), bankAnswer(context, seller)];
  const sinceSec = BigInt((Math.floor(atSec / DAY_SEC) - DAY_COUNT + 1) * DAY_SEC);
  const captured = await capturesOf(books, earner, sinceSec);
  return {
    currency: CURRENCY,
    collected: `${collected}`,
    refunded: `${refunded}`,
    fees: `${fees}`,
    earned: `${earned}`,
    transit: `${transit}`,
    // Whatever is not here and not on its way has arrived (SPEC 10.4).
    paid: `${collected - refunded - fees - earned - transit}`,
    pending: `${payable.pendingMicros}`,
    payable: `${amountMicros}`,
    ...(next === undefined ? {} : { next }),
    waits,
    ...(bank === undefined ? {} : { bank }),
    days: await daysOf(books, captured, { payto: earner.payto, sinceSec }),
    countries: countriesOf(captured),
    ...(await payoutsOf(books, handle, before)),
  };
}

/**
 * `GET /v1/sellers/HANDLE/earnings?before=NUMBER`, by the seller's account.
 * @throws FarthingError `body_malformed`, `account_unknown`, `seller_unknown`, `handle_taken`
 */
export function readEarnings(
  context: Context,
  kid: string,
  { handle: named, before }: { readonly handle: string; readonly before: string | null },
): Promise<Answer> {
  const payto = paytoNamed(context, named);
  if (before !== null && !/^[1-9][0-9]{0,14}$/.test(before))
    throw new FarthingError('body_malformed', 'before is the number of a payout');
  return readBooks(context.database, async (books) => {
    const account = await requireAccount(books, kid);
    const { handle } = await requireOwnSeller(context, books, { payto, account });
    const number = before === null ? undefined : BigInt(before);
    return answer(await earningsAnswer(context, books, { handle, before: number }));
  });
}
