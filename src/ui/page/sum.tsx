/** What many payments came to: parts of a cent are shown below a unit, and left out above it. */
import { Amount } from '../../design/amount.tsx';
import { amountSaid, amountText, balanceSaid, balanceText } from '../../extension/amounts.ts';
import { MICROS_PER_UNIT } from '../../protocol/money.ts';

/** Rounded down above a unit; the exact sum is in the files that the reader takes away. */
export function sumText(amount: string | bigint, currency: string): string {
  const text = amount.toString();
  return BigInt(amount) < MICROS_PER_UNIT
    ? amountText(text, currency)
    : balanceText(text, currency);
}

/** `sumText` as it is read out. */
export function sumSaid(amount: string | bigint, currency: string): string {
  const text = amount.toString();
  return BigInt(amount) < MICROS_PER_UNIT
    ? amountSaid(text, currency)
    : balanceSaid(text, currency);
}

interface SumProps {
  readonly amount: string | bigint;
  readonly currency: string;
}

/** A sum, for the eye and for the ear. */
export function Sum({ amount, currency }: SumProps) {
  return <Amount said={sumSaid(amount, currency)}>{sumText(amount, currency)}</Amount>;
}
