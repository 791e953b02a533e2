/** Lets in a few at a time: what takes long and reaches outside must not be begun without end. */
import { RefusedForNow } from './limits.ts';

/** Runs `work` for `name`, which has nothing else running; throws `rate_limited` otherwise. */
export type Gate = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** By then something that was under way has probably ended. */
const RETRY_AFTER_SEC = 5;

/** A gate for one of each name and `countMax` in all. */
export function createGate({ countMax, what }: { countMax: number; what: string }): Gate {
  const running = new Set<string>();
  const refuse = (detail: string): never => {
    throw new RefusedForNow('rate_limited', detail, RETRY_AFTER_SEC);
  };
  return async (name, work) => {
    if (running.has(name)) refuse(`one ${what} at a time`);
    if (running.size >= countMax) refuse(`no more than ${countMax} are under way at a time`);
    running.add(name);
    try {
      return await work();
    } finally {
      running.delete(name);
    }
  };
}
