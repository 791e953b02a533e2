/** One at a time per key: one message in flight per purse (SPEC 6.8), one run per payment. */

/** Runs `work` after everything that was queued under `key` before. */
export type Queue = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Makes a queue; keys are forgotten when nothing waits under them. */
export function createQueue(): Queue {
  const tails = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const before = tails.get(key) ?? Promise.resolve();
    // What failed before is the business of whoever queued it.
    const mine = before.then(work, work);
    tails.set(key, mine);
    const forget = () => {
      if (tails.get(key) === mine) tails.delete(key);
    };
    mine.then(forget, forget);
    return mine;
  };
}
