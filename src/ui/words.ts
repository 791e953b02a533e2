/** Amounts, times and reasons as the wallet's screens say them, in the reader's language. */
import {
  centsOf,
  formatAmount,
  formatBalance,
  nameUnits,
  shownBalance,
} from '../protocol/display.ts';
import type { ErrorCode } from '../protocol/errors.ts';
import type { Micros, Price } from '../protocol/money.ts';
import { leftToRight, locale, numberText, say, sayCount, sayReason } from '../words/say.ts';

function priceOf(amount: string, currency: string): Price {
  return { amountMicros: BigInt(amount) as Micros, currency };
}

/** An exact price from its wire form. */
export function amountText(amount: string, currency: string): string {
  return leftToRight(formatAmount(priceOf(amount, currency), locale()));
}

/** What somebody has, rounded down to what can be said shortly. */
export function balanceText(amount: string, currency: string): string {
  return leftToRight(formatBalance(priceOf(amount, currency), locale()));
}

/** Below a unit in the words of people, since `¼¢` is read out as anything. */
function wordsOf(price: Price): string {
  const cents = centsOf(price);
  if (!cents) return nameUnits(price, locale());
  const { rest, sign } = cents;
  const isPenny = sign === 'p';
  const count = Number(cents.whole);
  if (rest === 0) return isPenny ? sayCount('inPence', count) : sayCount('inCents', count);
  if (count === 0) return isPenny ? say(`penny_${rest}`) : say(`cent_${rest}`);
  const whole = numberText(count);
  return isPenny ? say(`pence_${rest}`, { whole }) : say(`cents_${rest}`, { whole });
}

/** `amountText` as screen readers say it: `a quarter of a cent`, `4.31 US dollars`. */
export function amountSaid(amount: string, currency: string): string {
  return wordsOf(priceOf(amount, currency));
}

/** `balanceText` likewise. */
export function balanceSaid(amount: string, currency: string): string {
  return wordsOf(shownBalance(priceOf(amount, currency)));
}

const UNITS = [
  [365 * 86_400, 'year'],
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

/** `a year`, `30 days`, `10 minutes`: in the largest unit that fits without a remainder. */
export function durationText(durationSec: number): string {
  const [size, name] =
    UNITS.find(([unit]) => durationSec % unit === 0 && durationSec >= unit) ?? UNITS[4];
  return sayCount(`time_${name}`, durationSec / size);
}

/** What the buyer keeps, and for how long it can be taken back. */
export function keepText(durationSec: number, refundSec: number): string {
  const keep =
    durationSec === 0 ? say('usedUp') : say('keepFor', { time: durationText(durationSec) });
  const undo =
    refundSec === 0 ? say('noUndo') : say('undoWithin', { time: durationText(refundSec) });
  return `${keep} · ${undo}`;
}

/** What a seller promises at most: `Never more than 20¢ a day here, then free`. */
export function capText(amount: string, periodSec: number): string {
  if (periodSec === 86_400) return say('capADay', { amount });
  return say('capWithin', { amount, time: durationText(periodSec) });
}

/** Minutes and hours, then the day; good for five lines. */
export function agoText(atMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - atMs) / 60_000);
  if (minutes < 1) return say('justNow');
  if (minutes < 60) return say('minutesAgo', { minutes: numberText(minutes) });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return say('hoursAgo', { hours: numberText(hours) });
  return new Date(atMs).toLocaleDateString(locale(), { month: 'short', day: 'numeric' });
}

/** `Dec 5`; with the year where it is another one. */
export function dayText(atMs: number, nowMs = Date.now()): string {
  const [day, now] = [new Date(atMs), new Date(nowMs)];
  const isNear = day.getFullYear() === now.getFullYear();
  const year = isNear ? {} : ({ year: 'numeric' } as const);
  return day.toLocaleDateString(locale(), { month: 'short', day: 'numeric', ...year });
}

/** `Friday` within a week, else `Dec 5`. */
export function soonText(atMs: number, nowMs = Date.now()): string {
  if (atMs - nowMs > 6 * 86_400_000) return dayText(atMs, nowMs);
  return new Date(atMs).toLocaleDateString(locale(), { weekday: 'long' });
}

/** `Tunes and Reef Radio`. */
export function namesText(names: readonly string[]): string {
  return new Intl.ListFormat(locale(), { type: 'conjunction' }).format(names);
}

/** The button that takes a payment back, with what is left of the time: `Undo (7 min)`. */
export function undoText(untilMs: number, nowMs: number): string {
  const minutes = Math.ceil((untilMs - nowMs) / 60_000);
  if (minutes < 60) return say('undoMinutes', { minutes: numberText(minutes) });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return say('undoHours', { hours: numberText(hours) });
  return sayCount('undoDays', Math.floor(hours / 24));
}

/** Why something cannot be done, in one sentence. */
export function reasonText(code: ErrorCode): string {
  return sayReason(code);
}
