/** A process that moves one row on, a given number of times, against others that do the same. */
import { rowAt } from '../contracts/store.ts';
import { openStore } from './stores.ts';

const [address = '', writes = '0'] = process.argv.slice(2);
const { store, close } = await openStore(JSON.parse(address));
let written = 0;
while (written < Number(writes)) {
  const row = await store.get(rowAt(1).key);
  if (await store.put(rowAt((row?.rev ?? 0) + 1))) written += 1;
}
await close();
process.send?.(written);
