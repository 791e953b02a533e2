/** Holds stored balances against the journal and against each other (trust T1, T2, T8). */
import type { Books } from '../database/database.ts';
import type { LedgerAccountRow } from '../database/tables.ts';
import { LEDGER_SIDES, ledgerAccountId, readLedgerAccountId } from '../ledger/chart.ts';
import type { Report } from './finding.ts';
import type { Replay } from './replay.ts';

function checkAccount(account: LedgerAccountRow, replay: Replay, report: Report): void {
  const { id, balance_micros: stored } = account;
  const row = `ledger_account ${id}`;
  if (!readLedgerAccountId(id) || ledgerAccountId(account) !== id)
    report({
      invariant: 'T1',
      row,
      detail: 'its name is not that of its kind, owner and currency',
    });
  const summed = replay.balances.get(id) ?? 0n;
  if (stored !== summed)
    report({ invariant: 'T1', row, detail: `stores ${stored}, its postings sum to ${summed}` });
  if (stored < 0n) report({ invariant: 'T2', row, detail: `stands at ${stored} micros` });
}

/** What the provider has and has spent is what it owes and has earned. */
function checkEquation(accounts: readonly LedgerAccountRow[], report: Report): void {
  for (const [currency, group] of Map.groupBy(accounts, (account) => account.currency)) {
    const sumOf = (side: 'debit' | 'credit') =>
      group
        .filter(({ kind }) => LEDGER_SIDES[kind] === side)
        .reduce((sum, account) => sum + account.balance_micros, 0n);
    const [debit, credit] = [sumOf('debit'), sumOf('credit')];
    if (debit !== credit)
      report({
        invariant: 'T8',
        row: `ledger_account *:${currency}`,
        detail: `outside money, expense, costs and debts are ${debit}, all else ${credit}`,
      });
  }
}

/** Checks every account of the books; answers what is in them. */
export async function checkBalances(books: Books, replay: Replay, report: Report) {
  const accounts = await books.selectFrom('ledger_account').selectAll().orderBy('id').execute();
  for (const account of accounts) checkAccount(account, replay, report);
  const names = new Set(accounts.map((account) => account.id));
  for (const id of replay.balances.keys())
    if (!names.has(id))
      report({ invariant: 'T1', row: `ledger_account ${id}`, detail: 'has postings and no row' });
  checkEquation(accounts, report);
  return accounts.map(({ id, balance_micros: balanceMicros }) => ({ name: id, balanceMicros }));
}
