/**
 * The provider's signed word on where the journal ends (SPEC 10.2): without it entries could be cut
 * off at the end, and no hash would miss them.
 */
import { readJws, signJws, type UncheckedJws } from '../../protocol/jws.ts';
import { count, hash, readMembers, text } from '../../protocol/shape.ts';
import { type ChangeBooks, shareCommits } from '../database/commits.ts';
import { type Books, type Database, type Reading, readSetting } from '../database/database.ts';
import { ask, queryOf } from '../database/queries.ts';
import type { Keys } from '../signing/keys.ts';
import { type Last, lastEntry } from './journal.ts';

const SETTING = 'journal_head';
const CLAIMS = { iss: text(253), number: count, hash };

/** Who signs. */
interface Issuing {
  readonly issuer: string;
  readonly keys: Keys;
}

const WRITE = queryOf((books, { value }: { readonly value: string }) =>
  books
    .insertInto('setting')
    .values({ name: SETTING, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value })),
);

export async function signHead({ issuer, keys }: Issuing, books: Books, last: Last): Promise<void> {
  const payload = { iss: issuer, ...last };
  const { kid, key } = keys.signer();
  const value = await signJws({ typ: 'farthing-head+jws', kid, payload }, key);
  await ask(books, WRITE({ value }));
}

/** The signed word as it is stored; undefined where nothing was ever booked. */
export function storedHead(reading: Reading): Promise<string | undefined> {
  return readSetting(reading, SETTING);
}

/** @throws FarthingError the codes of `readJws`, `payload_malformed` */
export function readHead(token: string): { number: number; hash: string; jws: UncheckedJws } {
  const jws = readJws(token, 'farthing-head+jws');
  return { ...readMembers(jws.payload, CLAIMS), jws };
}

/** Changes of the books; where the journal ends is signed once for all that share a commit. */
export function signedChanges(issuing: Issuing & { readonly database: Database }): ChangeBooks {
  return shareCommits(issuing.database, async (books, work) => {
    const before = await lastEntry(books);
    await work();
    const last = await lastEntry(books);
    if (last.number !== before.number) await signHead(issuing, books, last);
  });
}
