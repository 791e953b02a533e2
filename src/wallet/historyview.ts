/**
 * The history as screens show it: entries with what can still be done about them, what months came
 * to, files to take away. Amounts are canonical decimals in micros (SPEC 1.2).
 */
import { addMicros } from '../protocol/money.ts';
import { readReceipt } from '../protocol/receipt.ts';
import { requireAccount } from './accounts.ts';
import { type Entry, type EntryState, spentBy } from './entries.ts';
import { toCsv, toJournal, toJson } from './exports.ts';
import type { WalletPorts } from './ports.ts';
import { asideMicros } from './purses.ts';
import type { Account } from './rows.ts';
import { chartMonths, findEntries, type HistoryQuery, type Place } from './search.ts';
import { rulesViews } from './sellerview.ts';

export interface EntryView {
  readonly id: string;
  readonly atMs: number;
  /** The reader's own day, `2026-11-25`. */
  readonly day: string;
  readonly title: string;
  readonly sellerName: string;
  readonly payto: string;
  readonly host: string;
  readonly amount: string;
  readonly currency: string;
  readonly state: EntryState;
  /** Until when it can be undone, by this machine's clock; undefined where it cannot be. */
  readonly undoUntilMs: number | undefined;
}

/** A screenful of the history, and what each of its days came to in all. */
export interface HistoryView {
  readonly entries: readonly EntryView[];
  readonly days: Readonly<Record<string, string>>;
  readonly next: Place | undefined;
}

export interface MonthView {
  readonly month: string;
  readonly payto: string;
  readonly sellerName: string;
  readonly spent: string;
  readonly count: number;
}

/** What the months of a year came to, by seller. */
export interface SpendingView {
  readonly currency: string;
  /** `2026-11`, the oldest first; also those in which nothing was bought. */
  readonly months: readonly string[];
  readonly sums: readonly MonthView[];
  /** Every month that has entries, the newest first. */
  readonly known: readonly string[];
  /** Every seller that this wallet knows, by name. */
  readonly sellers: readonly { readonly payto: string; readonly name: string }[];
}

function entryView({ clockOffsetMs }: Account, entry: Entry): EntryView {
  const { amountMicros, undoUntilSec: untilSec, ...rest } = entry;
  const undoUntilMs = untilSec === undefined ? undefined : untilSec * 1000 - clockOffsetMs;
  return { ...rest, amount: `${amountMicros}`, undoUntilMs };
}

async function daySums({ store }: WalletPorts, currency: string, entries: readonly Entry[]) {
  const days = entries.map(({ day }) => day).sort();
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return {};
  const sums: Record<string, bigint> = {};
  for (const tally of await store.tallies.within(first, last))
    if (tally.currency === currency)
      sums[tally.period] = (sums[tally.period] ?? 0n) + tally.spentMicros;
  return Object.fromEntries(Object.entries(sums).map(([day, sum]) => [day, `${sum}`]));
}

/** A screenful of what `query` looks for. */
async function historyView(
  ports: WalletPorts,
  account: Account,
  query: HistoryQuery,
): Promise<HistoryView> {
  const { entries, next } = await findEntries(ports.store, query);
  const days = await daySums(ports, account.currency, entries);
  return { entries: entries.map((entry) => entryView(account, entry)), days, next };
}

/** What the months came to is kept: no entry is looked at, however many there are. */
async function spendingView(
  ports: WalletPorts,
  account: Account,
  month: string | undefined,
): Promise<SpendingView> {
  const { currency } = account;
  const months = chartMonths(ports.now(), month);
  const [tallies, known, rules] = await Promise.all([
    ports.store.months.within(months[0] ?? '', months.at(-1) ?? ''),
    ports.store.months.periods(),
    rulesViews(ports, account),
  ]);
  const sums = tallies
    .filter((tally) => tally.currency === currency && tally.count > 0)
    .map(({ period, payto, sellerName, spentMicros, count }) => ({
      ...{ month: period, payto, sellerName, count },
      spent: `${spentMicros}`,
    }));
  const sellers = rules.map(({ payto, name }) => ({ payto, name }));
  return { currency, months, sums, known: known.toReversed(), sellers };
}

/** What the history can be taken away as. */
export type ExportFormat = 'csv' | 'json' | 'journal';

/** The whole history, oldest first. */
async function exportText(
  ports: WalletPorts,
  account: Account,
  format: ExportFormat,
): Promise<string> {
  const entries = (await ports.store.entries.all()).sort((a, b) => a.atMs - b.atMs);
  if (format === 'csv') return toCsv(entries);
  if (format === 'json') return toJson(entries);
  const { currency, availableMicros } = account;
  const aside = asideMicros(await ports.store.purses.all(), ports.now() + account.clockOffsetMs);
  const waiting = entries.filter(({ state }) => state === 'waiting').map(spentBy);
  const heldMicros: bigint = addMicros(availableMicros, aside);
  const yoursMicros = waiting.reduce((sum, amount) => sum - amount, heldMicros);
  return toJournal(entries, { currency, deposits: [], yoursMicros });
}

/** One purchase in full, with the seller's signed word for it. */
export interface ReceiptView extends EntryView {
  readonly url: string;
  /** Until when it opens again; undefined where no receipt is here. */
  readonly untilMs: number | undefined;
  /** What the seller knows it by. */
  readonly reference: string | undefined;
  /** `farthing-receipt+jws`. */
  readonly receipt: string | undefined;
}

async function receiptView(
  ports: WalletPorts,
  account: Account,
  paymentId: string,
): Promise<ReceiptView | undefined> {
  const { payments, entries } = ports.store;
  const [payment, entry] = await Promise.all([payments.get(paymentId), entries.get(paymentId)]);
  if (!payment || !entry) return undefined;
  const { receipt } = payment;
  const claims = receipt === undefined ? undefined : readReceipt(receipt).claims;
  return {
    ...entryView(account, entry),
    url: payment.ask.url,
    untilMs: claims && claims.until * 1000 - account.clockOffsetMs,
    reference: claims && `${claims.pur}.${claims.seq}`,
    receipt,
  };
}

/** What screens may ask about the history. */
export interface History {
  /** A screenful, the newest first. */
  history(query: HistoryQuery): Promise<HistoryView>;
  /** What twelve months came to, by seller: the last ones, or the year of an older `month`. */
  spending(month: string | undefined): Promise<SpendingView>;
  /** One purchase in full; undefined where it is not in the history. */
  receipt(paymentId: string): Promise<ReceiptView | undefined>;
  /** The whole history as a file. */
  exportHistory(format: ExportFormat): Promise<string>;
}

/** The history of the wallet on `ports`. */
export function createHistory(ports: WalletPorts): History {
  return {
    history: async (query) => historyView(ports, await requireAccount(ports), query),
    spending: async (month) => spendingView(ports, await requireAccount(ports), month),
    receipt: async (paymentId) => receiptView(ports, await requireAccount(ports), paymentId),
    exportHistory: async (format) => exportText(ports, await requireAccount(ports), format),
  };
}
