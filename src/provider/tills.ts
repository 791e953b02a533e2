/**
 * What a seller has here to give back from (SPEC 10.5): its earnings and the fees taken from them,
 * each by whether it was money or starter credit.
 */
import type { Micros } from '../protocol/money.ts';
import type { Books } from './database.ts';
import type { RefundParts } from './ledger/fee.ts';
import { balanceOf } from './ledger/journal.ts';

/** Whose earnings: a seller here, in one currency. */
export interface Earner {
  readonly handle: string;
  readonly payto: string;
  readonly currency: string;
}

/** What a seller has, by where it came from. */
export interface Till {
  readonly earnedMicros: Micros;
  readonly earnedStarterMicros: Micros;
  readonly feesStarterMicros: Micros;
  readonly feesPaidMicros: Micros;
}

/** Starter credit that was captured for a seller and not given back. */
async function giftMicros(books: Books, { payto, currency }: Earner): Promise<bigint> {
  const { sum } = await books
    .selectFrom('purse')
    .select((row) =>
      row.fn
        .sum<bigint | null>(row('captured_starter_micros', '-', row.ref('refunded_starter_micros')))
        .as('sum'),
    )
    .where('payto', '=', payto)
    .where('currency', '=', currency)
    .whereRef('captured_starter_micros', '>', 'refunded_starter_micros')
    .executeTakeFirstOrThrow();
  return sum ?? 0n;
}

async function feesMicros(books: Books, { handle, currency }: Earner): Promise<bigint> {
  const { sum } = await books
    .selectFrom('earnings')
    .select(({ fn }) => fn.sum<bigint | null>('fees_micros').as('sum'))
    .where('handle', '=', handle)
    .where('currency', '=', currency)
    .executeTakeFirstOrThrow();
  return sum ?? 0n;
}

/** Of the starter credit that a seller brought in, what it has not got was taken as fees. */
export async function tillOf(books: Books, earner: Earner): Promise<Till> {
  const owned = { owner: earner.handle, currency: earner.currency };
  const earnedMicros = await balanceOf(books, { kind: 'seller earned', ...owned });
  const earnedStarterMicros = await balanceOf(books, { kind: 'seller earned starter', ...owned });
  const feesStarterMicros = ((await giftMicros(books, earner)) - earnedStarterMicros) as Micros;
  const feesPaidMicros = ((await feesMicros(books, earner)) - feesStarterMicros) as Micros;
  return { earnedMicros, earnedStarterMicros, feesStarterMicros, feesPaidMicros };
}

/** The till after a refund: what was not earned starter credit came out of the fees. */
export function tillAfter(till: Till, parts: RefundParts): Till {
  const feeStarterMicros = parts.starterMicros - parts.earnedStarterMicros;
  const feePaidMicros = parts.feeMicros - feeStarterMicros;
  return {
    earnedMicros: (till.earnedMicros - parts.earnedMicros) as Micros,
    earnedStarterMicros: (till.earnedStarterMicros - parts.earnedStarterMicros) as Micros,
    feesStarterMicros: (till.feesStarterMicros - feeStarterMicros) as Micros,
    feesPaidMicros: (till.feesPaidMicros - feePaidMicros) as Micros,
  };
}
