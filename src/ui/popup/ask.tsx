/** The question before a payment: what, how much, what is kept; and the yes. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Button, GuardedButton } from '../../design/button.tsx';
import type { AskView, WalletView } from '../../wallet/view.ts';
import { say } from '../../words/say.ts';
import { PlayMark } from '../play.tsx';
import { amountText, balanceText, capText, keepText } from '../words.ts';

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

function Heading({ ask }: { ask: AskView }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // Focus starts on what is asked, so that the first Tab reaches the answer (screens.md 2.2).
  useEffect(() => heading.current?.focus(), [ask.id]);
  return (
    <header>
      <h1 ref={heading} tabIndex={-1} class="ask-seller">
        {ask.sellerName}
        {ask.isFirstTime && <span class="soft"> · {say('firstTime')}</span>}
      </h1>
      <p class="soft">{ask.host}</p>
    </header>
  );
}

function What({ ask }: { ask: AskView }) {
  return (
    <div class="ask-what">
      <p class="ask-title" dir="auto">
        {ask.title}
      </p>
      <p class="figure">{amountText(ask.amount, ask.currency)}</p>
      <p class="soft ask-keep">{keepText(ask.durationSec, ask.refundSec)}</p>
      {ask.cap && (
        <p class="soft ask-keep">
          {capText(amountText(ask.cap.amount, ask.currency), ask.cap.periodSec)}
        </p>
      )}
    </div>
  );
}

function Short(props: AskProps & { short: string }) {
  const { ask, wallet, topUp, short, onDismiss, onAddMoney, busy } = props;
  const here = BigInt(ask.amount) - BigInt(short);
  const elsewhere = BigInt(wallet.yours) - here;
  return (
    <>
      <h1 class="ask-seller">{say('shortBy', { amount: amountText(short, ask.currency) })}</h1>
      <p>
        {say('shortNote', {
          title: ask.title,
          cost: amountText(ask.amount, ask.currency),
          here: balanceText(`${here}`, ask.currency),
        })}{' '}
        <PlayMark wallet={wallet} />
      </p>
      {elsewhere > 0n && (
        <p class="soft">
          {say('shortElsewhere', { amount: balanceText(`${elsewhere}`, ask.currency) })}
        </p>
      )}
      <div class="buttons">
        <Button kind="main" busy={busy} onPress={onAddMoney}>
          {say('addMoney', { amount: amountText(topUp, ask.currency) })}
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
  if (!ask.allowance || ask.isOverDay) return null;
  const { item, day } = ask.allowance;
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        {say('remember', {
          item: amountText(item, ask.currency),
          day: amountText(day, ask.currency),
        })}
      </span>
    </label>
  );
}

function Notes({ ask, wallet }: { ask: AskView; wallet: WalletView }) {
  const cost = amountText(ask.amount, ask.currency);
  return (
    <>
      {ask.former !== undefined && (
        <p class="notice">
          {say('priceWent', { former: amountText(ask.former, ask.currency), cost })}
        </p>
      )}
      {ask.isOverDay && (
        <p class="notice">
          {say('overDay', { limit: amountText(wallet.dailyLimit, wallet.currency), cost })}
        </p>
      )}
    </>
  );
}

export function AskScreen(props: AskProps) {
  const { ask, wallet, busy, canRemember, onPay, onDismiss } = props;
  // The tick is for the question under which it was made, and for no other that takes its place.
  const [rememberedId, setRememberedId] = useState<string>();
  const remember = rememberedId === ask.id && ask.allowance !== undefined && !ask.isOverDay;
  if (ask.short !== undefined) return <Short {...props} short={ask.short} />;
  if (ask.isFree) return <Free {...props} />;
  const cost = amountText(ask.amount, ask.currency);
  const spent = amountText(wallet.spentToday, wallet.currency);
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
          busy={busy}
          onPress={() => onPay(remember)}
        >
          {say(busy ? 'paying' : ask.isOverDay ? 'payAnyway' : 'pay', { amount: cost })}
        </GuardedButton>
        <Button onPress={onDismiss}>{say('notNow')}</Button>
      </div>
      <p class="soft">
        {say('youHave', { yours: balanceText(wallet.yours, wallet.currency) })} ·{' '}
        {say('spentToday', { spent, limit: amountText(wallet.dailyLimit, wallet.currency) })}{' '}
        <PlayMark wallet={wallet} />
      </p>
    </>
  );
}
