/**
 * Hands in by itself for as long as a server runs: at least twice a day, and at once when a purse
 * that owes something nears its end. It keeps nothing: whatever it was killed in, the next start
 * hands in what is due.
 */
import { readCertificate } from '../../protocol/certificate.ts';
import { readPurse } from '../charges/purses.ts';
import { accountOf, type SellerContext, tell } from '../context.ts';
import type { Row } from '../store.ts';
import type { CollectReport } from './collect.ts';
import { type CollectingOptions, readEveryMs } from './collecting.ts';

const HOUR_MS = 3_600_000;
/** With less than this left, a purse does not wait for its turn. */
const NEAR_END_MS = 24 * HOUR_MS;
const LOOK_EVERY_MS = 600_000;
const RETRY_MS_MIN = 30_000;
const RETRY_MS_MAX = 1_800_000;
const PAGE_COUNT_MAX = 1_000;

/** Hands in until it is stopped. */
export interface Collecting {
  /** Starts nothing any more; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

/** A server that has nothing else to do may end: this keeps no process alive. */
function afterTimeout(turn: () => void, delayMs: number): () => void {
  const timer: unknown = setTimeout(turn, delayMs);
  if (typeof timer === 'object' && timer !== null && 'unref' in timer) (timer as NodeTimer).unref();
  return () => clearTimeout(timer as number);
}
interface NodeTimer {
  unref(): void;
}

/** Whether one of the purses that owe something, save those in `except`, is near its end. */
async function hasUrgent(seller: SellerContext, except: ReadonlySet<string>): Promise<boolean> {
  const isUrgent = (row: Row) => {
    const { purse, certificate } = readPurse(row);
    const { aud, exp } = readCertificate(certificate).claims;
    const leftMs = exp * 1000 - seller.now();
    return leftMs < NEAR_END_MS && accountOf(seller, aud) !== undefined && !except.has(purse);
  };
  for (let after: string | undefined; ; ) {
    const rows = await seller.store.due({ limit: PAGE_COUNT_MAX, after });
    if (rows.some(isUrgent)) return true;
    if (rows.length < PAGE_COUNT_MAX) return false;
    after = rows.at(-1)?.key;
  }
}

/** Decides at each look whether to hand in; answers how long to wait for the next. */
function createTurns(
  seller: SellerContext,
  collect: () => Promise<CollectReport>,
  { everyMs, onCollected }: { everyMs: number } & Pick<CollectingOptions, 'onCollected'>,
) {
  let doneAtMs: number | undefined;
  let failureCount = 0;
  /** What the provider would not take is handed in again in its turn, not at every look. */
  let refused: ReadonlySet<string> = new Set();
  /** A clock that was put back must not put off the next turn. */
  const untilTurnMs = () => {
    const passedMs = doneAtMs === undefined ? everyMs : seller.now() - doneAtMs;
    return passedMs < 0 ? 0 : Math.max(0, everyMs - passedMs);
  };
  return async (): Promise<number> => {
    try {
      if (untilTurnMs() === 0 || (await hasUrgent(seller, refused))) {
        const report = await collect();
        doneAtMs = seller.now();
        refused = new Set(report.refused.map(({ purse }) => purse));
        tell(seller, onCollected, report);
      }
      failureCount = 0;
      return Math.min(LOOK_EVERY_MS, untilTurnMs());
    } catch (error) {
      seller.onError(error);
      failureCount += 1;
      return Math.min(RETRY_MS_MIN * 2 ** (failureCount - 1), RETRY_MS_MAX);
    }
  };
}

/** @throws FarthingError `option_invalid` */
export function startCollecting(
  seller: SellerContext,
  collect: () => Promise<CollectReport>,
  { everyMs, onCollected, after = afterTimeout }: CollectingOptions = {},
): Collecting {
  const takeTurn = createTurns(seller, collect, { everyMs: readEveryMs(everyMs), onCollected });
  let isStopped = false;
  let running = Promise.resolve();
  let callOff = () => {};
  const turn = () => {
    running = takeTurn().then((delayMs) => {
      if (!isStopped) callOff = after(turn, delayMs);
    });
  };
  turn();
  return {
    stop: () => {
      isStopped = true;
      callOff();
      return running;
    },
  };
}
