/** By when the money of an undone purchase is back (SPEC 5.11, 10.6). Pure. */
import { readCertificate } from '../../protocol/certificate.ts';
import { payableMicros } from '../payment/dues.ts';
import { backBySec } from '../purses/purses.ts';
import type { Payment, Purse } from '../rows.ts';

/** How an undo stands, as screens show it. */
export interface UndoneView {
  /** `granted`: the money is on its way; `back`: it is there. */
  readonly undo: 'asked' | 'granted' | 'back' | 'refused' | undefined;
  /**
   * What is on its way is back by then, by this machine's clock; once that has passed, it waits for
   * its seller's next earnings. Undefined where its purse is not known here.
   */
  readonly backByMs: number | undefined;
}

/** What is undone is back ten days after its payment, unless its seller earns nothing. */
export const COMING_MS = 14 * 86_400_000;

/** When the purse that paid ends; that of another browser is known by its certificate. */
function purseOf({ charge, elsewhere }: Payment, purses: readonly Purse[]) {
  if (elsewhere) return { expiresAtSec: readCertificate(elsewhere.certificate).claims.exp };
  return purses.find(({ id }) => id === charge?.purse);
}

/**
 * What a seller has not collected when its purse ends is released with the rest of it; what it has
 * collected stays at the provider for longer than that.
 * @param purses those that are still known
 * @param clockOffsetMs what the provider's clock is ahead of ours
 */
export function undoneView(
  payment: Payment,
  purses: readonly Purse[],
  clockOffsetMs: number,
): UndoneView {
  const { undo } = payment;
  if (undo?.isBack) return { undo: 'back', backByMs: undefined };
  const isComing = undo?.state === 'granted';
  const purse = isComing ? purseOf(payment, purses) : undefined;
  return { undo: undo?.state, backByMs: purse && backBySec(purse) * 1000 - clockOffsetMs };
}

/** What was undone and is not back yet, together. */
export interface ComingView {
  readonly amount: string;
  /** All of it is back by then; undefined where that is not known of some of it. */
  readonly backByMs: number | undefined;
}

/** Undefined where nothing is on its way. */
export function comingView(
  payments: readonly Payment[],
  purses: readonly Purse[],
  clockOffsetMs: number,
): ComingView | undefined {
  const coming = payments.filter(({ undo }) => undo?.state === 'granted' && !undo.isBack);
  if (coming.length === 0) return undefined;
  const amount = coming.reduce((sum, payment) => sum + payableMicros(payment), 0n);
  const backs = coming.map((payment) => undoneView(payment, purses, clockOffsetMs).backByMs);
  const latestMs = Math.max(...backs.map((backByMs) => backByMs ?? Infinity));
  return { amount: `${amount}`, backByMs: latestMs === Infinity ? undefined : latestMs };
}
