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
import { findEntries, type HistoryQuery, lastMonths, type Place, sumByMonth } from './search.ts';
import { undoUntilSec } from './undo.ts';

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

/** What the last months came to, by seller. */
export interface SpendingView {
  readonly currency: string;
  /** `2026-11`, the oldest first; also those in which nothing was bought. */
  readonly months: readonly string[];
  readonly sums: readonly MonthView[];
}

/** A year, which a chart shows side by side. */
const MONTH_COUNT = 12;
/** Nobody gives longer to undo than this: older entries are not looked up for it. */
const UNDO_LOOKUP_MS = 62 * 86_400_000;

async function entryView(ports: WalletPorts, account: Account, entry: Entry): Promise<EntryView> {
  const { amountMicros, ...rest } = entry;
  const isYoung = entry.state === 'paid' && ports.now() - entry.atMs < UNDO_LOOKUP_MS;
  const payment = isYoung ? await ports.store.payments.get(entry.id) : undefined;
  const untilSec = payment && undoUntilSec(payment);
  const undoUntilMs = untilSec === undefined ? undefined : untilSec * 1000 - account.clockOffsetMs;
  return { ...rest, amount: `${amountMicros}`, undoUntilMs };
}

async function daySums({ store }: WalletPorts, currency: string, entries: readonly Entry[]) {
  const days = entries.map(({ day }) => day).sort();
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return {};
  const sums: Record<string, bigint> = {};
  for (const tally of await store.tallies.days(first, last))
    if (tally.currency === currency) sums[tally.day] = (sums[tally.day] ?? 0n) + tally.spentMicros;
  return Object.fromEntries(Object.entries(sums).map(([day, sum]) => [day, `${sum}`]));
}

/** A screenful of what `query` looks for. */
async function historyView(
  ports: WalletPorts,
  account: Account,
  query: HistoryQuery,
): Promise<HistoryView> {
  const { entries, next } = await findEntries(ports.store.entries, query);
  const [views, days] = await Promise.all([
    Promise.all(entries.map((entry) => entryView(ports, account, entry))),
    daySums(ports, account.currency, entries),
  ]);
  return { entries: views, days, next };
}

/** What the last twelve months came to. */
async function spendingView(ports: WalletPorts, account: Account): Promise<SpendingView> {
  const { currency } = account;
  const months = lastMonths(ports.now(), MONTH_COUNT);
  const tallies = await ports.store.tallies.days(`${months[0]}-01`, `${months.at(-1)}-31`);
  const sums = sumByMonth(tallies.filter((tally) => tally.currency === currency));
  return {
    currency,
    months,
    sums: sums.map(({ month, payto, sellerName, spentMicros, count }) => ({
      ...{ month, payto, sellerName, count },
      spent: `${spentMicros}`,
    })),
  };
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
    ...(await entryView(ports, account, entry)),
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
  /** What the last twelve months came to, by seller. */
  spending(): Promise<SpendingView>;
  /** One purchase in full; undefined where it is not in the history. */
  receipt(paymentId: string): Promise<ReceiptView | undefined>;
  /** The whole history as a file. */
  exportHistory(format: ExportFormat): Promise<string>;
}

/** The history of the wallet on `ports`. */
export function createHistory(ports: WalletPorts): History {
  return {
    history: async (query) => historyView(ports, await requireAccount(ports), query),
    spending: async () => spendingView(ports, await requireAccount(ports)),
    receipt: async (paymentId) => receiptView(ports, await requireAccount(ports), paymentId),
    exportHistory: async (format) => exportText(ports, await requireAccount(ports), format),
  };
}
