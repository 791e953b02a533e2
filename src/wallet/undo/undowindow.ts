/** Until when a purchase can be undone, by its receipt. Pure. */
import { readReceipt } from '../../protocol/receipt.ts';
import { LATEST_SEC } from '../payment/dues.ts';
import type { Payment } from '../rows.ts';

/** In seconds since 1970, by the provider's clock; undefined where it cannot be undone. */
export function undoUntilSec(payment: Payment): number | undefined {
  const { state, receipt, undo, elsewhere } = payment;
  if (state !== 'paid' || receipt === undefined || undo || elsewhere) return undefined;
  const { at, undo: untilSec } = readReceipt(receipt).claims;
  return untilSec > at ? Math.min(untilSec, LATEST_SEC) : undefined;
}
