/** Days to come and gone, as the reader's country writes them. */
import { locale } from './say.ts';

/** `Dec 5`; with the year where it is another one. */
export function dayText(atMs: number, nowMs = Date.now()): string {
  const [day, now] = [new Date(atMs), new Date(nowMs)];
  const isNear = day.getFullYear() === now.getFullYear();
  const year = isNear ? {} : ({ year: 'numeric' } as const);
  return day.toLocaleDateString(locale(), { month: 'short', day: 'numeric', ...year });
}

/** `Friday` within a week, else `Dec 5`. */
export function soonText(atMs: number, nowMs = Date.now()): string {
  if (atMs - nowMs > 6 * 86_400_000) return dayText(atMs, nowMs);
  return new Date(atMs).toLocaleDateString(locale(), { weekday: 'long' });
}
