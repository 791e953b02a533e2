/**
 * What the wallet needs from outside. The extension gives it IndexedDB, the browser's clock and
 * fetch; tests give it others. The wallet knows no browser API.
 */
import type { Entry, Tally } from './history/entries.ts';
import type { Sheet } from './history/sheets.ts';
import type { Account, Ask, CopyMark, Keep, Payment, Purse, Seller } from './rows.ts';

/**
 * One kind of row, by its key. Rows are plain data (and non-extractable keys), copied in and out.
 */
export interface Table<Row> {
  get(key: string): Promise<Row | undefined>;
  put(row: Row): Promise<void>;
  remove(key: string): Promise<void>;
  /** The same of many, which takes no longer for each of them the more there are. */
  putAll(rows: readonly Row[]): Promise<void>;
  removeAll(keys: readonly string[]): Promise<void>;
  clear(): Promise<void>;
  all(): Promise<Row[]>;
}

/** The wallet's tables; each row's key is named behind it. */
export interface Tables {
  /** `key` */
  readonly account: Table<Account>;
  /** `payto` */
  readonly sellers: Table<Seller>;
  /** `id` */
  readonly purses: Table<Purse>;
  /** `id` */
  readonly payments: PaymentTable;
  /** `id` */
  readonly asks: Table<Ask>;
  /** `id`. Written by `bookkeeping.ts` alone, with their payments. */
  readonly entries: EntryTable;
  /** `key`. What days came to. Written by `bookkeeping.ts` alone, with their payments. */
  readonly tallies: TallyTable;
  /** `key`. What months came to; written likewise. */
  readonly months: TallyTable;
  /** `key`. Written likewise. */
  readonly sheets: SheetTable;
  /** The last DPoP nonce of a provider. `provider` */
  readonly nonces: Table<{ readonly provider: string; readonly nonce: string }>;
  /** `key` */
  readonly keeps: Table<Keep>;
  /** `key` */
  readonly marks: Table<CopyMark>;
}

/** Entries of the history, one a payment. */
export interface EntryTable extends Table<Entry> {
  /** At most `limit` of those that began before `untilMs`, the newest first. */
  latest(limit: number, untilMs: number): Promise<Entry[]>;
  /** Those of `ids` that are there. */
  among(ids: readonly string[]): Promise<Entry[]>;
}

/** What days or months came to. */
export interface TallyTable extends Table<Tally> {
  /** Those from the period `first` to `last`, both included. */
  within(first: string, last: string): Promise<Tally[]>;
  /** Each period that has one, the oldest first. */
  periods(): Promise<string[]>;
}

/** The history as it is looked through. */
export interface SheetTable extends Table<Sheet> {
  /** At most `limit` of those from `first` on and below `below`, the newest first. */
  latest(
    limit: number,
    range: { readonly first: string; readonly below: string },
  ): Promise<Sheet[]>;
}

/** Payments are many: what is looked for has an index. */
export interface PaymentTable extends Table<Payment> {
  /** Those for one item, by `itemKeyOf`. */
  forItem(itemKey: string): Promise<Payment[]>;
  /** Those with something left to do, oldest first. */
  pending(): Promise<Payment[]>;
  /** Those at one seller. */
  at(payto: string): Promise<Payment[]>;
  /** One of them for which `isIt` holds, whichever is found first. */
  oneAt(payto: string, isIt: (payment: Payment) => boolean): Promise<Payment | undefined>;
  /** Those that made things free until after `sec`, by the seller's clock (SPEC 7.7). */
  freeAfter(sec: number): Promise<Payment[]>;
  /** The newest first; with `untilMs` of those that began before. */
  latest(limit: number, untilMs?: number): Promise<Payment[]>;
  /** Begun at or after `atMs`; with `untilMs` those that began before that. */
  since(atMs: number, untilMs?: number): Promise<Payment[]>;
}

/**
 * Durable storage. `transaction` is atomic and isolated: all of `work`'s writes are on disk when it
 * resolves, or none is. `work` awaits nothing but tables.
 */
export interface WalletStore extends Tables {
  transaction<T>(work: (tables: Tables) => Promise<T>): Promise<T>;
}

export interface WalletPorts {
  readonly store: WalletStore;
  /**
   * Sends a request. One to a seller names the tab that it is for, whose cookies it may then use;
   * where that tab is gone it is sent all the same.
   */
  readonly fetch: (url: string, init?: RequestInit, tabId?: number) => Promise<Response>;
  /** Milliseconds since 1970, as good as the device's clock is. */
  readonly now: () => number;
  readonly random: (byteCount: number) => Uint8Array<ArrayBuffer>;
  /** Resolves after `delayMs`; the wallet's only way to wait. */
  readonly wait: (delayMs: number) => Promise<void>;
  /** Where a tab is, without fragment; empty when it is gone. */
  readonly addressOf: (tabId: number) => Promise<string>;
  /** Opens what was paid for. */
  readonly open: (target: OpenTarget) => Promise<void>;
  /** Called when something that a screen shows has changed. */
  readonly changed: () => void;
}

/** Where to open an address. */
export interface OpenTarget {
  readonly url: string;
  readonly tabId: number;
  readonly placement: 'same-tab' | 'new-tab';
}
