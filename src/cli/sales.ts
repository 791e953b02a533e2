/** `farthing sales`: the figures of a shop, from the file that its `salesLog` writes. */
import { parseArgs } from 'node:util';
import { FarthingError } from '../protocol/errors.ts';
import { isTimestamp } from '../protocol/offer.ts';
import { cleanText } from '../protocol/text.ts';
import { type BareUndo, type LoggedSale, readSales } from '../seller/sales.ts';
import { checkFile } from './files.ts';
import type { Command } from './main.ts';
import { units } from './units.ts';

const HELP = `Usage: farthing sales FILE [--by item|day|origin] [--since DATE] [--json]

What was sold, from the file that a shop writes by salesLog (farthing/seller/sales). An undo counts
with its sale: in its row, on its day. Net is what was sold less what was undone.

  --by WHAT      a row for each item (as it is by default), day or origin
  --since DATE   what was sold from then on: 2030-01-31, or 2030-01-31T12:00:00Z
  --json         amounts in millionths of the currency

Days are those of UTC. These are figures and not the books: a server that is stopped between a sale
and its line leaves it out, and the wallet service's fee is not in them. What is owed to you is what
\`farthing collect\` says.

Exit 0: every line was read. Exit 1: not every line; each other one is named. Exit 2: misuse.`;

const KEYS = {
  item: ({ item }: LoggedSale) => item,
  day: ({ soldAtSec }: LoggedSale) => new Date(soldAtSec * 1000).toISOString().slice(0, 10),
  origin: ({ origin }: LoggedSale) => origin,
} as const;

/** What the rows are. */
export type By = keyof typeof KEYS;

/** Figures in one currency. */
interface Figures {
  readonly sales: number;
  readonly undone: number;
  readonly grossMicros: bigint;
  readonly netMicros: bigint;
}

type ByCurrency = Map<string, Figures>;

/** What a file says. */
export interface SalesReport {
  readonly by: By;
  /** By what was sold most often; days as they follow. */
  readonly rows: readonly (readonly [key: string, figures: ByCurrency])[];
  readonly total: ByCurrency;
  /** The numbers of the lines that cannot be read. */
  readonly unreadable: readonly number[];
  /** What was taken back of what is in no line. */
  readonly stray: readonly string[];
}

const NOTHING: Figures = { sales: 0, undone: 0, grossMicros: 0n, netMicros: 0n };

function added(figures: Figures, { kind, amountMicros }: LoggedSale): Figures {
  const { sales, undone, grossMicros, netMicros } = figures;
  if (kind === 'undo')
    return { ...figures, undone: undone + 1, netMicros: netMicros - amountMicros };
  const gained = { grossMicros: grossMicros + amountMicros, netMicros: netMicros + amountMicros };
  return { sales: sales + 1, undone, ...gained };
}

function count(figures: ByCurrency, sale: LoggedSale): void {
  figures.set(sale.currency, added(figures.get(sale.currency) ?? NOTHING, sale));
}

const salesIn = (figures: ByCurrency) =>
  [...figures.values()].reduce((sum, { sales }) => sum + sales, 0);

/** Undos that do not say of what, by their sales' references: few beside all else. */
async function readBareUndos(file: string): Promise<Map<string, BareUndo>> {
  const undos = new Map<string, BareUndo>();
  for await (const { sale } of readSales(file))
    if (sale?.kind === 'bare undo') undos.set(sale.reference, sale);
  return undos;
}

