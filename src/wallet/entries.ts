/**
 * Entries of the reader's history: what was bought, where, for how much, and what became of it. One
 * an item, small enough that a hundred thousand can be looked through; the payment behind it has
 * everything else.
 */
import type { Micros } from '../protocol/money.ts';
import type { Payment } from './rows.ts';

/** `waiting`: signed or about to be, outcome not known; `refused`: nothing was charged. */
export type EntryState = 'paid' | 'undone' | 'waiting' | 'refused';

/** One line of the history. */
export interface Entry {
  /** The payment's id. */
  readonly id: string;
  readonly atMs: number;
  readonly title: string;
  readonly sellerName: string;
  readonly payto: string;
  readonly host: string;
  readonly amountMicros: Micros;
  readonly currency: string;
  readonly state: EntryState;
}

function stateOf({ state, undo }: Payment): EntryState {
  if (state === 'refused') return 'refused';
  if (state !== 'paid') return 'waiting';
  return undo?.state === 'granted' ? 'undone' : 'paid';
}

/** The line that a payment makes. */
export function entryOf(payment: Payment): Entry {
  const { id, atMs, ask } = payment;
  const { payto, amountMicros, currency } = ask.terms;
  const { title, sellerName } = ask;
  const { host } = new URL(ask.url);
  const state = stateOf(payment);
  return { id, atMs, title, sellerName, payto, host, amountMicros, currency, state };
}

/** What an entry took from the wallet; what may still be taken counts as well. */
export function spentBy({ state, amountMicros }: Pick<Entry, 'state' | 'amountMicros'>): Micros {
  return state === 'paid' || state === 'waiting' ? amountMicros : (0n as Micros);
}

function padded(part: number): string {
  return String(part).padStart(2, '0');
}

/** The reader's own day, `2026-11-25`. */
export function dayOf(atMs: number): string {
  const date = new Date(atMs);
  return `${date.getFullYear()}-${padded(date.getMonth() + 1)}-${padded(date.getDate())}`;
}

/** The reader's own month, `2026-11`. */
export function monthOf(atMs: number): string {
  return dayOf(atMs).slice(0, 7);
}
