/**
 * Entries of the reader's history: what was bought, where, for how much, and what became of it. One
 * an item, small enough that a hundred thousand can be looked through; the payment behind it has
 * everything else.
 */
import type { Micros } from '../../protocol/money.ts';
import { payableMicros } from '../payment/dues.ts';
import type { Payment } from '../rows.ts';
import { undoUntilSec } from '../undo/undowindow.ts';

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
  /** Until when it can be undone, by the provider's clock; undefined where it cannot be. */
  readonly undoUntilSec: number | undefined;
}

export function stateOf({ state, undo, freeBy }: Payment): EntryState {
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
  const state = stateOf(payment);
  const day = before?.day ?? dayOf(atMs);
  return { id, atMs, day, ...what, state, undoUntilSec: undoUntilSec(payment) };
}

/** Whether nothing that an entry says has changed. */
export function isSameEntry(one: Entry, other: Entry): boolean {
  const names = Object.keys(other) as (keyof Entry)[];
  return names.every((name) => one[name] === other[name]);
}

/** What an entry took from the wallet; what may still be taken counts as well. */
export function spentBy({ state, amountMicros }: Pick<Entry, 'state' | 'amountMicros'>): Micros {
  return state === 'paid' || state === 'waiting' ? amountMicros : (0n as Micros);
}

/** What one day, or one month, came to at one seller. */
export interface Tally {
  /** Period, payto and currency: the key. */
  readonly key: string;
  /** The reader's own day, `2026-11-25`, or month, `2026-11`. */
  readonly period: string;
  readonly payto: string;
  readonly sellerName: string;
  readonly currency: string;
  readonly spentMicros: Micros;
  /** Entries that took something. */
  readonly count: number;
  /** All of them: without any the tally goes. */
  readonly entryCount: number;
}

/** The tally of `period` that an entry belongs to, with nothing counted. */
export function emptyTally({ payto, sellerName, currency }: Entry, period: string): Tally {
  const key = `${period} ${payto} ${currency}`;
  const nothing = { spentMicros: 0n as Micros, count: 0, entryCount: 0 };
  return { key, period, payto, sellerName, currency, ...nothing };
}

/** What became of an entry: what it was, and what it is. */
export interface Change {
  readonly before?: Entry | undefined;
  readonly after?: Entry | undefined;
}

/** The tally after a change of one of its entries. */
export function tallied(tally: Tally, { before, after }: Change): Tally {
  const formerly = before ? spentBy(before) : 0n;
  const now = after ? spentBy(after) : 0n;
  return {
    ...tally,
    sellerName: after?.sellerName ?? tally.sellerName,
    spentMicros: (tally.spentMicros - formerly + now) as Micros,
    count: tally.count - Number(formerly > 0n) + Number(now > 0n),
    entryCount: tally.entryCount - Number(before !== undefined) + Number(after !== undefined),
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
