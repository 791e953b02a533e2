/** One sentence that says how things stand, and one button that helps. */
import type { ComponentChildren } from 'preact';
import { Button } from '../../design/button.tsx';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { PaymentView, WalletView } from '../../wallet/view.ts';
import { soonText } from '../../words/days.ts';
import { say } from '../../words/say.ts';
import { Said, Standing, type Writing } from '../said.tsx';
import { undoneText } from '../undone.ts';
import { namesText, reasonText, undoText } from '../words.ts';

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

/** Whether it is taken back, or is about to be. */
function isUndone({ undo }: PaymentView): boolean {
  return undo !== undefined && undo !== 'refused';
}

function PaidTitle({ payment }: { payment: PaymentView }) {
  if (payment.isFree) return say('state_free');
  if (isUndone(payment)) return payment.undo === 'asked' ? say('undoing') : undoneText(payment);
  return <Said>{(write) => say('paid', { amount: paidIn(payment, write) })}</Said>;
}

function paidIn({ amount, currency }: PaymentView, write: Writing): string {
  return write.amount(amount, currency);
}

interface PaidNoteProps extends ParentNoteProps {
  readonly wallet: WalletView;
  readonly onUndo: (payment: PaymentView) => void;
}

/** What was paid, what is left, and *Undo* while it can be undone. */
export function PaidNote({ payment, wallet, busy, onAct, onUndo, children }: PaidNoteProps) {
  const { title, sellerName: seller, undoUntilMs = 0 } = payment;
  return (
    <Note title={<PaidTitle payment={payment} />}>
      {!isUndone(payment) && <p>{say('paidNote', { title, seller })}</p>}
      <Standing wallet={wallet} />
      {!isUndone(payment) && children}
      <div class="buttons">
        <Button onPress={onAct}>{say('done')}</Button>
        {undoUntilMs > Date.now() && (
          <Button busy={busy} onPress={() => onUndo(payment)}>
            {undoText(undoUntilMs, Date.now())}
          </Button>
        )}
      </div>
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
  /** Where the reader has blocked it. */
  readonly onAskAgain: () => void;
  readonly onRetry: () => void;
  readonly onClose: () => void;
}

/** Trying again helps where somebody did not answer; for the rest there is only the page itself. */
export function UnpayableNote({ code, onAskAgain, onRetry, onClose }: UnpayableProps) {
  const isPassing = code === 'provider_unreachable' || code === 'seller_unreachable';
  return (
    <Note title={say('unpayable')}>
      <p>
        {reasonText(code)} {say('nothingCharged')}
      </p>
      <div class="buttons">
        {code === 'seller_blocked' && <Button onPress={onAskAgain}>{say('askMeAgain')}</Button>}
        <Button onPress={isPassing ? onRetry : onClose}>
          {say(isPassing ? 'tryAgain' : 'close')}
        </Button>
      </div>
    </Note>
  );
}
