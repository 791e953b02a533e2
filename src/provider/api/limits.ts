/**
 * How often somebody may ask: counted in windows of time, for so many names at most. What is
 * refused says when to come again. It protects this process and is counted in its memory: of
 * several processes each lets in so many. What protects money is counted in the books.
 */
import { type ErrorCode, FarthingError } from '../../protocol/errors.ts';

/** A refusal that time mends: `Retry-After` says how much. */
export class RefusedForNow extends FarthingError {
  readonly retryAfterSec: number;

  constructor(code: ErrorCode, detail: string, retryAfterSec: number) {
    super(code, `${detail}; try again in ${retryAfterSec} seconds`);
    this.retryAfterSec = retryAfterSec;
  }
}

/** Past it the oldest name is forgotten: about 10 MB. */
const NAME_COUNT_MAX = 100_000;

interface Settings {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly windowMs: number;
  readonly countMax: number;
  /** What is counted, for whoever is refused: "requests of one key". */
  readonly what: string;
}

export interface Limit {
  /** Counts one more of `name`; throws `rate_limited` where that is too many in this window. */
  (name: string): void;
  /** Throws as if one more were counted, and counts none. */
  check(name: string): void;
}

/** A limit on each name by itself. */
export function createLimit({ clock, windowMs, countMax, what }: Settings): Limit {
  let counts = new Map<string, number>();
  let window = 0;
  const next = (name: string): number => {
    const nowMs = clock();
    const current = Math.floor(nowMs / windowMs);
    if (current !== window) counts = new Map();
    window = current;
    const count = (counts.get(name) ?? 0) + 1;
    if (count > countMax) {
      const retryAfterSec = Math.ceil(((current + 1) * windowMs - nowMs) / 1000);
      const detail = `${countMax} ${what} in ${windowMs / 1000} seconds are enough`;
      throw new RefusedForNow('rate_limited', detail, retryAfterSec);
    }
    return count;
  };
  const limit = (name: string) => {
    const count = next(name);
    const [oldest] = counts.keys();
    if (counts.size >= NAME_COUNT_MAX && oldest !== undefined) counts.delete(oldest);
    counts.set(name, count);
  };
  return Object.assign(limit, { check: (name: string) => void next(name) });
}
