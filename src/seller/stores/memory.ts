/** A store that forgets when the process ends: for tests and for trying things out. */
import type { Row, Store } from '../store.ts';

/** @example createSeller({ payto, secret, store: memoryStore() }) */
export function memoryStore(): Store {
  const rows = new Map<string, Row>();
  return {
    get: async (key) => rows.get(key),
    put: async (row) => {
      if ((rows.get(row.key)?.rev ?? 0) !== row.rev - 1) return false;
      rows.set(row.key, { ...row });
      return true;
    },
    due: async ({ limit, after = '' }) =>
      [...rows.values()]
        .filter(({ isDue, key }) => isDue && key > after)
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .slice(0, limit),
  };
}
