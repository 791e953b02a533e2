/**
 * Entries of the reader's history: what was bought, where, for how much, and what became of it. One
 * an item, small enough that a hundred thousand can be looked through; the payment behind it has
 * everything else.
 */
import type { Micros } from '../protocol/money.ts';
import { payableMicros } from './dues.ts';
import type { Payment } from './rows.ts';

/**
 * `waiting`: signed or about to be, outcome not known; `refused`: nothing was charged; `free`: a
 * cap was reached before.
 */
export type EntryState = 'paid' | 'undone' | 'waiting' | 'refused' | 'free';

/** One line of the history. */
export interface Entry {
  /** The payment's id. */
  readonly id: string;
  readonly atMs: number;
  /** The reader's own day when it was bought, `2026-11-25`: it stays, wherever they travel. */
  readonly day: string;
  readonly title: string;
  readonly sellerName: string;
  readonly payto: string;
  readonly host: string;
  readonly amountMicros: Micros;
  readonly currency: string;
  readonly state: EntryState;
}

function stateOf({ state, undo, freeBy }: Payment): EntryState {
  if (state === 'refused') return 'refused';
  if (state !== 'paid') return 'waiting';
  if (freeBy !== undefined) return 'free';
  return undo?.state === 'granted' ? 'undone' : 'paid';
}

/** The line that a payment makes, in the place of the one that it made before. */
export function entryOf(payment: Payment, before?: Entry): Entry {
  const { id, atMs, ask } = payment;
  const { payto, currency } = ask.terms;
  const amountMicros = payableMicros(payment);
  const { title, sellerName } = ask;
  const what = { title, sellerName, payto, host: new URL(ask.url).host, amountMicros, currency };
  return { id, atMs, day: before?.day ?? dayOf(atMs), ...what, state: stateOf(payment) };
}

/** What an entry took from the wallet; what may still be taken counts as well. */
export function spentBy({ state, amountMicros }: Pick<Entry, 'state' | 'amountMicros'>): Micros {
  return state === 'paid' || state === 'waiting' ? amountMicros : (0n as Micros);
}

/** What one day came to at one seller. */
export interface Tally {
  /** Day, payto and currency: the key. */
  readonly key: string;
  readonly day: string;
  readonly payto: string;
  readonly sellerName: string;
  readonly currency: string;
  readonly spentMicros: Micros;
  /** Entries that took something. */
  readonly count: number;
}

/** The tally that an entry belongs to, with nothing counted. */
export function emptyTally({ day, payto, sellerName, currency }: Entry): Tally {
  const key = `${day} ${payto} ${currency}`;
  return { key, day, payto, sellerName, currency, spentMicros: 0n as Micros, count: 0 };
}

/** The tally after an entry took the place of what it was before. */
export function tallied(tally: Tally, before: Entry | undefined, after: Entry): Tally {
  const formerly = before ? spentBy(before) : 0n;
  const now = spentBy(after);
  return {
    ...tally,
    sellerName: after.sellerName,
    spentMicros: (tally.spentMicros - formerly + now) as Micros,
    count: tally.count - Number(formerly > 0n) + Number(now > 0n),
  };
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
