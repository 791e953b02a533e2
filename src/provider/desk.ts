/** How an operator's command changes the books, beside the running service. */
import { FarthingError } from '../protocol/errors.ts';
import type { ChangeBooks } from './database/commits.ts';
import { type Database, readSetting } from './database/database.ts';
import { signedChanges } from './ledger/head.ts';
import { openKeys } from './signing/keys.ts';

/** What is needed to change books. */
export interface Changing {
  readonly issuer: string;
  readonly changeBooks: ChangeBooks;
}

/** @throws FarthingError `option_invalid` where no service has run on these books */
export async function openChanges(database: Database, atSec: () => number): Promise<Changing> {
  const issuer = await readSetting(database, 'issuer');
  if (issuer === undefined)
    throw new FarthingError('option_invalid', 'no wallet service has run on these books');
  const keys = await openKeys(database, atSec);
  return { issuer, changeBooks: signedChanges({ issuer, keys, database }) };
}
