/**
 * Commits that are shared: whoever comes in the same moment, or while others are being written,
 * goes to disk with all who did. Each has a savepoint of its own, so that one that is refused
 * changes nothing for the others; and nobody is answered, refusals included, before all of it is on
 * disk.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { type Books, type Database, writeBooks } from './database.ts';
import { ask, statementOf } from './queries.ts';

/** Readers and other processes wait for no more than so many. */
const GROUP_COUNT_MAX = 32;

/** Changes the books by `work`, in a transaction that others may share. */
export type ChangeBooks = <T>(work: (books: Books) => Promise<T>) => Promise<T>;

/** One who waits. */
interface Act {
  /** Does it; answers how it is told. */
  readonly perform: (books: Books) => Promise<() => void>;
  readonly fail: (error: unknown) => void;
}

const BEGIN = statementOf('savepoint act');
const UNDO = statementOf('rollback to savepoint act');
const END = statementOf('release savepoint act');

/** Does `work` or nothing of it. @throws what makes the whole transaction worthless */
export async function inSavepoint<T>(
  books: Books,
  work: (books: Books) => Promise<T>,
): Promise<PromiseSettledResult<T>> {
  await ask(books, BEGIN);
  const [outcome] = await Promise.allSettled([work(books)]);
  if (outcome.status === 'rejected')
    // On a full disk SQLite has undone everything: then its reason is what all are told.
    await ask(books, UNDO).catch(() => {
      throw outcome.reason;
    });
  await ask(books, END);
  return outcome;
}

function actOf<T>(work: (books: Books) => Promise<T>, promise: PromiseWithResolvers<T>): Act {
  const { resolve, reject } = promise;
  return {
    perform: async (books) => {
      const outcome = await inSavepoint(books, work);
      return () =>
        outcome.status === 'fulfilled' ? resolve(outcome.value) : reject(outcome.reason);
    },
    fail: reject,
  };
}

/**
 * The writers of one process.
 * @param around what stands around all that share a commit, in the same transaction
 */
export function shareCommits(
  database: Database,
  around: (books: Books, work: () => Promise<void>) => Promise<void>,
): ChangeBooks {
  const waiting: Act[] = [];
  let isWriting = false;
  const writeGroup = async (group: readonly Act[]) => {
    const told: (() => void)[] = [];
    try {
      await writeBooks(database, (books) =>
        around(books, async () => {
          for (const { perform } of group) told.push(await perform(books));
        }),
      );
    } catch (error) {
      for (const { fail } of group) fail(error);
      return;
    }
    for (const tell of told) tell();
  };
  const writeAll = async () => {
    isWriting = true;
    // Requests that came in one moment are read one after another before the next turn.
    await turn();
    while (waiting.length > 0) await writeGroup(waiting.splice(0, GROUP_COUNT_MAX));
    isWriting = false;
  };
  return <T>(work: (books: Books) => Promise<T>) => {
    const promise = Promise.withResolvers<T>();
    waiting.push(actOf(work, promise));
    if (!isWriting) void writeAll();
    return promise.promise;
  };
}
