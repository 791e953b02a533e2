/**
 * What the wallet needs from outside. The extension gives it IndexedDB, the browser's clock and
 * fetch; tests give it others. The wallet knows no browser API.
 */
import type { Entry, Tally } from './entries.ts';
import type { Account, Ask, CopyMark, Keep, Payment, Purse, Seller } from './rows.ts';

/**
 * One kind of row, by its key. Rows are plain data (and non-extractable keys), copied in and out.
 */
export interface Table<Row> {
  get(key: string): Promise<Row | undefined>;
  put(row: Row): Promise<void>;
  remove(key: string): Promise<void>;
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
  /** `key`. Written by `bookkeeping.ts` alone, with their payments. */
  readonly tallies: TallyTable;
  /** The last DPoP nonce of a provider. `provider` */
  readonly nonces: Table<{ readonly provider: string; readonly nonce: string }>;
  /** `key` */
  readonly keeps: Table<Keep>;
  /** `key` */
  readonly marks: Table<CopyMark>;
}

/** Entries of the history, one a payment. */
export interface EntryTable extends Table<Entry> {
  /** The newest first. */
  range(range: EntryRange): Promise<Entry[]>;
}

/** A part of the history: begun at or after `fromMs` and before `untilMs`. */
export interface EntryRange {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Only those at one seller. */
  readonly payto?: string | undefined;
  readonly limit: number;
}

/** What days came to. */
export interface TallyTable extends Table<Tally> {
  /** Those of the days from `fromDay` to `untilDay`, both included. */
  days(fromDay: string, untilDay: string): Promise<Tally[]>;
}

/** Payments are many: what is looked for has an index. */
export interface PaymentTable extends Table<Payment> {
  /** Those for one item, by `itemKeyOf`. */
  forItem(itemKey: string): Promise<Payment[]>;
  /** Those with something left to do, oldest first. */
  pending(): Promise<Payment[]>;
  /** Those at one seller. */
  at(payto: string): Promise<Payment[]>;
  /** The newest first. */
  latest(limit: number): Promise<Payment[]>;
  /** Begun at or after `atMs`. */
  since(atMs: number): Promise<Payment[]>;
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
