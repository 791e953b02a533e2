/** One sentence that says how things stand, and one button that helps. */
import type { ComponentChildren } from 'preact';
import { Button } from '../../design/button.tsx';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { PaymentView } from '../../wallet/view.ts';
import { amountText, reasonText } from '../words.ts';

function Note({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="note" aria-live="polite">
      <h1 class="ask-seller">{title}</h1>
      {children}
    </section>
  );
}

interface PaymentNoteProps {
  readonly payment: PaymentView;
  readonly busy: boolean;
  readonly onAct: () => void;
}

interface ParentNoteProps extends PaymentNoteProps {
  /** What else can be done about it. */
  readonly children?: ComponentChildren;
}

export function PaidNote({ payment, onAct, children }: ParentNoteProps) {
  return (
    <Note title={`Paid ${amountText(payment.amount, payment.currency)}`}>
      <p>
        “{payment.title}” at {payment.sellerName} is open in your tab.
      </p>
      {children}
      <Button onPress={onAct}>Done</Button>
    </Note>
  );
}

export function OwnedNote({ payment, onAct }: PaymentNoteProps) {
  return (
    <Note title="Already yours">
      <p>You bought “{payment.title}” before. Opening it costs nothing.</p>
      <Button kind="main" onPress={onAct}>
        Open it
      </Button>
    </Note>
  );
}

export function WaitingNote({ payment, busy, onAct, children }: ParentNoteProps) {
  const amount = amountText(payment.amount, payment.currency);
  return (
    <Note title={`Waiting to hear from ${payment.sellerName}`}>
      <p>
        If they got your {amount}, the page opens; if not, it stays yours. You cannot be charged
        twice.
      </p>
      <Button busy={busy} onPress={onAct}>
        {busy ? 'Trying…' : 'Try now'}
      </Button>
      {children}
    </Note>
  );
}

export function ServiceNote({
  payment,
  providerHost,
}: {
  payment: PaymentView;
  providerHost: string;
}) {
  return (
    <Note title={`${providerHost} does not answer`}>
      <p>“{payment.title}” is not paid yet. Nothing was charged. Trying again…</p>
    </Note>
  );
}

export function RefusedNote({ payment, onAct }: PaymentNoteProps) {
  return (
    <Note title="Nothing was charged">
      <p>
        “{payment.title}” could not be bought. {payment.refusal && reasonText(payment.refusal)}
      </p>
      <Button onPress={onAct}>Look at the page again</Button>
    </Note>
  );
}

interface UnpayableProps {
  readonly code: ErrorCode;
  readonly onRetry: () => void;
  readonly onClose: () => void;
}

/** Trying again helps where somebody did not answer; for the rest there is only the page itself. */
export function UnpayableNote({ code, onRetry, onClose }: UnpayableProps) {
  const isPassing = code === 'provider_unreachable' || code === 'seller_unreachable';
  return (
    <Note title="This cannot be paid here">
      <p>{reasonText(code)} Nothing was charged.</p>
      <Button onPress={isPassing ? onRetry : onClose}>{isPassing ? 'Try again' : 'Close'}</Button>
    </Note>
  );
}
