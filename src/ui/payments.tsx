/** A short list of payments. */
import type { PaymentView } from '../wallet/view.ts';
import { say } from '../words/say.ts';
import { ReportLink } from './report.tsx';
import { Said } from './said.tsx';
import { undoneText } from './undone.ts';
import { agoText, reasonText, undoText } from './words.ts';

function stateText(payment: PaymentView): string {
  const { state, isFree, atMs, refusal, undo, undoRefusal } = payment;
  if (undo === 'refused' && undoRefusal) return reasonText(undoRefusal);
  if (undo === 'back' || undo === 'granted') return undoneText(payment);
  if (undo === 'asked') return say('undoing');
  if (isFree) return say('state_free');
  if (state === 'paid') return agoText(atMs, Date.now());
  if (state === 'taken') return say('takenAnyway');
  if (state !== 'refused') return say('waitingToHear');
  return `${say('nothingCharged')} ${refusal ? reasonText(refusal) : ''}`;
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
      aria-label={say('about', { action: label, title })}
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
            <button type="button" class="payment-title" dir="auto" onClick={() => onOpen(payment)}>
              {payment.title}
            </button>
          ) : (
            <span class="payment-title" dir="auto">
              {payment.title}
            </span>
          )}
          <span class={isUndone(payment.undo) ? 'payment-undone' : ''}>
            {payment.state === 'refused' ? (
              '–'
            ) : (
              <Said>{({ amount }) => amount(payment.amount, payment.currency)}</Said>
            )}
          </span>
          <span class="payment-note">
            <bdi>{payment.sellerName}</bdi> · {stateText(payment)}
            {payment.undo === 'refused' && (
              <>
                {' '}
                <ReportLink paymentId={payment.id} />
              </>
            )}
            <UndoButton payment={payment} onUndo={onUndo} />
          </span>
        </li>
      ))}
    </ul>
  );
}
