/** One line of the history: what, from whom, what became of it, and what can be done about it. */
import { useState } from 'preact/hooks';
import { Amount } from '../../design/amount.tsx';
import { Button } from '../../design/button.tsx';
import { amountSaid, amountText } from '../../extension/amounts.ts';
import type { EntryView } from '../../wallet/history/historyview.ts';
import { say } from '../../words/say.ts';
import { undoneText } from '../undone.ts';
import { undoText } from '../words.ts';
import { timeOfDay } from './dates.ts';

/** What can be done about an entry. */
export interface EntryActs {
  readonly onReceipt: (entry: EntryView) => void;
  readonly onOpen: (entry: EntryView) => Promise<void>;
  /** Settles when it is known how it went. */
  readonly onUndo: (entry: EntryView) => Promise<void>;
}

export function canUndo({ undoUntilMs }: EntryView): boolean {
  return undoUntilMs !== undefined && undoUntilMs > Date.now();
}

export function UndoButton({ entry, onUndo }: { entry: EntryView } & Pick<EntryActs, 'onUndo'>) {
  const [busy, setBusy] = useState(false);
  const { undoUntilMs, title } = entry;
  if (undoUntilMs === undefined || !canUndo(entry)) return null;
  const label = busy ? say('undoing') : undoText(undoUntilMs, Date.now());
  const undo = async () => {
    setBusy(true);
    await onUndo(entry);
    setBusy(false);
  };
  return (
    <button
      type="button"
      class="small-button"
      aria-label={say('about', { action: label, title })}
      aria-disabled={busy}
      onClick={() => !busy && void undo()}
    >
      {label}
    </button>
  );
}

export function EntryAmount({ state, amount, currency }: EntryView) {
  if (state === 'refused' || state === 'free') return <span class="entry-amount soft">–</span>;
  const text = amountText(amount, currency);
  return (
    <span class={state === 'undone' ? 'entry-amount entry-back' : 'entry-amount'}>
      <Amount said={amountSaid(amount, currency)}>{text}</Amount>
    </span>
  );
}

/** What became of it; of what was undone, by when it is back; and whether it is wished away. */
export function stateText({ state, undone, isGoing }: EntryView): string {
  const text = state === 'undone' && undone ? undoneText(undone) : say(`state_${state}`);
  return isGoing ? `${text} · ${say('isGoing')}` : text;
}

export function EntryLine({ entry, ...acts }: { readonly entry: EntryView } & EntryActs) {
  const { title, sellerName, host, atMs, state } = entry;
  return (
    <li class="entry">
      <div class="entry-what">
        <button type="button" class="entry-title" dir="auto" onClick={() => acts.onReceipt(entry)}>
          {title}
        </button>
        <p class="soft">
          <bdi>{sellerName}</bdi> · <bdi>{host}</bdi> · <bdi>{timeOfDay(atMs)}</bdi>
        </p>
      </div>
      <span class="entry-acts">
        <UndoButton entry={entry} onUndo={acts.onUndo} />
        {(state === 'paid' || state === 'free') && (
          <Button kind="link" onPress={() => void acts.onOpen(entry)}>
            {say('open')}
            <span class="hidden">{`: ${title}`}</span>
          </Button>
        )}
      </span>
      <span class="entry-state" data-state={state}>
        {stateText(entry)}
      </span>
      <EntryAmount {...entry} />
    </li>
  );
}
