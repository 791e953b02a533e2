/** How captured money is split (SPEC 10.3, 10.4). Nothing is lost: the parts sum to the amount. */
import type { Micros } from '../../protocol/money.ts';

/** The smaller of two amounts (`Math.min` knows no bigint). */
export function lesser<T extends bigint>(a: T, b: T): T {
  if (a < b) return a;
  return b;
}

/** The larger of two amounts. */
export function greater<T extends bigint>(a: T, b: T): T {
  return a > b ? a : b;
}

/** A hundredth of a percent. */
const BASIS_POINTS = 10_000n;

/**
 * The fee still due on all that a seller has collected: floor(collected × rate) − taken. It is
 * taken from the whole, so that the number of collections cannot change it; the remainder, under
 * one micro, is the seller's.
 */
export function feeDue(terms: {
  readonly collectedMicros: bigint;
  readonly takenMicros: bigint;
  readonly rateBasisPoints: number;
}): Micros {
  const wholeMicros = (terms.collectedMicros * BigInt(terms.rateBasisPoints)) / BASIS_POINTS;
  return (wholeMicros - terms.takenMicros) as Micros;
}

export interface CaptureParts {
  /** What the purse's starter part gives: first, and whole (SPEC 10.3). */
  readonly starterMicros: Micros;
  readonly earnedMicros: Micros;
  readonly earnedStarterMicros: Micros;
  readonly feeMicros: Micros;
}

/** Splits a capture; the fee comes out of real money before it comes out of starter credit. */
export function splitCapture(capture: {
  readonly amountMicros: Micros;
  readonly starterLeftMicros: Micros;
  readonly feeMicros: Micros;
}): CaptureParts {
  const { amountMicros, starterLeftMicros, feeMicros } = capture;
  const starterMicros = lesser(starterLeftMicros, amountMicros);
  const paidMicros = (amountMicros - starterMicros) as Micros;
  const feeOfPaidMicros = lesser(feeMicros, paidMicros);
  return {
    starterMicros,
    earnedMicros: (paidMicros - feeOfPaidMicros) as Micros,
    earnedStarterMicros: (starterMicros - (feeMicros - feeOfPaidMicros)) as Micros,
    feeMicros,
  };
}

/** What a refund is made of. */
export interface RefundTerms {
  readonly amountMicros: Micros;
  /** Captured of the purse's starter part and not given back. */
  readonly starterLeftMicros: Micros;
  /** The fee that falls due no more. */
  readonly feeMicros: Micros;
  /** What its seller has earned of money. */
  readonly earnedMicros: Micros;
  /** What it has earned of starter credit, less what was paid out, and the fees taken of that. */
  readonly earnedStarterMicros: Micros;
  readonly feesStarterMicros: Micros;
  /** The fees taken from it of money. */
  readonly feesPaidMicros: Micros;
  /** Captured for it and not given back: of money, and of starter credit. */
  readonly netPaidMicros: Micros;
  readonly netStarterMicros: Micros;
}

export interface RefundParts {
  /** What the reader gets as starter credit: first, and whole (SPEC 10.5). */
  readonly starterMicros: Micros;
  /** Below zero where a fee goes back to the seller. */
  readonly earnedMicros: Micros;
  readonly earnedStarterMicros: Micros;
  readonly feeMicros: Micros;
  /** Paid out to the seller before, so it comes out of its money; the provider's funds get it. */
  readonly paidOutMicros: Micros;
}

/** So much of `whole` as `part` is of `all`, rounded up. */
function shareOf(whole: bigint, part: bigint, all: bigint): bigint {
  return all === 0n ? 0n : (whole * part + all - 1n) / all;
}

/**
 * Of the fees taken of money: what falls to the money that stays, whether by its share of all that
 * stays or by its share of the money that there was. Where fees were changed these differ.
 */
function feesThatStay(terms: RefundTerms, starterMicros: bigint): bigint {
  const { amountMicros, feeMicros, feesPaidMicros, netPaidMicros } = terms;
  const stayMicros = netPaidMicros - (amountMicros - starterMicros);
  const allMicros = netPaidMicros + terms.netStarterMicros - amountMicros;
  const feesMicros = feesPaidMicros + terms.feesStarterMicros - feeMicros;
  return lesser(
    shareOf(feesMicros, stayMicros, allMicros),
    shareOf(feesPaidMicros, stayMicros, netPaidMicros),
  );
}

/**
 * Splits a refund by where its money came from (SPEC 10.5). The fee goes back out of what was taken
 * of money, and out of what was taken of starter credit as far as either would run short. Where the
 * seller has too little money, its starter credit takes the place of fees that were taken of money.
 * Either way the money that stays keeps its fees: else starter credit would take their place one
 * refund after the other, and become money. What is left of the starter credit was paid out, so the
 * seller gives it back in money. So a gift never becomes money, and what was captured can be given
 * back in any order.
 */
export function splitRefund(terms: RefundTerms): RefundParts {
  const { amountMicros, feeMicros, earnedStarterMicros, feesStarterMicros } = terms;
  const starterMicros = lesser(amountMicros, terms.starterLeftMicros);
  const spareFeesMicros = terms.feesPaidMicros - feesThatStay(terms, starterMicros);
  const shortOfStarterMicros = starterMicros - earnedStarterMicros;
  const shortOfPaidMicros = feeMicros - spareFeesMicros;
  const neededMicros = greater(0n, greater(shortOfStarterMicros, shortOfPaidMicros));
  const feeStarterMicros = lesser(lesser(neededMicros, feesStarterMicros), feeMicros);
  const earnedStarterPart = lesser(starterMicros - feeStarterMicros, earnedStarterMicros);
  const earnedPart = amountMicros - feeMicros - earnedStarterPart;
  const missingMicros = greater(0n, earnedPart - terms.earnedMicros);
  const feePaidMicros = feeMicros - lesser(starterMicros - earnedStarterPart, feesStarterMicros);
  const feesLeftMicros = spareFeesMicros - feePaidMicros;
  const roomMicros = lesser(earnedStarterMicros - earnedStarterPart, feesLeftMicros);
  const insteadMicros = missingMicros <= roomMicros ? missingMicros : 0n;
  const earnedStarterWhole = earnedStarterPart + insteadMicros;
  const paidOutMicros = greater(0n, starterMicros - earnedStarterWhole - feesStarterMicros);
  return {
    starterMicros,
    earnedMicros: (earnedPart - insteadMicros) as Micros,
    earnedStarterMicros: earnedStarterWhole as Micros,
    feeMicros,
    paidOutMicros: paidOutMicros as Micros,
  };
}
