/**
 * Holds stored balances and earnings against the journal and against each other (trust T1, T2, T8).
 */
import type { Selectable } from 'kysely';
import type { Books } from '../database.ts';
import { LEDGER_SIDES, ledgerAccountId } from '../ledger/chart.ts';
import { feeDue } from '../ledger/fee.ts';
import { balanceOf } from '../ledger/journal.ts';
import type { EarningsRow, LedgerAccountRow } from '../tables.ts';
import type { Report } from './finding.ts';
import { type Replay, readLedgerAccountId } from './replay.ts';

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
        detail: `outside money and expense are ${debit}, liabilities and fees ${credit} micros`,
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

/** What purses gave their sellers, and got back. */
async function sumsBySeller(books: Books): Promise<Map<string, { given: bigint; back: bigint }>> {
  const purses = books
    .selectFrom('purse')
    .select(['payto', 'currency', 'captured_micros', 'refunded_micros'])
    .stream();
  const sums = new Map<string, { given: bigint; back: bigint }>();
  for await (const { payto, currency, captured_micros, refunded_micros } of purses) {
    const key = `${payto.slice(0, payto.indexOf('@'))}:${currency}`;
    const { given, back } = sums.get(key) ?? { given: 0n, back: 0n };
    sums.set(key, { given: given + captured_micros, back: back + refunded_micros });
  }
  return sums;
}

/** SPEC 10.4: the fee on the whole, rounded down, and nothing beside it. */
function checkFee(row: Selectable<EarningsRow>, report: Report): void {
  const { handle, currency, rate_basis_points: rate, fees_micros: fees } = row;
  const netMicros = row.collected_micros - row.refunded_micros;
  const terms = { collectedMicros: netMicros, rateBasisPoints: Number(rate) };
  const due = feeDue({ ...terms, takenMicros: 0n });
  if (fees !== due)
    report({
      invariant: 'T8',
      row: `earnings ${handle}:${currency}`,
      detail: `fees of ${fees} at ${rate} basis points, where ${due} micros are due`,
    });
}

/** What a seller collected is what its purses gave, and is all in its earnings and the fees. */
export async function checkEarnings(books: Books, report: Report): Promise<void> {
  const rows = await books.selectFrom('earnings').selectAll().execute();
  for (const row of rows) checkFee(row, report);
  const purses = await sumsBySeller(books);
  const sellers = Map.groupBy(rows, ({ handle, currency }) => `${handle}:${currency}`);
  for (const key of new Set([...purses.keys(), ...sellers.keys()])) {
    const [owner = '', currency = ''] = key.split(':');
    const group = sellers.get(key) ?? [];
    const collected = group.reduce((sum, row) => sum + row.collected_micros, 0n);
    const fees = group.reduce((sum, row) => sum + row.fees_micros, 0n);
    const refunded = group.reduce((sum, row) => sum + row.refunded_micros, 0n);
    const { given, back } = purses.get(key) ?? { given: 0n, back: 0n };
    const earned =
      (await balanceOf(books, { kind: 'seller earned', owner, currency })) +
      (await balanceOf(books, { kind: 'seller earned starter', owner, currency }));
    if (collected !== given)
      report({
        invariant: 'T4',
        row: `earnings ${key}`,
        detail: `says ${collected} were collected, its purses gave ${given} micros`,
      });
    if (refunded !== back)
      report({
        invariant: 'T4',
        row: `earnings ${key}`,
        detail: `says ${refunded} went back, its purses got ${back} micros`,
      });
    if (earned + fees !== collected - refunded)
      report({
        invariant: 'T8',
        row: `earnings ${key}`,
        detail: `earned ${earned} and fees ${fees} are not the net of ${collected} − ${refunded}`,
      });
  }
}
