/** One sentence that says how things stand, and one button that helps. */
import type { ComponentChildren } from 'preact';
import { Button } from '../../design/button.tsx';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { PaymentView } from '../../wallet/view.ts';
import { say } from '../../words/say.ts';
import { amountText, namesText, reasonText, soonText } from '../words.ts';

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

function paidTitle({ isFree, amount, currency }: PaymentView): string {
  return isFree ? say('state_free') : say('paid', { amount: amountText(amount, currency) });
}

export function PaidNote({ payment, onAct, children }: ParentNoteProps) {
  return (
    <Note title={paidTitle(payment)}>
      <p>{say('paidNote', { title: payment.title, seller: payment.sellerName })}</p>
      {children}
      <Button onPress={onAct}>{say('done')}</Button>
    </Note>
  );
}

export function OwnedNote({ payment, onAct }: PaymentNoteProps) {
  return (
    <Note title={say('owned')}>
      <p>{payment.isFree ? say('freeNote') : say('ownedNote', { title: payment.title })}</p>
      <Button kind="main" onPress={onAct}>
        {say('openIt')}
      </Button>
    </Note>
  );
}

export function WaitingNote({ payment, busy, onAct, children }: ParentNoteProps) {
  const amount = amountText(payment.amount, payment.currency);
  return (
    <Note title={say('waiting', { seller: payment.sellerName })}>
      <p>{say('waitingNote', { amount })}</p>
      <Button busy={busy} onPress={onAct}>
        {say(busy ? 'trying' : 'tryNow')}
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
    <Note title={say('serviceSilent', { host: providerHost })}>
      <p>{say('serviceSilentNote', { title: payment.title })}</p>
    </Note>
  );
}

type FetchingProps = {
  readonly payment: PaymentView;
  readonly fetching: NonNullable<PaymentView['fetching']>;
};

/** What sellers hold is fetched back before anybody is told that there is not enough. */
export function FetchingNote({ payment, fetching }: FetchingProps) {
  const amount = amountText(fetching.amount, payment.currency);
  return (
    <Note title={say('fetchingBack', { amount, sellers: namesText(fetching.sellerNames) })}>
      <p>{say('fetchingNote', { title: payment.title })}</p>
    </Note>
  );
}

/** What sellers did not give back in time, and when it is back. */
function Missed({ payment: { missed, currency } }: { payment: PaymentView }) {
  return missed.map(({ sellerName, amount, backByMs }) => (
    <p key={sellerName}>
      {say('stillAside', {
        amount: amountText(amount, currency),
        ...{ seller: sellerName, day: soonText(backByMs) },
      })}
    </p>
  ));
}

export function RefusedNote({ payment, onAct }: PaymentNoteProps) {
  return (
    <Note title={say('refused')}>
      <p>
        {say('refusedNote', { title: payment.title })}{' '}
        {payment.refusal && reasonText(payment.refusal)}
      </p>
      <Missed payment={payment} />
      <Button onPress={onAct}>{say('lookAgain')}</Button>
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
    <Note title={say('unpayable')}>
      <p>
        {reasonText(code)} {say('nothingCharged')}
      </p>
      <Button onPress={isPassing ? onRetry : onClose}>
        {say(isPassing ? 'tryAgain' : 'close')}
      </Button>
    </Note>
  );
}
