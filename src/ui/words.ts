/** Times and reasons as the wallet's screens say them, in the reader's language. */
import { type ErrorCode, FarthingError } from '../protocol/errors.ts';
import { locale, numberText, say, sayCount, sayReason } from '../words/say.ts';

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

/** Why the wallet service has not done or told something. */
export function callText(error: unknown): string {
  if (!(error instanceof FarthingError)) throw error;
  // An address that is none is nobody's who would answer.
  const code = error.code === 'payto_malformed' ? 'provider_unreachable' : error.code;
  const isHere = code === 'provider_unreachable' && !navigator.onLine;
  return isHere ? say('noNetwork') : reasonText(code);
}

/** What was paid is paid: these are answers to *Undo*. */
const NOT_A_PAYMENT: readonly ErrorCode[] = ['undo_over', 'undo_quota', 'seller_unreachable'];

/** Why a payment, an undo or a top-up did not work, and what became of the money. */
export function failureText(error: unknown): string {
  if (!(error instanceof FarthingError)) throw error;
  // A request was sent and not answered: it may have been taken, and is repeated under its own id.
  if (error.code === 'provider_unreachable')
    return `${reasonText(error.code)} ${say('tryAgainNote')}`;
  if (NOT_A_PAYMENT.includes(error.code)) return reasonText(error.code);
  return `${reasonText(error.code)} ${say('nothingCharged')}`;
}
