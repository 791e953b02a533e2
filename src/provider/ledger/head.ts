/**
 * The provider's signed word on where the journal ends (SPEC 10.2): without it entries could be cut
 * off at the end, and no hash would miss them.
 */
import { readJws, signJws, type UncheckedJws } from '../../protocol/jws.ts';
import { count, hash, readMembers, text } from '../../protocol/shape.ts';
import { type Books, type Database, type Reading, readSetting, writeBooks } from '../database.ts';
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

/** One database transaction that changes the books, and signs where the journal ends then. */
export function changeBooks<T>(
  context: Issuing & { readonly database: Database },
  work: (books: Books) => Promise<T>,
): Promise<T> {
  return writeBooks(context.database, async (books) => {
    const before = await lastEntry(books);
    const result = await work(books);
    if ((await lastEntry(books)).number !== before.number) await signHead(context, books);
    return result;
  });
}
