/** How a server hands in by itself; checked when it starts. */
import { FarthingError } from '../../protocol/errors.ts';
import type { CollectReport } from './collect.ts';

const HOUR_MS = 3_600_000;
/** What is set aside is there for three days after a purse's end (SPEC 5.11): six chances. */
const EVERY_MS_MAX = 12 * HOUR_MS;
const EVERY_MS_MIN = 1_000;

/** See `Seller.startCollecting`. */
export interface CollectingOptions {
  /** How often at least; 12 hours, which is also the most. */
  readonly everyMs?: number | undefined;
  /** Hears what each hand-in brought; what went wrong goes to the seller's `onError`. */
  readonly onCollected?: ((report: CollectReport) => void) | undefined;
  /** Runs `turn` once after a while, and answers how to call it off; by default `setTimeout`. */
  readonly after?: ((turn: () => void, delayMs: number) => () => void) | undefined;
}

/** @throws FarthingError `option_invalid` */
export function readEveryMs(everyMs = EVERY_MS_MAX): number {
  if (Number.isInteger(everyMs) && everyMs >= EVERY_MS_MIN && everyMs <= EVERY_MS_MAX)
    return everyMs;
  throw new FarthingError(
    'option_invalid',
    `everyMs: from ${EVERY_MS_MIN} to ${EVERY_MS_MAX}, which is twelve hours`,
  );
}
