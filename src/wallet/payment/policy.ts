/** What the reader allows without being asked. Pure: rows in, a decision out. */
import { addMicros, MICROS_ZERO, type Micros } from '../../protocol/money.ts';
import type { Terms } from '../../protocol/terms.ts';
import type { Account, Ask, AskReason, Limits, Payment, Rule } from '../rows.ts';
import { payableMicros } from './dues.ts';

/** What the box in the confirm window offers where the reader never said: 5¢ each, 50¢ a day. */
export const ALLOWANCE: Limits = {
  itemMicros: 50_000n as Micros,
  dayMicros: 500_000n as Micros,
};

/** Whether the wallet can show these terms in full and hand over what is bought: no meters yet. */
export function canHandOver({ meter }: Terms): boolean {
  return meter === undefined;
}

/** Midnight of the reader's own day, also where the clock changed since. */
export function startOfDay(nowMs: number): number {
  return new Date(nowMs).setHours(0, 0, 0, 0);
}

/** A stretch of time; its end is no part of it. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * The reader's own day. A clock that was far ahead leaves payments in days to come: they count when
 * their day does, so that none ever holds more than its limit. Later today is today: a clock that
 * was put back an hour has no second limit to give away.
 */
export function dayOf(nowMs: number): Span {
  return { fromMs: startOfDay(nowMs), untilMs: new Date(nowMs).setHours(24, 0, 0, 0) };
}

function within(payments: readonly Payment[], { fromMs, untilMs }: Span): Payment[] {
  return payments.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs);
}

/** What was said yes to: paid, or signed, or about to be; not what was refused or undone. */
export function spentMicros(payments: readonly Payment[], currency: string): Micros {
  const counted = payments.filter(
    ({ state, undo, ask }) =>
      state !== 'refused' && undo?.state !== 'granted' && ask.terms.currency === currency,
  );
  return counted.reduce((sum, payment) => addMicros(sum, payableMicros(payment)), MICROS_ZERO);
}

/** How far one more payment goes over the reader's limit for the day; below zero, what is left. */
export function overDayMicros(account: Account, today: readonly Payment[], amount: Micros): bigint {
  return spentMicros(today, account.currency) + amount - account.dailyLimitMicros;
}

/** More payments than this in so short a time are a page's doing and not a reader's. */
const QUICK_COUNT_MAX = 5;
const QUICK_MS = 10_000;

/** What the decision rests on, as it is stored at this moment. */
export interface Facts {
  readonly account: Account;
  readonly rule: Rule;
  /** All payments of `recentSpan`; others change nothing. */
  readonly recent: readonly Payment[];
  readonly nowMs: number;
  readonly isFirstTime: boolean;
  readonly isUsedElsewhere: boolean;
  /** A charge here has no answer, and there is no other purse. */
  readonly isUnresolved: boolean;
}

/** Just now: where a clock was put back, also what it calls a few seconds from now. */
function justNow(nowMs: number): Span {
  return { fromMs: nowMs - QUICK_MS + 1, untilMs: nowMs + QUICK_MS };
}

/** Which payments count for a decision at `nowMs`: the day's, and those of just now. */
export function recentSpan(nowMs: number): Span {
  const day = dayOf(nowMs);
  const now = justNow(nowMs);
  return {
    fromMs: Math.min(day.fromMs, now.fromMs),
    untilMs: Math.max(day.untilMs, now.untilMs),
  };
}

function* overLimits(
  { account, rule, recent, nowMs }: Facts,
  { terms: { amountMicros, payto, currency } }: Pick<Ask, 'terms'>,
): Generator<AskReason> {
  const today = within(recent, dayOf(nowMs));
  if (rule.kind === 'one-click') {
    const here = today.filter(({ ask }) => ask.terms.payto === payto);
    if (amountMicros > rule.itemMicros) yield 'over-item';
    if (spentMicros(here, currency) + amountMicros > rule.dayMicros) yield 'over-seller-day';
  }
  if (overDayMicros(account, today, amountMicros) > 0n) yield 'over-day';
}

function* reasons(facts: Facts, ask: Asked): Generator<AskReason> {
  const { terms, formerMicros, isVisible } = ask;
  if (facts.isFirstTime) yield 'first-time';
  yield* overLimits(facts, ask);
  if (terms.refundSec === 0) yield 'no-undo';
  if (formerMicros !== undefined && formerMicros < terms.amountMicros) yield 'price-changed';
  if (!isVisible) yield 'not-visible';
  if (within(facts.recent, justNow(facts.nowMs)).length >= QUICK_COUNT_MAX) yield 'too-fast';
  if (facts.isUsedElsewhere) yield 'used-elsewhere';
  if (facts.isUnresolved) yield 'unresolved';
}

/** What is asked about, as far as the decision goes. */
export type Asked = Pick<Ask, 'terms' | 'formerMicros' | 'isVisible'>;

/** Everything that speaks against paying without a question, in the order of the list. */
export function reasonsToAsk(facts: Facts, ask: Asked): AskReason[] {
  return [...reasons(facts, ask)];
}
