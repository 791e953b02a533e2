/** What became of an undone purchase: `Undone`, or by when its money is back. */
import type { ComingView, UndoneView } from '../wallet/undo/undone.ts';
import { soonText } from '../words/days.ts';
import { say } from '../words/say.ts';

/** Good for one line, in the popup and in the history. */
export function undoneText({ undo, backByMs }: UndoneView, nowMs = Date.now()): string {
  if (undo === 'back') return say('undone');
  if (backByMs === undefined || backByMs <= nowMs) return say('undoneComing');
  return say('undoneBy', { day: soonText(backByMs, nowMs) });
}

/** The same of several, as one sentence; `amount` is theirs, written. */
export function comingText(
  amount: string,
  { backByMs }: Pick<ComingView, 'backByMs'>,
  nowMs = Date.now(),
): string {
  if (backByMs === undefined || backByMs <= nowMs) return say('noteComing', { amount });
  return say('comingBy', { amount, day: soonText(backByMs, nowMs) });
}