/** Adds up a file. */
export async function reportSales(
  file: string,
  { by, sinceMs }: { by: By; sinceMs: number },
): Promise<SalesReport> {
  const bare = await readBareUndos(file);
  const rows = new Map<string, ByCurrency>();
  const total: ByCurrency = new Map();
  const unreadable: number[] = [];
  const add = (sale: LoggedSale) => {
    if (sale.soldAtSec * 1000 < sinceMs) return;
    const key = KEYS[by](sale);
    const row = rows.get(key) ?? new Map();
    rows.set(key, row);
    count(row, sale);
    count(total, sale);
  };
  for await (const { number, sale } of readSales(file)) {
    if (!sale) unreadable.push(number);
    if (!sale || sale.kind === 'bare undo') continue;
    add(sale);
    const undo = sale.kind === 'sale' ? bare.get(sale.reference) : undefined;
    if (!undo) continue;
    add({ ...sale, kind: 'undo', amountMicros: undo.amountMicros });
    bare.delete(sale.reference);
  }
  const byKey = [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const ordered = by === 'day' ? byKey : byKey.toSorted(([, a], [, b]) => salesIn(b) - salesIn(a));
  return { by, rows: ordered, total, unreadable, stray: [...bare.keys()] };
}

/** Wide enough for a million sales, and for a million units of which none is left out. */
const COLUMNS = [
  ['sales', 7],
  ['undone', 8],
  ['gross', 16],
  ['net', 16],
] as const;
const BLOCK_WIDTH = COLUMNS.reduce((sum, [, width]) => sum + width, 0);

function block(figures: Figures | undefined): string {
  if (!figures) return ' '.repeat(BLOCK_WIDTH);
  const { sales, undone, grossMicros, netMicros } = figures;
  const cells = [`${sales}`, `${undone}`, units(grossMicros), units(netMicros)];
  return cells.map((cell, index) => cell.padStart(COLUMNS[index]?.[1] ?? 0)).join('');
}

/** Names stand last: they are as long as they are. */
function table({ by, rows, total }: SalesReport): string {
  const currencies = [...total.keys()].toSorted();
  const line = (figures: ByCurrency, name: string) =>
    `${currencies.map((currency) => block(figures.get(currency))).join('')}  ${name}`;
  const names = currencies.map((currency) => currency.padStart(BLOCK_WIDTH)).join('');
  const head = COLUMNS.map(([name, width]) => name.padStart(width)).join('');
  return [
    names,
    `${currencies.map(() => head).join('')}  ${by}`,
    ...rows.map(([key, figures]) => line(figures, cleanText(key))),
    line(total, 'in all'),
  ].join('\n');
}

const jsonOf = (figures: ByCurrency) =>
  Object.fromEntries(
    [...figures].map(([currency, { sales, undone, grossMicros, netMicros }]) => [
      currency,
      { sales, undone, gross: `${grossMicros}`, net: `${netMicros}` },
    ]),
  );

function json({ by, rows, total, unreadable, stray }: SalesReport): string {
  const said = rows.map(([key, figures]) => ({ [by]: key, figures: jsonOf(figures) }));
  return JSON.stringify({ by, rows: said, total: jsonOf(total), unreadable, stray }, null, 2);
}

function isBy(text: string): text is By {
  return Object.hasOwn(KEYS, text);
}

function readSince(text: string | undefined): number {
  if (text === undefined) return 0;
  const moment = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
  if (isTimestamp(moment)) return Date.parse(moment);
  throw new FarthingError('option_invalid', '--since is a date like 2030-01-31');
}

function readOptions(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      by: { type: 'string', default: 'item' },
      since: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return { ...values, files: positionals };
}

function requireFile([file, ...more]: readonly string[]): string {
  if (file === undefined || more.length > 0)
    throw new FarthingError('option_invalid', 'name the one file that the shop writes');
  checkFile(file);
  return file;
}

/** Exit 0 when every line was read, 1 when not, 2 for misuse. */
export const sales: Command = async (args) => {
  const { files, by, since, help, ...values } = readOptions(args);
  if (help) {
    console.log(HELP);
    return 0;
  }
  if (!isBy(by)) throw new FarthingError('option_invalid', '--by is item, day or origin');
  const report = await reportSales(requireFile(files), { by, sinceMs: readSince(since) });
  if (values.json) console.log(json(report));
  else console.log(report.total.size > 0 ? table(report) : 'Nothing was sold.');
  for (const number of report.unreadable)
    console.error(`farthing sales: line ${number} cannot be read`);
  for (const reference of report.stray)
    console.error(`farthing sales: ${reference} was undone, and its sale is not in this file`);
  return report.unreadable.length > 0 ? 1 : 0;
};
