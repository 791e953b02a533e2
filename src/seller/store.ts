/**
 * What a seller keeps: one row a purse (SPEC 6.6). A store is handed in; every store passes the
 * contract suite, `test/contracts/store.ts`.
 */
import type { Micros } from '../protocol/money.ts';

/** One purse, as far as this seller has accepted charges of it. */
export interface PurseRow {
  /** The purse's id: the key. */
  readonly purse: string;
  /** Counts the writes of this row, from 1. */
  readonly rev: number;
  /** The newest checked certificate, `farthing-purse+jwt`. */
  readonly certificate: string;
  /** Accepted charges; 0 where the only one was taken back. */
  readonly seq: number;
  /** What they come to, in micros. */
  readonly tot: Micros;
  /** The last accepted charge and its receipt, byte for byte; undefined at `seq` 0. */
  readonly charge: string | undefined;
  readonly receipt: string | undefined;
  /**
   * Somebody else has heard of this charge (its receipt left a second time, or a wallet out of step
   * was told of it), so it is never taken back (SPEC 6.5, 6.7).
   */
  readonly firm: boolean;
  readonly closed: boolean;
  /** Marked before a charge is sent to the provider: from then on it is never taken back. */
  readonly handingSeq: number;
  /** The provider has booked the charges up to this one. */
  readonly handedSeq: number;
  /**
   * The provider's last word on what it has captured of this purse, in micros; for reports only.
   */
  readonly capturedTot: Micros;
}

/**
 * A linearizable store. After `put` has answered true, every `get` through every connection sees
 * that row or a later one, and the row survives what the store promises to survive. Everything that
 * serves one payto shares one store; servers that cannot share one use a payto each.
 */
export interface Store {
  /** The row of a purse. */
  get(purse: string): Promise<PurseRow | undefined>;
  /**
   * Writes `row` if and only if the stored row's `rev` is `row.rev - 1` (no row: `row.rev` is 1);
   * false where another writer was first. Of two writers with one `rev` exactly one gets true.
   * It throws when it does not know whether the row was written.
   */
  put(row: PurseRow): Promise<boolean>;
  /** Rows with something not handed in (`handedSeq` < `seq`), by purse, those after `after`. */
  due(page: { readonly limit: number; readonly after?: string | undefined }): Promise<PurseRow[]>;
}
