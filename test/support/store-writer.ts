/** A process that moves one row on, a given number of times, against others that do the same. */
import { sqliteStore } from '../../src/seller/stores/sqlite.ts';
import { rowAt } from '../contracts/store.ts';

const [file = '', writes = '0'] = process.argv.slice(2);
const store = sqliteStore(file);
let written = 0;
while (written < Number(writes)) {
  const row = await store.get(rowAt(1).purse);
  if (await store.put(rowAt((row?.rev ?? 0) + 1))) written += 1;
}
store.close();
process.send?.(written);
