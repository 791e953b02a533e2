/** The question before a payment: what, how much, what is kept; and the yes. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Button, GuardedButton } from '../../design/button.tsx';
import type { AskView, WalletView } from '../../wallet/view.ts';
import { PlayMark } from '../play.tsx';
import { amountText, balanceText, keepText } from '../words.ts';

interface AskProps {
  readonly ask: AskView;
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
        {ask.isFirstTime && <span class="soft"> · first time here</span>}
      </h1>
      <p class="soft">{ask.host}</p>
    </header>
  );
}

function What({ ask }: { ask: AskView }) {
  return (
    <div class="ask-what">
      <p class="ask-title">{ask.title}</p>
      <p class="figure">{amountText(ask.amount, ask.currency)}</p>
      <p class="soft ask-keep">{keepText(ask.durationSec, ask.refundSec)}</p>
    </div>
  );
}

function Short({ ask, wallet, short, onDismiss, onAddMoney, busy }: AskProps & { short: string }) {
  const cost = amountText(ask.amount, ask.currency);
  const here = BigInt(ask.amount) - BigInt(short);
  const elsewhere = BigInt(wallet.yours) - here;
  return (
    <>
      <h1 class="ask-seller">{amountText(short, ask.currency)} short</h1>
      <p>
        “{ask.title}” costs {cost}, you have {balanceText(`${here}`, ask.currency)} for it. Nothing
        was charged. <PlayMark wallet={wallet} />
      </p>
      {elsewhere > 0n && (
        <p class="soft">
          {balanceText(`${elsewhere}`, ask.currency)} more is set aside elsewhere and comes back.
        </p>
      )}
      <div class="buttons">
        <Button kind="main" busy={busy} onPress={onAddMoney}>
          Add $5
        </Button>
        <Button onPress={onDismiss}>Not now</Button>
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
        Next time, don’t ask: up to {amountText(item, ask.currency)} each,{' '}
        {amountText(day, ask.currency)} a day
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
          The price went from {amountText(ask.former, ask.currency)} to {cost} since you opened the
          page.
        </p>
      )}
      {ask.isOverDay && (
        <p class="notice">
          That’s your {amountText(wallet.dailyLimit, wallet.currency)} for today. This costs
          {` ${cost} `}more.
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
          {busy ? `Paying ${cost}…` : `Pay ${cost}${ask.isOverDay ? ' anyway' : ''}`}
        </GuardedButton>
        <Button onPress={onDismiss}>Not now</Button>
      </div>
      <p class="soft">
        You have {balanceText(wallet.yours, wallet.currency)} · {spent} of{' '}
        {amountText(wallet.dailyLimit, wallet.currency)} today <PlayMark wallet={wallet} />
      </p>
    </>
  );
}
