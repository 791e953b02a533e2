/**
 * Sheets: what is looked for in the history, as text, a sheet a day. A hundred thousand entries are
 * some two thousand sheets, which are read in a moment; only what is found is then read in full.
 */
import type { Entry, EntryState } from './entries.ts';

/** What began on one day. */
export interface Sheet {
  /** The day by the world's clock, `2026-11-25`: the later an entry began, the later its sheet. */
  readonly key: string;
  /** One line an entry, see `lineOf`. */
  readonly text: string;
}

/** What a sheet says of an entry. */
export interface Line {
  readonly atMs: number;
  readonly id: string;
  /** The reader's own day. */
  readonly day: string;
  readonly state: EntryState;
  readonly payto: string;
  /** Title, seller and site, as `searchable` makes them. */
  readonly text: string;
}

const DAY_MS = 86_400_000;
/** The latest moment that has a date of ten characters. */
const END_MS = Date.UTC(9999, 11, 31);

/** The sheet of what began at `atMs`. */
export function sheetKeyOf(atMs: number): string {
  return new Date(Math.min(Math.max(atMs, 0), END_MS)).toISOString().slice(0, 10);
}

/** The first moment of a sheet, and of the one after it. */
export function momentsOf(key: string): { readonly fromMs: number; readonly untilMs: number } {
  const fromMs = Date.parse(key);
  return { fromMs, untilMs: fromMs + DAY_MS };
}

/** Without accents, capitals and line ends: `Café` is found by `cafe`. */
export function searchable(text: string): string {
  const bare = text.normalize('NFKD').replace(/\p{M}+/gu, '');
  return bare.toLowerCase().replace(/\s+/g, ' ').trim();
}

function lineOf({ atMs, id, day, state, payto, title, sellerName, host }: Entry): string {
  const text = searchable(`${title} ${sellerName} ${host}`);
  return `${[id, atMs, day, state, payto, text].join('\t')}\n`;
}

/** The sheet's text with what one of its entries is now. */
export function rewritten(text: string, after: Entry): string {
  const { id } = after;
  const line = lineOf(after);
  const start = text.startsWith(`${id}\t`) ? 0 : text.indexOf(`\n${id}\t`) + 1;
  if (start === 0 && !text.startsWith(`${id}\t`)) return text + line;
  return text.slice(0, start) + line + text.slice(text.indexOf('\n', start) + 1);
}

/** The sheet's text without those of `ids`; every line is read once, however many they are. */
export function withoutLines(text: string, ids: ReadonlySet<string>): string {
  const idOf = (line: string) => line.slice(0, line.indexOf('\t'));
  const left = text.split('\n').filter((line) => line !== '' && !ids.has(idOf(line)));
  return left.map((line) => `${line}\n`).join('');
}

function readLine(line: string): Line {
  const [id = '', atMs, day = '', state, payto = '', text = ''] = line.split('\t');
  return { id, atMs: Number(atMs), day, state: state as EntryState, payto, text };
}

/** Its lines, the newest first; none where `words` are not all there somewhere. */
export function linesOf({ text }: Sheet, words: readonly string[]): Line[] {
  if (!words.every((word) => text.includes(word))) return [];
  const lines = text.split('\n').slice(0, -1).map(readLine);
  return lines.sort((a, b) => b.atMs - a.atMs);
}
