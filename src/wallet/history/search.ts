/**
 * Looks through the history: the newest first, a screenful at a time, by words, seller, month and
 * state. Reading only; `entries.ts` says what an entry is, `sheets.ts` what is looked through.
 */

import type { Tables } from '../ports.ts';
import { type Entry, type EntryState, monthOf } from './entries.ts';
import { type Line, linesOf, searchable, sheetKeyOf } from './sheets.ts';

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
/** Read at a time: a common word is found in a few, a rare one is looked for in all of them. */
const SHEET_COUNT = 200;
const DAY_MS = 86_400_000;
/** A year, which a chart shows side by side. */
const MONTH_COUNT = 12;

type Found = Pick<Entry, 'id' | 'atMs'>;

/** Behind `place`, if there is one. */
function isBehind({ id, atMs }: Found, place: Place | undefined): boolean {
  return !place || atMs < place.atMs || (atMs === place.atMs && !place.ids.includes(id));
}

/** Right behind the last of `found`; of those that began with it, all are remembered. */
function placeAfter(found: readonly Found[], before: Place | undefined): Place | undefined {
  const last = found.at(-1);
  if (!last) return before;
  const same = found.filter(({ atMs }) => atMs === last.atMs).map(({ id }) => id);
  return { atMs: last.atMs, ids: [...(before?.atMs === last.atMs ? before.ids : []), ...same] };
}

/** One more than a screenful: whether there are more is known. */
function partOf<T extends Found>(found: readonly T[], after: Place | undefined) {
  const shown = found.slice(0, FOUND_COUNT);
  const next = found.length > FOUND_COUNT ? placeAfter(shown, after) : undefined;
  return { shown, next };
}

async function readOn({ entries }: Tables, after: Place | undefined): Promise<HistoryPart> {
  const limit = FOUND_COUNT + 1 + (after?.ids.length ?? 0);
  const read = await entries.latest(limit, after ? after.atMs + 1 : Infinity);
  const { shown, next } = partOf(
    read.filter((it) => isBehind(it, after)),
    after,
  );
  return { entries: shown, next };
}

function matcher({ words = '', payto, month, state, after }: HistoryQuery) {
  const wanted = searchable(words).split(' ').filter(Boolean);
  const isIt = (line: Line) =>
    isBehind(line, after) &&
    (payto === undefined || line.payto === payto) &&
    (month === undefined || line.day.startsWith(month)) &&
    (state === undefined || line.state === state) &&
    wanted.every((word) => line.text.includes(word));
  return { wanted, isIt };
}

/** The sheets that a month's entries can be on: somebody's day begins or ends a day apart. */
function rangeOf({ month, after }: HistoryQuery): { first: string; below: string } {
  const startMs = (index: number) => Date.UTC(Number(month?.slice(0, 4)), index);
  const number = Number(month?.slice(5));
  const untilMs = Math.min(
    after ? after.atMs + DAY_MS : Infinity,
    month === undefined ? Infinity : startMs(number) + 2 * DAY_MS,
  );
  const first = month === undefined ? '' : sheetKeyOf(startMs(number - 1) - DAY_MS);
  return { first, below: sheetKeyOf(untilMs) };
}

async function lookThrough({ sheets }: Tables, query: HistoryQuery): Promise<Line[]> {
  const { wanted, isIt } = matcher(query);
  const { first, ...range } = rangeOf(query);
  const found: Line[] = [];
  for (let { below } = range; ; ) {
    const read = await sheets.latest(SHEET_COUNT, { first, below });
    for (const sheet of read) {
      found.push(...linesOf(sheet, wanted).filter(isIt));
      if (found.length > FOUND_COUNT) return found;
    }
    const oldest = read.at(-1);
    if (!oldest || read.length < SHEET_COUNT) return found;
    below = oldest.key;
  }
}

/** A screenful of what `query` looks for. */
export async function findEntries(tables: Tables, query: HistoryQuery): Promise<HistoryPart> {
  const { words, payto, month, state, after } = query;
  if ([words, payto, month, state].every((it) => it === undefined)) return readOn(tables, after);
  const { shown, next } = partOf(await lookThrough(tables, query), after);
  const entries = await tables.entries.among(shown.map(({ id }) => id));
  return { entries: entries.sort((a, b) => b.atMs - a.atMs), next };
}

/** Twelve months, the oldest first: those up to now, or the year of an older `month`. */
export function chartMonths(nowMs: number, month: string | undefined): string[] {
  const last = lastMonths(nowMs, MONTH_COUNT);
  if (month === undefined || last.includes(month)) return last;
  const year = month.slice(0, 4);
  return last.map((_, index) => `${year}-${String(index + 1).padStart(2, '0')}`);
}

/** The last `count` months up to the one of `nowMs`, the oldest first: `2025-12` … `2026-11`. */
export function lastMonths(nowMs: number, count: number): string[] {
  const now = new Date(nowMs);
  return Array.from({ length: count }, (_, index) =>
    monthOf(new Date(now.getFullYear(), now.getMonth() - (count - 1 - index), 1).getTime()),
  );
}
