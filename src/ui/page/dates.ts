/** Days, months and times as the page says them, in the reader's language. */
import { remembering } from '../../protocol/memo.ts';
import { locale, say } from '../../words/say.ts';

type How = Intl.DateTimeFormatOptions;

/** A format takes longer to make than to write a screenful with. */
const formatFor = remembering((about) => {
  const [tag, how] = JSON.parse(about) as [string, How];
  return new Intl.DateTimeFormat(tag, how);
});

function format(atMs: number | Date, how: How): string {
  return formatFor(JSON.stringify([locale(), how])).format(atMs);
}

function dateText(day: string, how: How): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return format(new Date(year, month - 1, date), how);
}

/** `November 2026`, of `2026-11`. */
export function monthName(month: string): string {
  return dateText(`${month}-01`, { month: 'long', year: 'numeric' });
}

/** `2026`, of `2026-11`. */
export function yearName(month: string): string {
  return dateText(`${month}-01`, { year: 'numeric' });
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
  return format(atMs, { hour: 'numeric', minute: '2-digit' });
}

export function fullTime(atMs: number): string {
  return format(atMs, { dateStyle: 'long', timeStyle: 'short' });
}
