/** A store that forgets when the process ends: for tests and for trying things out. */
import type { PurseRow, Store } from '../store.ts';

/** @example createSeller({ payto, secret, store: memoryStore() }) */
export function memoryStore(): Store {
  const rows = new Map<string, PurseRow>();
  return {
    get: async (purse) => rows.get(purse),
    put: async (row) => {
      if ((rows.get(row.purse)?.rev ?? 0) !== row.rev - 1) return false;
      rows.set(row.purse, { ...row });
      return true;
    },
    due: async ({ limit, after = '' }) =>
      [...rows.values()]
        .filter((row) => row.handedSeq < row.seq && row.purse > after)
        .sort((a, b) => (a.purse < b.purse ? -1 : 1))
        .slice(0, limit),
  };
}
