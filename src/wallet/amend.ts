/**
 * Changes the row of a payment as it is by now: sellers, tabs and the wallet service take their
 * time, and what was read before they were asked may have changed meanwhile.
 */
import type { WalletPorts } from './ports.ts';
import type { Payment } from './rows.ts';

/** Answers the payment with the change. One that was deleted meanwhile stays deleted. */
export function amend(
  { store }: WalletPorts,
  payment: Payment,
  change: Partial<Payment>,
): Promise<Payment> {
  return store.transaction(async ({ payments }) => {
    const now = await payments.get(payment.id);
    const next: Payment = { ...(now ?? payment), ...change };
    if (now) await payments.put(next);
    return next;
  });
}
