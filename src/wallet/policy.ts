/** What the reader allows without being asked. Pure: rows in, a decision out. */
import { addMicros, MICROS_ZERO, type Micros } from '../protocol/money.ts';
import type { Terms } from '../protocol/terms.ts';
import type { Account, Allowance, Payment } from './rows.ts';

/** What the box in the confirm window offers: up to 5¢ each, 50¢ a day. */
export const ALLOWANCE_ITEM_MICROS = 50_000n as Micros;
export const ALLOWANCE_DAY_MICROS = 500_000n as Micros;

/**
 * Whether the wallet can show these terms in full and hand over what is bought. What is used up at
 * once comes with the answer to the charge, which no tab sees; meters and caps are _(later)_.
 */
export function canHandOver({ durationSec, cap, meter }: Terms): boolean {
  return durationSec > 0 && cap === undefined && meter === undefined;
}

/** Midnight of the reader's own day, also where the clock changed since. */
export function startOfDay(nowMs: number): number {
  return new Date(nowMs).setHours(0, 0, 0, 0);
}

/** What was said yes to: paid, or signed, or about to be; not what was refused or undone. */
export function spentMicros(payments: readonly Payment[], currency: string): Micros {
  const counted = payments.filter(
    ({ state, undo, ask }) =>
      state !== 'refused' && undo?.state !== 'granted' && ask.terms.currency === currency,
  );
  return counted.reduce((sum, { ask }) => addMicros(sum, ask.terms.amountMicros), MICROS_ZERO);
}

/** Whether one more payment stays inside the reader's limit for the day. */
export function isWithinDay(account: Account, today: readonly Payment[], amount: Micros): boolean {
  return spentMicros(today, account.currency) + amount <= account.dailyLimitMicros;
}

/**
 * Whether a click pays without asking: inside the seller's limits and the day's.
 * @param today all payments since midnight
 */
export function mayPayUnasked(parts: {
  readonly account: Account;
  readonly allowance: Allowance | undefined;
  readonly today: readonly Payment[];
  readonly payto: string;
  readonly amountMicros: Micros;
}): boolean {
  const { account, allowance, today, payto, amountMicros } = parts;
  if (!allowance || amountMicros > allowance.itemMicros) return false;
  const here = today.filter(({ ask }) => ask.terms.payto === payto);
  return (
    spentMicros(here, account.currency) + amountMicros <= allowance.dayMicros &&
    isWithinDay(account, today, amountMicros)
  );
}
