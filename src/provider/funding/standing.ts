/**
 * Whether an account is frozen (SPEC 10.9): while a card disputes one of its payments, and while it
 * owes what a card took back. What is set aside already stays guaranteed to its sellers.
 */
import { FarthingError } from '../../protocol/errors.ts';
import { MICROS_ZERO, type Micros } from '../../protocol/money.ts';
import type { Writing } from '../api/writes.ts';
import { CURRENCY } from '../context.ts';
import type { Books, Reading } from '../database/database.ts';
import type { LedgerAccount } from '../ledger/chart.ts';
import { lesser } from '../ledger/fee.ts';
import { balanceOf, type Posting } from '../ledger/journal.ts';

export const OUTSIDE = { kind: 'outside money', owner: '', currency: CURRENCY } as const;

export function availableOf(account: string): LedgerAccount {
  return { kind: 'reader available', owner: account, currency: CURRENCY };
}

export function receivableOf(account: string): LedgerAccount {
  return { kind: 'chargeback receivable', owner: account, currency: CURRENCY };
}

/** On its way back to the account's cards. */
export function transitOf(account: string): LedgerAccount {
  return { kind: 'withdrawal in transit', owner: account, currency: CURRENCY };
}

export async function isFrozen(reading: Reading, account: string): Promise<boolean> {
  const row = await reading
    .selectFrom('account')
    .select('frozen_at_sec')
    .where('id', '=', account)
    .executeTakeFirstOrThrow();
  return row.frozen_at_sec !== null;
}

/** @throws FarthingError `account_frozen` */
export function checkThawed(isFrozen: boolean): void {
  if (isFrozen) throw new FarthingError('account_frozen', 'a card has taken a payment back');
}

/** @throws FarthingError `account_frozen` */
export async function requireThawed({ books, account }: Writing): Promise<void> {
  checkThawed(await isFrozen(books, account));
}

/**
 * What an account owes is paid first, so a top-up of one that owes is welcome.
 * @throws FarthingError `account_frozen`
 */
export async function requireMayTopUp(writing: Writing): Promise<void> {
  const owedMicros = await balanceOf(writing.books, receivableOf(writing.account));
  if (owedMicros === MICROS_ZERO) await requireThawed(writing);
}

interface Incoming {
  readonly account: string;
  readonly amountMicros: Micros;
  /** Where it was. */
  readonly from?: LedgerAccount;
}

/** Of money that comes in: what the account owes is paid first. */
export async function splitIncoming(
  books: Books,
  { account, amountMicros, from = OUTSIDE }: Incoming,
): Promise<Posting[]> {
  const owedMicros = await balanceOf(books, receivableOf(account));
  const paidMicros = lesser(owedMicros, amountMicros);
  return [
    { account: from, amountMicros: -amountMicros },
    { account: receivableOf(account), amountMicros: paidMicros },
    { account: availableOf(account), amountMicros: amountMicros - paidMicros },
  ];
}

/** Freezes or thaws, by what its disputes and its debt are now. */
export async function noteStanding(books: Books, account: string, atSec: number): Promise<void> {
  const { count } = await books
    .selectFrom('dispute')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('account', '=', account)
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow();
  const owes = (await balanceOf(books, receivableOf(account))) > 0n;
  const stops = count > 0n || owes;
  if (stops === (await isFrozen(books, account))) return;
  await books
    .updateTable('account')
    .set({ frozen_at_sec: stops ? atSec : null })
    .where('id', '=', account)
    .execute();
}
