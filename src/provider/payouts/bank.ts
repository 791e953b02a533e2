/** What a bank is to us: it is told payouts, and says in its own time what became of them. */
import type { Micros } from '../../protocol/money.ts';
import type { BankAccount } from './bankaccount.ts';

/** One transfer. */
export interface Transfer {
  /** Known to the bank: told twice, it is paid once. */
  readonly id: string;
  readonly to: BankAccount;
  readonly currency: string;
  /** Whole cents. */
  readonly amountMicros: Micros;
}

/** What is told at a time; the same transfers under this id whenever it is told again. */
export interface TransferRun {
  readonly id: string;
  /** Seconds since 1970: when it was booked. */
  readonly atSec: number;
  readonly transfers: readonly Transfer[];
}

export type Outcome = 'paid' | 'bounced';

export interface Bank {
  /** Kept with each payout: another bank leaves it alone. */
  readonly method: string;
  /** Tells the bank; once this ends it has it, durably, however often it was told. */
  handOver(run: TransferRun): Promise<void>;
  /** The bank's word on a transfer that it has; undefined while there is none. */
  outcomeOf(transfer: Transfer): Promise<Outcome | undefined>;
}

/**
 * Play money: all is paid at the next run, except to a holder whose name has BOUNCE in it. Nothing
 * is remembered, so that it says the same after every start.
 */
export function createSandboxBank(): Bank {
  return {
    method: 'sandbox',
    handOver: async () => undefined,
    outcomeOf: async ({ to }) => (to.name.includes('BOUNCE') ? 'bounced' : 'paid'),
  };
}
