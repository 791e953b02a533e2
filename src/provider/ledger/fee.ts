/** How captured money is split (SPEC 10.3, 10.4). Nothing is lost: the parts sum to the amount. */
import type { Micros } from '../../protocol/money.ts';

/** The smaller of two amounts (`Math.min` knows no bigint). */
export function lesser<T extends bigint>(a: T, b: T): T {
  if (a < b) return a;
  return b;
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
