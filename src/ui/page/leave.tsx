/** *Close your account*: what is in the way of it, what goes and what stays. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Dialog } from '../../design/dialog.tsx';
import { ask } from '../../extension/screen.ts';
import type { LeavingView } from '../../wallet/account/leaving.ts';
import type { WalletView } from '../../wallet/view.ts';
import { dayText } from '../../words/days.ts';
import { say } from '../../words/say.ts';
import { OthersNote } from '../recovery/others.tsx';
import { Said, type Writing } from '../said.tsx';
import { comingText } from '../undone.ts';
import { callText } from '../words.ts';

interface LeaveProps {
  readonly wallet: WalletView;
  readonly onChanged: () => Promise<void>;
}

interface PartProps extends Pick<LeaveProps, 'wallet'> {
  readonly view: LeavingView;
  readonly busy: boolean;
  /** Does something about it, then looks again. */
  readonly onDo: (work: () => Promise<unknown>) => void;
  /** Ends the dialog. */
  readonly children: ComponentChildren;
}

type Sentence = (write: Writing['amount']) => string;

/** Each thing that has to end before. */
function obstacles({ view, wallet }: Pick<PartProps, 'view' | 'wallet'>): Sentence[] {
  const { currency, topUp, withdrawal } = wallet;
  const { coming, aside, returnable } = view;
  // What was undone is waited for as long as there is a day.
  const isComing = coming && (coming.backByMs ?? 0) > Date.now();
  const sent = withdrawal?.coming ?? '0';
  const found: (Sentence | false | undefined)[] = [
    topUp?.state === 'begun' &&
      ((write) => say('cardWaits', { amount: write(topUp.amount, currency) })),
    sent !== '0' && ((write) => say('moneyBack_coming', { amount: write(sent, currency) })),
    isComing && ((write) => comingText(write(coming.amount, currency), coming)),
    ...aside.map(({ sellerName: seller, amount, backByMs }): Sentence => {
      const day = dayText(backByMs);
      if (amount === '0') return () => say('leaveSpent', { seller, day });
      return (write) => say('stillAside', { amount: write(amount, currency), seller, day });
    }),
    returnable !== '0' && ((write) => say('youHave', { yours: write(returnable, currency) })),
  ];
  return found.filter((it) => typeof it === 'function');
}

function Obstacles({ view, wallet, busy, onDo, children }: PartProps) {
  const { returnable, aside } = view;
  const takeBack = async () => {
    for (const { payto } of aside) await ask('take-back', { payto });
  };
  return (
    <>
      <p>{say('leaveFirst')}</p>
      <ul>
        {obstacles({ view, wallet }).map((sentence) => (
          <li key={sentence(String)}>
            <Said>{({ amount }) => sentence(amount)}</Said>
          </li>
        ))}
      </ul>
      <OthersNote />
      <div class="buttons">
        {aside.some(({ amount }) => amount !== '0') && (
          <Button busy={busy} onPress={() => onDo(takeBack)}>
            {say(busy ? 'undoing' : 'takeBack')}
          </Button>
        )}
        {returnable !== '0' && (
          <Button busy={busy} onPress={() => onDo(() => ask('withdraw', { amount: returnable }))}>
            <Said>
              {({ amount }) =>
                say('moneyBackSend', { amount: amount(returnable, wallet.currency) })
              }
            </Said>
          </Button>
        )}
        {children}
      </div>
      {returnable !== '0' && <p class="soft">{say('moneyBackNote')}</p>}
    </>
  );
}

/** Without a choice nothing is closed: no press meant for something else can do it. */
function Confirm({ view, wallet, busy, onDo, children }: PartProps) {
  const [history, setHistory] = useState<'keep' | 'delete'>();
  const leave = async () => {
    if (history) await ask('leave', { history });
    location.hash = '#closed';
  };
  return (
    <>
      <ul>
        <li>{say('leaveEnds')}</li>
        <li>{say('leaveStays')}</li>
        {view.rest !== '0' && (
          <li>
            <Said>
              {({ amount }) => say('leaveRest', { amount: amount(view.rest, wallet.currency) })}
            </Said>
          </li>
        )}
      </ul>
      <OthersNote />
      <fieldset class="choice">
        <legend>{say('copy')}</legend>
        {(['keep', 'delete'] as const).map((it) => (
          <label key={it} class="check">
            <input
              type="radio"
              name="history"
              checked={history === it}
              onChange={() => setHistory(it)}
            />
            <span>{say(it === 'keep' ? 'leaveKeep' : 'forgetAll')}</span>
          </label>
        ))}
      </fieldset>
      <div class="buttons">
        <Button kind="danger" busy={busy || !history} onPress={() => onDo(leave)}>
          {say('leave')}
        </Button>
        {children}
      </div>
    </>
  );
}

function Told({ text }: { readonly text: string }) {
  if (text === '') return null;
  return (
    <p class="notice" role="alert">
      {text}
    </p>
  );
}

export function Leave({ wallet, onChanged }: LeaveProps) {
  const [view, setView] = useState<LeavingView>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const attempt = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setFailure(undefined);
    try {
      await work();
    } catch (error) {
      setFailure(callText(error));
    }
    setBusy(false);
  };
  const look = async () => setView(await ask('foresee-leaving', {}));
  const act = (work: () => Promise<unknown>) =>
    attempt(async () => {
      await work();
      await onChanged();
      await look();
    });
  const isBlocked = view && obstacles({ view, wallet }).length > 0;
  const Part = isBlocked ? Obstacles : Confirm;
  const close = () => setView(undefined);
  const told = [failure, wallet.isLeaving && say('restoringNote')].filter(Boolean).join(' ');
  return (
    <>
      <p>
        <Button kind="danger" busy={busy} onPress={() => void attempt(look)}>
          {say('leave')}
        </Button>
      </p>
      {!view && <Told text={told} />}
      {view && (
        <Dialog title={say('leave')} onClose={close}>
          <Told text={told} />
          <Part view={view} wallet={wallet} busy={busy} onDo={(work) => void act(work)}>
            <Button onPress={close}>{say('notNow')}</Button>
          </Part>
        </Dialog>
      )}
    </>
  );
}
