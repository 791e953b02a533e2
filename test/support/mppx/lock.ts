/**
 * One holder at a time, in this process and among all: a transaction on a file of its own, which
 * ends with its process, however that ends.
 */
import { DatabaseSync } from 'node:sqlite';

/** Longer than thirty purchases take. */
const WAIT_MS = 30_000;

/** Waits for its turn; the answer gives it back. */
export type Lock = () => Promise<() => void>;

function acquire(file: string): () => void {
  const database = new DatabaseSync(file, { timeout: WAIT_MS });
  database.exec('BEGIN IMMEDIATE');
  return () => database.close();
}

export function createLock(file: string): Lock {
  let last = Promise.resolve();
  return async () => {
    const before = last;
    const turn = Promise.withResolvers<void>();
    last = turn.promise;
    await before;
    try {
      const release = acquire(file);
      return () => {
        release();
        turn.resolve();
      };
    } catch (error) {
      turn.resolve();
      throw error;
    }
  };
}
