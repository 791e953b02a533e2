/**
 * The history as screens show it: entries with what can still be done about them, what months came
 * to, files to take away. Amounts are canonical decimals in micros (SPEC 1.2).
 */

import { FarthingError } from '../../protocol/errors.ts';
import { addMicros } from '../../protocol/money.ts';
import { readReceipt } from '../../protocol/receipt.ts';
import { requireAccount } from '../account/accounts.ts';
import { readKeep } from '../account/keeps.ts';
import {
  changeBy,
  checkedMovements,
  held,
  type Movement,
  statement,
} from '../account/movements.ts';
import type { WalletPorts } from '../ports.ts';
import { asideMicros } from '../purses/purses.ts';
import type { Account } from '../rows.ts';
import { rulesViews } from '../sellers/sellerview.ts';
import { type UndoneView, undoneView } from '../undo/undone.ts';
import { type Entry, type EntryState, spentBy } from './entries.ts';
import { type Addressed, type Deposit, toCsv, toJournal, toJson } from './exports.ts';
import { isMeant } from './forgetting.ts';
import { chartMonths, findEntries, type HistoryQuery, type Place } from './search.ts';

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
  /** What became of an undone one. */
  readonly undone?: UndoneView | undefined;
  /** Whether the reader wished it away, and something needs it yet. */
  readonly isGoing?: boolean;
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

/** An entry with what became of it where it was undone, which its payment knows. */
async function entryViews(
  { store }: WalletPorts,
  account: Account,
  entries: readonly Entry[],
): Promise<EntryView[]> {
  const isUndone = entries.some(({ state }) => state === 'undone');
  const purses = isUndone ? await store.purses.all() : [];
  const wishes = (await readKeep(store, 'forgetting'))?.wishes ?? [];
  return Promise.all(
    entries.map(async (entry) => {
      const payment = entry.state === 'undone' ? await store.payments.get(entry.id) : undefined;
      const isGoing = wishes.some((wish) => isMeant(entry, wish));
      const view = { ...entryView(account, entry), ...(isGoing && { isGoing }) };
      if (!payment) return view;
      return { ...view, undone: undoneView(payment, purses, account.clockOffsetMs) };
    }),
  );
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
  return { entries: await entryViews(ports, account, entries), days, next };
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

/** Each entry with the address of its page. */
async function addressed({ store }: WalletPorts, entries: readonly Entry[]): Promise<Addressed[]> {
  const urls = new Map((await store.payments.all()).map(({ id, ask }) => [id, ask.url]));
  return entries.map((entry) => ({ ...entry, url: urls.get(entry.id) ?? '' }));
}

/** Those that money came by from outside, or went there. */
const OUTSIDE: readonly Movement['kind'][] = [
  ...(['starter', 'top-up', 'charged back', 'chargeback won'] as const),
  ...(['withdrawal', 'withdrawal failed'] as const),
];

/** What came in and went back by the provider's books; nothing where it does not answer. */
async function depositsOf(ports: WalletPorts, clockOffsetMs: number): Promise<Deposit[]> {
  try {
    const movements = await checkedMovements(ports);
    return movements
      .filter(({ kind }) => OUTSIDE.includes(kind))
      .map((it) => ({
        // Among purchases, which have this machine's time.
        atMs: it.atMs - clockOffsetMs,
        amountMicros: changeBy(it),
        source: it.kind === 'starter' ? 'gift' : 'card',
      }));
  } catch (error) {
    if (error instanceof FarthingError) return [];
    throw error;
  }
}

/** The whole history, oldest first. */
async function exportText(
  ports: WalletPorts,
  account: Account,
  format: ExportFormat,
): Promise<string> {
  const entries = (await ports.store.entries.all()).sort((a, b) => a.atMs - b.atMs);
  if (format === 'csv') return toCsv(await addressed(ports, entries));
  if (format === 'json') return toJson(await addressed(ports, entries));
  const deposits = await depositsOf(ports, account.clockOffsetMs);
  // What they come to includes this balance, which may be a newer one.
  const { currency, availableMicros } = await requireAccount(ports);
  const aside = asideMicros(await ports.store.purses.all(), ports.now() + account.clockOffsetMs);
  const waiting = entries.filter(({ state }) => state === 'waiting').map(spentBy);
  const heldMicros: bigint = addMicros(availableMicros, aside);
  const yoursMicros = waiting.reduce((sum, amount) => sum - amount, heldMicros);
  return toJournal(entries, { currency, deposits, yoursMicros });
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
  const { receipt, untilSec = 0 } = payment;
  const claims = receipt === undefined ? undefined : readReceipt(receipt).claims;
  const [view] = await entryViews(ports, account, [entry]);
  return (
    view && {
      ...view,
      url: payment.ask.url,
      untilMs: claims && untilSec * 1000 - account.clockOffsetMs,
      reference: claims && `${claims.pur}.${claims.seq}`,
      receipt,
    }
  );
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
  /**
   * What the provider booked in a month, `2026-11`, or ever, as a table.
   * @throws FarthingError `internal` where it does not come to the balance; the provider's codes
   */
  statement(month: string | undefined): Promise<string>;
  /** All that the provider holds about the reader, as JSON. @throws FarthingError its codes */
  held(): Promise<string>;
}

/** The history of the wallet on `ports`. */
export function createHistory(ports: WalletPorts): History {
  return {
    history: async (query) => historyView(ports, await requireAccount(ports), query),
    spending: async (month) => spendingView(ports, await requireAccount(ports), month),
    receipt: async (paymentId) => receiptView(ports, await requireAccount(ports), paymentId),
    exportHistory: async (format) => exportText(ports, await requireAccount(ports), format),
    statement: (month) => statement(ports, month),
    held: () => held(ports),
  };
}
