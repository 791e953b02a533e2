/**
 * Looks through the history: the newest first, a screenful at a time, by words, seller, month and
 * state. Reading only; `entries.ts` says what an entry is.
 */
import { type Entry, type EntryState, monthOf, type Tally } from './entries.ts';
import type { EntryTable } from './ports.ts';

/** What to look for; without anything, all of it. */
export interface HistoryQuery {
  /** Each of its words stands in the title, the seller's name or the site. */
  readonly words?: string | undefined;
  readonly payto?: string | undefined;
  /** The reader's own month, `2026-11`. */
  readonly month?: string | undefined;
  readonly state?: EntryState | undefined;
  /** Where the former screenful ended. */
  readonly after?: Place | undefined;
}

/** A place in the history: right behind the entries `ids`, which were begun at `atMs`. */
export interface Place {
  readonly atMs: number;
  readonly ids: readonly string[];
}

/** Entries, and where to go on; undefined where there are no more. */
export interface HistoryPart {
  readonly entries: readonly Entry[];
  readonly next: Place | undefined;
}

/** A screenful. */
const FOUND_COUNT = 100;
/** Read at a time. */
const READ_COUNT = 500;
/** Looked at for one answer: a rare word shows what was found so far, and the screen asks on. */
const LOOKED_COUNT_MAX = 10_000;

/** The first moment of a month and of the next one, by this machine's clock. */
function monthRange(month: string): { readonly fromMs: number; readonly untilMs: number } {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const start = (index: number) => new Date(year, index, 1).getTime();
  return { fromMs: start(number - 1), untilMs: start(number) };
}

function matcher({ words = '', state }: HistoryQuery): (entry: Entry) => boolean {
  const wanted = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return (entry) => {
    if (state !== undefined && entry.state !== state) return false;
    if (wanted.length === 0) return true;
    const text = `${entry.title}\n${entry.sellerName}\n${entry.host}`.toLocaleLowerCase();
    return wanted.every((word) => text.includes(word));
  };
}

/** Right behind `entry`; of those that began with it, all that were passed are remembered. */
function placeAfter(entry: Entry, before: Place | undefined): Place {
  const same = before?.atMs === entry.atMs ? before.ids : [];
  return { atMs: entry.atMs, ids: [...same, entry.id] };
}

/** A screenful of what `query` looks for. */
export async function findEntries(table: EntryTable, query: HistoryQuery): Promise<HistoryPart> {
  const { payto, month } = query;
  const whole = month === undefined ? { fromMs: 0, untilMs: Infinity } : monthRange(month);
  const matches = matcher(query);
  const entries: Entry[] = [];
  let place = query.after;
  for (let looked = 0; looked < LOOKED_COUNT_MAX && entries.length < FOUND_COUNT; ) {
    const untilMs = Math.min(whole.untilMs, place ? place.atMs + 1 : Infinity);
    const limit = READ_COUNT + (place?.ids.length ?? 0);
    const read = await table.range({ fromMs: whole.fromMs, untilMs, payto, limit });
    const fresh = read.filter(
      (entry) => entry.atMs !== place?.atMs || !place.ids.includes(entry.id),
    );
    for (const entry of fresh) {
      if (entries.length === FOUND_COUNT) break;
      place = placeAfter(entry, place);
      if (matches(entry)) entries.push(entry);
    }
    looked += fresh.length;
    if (read.length < limit && entries.length < FOUND_COUNT) return { entries, next: undefined };
  }
  return { entries, next: place };
}

/** What one month came to at one seller. */
export interface MonthSum {
  readonly month: string;
  readonly payto: string;
  readonly sellerName: string;
  readonly currency: string;
  readonly spentMicros: bigint;
  readonly count: number;
}

/** The tallies of days, by month and seller; the name is the newest. */
export function sumByMonth(tallies: readonly Tally[]): MonthSum[] {
  const sums = new Map<string, MonthSum>();
  for (const tally of tallies.toSorted((a, b) => (a.day < b.day ? -1 : 1))) {
    const { day, payto, sellerName, currency, spentMicros, count } = tally;
    const month = day.slice(0, 7);
    const key = `${month} ${payto} ${currency}`;
    const sum = sums.get(key);
    sums.set(key, {
      ...{ month, payto, sellerName, currency },
      spentMicros: (sum?.spentMicros ?? 0n) + spentMicros,
      count: (sum?.count ?? 0) + count,
    });
  }
  return [...sums.values()];
}

/** The last `count` months up to the one of `nowMs`, the oldest first: `2025-12` … `2026-11`. */
export function lastMonths(nowMs: number, count: number): string[] {
  const now = new Date(nowMs);
  return Array.from({ length: count }, (_, index) =>
    monthOf(new Date(now.getFullYear(), now.getMonth() - (count - 1 - index), 1).getTime()),
  );
}
