/**
 * Proves that the books balance (trust T1–T5, T8), from the file alone: the journal is played again
 * from its first entry, and every row that says something about money is held against what that
 * gives. Each table is read once, whatever its size.
 */

import { checkAnswers } from './audit/answers.ts';
import { checkBalances } from './audit/balances.ts';
import { checkCaptures } from './audit/captures.ts';
import { checkClosed } from './audit/closed.ts';
import { checkCosts } from './audit/costs.ts';
import { checkEarnings } from './audit/earnings.ts';
import { readFacts } from './audit/facts.ts';
import type { Finding } from './audit/finding.ts';
import { checkHead } from './audit/head.ts';
import { checkOrphans } from './audit/orphans.ts';
import { checkPayouts } from './audit/payouts.ts';
import { checkPurses } from './audit/purses.ts';
import { checkRefunds } from './audit/refunds.ts';
import { replayJournal } from './audit/replay.ts';
import { checkTopUps } from './audit/topups.ts';
import { checkWithdrawals } from './audit/withdrawals.ts';
import { openDatabase, readBooks } from './database/database.ts';

export type { Finding, Invariant } from './audit/finding.ts';

export interface AuditReport {
  readonly holds: boolean;
  readonly findings: readonly Finding[];
  /** Journal entries that were checked. */
  readonly transactions: number;
  /** What sellers have promised to give back and have not the money for; it moves nothing. */
  readonly pendingRefunds: readonly { readonly payto: string; readonly amountMicros: bigint }[];
  /** Stored balances, each on its own side of the books. */
  readonly accounts: readonly { readonly name: string; readonly balanceMicros: bigint }[];
}

/**
 * Audits a database file, also while its provider runs: it reads one moment's state and writes
 * nothing.
 * @throws FarthingError `database_foreign`, `database_newer`, `option_invalid` (no such file)
 */
export async function auditDatabase(file: string): Promise<AuditReport> {
  const database = await openDatabase(file, 'read');
  try {
    return await readBooks(database, async (books) => {
      const findings: Finding[] = [];
      const report = (finding: Finding) => findings.push(finding);
      const facts = await readFacts(books, report);
      const replay = await replayJournal(books, facts, report);
      const seen = { replay, facts, report };
      await checkHead(books, seen);
      await checkOrphans(books, seen);
      const accounts = await checkBalances(books, replay, report);
      await checkPurses(books, seen);
      const { waiting: pendingRefunds, places } = await checkRefunds(books, seen);
      await checkAnswers(books, { ...seen, places });
      await checkCaptures(books, seen);
      await checkEarnings(books, seen);
      await checkPayouts(books, seen);
      await checkTopUps(books, seen);
      await checkWithdrawals(books, seen);
      await checkCosts(books, seen);
      await checkClosed(books, seen);
      const { entryCount: transactions } = replay;
      const holds = findings.length === 0;
      return { holds, findings, transactions, accounts, pendingRefunds };
    });
  } finally {
    await database.destroy();
  }
}
