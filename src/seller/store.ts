/**
 * What a store is (SPEC 6.6): rows of text under keys, each written if and only if nobody was
 * quicker. What the rows say is this module's business (`purses.ts`, `caps.ts`); a store is handed
 * in, and every store passes the contract suite, `test/contracts/store.ts`.
 */

/** One row. */
export interface Row {
  /** Up to 100 characters of ASCII. */
  readonly key: string;
  /** Counts the writes of this row, from 1. */
  readonly rev: number;
  /** Whether something in it is still to be handed in: `due` finds it by this. */
  readonly isDue: boolean;
  /** JSON, some kilobytes. */
  readonly text: string;
}

/**
 * A linearizable store. After `put` has answered true, every `get` through every connection sees
 * that row or a later one, and the row survives what the store promises to survive. Everything that
 * serves one payto shares one store; servers that cannot share one use a payto each.
 */
export interface Store {
  /** The row of a key. */
  get(key: string): Promise<Row | undefined>;
  /**
   * Writes `row` if and only if the stored row's `rev` is `row.rev - 1` (no row: `row.rev` is 1);
   * false where another writer was first. Of two writers with one `rev` exactly one gets true.
   * It throws when it does not know whether the row was written.
   */
  put(row: Row): Promise<boolean>;
  /** Rows that are due, by key, those after `after`. */
  due(page: { readonly limit: number; readonly after?: string | undefined }): Promise<Row[]>;
}
