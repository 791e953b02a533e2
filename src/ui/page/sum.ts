/** What many payments came to: parts of a cent are shown below a unit, and left out above it. */
import { MICROS_PER_UNIT } from '../../protocol/money.ts';
import { amountText, balanceText } from '../words.ts';

/** Rounded down above a unit; the exact sum is in the files that the reader takes away. */
export function sumText(amount: string | bigint, currency: string): string {
  const text = amount.toString();
  return BigInt(amount) < MICROS_PER_UNIT
    ? amountText(text, currency)
    : balanceText(text, currency);
}
