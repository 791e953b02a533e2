/** Amounts as the wallet says them, for the eye and for the ear, in the reader's language. */
import {
  centsOf,
  formatAmount,
  formatBalance,
  nameUnits,
  shownBalance,
} from '../protocol/display.ts';
import type { Micros, Price } from '../protocol/money.ts';
import { leftToRight, locale, numberText, say, sayCount } from '../words/say.ts';

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
