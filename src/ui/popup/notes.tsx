/** One sentence that says how things stand, and one button that helps. */
import type { ComponentChildren } from 'preact';
import { Button } from '../../design/button.tsx';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { PaymentView } from '../../wallet/view.ts';
import { say } from '../../words/say.ts';
import { Said, type Writing } from '../said.tsx';
import { namesText, reasonText, soonText } from '../words.ts';

interface NoteProps {
  readonly title: ComponentChildren;
  readonly children: ComponentChildren;
}

function Note({ title, children }: NoteProps) {
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

function PaidTitle({ payment }: { payment: PaymentView }) {
  if (payment.isFree) return say('state_free');
  return <Said>{(write) => say('paid', { amount: paidIn(payment, write) })}</Said>;
}

function paidIn({ amount, currency }: PaymentView, write: Writing): string {
  return write.amount(amount, currency);
}

export function PaidNote({ payment, onAct, children }: ParentNoteProps) {
  return (
    <Note title={<PaidTitle payment={payment} />}>
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
  return (
    <Note title={say('waiting', { seller: payment.sellerName })}>
      <p>
        <Said>{(write) => say('waitingNote', { amount: paidIn(payment, write) })}</Said>
      </p>
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
  const sellers = namesText(fetching.sellerNames);
  const title = (
    <Said>
      {({ amount }) =>
        say('fetchingBack', { amount: amount(fetching.amount, payment.currency), sellers })
      }
    </Said>
  );
  return (
    <Note title={title}>
      <p>{say('fetchingNote', { title: payment.title })}</p>
    </Note>
  );
}

/** What sellers did not give back in time, and when it is back. */
function Missed({ payment: { missed, currency } }: { payment: PaymentView }) {
  return missed.map(({ sellerName, amount, backByMs }) => (
    <p key={sellerName}>
      <Said>
        {(write) =>
          say('stillAside', {
            amount: write.amount(amount, currency),
            ...{ seller: sellerName, day: soonText(backByMs) },
          })
        }
      </Said>
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
