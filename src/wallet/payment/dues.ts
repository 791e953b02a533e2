/**
 * What is due: a payment's price, or the less that a cap leaves of it (SPEC 7.7), and how long what
 * was bought so is the reader's. Pure.
 */
import { type Challenge, decodeOpaque } from '../../protocol/challenge.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { type Micros, microsMember } from '../../protocol/money.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import type { Terms } from '../../protocol/terms.ts';
import type { Payment } from '../rows.ts';

/** What a payment takes: its price, or what a cap leaves of it. */
export function payableMicros({ ask, dueMicros }: Pick<Payment, 'ask' | 'dueMicros'>): Micros {
  return dueMicros ?? ask.terms.amountMicros;
}

/** There is no day with a name beyond; a seller may sign any number. */
export const LATEST_SEC = 8e12;

/**
 * Until when what a receipt is for stays the reader's: what was shown and signed holds, whatever a
 * receipt makes of it; what cost less than its price lasts as long as the rest is free.
 */
export function keptUntilSec({ amt, at, until }: Receipt, terms: Terms): number {
  const keptSec = amt < terms.amountMicros ? until : Math.max(until, at + terms.durationSec);
  return Math.min(keptSec, LATEST_SEC);
}

/** Whether each opening is bought (`PT0S`): nothing of it is ever the reader's already. */
export function isUsedUp({ ask }: Pick<Payment, 'ask'>): boolean {
  return ask.terms.durationSec === 0;
}

/** What a seller says is missing to the cap; undefined where it says nothing readable. */
export function dueIn(challenge: Challenge | undefined): Micros | undefined {
  if (challenge?.opaque === undefined) return undefined;
  try {
    const { due } = decodeOpaque(challenge.opaque);
    return due === undefined ? undefined : microsMember(due);
  } catch (error) {
    if (error instanceof FarthingError) return undefined;
    throw error;
  }
}
