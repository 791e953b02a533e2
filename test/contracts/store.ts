/**
 * What every seller's store must do (SPEC 6.6), as facts that can be checked on any of them. A pair
 * is two ways into the same rows: two connections, two servers.
 */
import assert from 'node:assert/strict';
import type { Row, Store } from '../../src/seller/index.ts';

export interface StorePair {
  readonly first: Store;
  readonly second: Store;
}
export interface StoreFact {
  readonly fact: string;
  readonly check: (pair: StorePair) => Promise<void>;
}

export function rowAt(rev: number, changes: Partial<Row> = {}): Row {
  return { key: 'AAAAAAAAAAAAAAAAAAAAAA', rev, isDue: true, text: `{"seq":${rev}}`, ...changes };
}

const RACE_ROUNDS = 50;

/** All writers read, then all of them write what follows from what they read. */
async function race({ first, second }: StorePair, writerCount: number): Promise<number[]> {
  const winners: number[] = [];
  const writers = Array.from({ length: writerCount }, (_, index) => (index % 2 ? second : first));
  for (let round = 1; round <= RACE_ROUNDS; round++) {
    const found = await Promise.all(writers.map((store) => store.get(rowAt(1).key)));
    const answers = await Promise.all(
      writers.map((store, index) => {
        const rev = (found[index]?.rev ?? 0) + 1;
        return store.put(rowAt(rev, { text: `by writer ${index}` }));
      }),
    );
    winners.push(answers.filter(Boolean).length);
  }
  return winners;
}

export const STORE_FACTS: readonly StoreFact[] = [
  {
    fact: 'a purse that was never written is not there',
    check: async ({ first }) => assert.equal(await first.get('nobody'), undefined),
  },
  {
    fact: 'a row is read as it was written, through either way in',
    check: async ({ first, second }) => {
      const long = 'x'.repeat(20_000);
      const text = JSON.stringify({ long, odd: '" \\ \n \u0001 ’ 😀 % 1 2' });
      const row = rowAt(1, { text });
      assert.equal(await first.put(row), true);
      assert.deepEqual(await second.get(row.key), row);
      const empty = rowAt(2, { text: '{}', isDue: false });
      assert.equal(await second.put(empty), true);
      assert.deepEqual(await first.get(row.key), empty);
    },
  },
  {
    fact: 'a first row has revision 1',
    check: async ({ first }) => {
      assert.equal(await first.put(rowAt(2)), false);
      assert.equal(await first.get(rowAt(1).key), undefined);
    },
  },
  {
    fact: 'a revision is written once, and none is left out',
    check: async ({ first, second }) => {
      await first.put(rowAt(1));
      assert.equal(await second.put(rowAt(1)), false);
      assert.equal(await second.put(rowAt(3)), false);
      assert.equal(await second.put(rowAt(2)), true);
      assert.equal(await first.put(rowAt(2)), false);
      assert.deepEqual(await first.get(rowAt(1).key), rowAt(2));
    },
  },
  {
    fact: 'what one way in wrote, the other sees at once',
    check: async ({ first, second }) => {
      for (let rev = 1; rev <= 20; rev++) {
        const [writer, reader] = rev % 2 ? [first, second] : [second, first];
        assert.equal(await writer.put(rowAt(rev)), true);
        assert.equal((await reader.get(rowAt(1).key))?.rev, rev);
      }
    },
  },
  {
    fact: 'of two writers with one revision exactly one wins',
    check: async (pair) => {
      const winners = await race(pair, 2);
      assert.deepEqual(new Set(winners), new Set([1]));
      assert.equal((await pair.first.get(rowAt(1).key))?.rev, RACE_ROUNDS);
    },
  },
  {
    fact: 'of twenty writers with one revision exactly one wins, and its row is kept',
    check: async (pair) => assert.deepEqual(new Set(await race(pair, 20)), new Set([1])),
  },
  {
    fact: 'due: rows with something not handed in, by key, in pages',
    check: async ({ first, second }) => {
      const names = ['d', 'b', 'a', 'c', 'e'];
      for (const key of names) await first.put(rowAt(1, { key }));
      await first.put(rowAt(2, { key: 'b', isDue: false }));
      await first.put(rowAt(2, { key: 'e', isDue: false }));
      await first.put(rowAt(3, { key: 'e', isDue: true }));
      await first.put(rowAt(1, { key: 'f', isDue: false }));
      const keys = async (page: { limit: number; after?: string }) =>
        (await second.due(page)).map(({ key }) => key);
      assert.deepEqual(await keys({ limit: 10 }), ['a', 'c', 'd', 'e']);
      assert.deepEqual(await keys({ limit: 2 }), ['a', 'c']);
      assert.deepEqual(await keys({ limit: 2, after: 'c' }), ['d', 'e']);
      assert.deepEqual(await keys({ limit: 2, after: 'e' }), []);
      assert.deepEqual((await second.due({ limit: 1 }))[0], rowAt(1, { key: 'a' }));
    },
  },
];
