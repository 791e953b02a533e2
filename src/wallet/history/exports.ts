/**
 * The history as files that other programs read: CSV (RFC 4180), JSON, and a journal of plain-text
 * accounting (hledger). Pure: entries in, text out; oldest first.
 */
import { MICROS_PER_UNIT } from '../../protocol/money.ts';
import { dayOf, type Entry, spentBy } from './entries.ts';

/** `0.02`, `1.5`: exact, as every program reads it. */
export function unitsOf(amount: bigint): string {
  const sign = amount < 0n ? '-' : '';
  const absolute = amount < 0n ? -amount : amount;
  const fraction = (absolute % MICROS_PER_UNIT).toString().padStart(6, '0').replace(/0+$/, '');
  return `${sign}${absolute / MICROS_PER_UNIT}${fraction && `.${fraction}`}`;
}

/** An entry with its page, which only the payment behind it knows. */
export interface Addressed extends Entry {
  readonly url: string;
}

const COLUMNS = [
  ...(['time', 'title', 'seller', 'site', 'address'] as const),
  ...(['amount', 'currency', 'state', 'id'] as const),
] as const;

/** What is written of an entry, in the order of the columns. */
function fieldsOf(entry: Addressed): Record<(typeof COLUMNS)[number], string> {
  return {
    time: new Date(entry.atMs).toISOString(),
    title: entry.title,
    seller: entry.sellerName,
    site: entry.host,
    address: entry.url,
    amount: unitsOf(entry.amountMicros),
    currency: entry.currency,
    state: entry.state,
    id: entry.id,
  };
}

/** Quoted; a spreadsheet takes what begins with these signs for a formula, so it gets a `'`. */
function cell(text: string | bigint): string {
  if (typeof text === 'bigint') return `"${unitsOf(text)}"`;
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}

/** A table, the names of its columns first; what is no text is an amount in micros. */
export function csvOf<Column extends string>(
  columns: readonly Column[],
  rows: readonly Readonly<Record<Column, string | bigint>>[],
): string {
  const lines = rows.map((row) => columns.map((name) => cell(row[name])).join(','));
  return [columns.map(cell).join(','), ...lines, ''].join('\r\n');
}

/** The history as a table. */
export function toCsv(entries: readonly Addressed[]): string {
  return csvOf(COLUMNS, entries.map(fieldsOf));
}

/** The history as a list of objects. */
export function toJson(entries: readonly Addressed[]): string {
  return `${JSON.stringify(entries.map(fieldsOf), null, 2)}\n`;
}

/** Money that came into the wallet, or went back to the card (then below zero). */
export interface Deposit {
  readonly atMs: number;
  readonly amountMicros: bigint;
  readonly source: 'gift' | 'card';
}

/** What a journal begins and ends with. */
export interface JournalFrame {
  readonly currency: string;
  readonly deposits: readonly Deposit[];
  /** Yours to spend now, less what is waiting to be heard of. */
  readonly yoursMicros: bigint;
}

interface Posting {
  readonly atMs: number;
  readonly day: string;
  readonly description: string;
  readonly account: string;
  /** What the wallet gains. */
  readonly amountMicros: bigint;
  /** Whether its outcome is not known yet: hledger's `!`. */
  readonly isPending: boolean;
}

/** Nothing that ends a name or begins a comment: `;`, `|`, line ends, two spaces, a colon. */
function plain(text: string): string {
  return (
    text
      .replace(/[;|:\p{Cc}]+/gu, ' ')
      .replace(/\s+/g, ' ')
      .trim() || '–'
  );
}

function purchase(entry: Entry): Posting[] {
  const spent = spentBy(entry);
  if (spent === 0n) return [];
  const { atMs, day, title, sellerName, state } = entry;
  const description = `${plain(sellerName)} | ${plain(title)}`;
  const account = `expenses:farthing:${plain(sellerName)}`;
  const isPending = state === 'waiting';
  return [{ atMs, day, description, account, amountMicros: -spent, isPending }];
}

function deposit({ atMs, amountMicros, source }: Deposit): Posting {
  const isGift = source === 'gift';
  const description = isGift ? 'Farthing | Starter credit' : 'Farthing | Card';
  const account = isGift ? 'income:farthing:gift' : 'assets:card';
  return { atMs, day: dayOf(atMs), description, account, amountMicros, isPending: false };
}

function write({ day, description, account, isPending }: Posting, rest: string): string {
  return `${day} ${isPending ? '!' : '*'} ${description}\n    ${account}  ${rest}\n`;
}

/**
 * The history as a journal that asserts the balance after every line: a program that adds up
 * otherwise says so. What the wallet had before its first line is its opening balance.
 */
export function toJournal(entries: readonly Entry[], frame: JournalFrame): string {
  const { currency, deposits, yoursMicros } = frame;
  const own = entries.filter((entry) => entry.currency === currency);
  const postings = [...deposits.map(deposit), ...own.flatMap(purchase)].sort(
    (a, b) => a.atMs - b.atMs,
  );
  const change = postings.reduce((sum, { amountMicros }) => sum + amountMicros, 0n);
  let balance = yoursMicros - change;
  const money = (amount: bigint) => `${unitsOf(amount)} ${currency}`;
  const opening: Posting = {
    atMs: 0,
    day: postings[0]?.day ?? dayOf(0),
    description: 'Farthing | What was there before',
    account: 'equity:opening',
    amountMicros: balance,
    isPending: false,
  };
  const first = balance === 0n ? [] : [opening];
  balance = 0n;
  const lines = [...first, ...postings].map((posting) => {
    balance += posting.amountMicros;
    const { amountMicros } = posting;
    const wallet = `    assets:farthing  ${money(amountMicros)} = ${money(balance)}\n`;
    return write(posting, money(-amountMicros)) + wallet;
  });
  return [`commodity 1000.000000 ${currency}\n`, ...lines].join('\n');
}
