/**
 * Entries by day. Days that nothing was added to stay the same objects, so that a page with many of
 * them draws only what is new. Pure.
 */
import type { EntryView } from '../../wallet/history/historyview.ts';

export interface Day {
  readonly day: string;
  /** The newest first. */
  readonly entries: readonly EntryView[];
}

/** `days` with older `entries` behind them. */
export function joined(days: readonly Day[], entries: readonly EntryView[]): Day[] {
  const all = [...days];
  for (const entry of entries) {
    const last = all.at(-1);
    if (last?.day !== entry.day) all.push({ day: entry.day, entries: [entry] });
    // A day that was there before is left as it is: what is added to makes a new one.
    else if (days.includes(last))
      all[all.length - 1] = { ...last, entries: [...last.entries, entry] };
    else (last.entries as EntryView[]).push(entry);
  }
  return all;
}

/** `days` whose newest entries are read anew, and reach down to one that was there before. */
export function renewed(days: readonly Day[], fresh: readonly EntryView[]): Day[] {
  const oldestMs = fresh.at(-1)?.atMs ?? 0;
  const ids = new Set(fresh.map(({ id }) => id));
  const isOlder = ({ id, atMs }: EntryView) => atMs <= oldestMs && !ids.has(id);
  const isPast = ({ entries }: Day) => entries.every(isOlder);
  const first = days.findIndex(isPast);
  const past = first < 0 ? [] : days.slice(first);
  const around = days.slice(0, first < 0 ? days.length : first);
  const kept = around.flatMap(({ entries }) => entries.filter(isOlder));
  const upper = joined([], [...fresh, ...kept]);
  if (upper.at(-1)?.day !== past[0]?.day) return [...upper, ...past];
  return [...joined(upper, past[0]?.entries ?? []), ...past.slice(1)];
}

/** `days` with one entry as it is now. */
export function replaced(days: readonly Day[], entry: EntryView): Day[] {
  return days.map((day) => {
    if (!day.entries.some(({ id }) => id === entry.id)) return day;
    return { ...day, entries: day.entries.map((it) => (it.id === entry.id ? entry : it)) };
  });
}

/** What the entries of a day took, in `currency`; what may still be taken counts as well. */
export function spentIn({ entries }: Day, currency: string): bigint {
  return entries
    .filter((it) => it.currency === currency && (it.state === 'paid' || it.state === 'waiting'))
    .reduce((sum, { amount }) => sum + BigInt(amount), 0n);
}
