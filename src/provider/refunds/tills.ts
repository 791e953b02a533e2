/**
 * What a seller has here to give back from (SPEC 10.5): its earnings and the fees taken from them,
 * each by whether it was money or starter credit.
 */
import { MICROS_ZERO, type Micros } from '../../protocol/money.ts';
import type { Reading } from '../database/database.ts';
import type { RefundParts } from '../ledger/fee.ts';
import { balanceOf } from '../ledger/journal.ts';

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
  /** Captured for it and not given back. */
  readonly netPaidMicros: Micros;
  readonly netStarterMicros: Micros;
}

/** Starter credit that was captured for a seller and not given back. */
async function giftMicros(reading: Reading, { payto, currency }: Earner): Promise<Micros> {
  const { sum } = await reading
    .selectFrom('purse')
    .select((row) =>
      row.fn
        .sum<Micros | null>(row('captured_starter_micros', '-', row.ref('refunded_starter_micros')))
        .as('sum'),
    )
    .where('payto', '=', payto)
    .where('currency', '=', currency)
    .whereRef('captured_starter_micros', '>', 'refunded_starter_micros')
    .executeTakeFirstOrThrow();
  return sum ?? MICROS_ZERO;
}

/** What a seller collected in all, of that gave back, and paid in fees. */
export async function totalsOf(reading: Reading, { handle, currency }: Earner) {
  const { collected, refunded, fees } = await reading
    .selectFrom('earnings')
    .select(({ fn }) => [
      fn.sum<bigint | null>('collected_micros').as('collected'),
      fn.sum<bigint | null>('refunded_micros').as('refunded'),
      fn.sum<bigint | null>('fees_micros').as('fees'),
    ])
    .where('handle', '=', handle)
    .where('currency', '=', currency)
    .executeTakeFirstOrThrow();
  return { collected: collected ?? 0n, refunded: refunded ?? 0n, fees: fees ?? 0n };
}

/**
 * Of the starter credit that a seller brought in, what it has not got, neither here nor paid out,
 * was taken as fees.
 */
export async function tillOf(reading: Reading, earner: Earner): Promise<Till> {
  const owned = { owner: earner.handle, currency: earner.currency };
  const earnedMicros = await balanceOf(reading, { kind: 'seller earned', ...owned });
  const earnedStarterMicros = await balanceOf(reading, { kind: 'seller earned starter', ...owned });
  const gotMicros =
    earnedStarterMicros + (await balanceOf(reading, { kind: 'starter paid out', ...owned }));
  const netStarterMicros = await giftMicros(reading, earner);
  const { collected, refunded, fees } = await totalsOf(reading, earner);
  const feesStarterMicros = (netStarterMicros - gotMicros) as Micros;
  return {
    ...{ earnedMicros, earnedStarterMicros, feesStarterMicros, netStarterMicros },
    feesPaidMicros: (fees - feesStarterMicros) as Micros,
    netPaidMicros: (collected - refunded - netStarterMicros) as Micros,
  };
}

/** The till after a refund: starter credit that was not in the till came out of the fees. */
export function tillAfter(till: Till, amountMicros: Micros, parts: RefundParts): Till {
  const feeStarterMicros = parts.starterMicros - parts.earnedStarterMicros - parts.paidOutMicros;
  const feePaidMicros = parts.feeMicros - feeStarterMicros;
  const paidMicros = amountMicros - parts.starterMicros;
  return {
    earnedMicros: (till.earnedMicros - parts.earnedMicros) as Micros,
    earnedStarterMicros: (till.earnedStarterMicros - parts.earnedStarterMicros) as Micros,
    feesStarterMicros: (till.feesStarterMicros - feeStarterMicros) as Micros,
    feesPaidMicros: (till.feesPaidMicros - feePaidMicros) as Micros,
    netPaidMicros: (till.netPaidMicros - paidMicros) as Micros,
    netStarterMicros: (till.netStarterMicros - parts.starterMicros) as Micros,
  };
}
