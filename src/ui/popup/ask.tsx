/** The question before a payment: what, how much, what is kept; and the yes. */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button, GuardedButton } from '../../design/button.tsx';
import type { AskView, WalletView } from '../../wallet/view.ts';
import { say } from '../../words/say.ts';
import { PlayMark } from '../play.tsx';
import { Said, Standing } from '../said.tsx';
import { capText, keepText } from '../words.ts';

interface AskProps {
  readonly ask: AskView;
  /** What one press adds where there is not enough. */
  readonly topUp: string;
  readonly wallet: WalletView;
  readonly busy: boolean;
  /** Whether the wallet is let in here, so that a click could pay the next time. */
  readonly canRemember: boolean;
  readonly onPay: (remember: boolean) => void;
  readonly onDismiss: () => void;
  readonly onAddMoney: () => void;
}

function AskHeading({ askId, children }: { askId: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // Focus starts on what is asked, so that the first Tab reaches the answer (screens.md 2.2).
  useLayoutEffect(() => heading.current?.focus(), [askId]);
  return (
    <h1 ref={heading} tabIndex={-1} class="ask-seller">
      {children}
    </h1>
  );
}

function Heading({ ask }: { ask: AskView }) {
  return (
    <header>
      <AskHeading askId={ask.id}>
        {ask.sellerName}
        {ask.isFirstTime && <span class="soft"> · {say('firstTime')}</span>}
      </AskHeading>
      <p class="soft">{ask.host}</p>
    </header>
  );
}

interface CapProps {
  readonly cap: NonNullable<AskView['cap']>;
  readonly currency: string;
}

function Cap({ cap, currency }: CapProps) {
  return <Said>{({ amount }) => capText(amount(cap.amount, currency), cap.periodSec)}</Said>;
}

function What({ ask }: { ask: AskView }) {
  return (
    <div class="ask-what">
      <p class="ask-title" dir="auto">
        {ask.title}
      </p>
      <p class="figure">
        <Said>{({ amount }) => amount(ask.amount, ask.currency)}</Said>
      </p>
      <p class="soft ask-keep">{keepText(ask.durationSec, ask.refundSec)}</p>
      {ask.cap && (
        <p class="soft ask-keep">
          <Cap cap={ask.cap} currency={ask.currency} />
        </p>
      )}
    </div>
  );
}

function Short(props: AskProps & { short: string }) {
  const { ask, wallet, topUp, short, onDismiss, onAddMoney, busy } = props;
  const { currency } = ask;
  const here = BigInt(ask.amount) - BigInt(short);
  const elsewhere = BigInt(wallet.yours) - here;
  return (
    <>
      <AskHeading askId={`${ask.id} short`}>
        <Said>{({ amount }) => say('shortBy', { amount: amount(short, currency) })}</Said>
      </AskHeading>
      <p>
        <Said>
          {({ amount, balance }) =>
            say('shortNote', {
              title: ask.title,
              cost: amount(ask.amount, currency),
              here: balance(`${here}`, currency),
            })
          }
        </Said>{' '}
        <PlayMark wallet={wallet} />
      </p>
      {elsewhere > 0n && (
        <p class="soft">
          <Said>
            {({ balance }) => say('shortElsewhere', { amount: balance(`${elsewhere}`, currency) })}
          </Said>
        </p>
      )}
      <div class="buttons">
        <Button kind="main" busy={busy} onPress={onAddMoney}>
          <Said>{({ amount }) => say('addMoney', { amount: amount(topUp, currency) })}</Said>
        </Button>
        <Button onPress={onDismiss}>{say('notNow')}</Button>
      </div>
    </>
  );
}

/** The cap is reached: there is nothing to say yes to but opening it. */
function Free({ ask, busy, onPay, onDismiss }: AskProps) {
  return (
    <>
      <Heading ask={ask} />
      <div class="ask-what">
        <p class="ask-title" dir="auto">
          {ask.title}
        </p>
        <p class="figure">{say('free')}</p>
        <p class="soft ask-keep">{say('freeNote')}</p>
      </div>
      <div class="buttons">
        <Button kind="main" busy={busy} onPress={() => onPay(false)}>
          {say('openIt')}
        </Button>
        <Button onPress={onDismiss}>{say('notNow')}</Button>
      </div>
    </>
  );
}

function Remember(props: { ask: AskView; checked: boolean; onChange: (checked: boolean) => void }) {
  const { ask, checked, onChange } = props;
  if (!ask.allowance || ask.overDay !== undefined) return null;
  const { item, day } = ask.allowance;
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        <Said>
          {({ amount }) =>
            say('remember', {
              item: amount(item, ask.currency),
              day: amount(day, ask.currency),
            })
          }
        </Said>
      </span>
    </label>
  );
}

function Notes({ ask, wallet }: { ask: AskView; wallet: WalletView }) {
  const { former, currency, overDay } = ask;
  return (
    <>
      {former !== undefined && (
        <p class="notice">
          <Said>
            {({ amount }) =>
              say('priceWent', {
                former: amount(former, currency),
                cost: amount(ask.amount, currency),
              })
            }
          </Said>
        </p>
      )}
      {overDay !== undefined && (
        <p class="notice">
          <Said>
            {({ amount }) =>
              say('overDay', {
                over: amount(overDay, currency),
                limit: amount(wallet.dailyLimit, wallet.currency),
              })
            }
          </Said>
        </p>
      )}
    </>
  );
}

export function AskScreen(props: AskProps) {
  const { ask, wallet, busy, canRemember, onPay, onDismiss } = props;
  // The tick is for the question under which it was made, and for no other that takes its place.
  const [rememberedId, setRememberedId] = useState<string>();
  const remember =
    rememberedId === ask.id && ask.allowance !== undefined && ask.overDay === undefined;
  if (ask.short !== undefined) return <Short {...props} short={ask.short} />;
  if (ask.isFree) return <Free {...props} />;
  return (
    <>
      <Heading ask={ask} />
      <What ask={ask} />
      <Notes ask={ask} wallet={wallet} />
      {canRemember && (
        <Remember
          ask={ask}
          checked={remember}
          onChange={(checked) => setRememberedId(checked ? ask.id : undefined)}
        />
      )}
      <div class="buttons">
        <GuardedButton
          subject={`${ask.id} ${ask.amount} ${ask.host}`}
          early={say('tooEarly')}
          busy={busy}
          onPress={() => onPay(remember)}
        >
          <Said>
            {({ amount }) =>
              say(busy ? 'paying' : ask.overDay === undefined ? 'pay' : 'payAnyway', {
                amount: amount(ask.amount, ask.currency),
              })
            }
          </Said>
        </GuardedButton>
        <Button onPress={onDismiss}>{say('notNow')}</Button>
      </div>
      <Standing wallet={wallet} />
    </>
  );
}
