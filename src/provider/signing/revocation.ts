/**
 * A signing key that somebody else has (SPEC 2.5): it leaves the set at once, and signs nothing any
 * more. In the books it stays, for the audit of what it signed before.
 */
import { FarthingError } from '../../protocol/errors.ts';
import { type Books, type Database, openDatabase, writeBooks } from '../database/database.ts';
import { insertKey, type KeyState, type MadeKey, makeKey, readStates } from './keys.ts';

/** What is wanted of the key that signs now. */
export interface Revoking {
  readonly atSec: number;
  /** Whether a new key may be made in its place. */
  readonly isReplaced: boolean;
}

function refuse(detail: string): never {
  throw new FarthingError('option_invalid', detail);
}

async function change(
  books: Books,
  kid: string,
  to: { revoked_at_sec?: number; signs_from_sec?: number; leaves_at_sec?: number | null },
): Promise<void> {
  await books.updateTable('signing_key').set(to).where('kid', '=', kid).execute();
}

/** The key that signs from now on, in the place of `gone`. */
async function succeed(
  books: Books,
  waiting: KeyState | undefined,
  { kid, made, atSec }: { kid: string; made: MadeKey | undefined; atSec: number },
): Promise<void> {
  if (waiting) return change(books, waiting.kid, { signs_from_sec: atSec });
  if (made) return insertKey(books, made, { atSec, signsFromSec: atSec });
  refuse(`${kid} signs now: with --replace a new key is made, and signs in its place at once`);
}

async function revoke(
  books: Books,
  kid: string,
  { made, atSec }: { made: MadeKey | undefined; atSec: number },
): Promise<readonly KeyState[]> {
  const states = await readStates(books);
  const gone = states.find((it) => it.kid === kid);
  if (!gone) return refuse(`${kid} is no key of these books: see "farthing keys list"`);
  if (gone.revokedAtSec !== undefined) return states;
  await change(books, kid, { revoked_at_sec: atSec });
  const good = states.filter((it) => it.revokedAtSec === undefined);
  const signing = good.find(({ signsFromSec }) => signsFromSec <= atSec);
  const [newest] = good;
  const waiting = newest === signing ? undefined : newest;
  if (gone === signing) await succeed(books, waiting, { kid, made, atSec });
  // Nothing follows the one that signs.
  if (gone === waiting && signing) await change(books, signing.kid, { leaves_at_sec: null });
  return readStates(books);
}

/**
 * Takes a key back, also while the service runs: its processes look every ten seconds. Answers all
 * keys as they are then, newest first; a key that was revoked before stays so.
 * @throws FarthingError `option_invalid`: no key of these books, or the one that signs, with none
 *   in its place
 */
export async function revokeKey(
  database: Database,
  kid: string,
  { atSec, isReplaced }: Revoking,
): Promise<readonly KeyState[]> {
  const made = isReplaced ? await makeKey() : undefined;
  return writeBooks(database, (books) => revoke(books, kid, { made, atSec }));
}

/** The same for the books at `place`. @throws FarthingError as `revokeKey` and `openDatabase` do */
export async function revokeKeyAt(
  place: string,
  kid: string,
  revoking: Revoking,
): Promise<readonly KeyState[]> {
  const database = await openDatabase(place, 'write');
  try {
    return await revokeKey(database, kid, revoking);
  } finally {
    await database.destroy();
  }
}
