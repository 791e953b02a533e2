/**
 * Gives back what purses did not spend (SPEC 5.11): when 72 hours have passed since the end and the
 * sellers have had 24 hours in which they could reach us, and never in the first hour after a
 * start.
 */
import { type Context, nowSec } from '../context.ts';
import type { Reading } from '../database/database.ts';
import { payAllRefunds } from '../refunds/repayments.ts';
import { release } from './releases.ts';

const HOUR_SEC = 3600;
export const GRACE_SEC = 72 * HOUR_SEC;
export const OPEN_SEC = 24 * HOUR_SEC;
export const QUIET_START_SEC = HOUR_SEC;
/** Runs are kept going every minute; a longer silence is a machine that slept. */
const RUN_GAP_SEC_MAX = 600;
/** One transaction a batch: readers and sellers wait for no more than this many. */
const BATCH_COUNT = 100;

/** A stretch of time in which collections could be handed in. */
export interface Run {
  readonly openedAtSec: number;
  readonly seenAtSec: number;
}

/** Notes that collection is open from now on; answers the run's number. */
export async function beginRun(context: Context, atSec = nowSec(context)): Promise<bigint> {
  const row = await context.database
    .insertInto('run')
    .values({ opened_at_sec: atSec, seen_at_sec: atSec })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Notes that collection is still open. */
export async function continueRun(
  context: Context,
  run: bigint,
  atSec = nowSec(context),
): Promise<void> {
  await context.database
    .updateTable('run')
    .set({ seen_at_sec: atSec })
    .where('id', '=', run)
    .execute();
}

/**
 * Keeps a run going, or begins another one where the last word of it is old: while the machine
 * slept nobody could hand in, so that time must not count as open. So it does where a clock was put
 * back before the beginning: a start that is yet to come would keep all releases waiting. Answers
 * the run that goes on.
 */
export async function keepRun(context: Context, run: bigint): Promise<bigint> {
  const { opened_at_sec: openedAtSec, seen_at_sec: seenAtSec } = await context.database
    .selectFrom('run')
    .select(['opened_at_sec', 'seen_at_sec'])
    .where('id', '=', run)
    .executeTakeFirstOrThrow();
  const atSec = nowSec(context);
  const isOver = atSec < openedAtSec || atSec - Number(seenAtSec) > RUN_GAP_SEC_MAX;
  if (isOver) return beginRun(context, atSec);
  await continueRun(context, run, atSec);
  return run;
}

/**
 * The same time in stretches that do not overlap: of several processes on one database each notes
 * its own runs, and an hour in which two were open is one hour.
 */
function stretches(runs: readonly Run[]): Run[] {
  const merged: Run[] = [];
  for (const run of runs.toSorted((a, b) => a.openedAtSec - b.openedAtSec)) {
    const last = merged.at(-1);
    // A clock that was put back makes a run of less than nothing.
    const seenAtSec = Math.max(run.seenAtSec, run.openedAtSec);
    if (!last || run.openedAtSec > last.seenAtSec) merged.push({ ...run, seenAtSec });
    else if (seenAtSec > last.seenAtSec) merged[merged.length - 1] = { ...last, seenAtSec };
  }
  return merged;
}

/**
 * Since when collection has been open, as it is now: a process that starts beside another one opens
 * nothing that was shut.
 */
function openSinceSec(open: readonly Run[], { openedAtSec }: Run): number {
  const isIn = (run: Run) => run.openedAtSec <= openedAtSec && openedAtSec <= run.seenAtSec;
  return open.find(isIn)?.openedAtSec ?? openedAtSec;
}

/**
 * Purses that ended at or before this time are due for release; undefined when none is.
 * @param runs in order of their starts as they were noted; the last start is the latest
 */
export function releaseCutoffSec(runs: readonly Run[], atSec: number): number | undefined {
  const current = runs.at(-1);
  const open = stretches(runs);
  if (!current || atSec - openSinceSec(open, current) < QUIET_START_SEC) return undefined;
  let missingSec = OPEN_SEC;
  for (const run of open.toReversed()) {
    const openSec = run.seenAtSec - run.openedAtSec;
    if (openSec >= missingSec) return Math.min(run.seenAtSec - missingSec, atSec - GRACE_SEC);
    missingSec -= openSec;
  }
  return undefined;
}

/** All runs, oldest first: one for each start. */
export async function readRuns(reading: Reading): Promise<Run[]> {
  const rows = await reading
    .selectFrom('run')
    .select(['opened_at_sec', 'seen_at_sec'])
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    openedAtSec: Number(row.opened_at_sec),
    seenAtSec: Number(row.seen_at_sec),
  }));
}

async function sweepBatch(context: Context): Promise<number> {
  return context.changeBooks(async (books) => {
    const atSec = nowSec(context);
    const cutoffSec = releaseCutoffSec(await readRuns(books), atSec);
    if (cutoffSec === undefined) return 0;
    const due = await books
      .selectFrom('purse')
      .select('id')
      .where('state', '=', 'open')
      .where('expires_at_sec', '<=', BigInt(cutoffSec))
      .orderBy('expires_at_sec')
      .limit(BATCH_COUNT)
      .execute();
    for (const { id } of due) await release(books, id, atSec);
    return due.length;
  });
}

async function releaseAll(context: Context): Promise<number> {
  let releasedCount = 0;
  for (;;) {
    const count = await sweepBatch(context);
    releasedCount += count;
    if (count < BATCH_COUNT) return releasedCount;
  }
}

/**
 * Releases all purses that are due and pays the refunds that can be paid; answers how many purses.
 */
export async function sweep(context: Context): Promise<number> {
  const releasedCount = await releaseAll(context);
  await payAllRefunds(context);
  return releasedCount;
}
