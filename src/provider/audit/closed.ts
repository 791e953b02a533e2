/** Accounts that were closed (SPEC 9.26): who it was is forgotten, and starter credit went back. */
import type { Books } from '../database/database.ts';
import type { Facts } from './facts.ts';
import type { Report } from './finding.ts';
import type { Replay } from './replay.ts';

/** Rows that say who somebody was, by what they are. */
async function left(books: Books, account: string): Promise<string[]> {
  const of = (table: 'recovery_key' | 'history_chunk' | 'pseudonym') =>
    books.selectFrom(table).select('account').where('account', '=', account).limit(1).execute();
  const named = await books
    .selectFrom('device')
    .select('kid')
    .where('account', '=', account)
    .where('name', '<>', '')
    .execute();
  const paid = await books
    .selectFrom('seller')
    .select('handle')
    .where('account', '=', account)
    .where(({ eb, or }) => or([eb('bank', 'is not', null), eb('name', '<>', '')]))
    .execute();
  const found = {
    'a recovery key': await of('recovery_key'),
    'a history copy': await of('history_chunk'),
    'a name at a seller': await of('pseudonym'),
    'a name of a device': named,
    'a seller’s name or bank': paid,
  };
  return Object.entries(found).flatMap(([what, rows]) => (rows.length > 0 ? [what] : []));
}

export async function checkClosed(
  books: Books,
  { replay, facts, report }: { replay: Replay; facts: Facts; report: Report },
): Promise<void> {
  for (const account of facts.closed.keys())
    for (const what of await left(books, account))
      report({ invariant: 'T5', row: `account ${account}`, detail: `is closed, and has ${what}` });
  for (const { kind, reader, entry } of replay.movements.values()) {
    const closedAtSec = facts.closed.get(reader);
    if (kind === 'closing' && closedAtSec !== entry.at) {
      const detail = `was closed at ${closedAtSec}, the journal says ${entry.at}`;
      report({ invariant: 'T5', row: `account ${reader}`, detail });
    }
  }
}
