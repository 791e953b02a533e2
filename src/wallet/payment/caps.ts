/**
 * Caps (SPEC 7.7), as a reader's wallet meets them: a seller promises that past so much in a period
 * the rest of it is free. The seller counts; the wallet pays less where it is told that less is
 * missing, and shows the receipt that reached the cap for everything after it.
 */
import type { Terms } from '../../protocol/terms.ts';
import type { PaymentTable, WalletPorts } from '../ports.ts';
import type { Payment } from '../rows.ts';

/** Whether the receipt of `payment` reached the very cap that `terms` are under. */
function hasReached({ ask, state, undo, freeUntilSec }: Payment, terms: Terms): boolean {
  const { cap, payto, origin, currency } = ask.terms;
  const isUndone = undo !== undefined && undo.state !== 'refused';
  return (
    state === 'paid' &&
    freeUntilSec !== undefined &&
    !isUndone &&
    payto === terms.payto &&
    origin === terms.origin &&
    currency === terms.currency &&
    cap?.amountMicros === terms.cap?.amountMicros &&
    cap?.periodSec === terms.cap?.periodSec
  );
}

/**
 * The payment on whose account all under the cap of `terms` is free, later than `atMs` by the
 * provider's clock; undefined where something is missing to it. Not async, for the sake of
 * transactions: see `bookkeeping.ts`.
 */
export function freeOnAccountOf(
  payments: PaymentTable,
  terms: Terms,
  atMs: number,
): Promise<Payment | undefined> {
  if (!terms.cap) return Promise.resolve(undefined);
  const endMs = ({ freeUntilSec = 0 }: Payment) => freeUntilSec * 1000;
  return payments.freeAfter(Math.floor(atMs / 1000)).then((rows) => {
    const reached = rows.filter((it) => hasReached(it, terms) && endMs(it) > atMs);
    return reached.sort((a, b) => endMs(b) - endMs(a))[0];
  });
}

/**
 * By the seller's word nothing is free any more on account of `source`: something was undone. The
 * receipt is kept: where the seller says of another charge that nothing is due, it is shown again.
 */
export async function endFree({ store }: WalletPorts, source: Payment): Promise<void> {
  await store.transaction(async ({ payments }) => {
    for (const payment of await payments.at(source.ask.terms.payto)) {
      if (payment.id === source.id) await payments.put({ ...payment, freeUntilSec: 0 });
      if (payment.freeBy === source.id) await payments.put({ ...payment, untilSec: 0 });
    }
  });
}
