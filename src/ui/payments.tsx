/** A short list of payments. */
import type { PaymentView } from '../wallet/view.ts';
import { agoText, amountText, reasonText, undoText } from './words.ts';

function stateText({ state, atMs, refusal, undo }: PaymentView): string {
  if (undo === 'back') return 'Undone';
  if (undo === 'granted') return 'Undone, on its way back';
  if (undo === 'asked') return 'Taking it back…';
  if (state === 'paid') return agoText(atMs, Date.now());
  if (state === 'taken') return 'Taken by the seller without a receipt';
  if (state !== 'refused') return 'Waiting to hear back';
  return `Nothing was charged. ${refusal ? reasonText(refusal) : ''}`;
}

interface PaymentListProps {
  readonly payments: readonly PaymentView[];
  readonly onOpen: (payment: PaymentView) => void;
  readonly onUndo: (payment: PaymentView) => void;
}

function isUndone(undo: PaymentView['undo']): boolean {
  return undo === 'granted' || undo === 'back';
}

function isOpenable({ state, undo }: PaymentView): boolean {
  return state === 'paid' && !isUndone(undo);
}

function UndoButton({
  payment,
  onUndo,
}: { payment: PaymentView } & Pick<PaymentListProps, 'onUndo'>) {
  const { undoUntilMs, title } = payment;
  if (undoUntilMs === undefined || undoUntilMs <= Date.now()) return null;
  const label = undoText(undoUntilMs, Date.now());
  return (
    <button
      type="button"
      class="payment-undo"
      aria-label={`${label}: ${title}`}
      onClick={() => onUndo(payment)}
    >
      {label}
    </button>
  );
}

export function PaymentList({ payments, onOpen, onUndo }: PaymentListProps) {
  return (
    <ul class="payments">
      {payments.map((payment) => (
        <li class="payment" key={payment.id}>
          {isOpenable(payment) ? (
            <button type="button" class="payment-title" onClick={() => onOpen(payment)}>
              {payment.title}
            </button>
          ) : (
            <span class="payment-title">{payment.title}</span>
          )}
          <span class={isUndone(payment.undo) ? 'payment-undone' : ''}>
            {payment.state === 'refused' ? '–' : amountText(payment.amount, payment.currency)}
          </span>
          <span class="payment-note">
            {payment.sellerName} · {stateText(payment)}
            <UndoButton payment={payment} onUndo={onUndo} />
          </span>
        </li>
      ))}
    </ul>
  );
}
