/**
 * The provider's signed word on where the journal ends (SPEC 10.2): without it entries could be cut
 * off at the end, and no hash would miss them.
 */
import { readJws, signJws, type UncheckedJws } from '../../protocol/jws.ts';
import { count, hash, readMembers, text } from '../../protocol/shape.ts';
import { type ChangeBooks, shareCommits } from '../commits.ts';
import { type Books, type Database, type Reading, readSetting } from '../database.ts';
import type { Signer } from '../keys.ts';
import { lastEntry } from './journal.ts';

const SETTING = 'journal_head';
const CLAIMS = { iss: text(253), number: count, hash };

/** Who signs. */
interface Issuing {
  readonly issuer: string;
  readonly signer: Signer;
}

export async function signHead({ issuer, signer }: Issuing, books: Books): Promise<void> {
  const payload = { iss: issuer, ...(await lastEntry(books)) };
  const value = await signJws({ typ: 'farthing-head+jws', kid: signer.kid, payload }, signer.key);
  await books
    .insertInto('setting')
    .values({ name: SETTING, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
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
    if ((await lastEntry(books)).number !== before.number) await signHead(issuing, books);
  });
}
