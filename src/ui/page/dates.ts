/** Days, months and times as the page says them, in the reader's language. */
import { locale, say } from '../../words/say.ts';

function dateText(day: string, how: Intl.DateTimeFormatOptions): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date).toLocaleDateString(locale(), how);
}

/** `November 2026`, of `2026-11`. */
export function monthName(month: string): string {
  return dateText(`${month}-01`, { month: 'long', year: 'numeric' });
}

/** `Nov`. */
export function monthShort(month: string): string {
  return dateText(`${month}-01`, { month: 'short' });
}

/** `Today`, `Wednesday, November 25`; with the year where it is another one. */
export function dayName(day: string, today: string): string {
  if (day === today) return say('today');
  const isNear = day.slice(0, 4) === today.slice(0, 4);
  const how = { weekday: 'long', month: 'long', day: 'numeric' } as const;
  return dateText(day, isNear ? how : { ...how, year: 'numeric' });
}

export function timeOfDay(atMs: number): string {
  return new Date(atMs).toLocaleTimeString(locale(), { hour: 'numeric', minute: '2-digit' });
}

export function fullTime(atMs: number): string {
  return new Date(atMs).toLocaleString(locale(), { dateStyle: 'long', timeStyle: 'short' });
}
