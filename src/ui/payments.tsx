/** A short list of payments. */
import type { PaymentView } from '../wallet/view.ts';
import { agoText, amountText, reasonText } from './words.ts';

function stateText({ state, atMs, refusal }: PaymentView): string {
  if (state === 'paid') return agoText(atMs, Date.now());
  if (state !== 'refused') return 'Waiting to hear back';
  return `Nothing was charged. ${refusal ? reasonText(refusal) : ''}`;
}

interface PaymentListProps {
  readonly payments: readonly PaymentView[];
  readonly onOpen: (payment: PaymentView) => void;
}

export function PaymentList({ payments, onOpen }: PaymentListProps) {
  return (
    <ul class="payments">
      {payments.map((payment) => (
        <li class="payment" key={payment.id}>
          {payment.state === 'paid' ? (
            <button type="button" class="payment-title" onClick={() => onOpen(payment)}>
              {payment.title}
            </button>
          ) : (
            <span class="payment-title">{payment.title}</span>
          )}
          <span>
            {payment.state === 'refused' ? '–' : amountText(payment.amount, payment.currency)}
          </span>
          <span class="payment-note">
            {payment.sellerName} · {stateText(payment)}
          </span>
        </li>
      ))}
    </ul>
  );
}
