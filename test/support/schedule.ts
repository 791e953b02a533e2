/**
 * Requests at one moment: each call of the store waits for its turn, and whose turn it is is drawn,
 * so that any order may come.
 */
import type { Row, Store } from '../../src/seller/store.ts';

/** While `settle` runs, everything waits at `step` until it is picked. */
export interface Schedule {
  step(): Promise<void>;
  /** `store`, with a step before and after each call. `heard` is told of each row written. */
  storeOf(store: Store, heard?: (row: Row) => void): Store;
  /** Runs all of these at one moment, to their ends. */
  settle<T>(starts: readonly (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]>;
}

/** @param turns natural numbers without end: the next one picks who goes on */
export function openSchedule(turns: Iterator<number>): Schedule {
  const waiting: (() => void)[] = [];
  let isLive = false;
  const step = () =>
    isLive ? new Promise<void>((resolve) => waiting.push(resolve)) : Promise.resolve();
  const between = async <T>(call: () => Promise<T>): Promise<T> => {
    await step();
    const answer = await call();
    await step();
    return answer;
  };
  return {
    step,
    storeOf: (store, heard = () => {}) => ({
      get: (key) => between(() => store.get(key)),
      put: (row) =>
        between(async () => {
          const isWritten = await store.put(row);
          if (isWritten) heard(row);
          return isWritten;
        }),
      due: (page) => between(() => store.due(page)),
    }),
    settle: async (starts) => {
      isLive = true;
      let left = starts.length;
      const running = starts.map((start) =>
        start().finally(() => {
          left -= 1;
        }),
      );
      const outcomes = Promise.allSettled(running);
      while (left > 0) {
        await new Promise((resolve) => setImmediate(resolve));
        const [next] = waiting.splice(Number(turns.next().value) % (waiting.length || 1), 1);
        next?.();
      }
      isLive = false;
      return outcomes;
    },
  };
}
