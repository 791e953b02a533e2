/** The journal ends where the provider signed that it ends (trust T8). */
import type { Books } from '../database/database.ts';
import { readHead, storedHead } from '../ledger/head.ts';
import { checkOwn, type Facts } from './facts.ts';
import { guarded, type Report } from './finding.ts';
import type { Replay } from './replay.ts';

export async function checkHead(
  books: Books,
  { replay, facts, report }: { replay: Replay; facts: Facts; report: Report },
): Promise<void> {
  const found = (detail: string) =>
    report({ invariant: 'T8', row: 'setting journal_head', detail });
  const token = await storedHead(books);
  if (token === undefined) {
    if (replay.entryCount > 0) found('is missing: nobody signed where the journal ends');
    return;
  }
  await guarded(found, async () => {
    const { number, hash, jws } = readHead(token);
    const { entryCount } = replay;
    if (number !== entryCount) found(`was signed at entry ${number}, there are ${entryCount}`);
    if (hash !== replay.hash) found('was signed over another last entry');
    await checkOwn(facts, jws);
  });
}
