/**
 * Remembers the proofs of reads that were used, for as long as their nonces are good (SPEC 9.2). A
 * process that has its books for itself remembers them; where there may be others, the database
 * does, in a table that a crash of the server empties.
 */
import { sql } from 'kysely';
import { FarthingError } from '../../protocol/errors.ts';
import { type Database, isShared } from '../database/database.ts';
import { RefusedForNow } from './limits.ts';

/** The nonce changes this often, and the one before is still good: five to ten minutes in all. */
export const NONCE_PERIOD_MS = 300_000;
/** About 30 MB of remembered proofs; past it readers wait for the next nonce. */
const READ_COUNT_MAX = 200_000;
/** In seconds: both nonces, and a period more for a process whose clock is another. */
const KEPT_SEC = (3 * NONCE_PERIOD_MS) / 1000;

/** What names a use of a proof. */
export interface Use {
  /** The thumbprint of the key. */
  readonly kid: string;
  readonly jti: string;
  readonly nonce: string;
}

/**
 * Uses a proof up.
 * @throws FarthingError `proof_replayed`, `rate_limited`
 */
export type Remember = (use: Use, now: Now) => Promise<void>;

/** The moment of a use, and the nonces that are good then. */
interface Now {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly goodNonces: readonly string[];
}

function replayed(): FarthingError {
  return new FarthingError('proof_replayed', 'each request has its own proof');
}

/** In this process, under the nonces that are still good. */
function ownMemory(): Remember {
  const seen = new Map<string, Set<string>>();
  return async ({ nonce, kid, jti }, { atMs, goodNonces }) => {
    for (const old of seen.keys()) if (!goodNonces.includes(old)) seen.delete(old);
    const uses = seen.get(nonce) ?? new Set();
    seen.set(nonce, uses);
    const use = `${kid} ${jti}`;
    if (uses.has(use)) throw replayed();
    if (uses.size >= READ_COUNT_MAX) {
      const leftSec = Math.ceil((NONCE_PERIOD_MS - (atMs % NONCE_PERIOD_MS)) / 1000);
      throw new RefusedForNow('rate_limited', 'very many read at the moment', leftSec);
    }
    uses.add(use);
  };
}

/** In the database, for all processes; how many there are is bounded by the reads of each key. */
function sharedMemory(database: Database): Remember {
  let tidiedSec = 0;
  return async ({ nonce, kid, jti }, { atMs }) => {
    const nowSec = Math.floor(atMs / 1000);
    const oldSec = nowSec - KEPT_SEC;
    if (tidiedSec < oldSec) {
      tidiedSec = nowSec;
      await sql`delete from used_proof where at_sec < ${oldSec}`.execute(database);
    }
    const { numAffectedRows } = await sql`insert into used_proof (proof, at_sec)
      values (${`${nonce} ${kid} ${jti}`}, ${nowSec}) on conflict do nothing`.execute(database);
    if (numAffectedRows !== 1n) throw replayed();
  };
}

/** The memory that everybody who writes to these books shares. */
export function memoryOf(database: Database): Remember {
  return isShared(database) ? sharedMemory(database) : ownMemory();
}
