/**
 * What the extension keeps beside the wallet. What the reader asked of the browser and may not see
 * answered, since its question closes the popup: the wish is on disk until the browser says yes,
 * and is forgotten when it says no or says nothing. And how often notes were shown.
 */
import { Dexie, type Table } from 'dexie';

/** *Next time, pay here with one click*, at one site. */
export interface Wish {
  /** What the browser was asked for. */
  readonly pattern: string;
  /** The purchase that it was said after: it names the seller. */
  readonly paymentId: string;
  readonly atMs: number;
}

/** A question of the browser's that is still open after this long is taken for a no. */
const WISH_LIFE_MS = 600_000;

export interface Wishes {
  keep(wish: Wish): Promise<void>;
  drop(pattern: string): Promise<void>;
  /** Those that still hold. */
  current(nowMs: number): Promise<Wish[]>;
  /** Counts one more note on a page; answers how many there were, this one among them. */
  countNote(): Promise<number>;
}

/** Opens what is kept of wishes. */
export function openWishes(name = 'farthing-sites'): Wishes {
  const database = new Dexie(name, { chromeTransactionDurability: 'strict' });
  database.version(1).stores({ wishes: 'pattern', hints: 'pattern', counts: 'name' });
  // Hints in the toolbar were never seen: they came where the icon had been pressed already.
  database.version(2).stores({ hints: null });
  const wishes: Table<Wish, string> = database.table('wishes');
  const counts: Table<{ name: string; count: number }, string> = database.table('counts');
  return {
    countNote: () =>
      database.transaction('rw', counts, async () => {
        const count = ((await counts.get('notes'))?.count ?? 0) + 1;
        await counts.put({ name: 'notes', count });
        return count;
      }),
    keep: (wish) => wishes.put(wish).then(() => undefined),
    drop: (pattern) => wishes.delete(pattern),
    async current(nowMs) {
      const all = await wishes.toArray();
      const isOver = ({ atMs }: Wish) => Math.abs(nowMs - atMs) > WISH_LIFE_MS;
      await wishes.bulkDelete(all.filter(isOver).map(({ pattern }) => pattern));
      return all.filter((wish) => !isOver(wish));
    },
  };
}
