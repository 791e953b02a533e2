/**
 * Every word that the wallet's screens say, in one place. No jargon: `screens.md` has the
 * vocabulary.
 */
import { formatAmount, formatBalance } from '../protocol/display.ts';
import type { ErrorCode } from '../protocol/errors.ts';
import type { Micros } from '../protocol/money.ts';

/** An exact price from its wire form. */
export function amountText(amount: string, currency: string): string {
  return formatAmount({ amountMicros: BigInt(amount) as Micros, currency });
}

/** What somebody has, rounded down to what can be said shortly. */
export function balanceText(amount: string, currency: string): string {
  return formatBalance({ amountMicros: BigInt(amount) as Micros, currency });
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
  const count = durationSec / size;
  if (count === 1) return name === 'hour' ? 'an hour' : `a ${name}`;
  return `${count} ${name}s`;
}

/** What the buyer keeps, and for how long it can be taken back. */
export function keepText(durationSec: number, refundSec: number): string {
  const keep = durationSec === 0 ? 'Used up at once' : `Reopen it for ${durationText(durationSec)}`;
  const undo = refundSec === 0 ? 'no undo here' : `undo within ${durationText(refundSec)}`;
  return `${keep} · ${undo}`;
}

/** Minutes and hours, then the day; good for five lines. */
export function agoText(atMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - atMs) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return new Date(atMs).toLocaleDateString('en-US', { month: 'short', day: 'numeric' });
}

/** `Dec 5`; with the year where it is another one. */
export function dayText(atMs: number, nowMs = Date.now()): string {
  const [day, now] = [new Date(atMs), new Date(nowMs)];
  const isNear = day.getFullYear() === now.getFullYear();
  const year = isNear ? {} : ({ year: 'numeric' } as const);
  return day.toLocaleDateString('en-US', { month: 'short', day: 'numeric', ...year });
}

/** The button that takes a payment back, with what is left of the time: `Undo (7 min)`. */
export function undoText(untilMs: number, nowMs: number): string {
  const minutes = Math.ceil((untilMs - nowMs) / 60_000);
  if (minutes < 60) return `Undo (${minutes} min)`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `Undo (${hours} h)` : `Undo (${Math.floor(hours / 24)} days)`;
}

/** Why something cannot be paid: one sentence each; what only programs understand shares one. */
const REASONS: Partial<Record<ErrorCode, string>> = {
  price_malformed: 'The price on this page is written wrongly.',
  currency_unknown: 'The price on this page is in an unknown currency.',
  currency_unsupported: 'This page is sold in a currency that your wallet does not have.',
  payto_missing: 'This page does not say who is paid.',
  payto_malformed: 'This page does not say rightly who is paid.',
  charge_lapsed: 'The seller never answered, and took nothing.',
  window_private: 'A private window keeps nothing, so nothing is bought in it.',
  seller_blocked: 'You have blocked this seller.',
  provider_unknown: 'This page is paid through another wallet service than yours.',
  provider_unreachable: 'Your wallet service does not answer.',
  seller_unknown: 'Your wallet service does not know this seller.',
  origin_not_listed: 'This site is not one of the seller’s own sites.',
  url_malformed: 'This address cannot be paid safely.',
  insufficient_funds: 'There is not enough money in your wallet.',
  purse_count: 'Money is set aside at too many places already.',
  starter_limit: 'No more starter money is given today; try again tomorrow.',
  write_quota: 'That was very often; try again tomorrow.',
  rate_limited: 'That was too often; try again in a minute.',
  internal: 'Your wallet service has a fault.',
  action_unsupported: 'This is sold in a way that your wallet cannot pay yet.',
  challenge_expired: 'It took too long, so your yes counts no more.',
  aside_limit: 'Your wallet service lets no more money be set aside today.',
  offer_over: 'This offer is over.',
  not_delivered: 'The seller’s page failed.',
  terms_changed: 'The price or the terms changed.',
  wallet_absent: 'Your wallet is not set up yet.',
  topup_refused: 'The card was refused.',
  seller_unreachable: 'The seller does not answer.',
  used: 'It was yours for as long as was agreed, and that time is over.',
  out_of_sync: 'The seller’s count and yours differ.',
  undo_over: 'The time to undo is over.',
  undo_quota: 'You have used your 5 undos this week.',
  refunded: 'You took this back.',
  words_count: 'A code has twelve words.',
  words_unknown: 'One of the words is not in the list of words.',
  words_checksum: 'One of the words is another one, or two have changed places.',
  recovery_unknown: 'No wallet is found by this. It may be at another wallet service.',
  passkey_refused: 'No passkey was used.',
  passkey_unsupported: 'This browser or passkey cannot do this. Write down a code instead.',
  device_revoked: 'Another of your browsers has removed this one from your wallet.',
  device_limit: 'Your wallet is on as many browsers as it may be. Remove one first.',
  device_last: 'This is your only browser. Save your wallet first.',
  account_exists: 'This browser has a wallet already.',
};

export function reasonText(code: ErrorCode): string {
  return REASONS[code] ?? 'Something here did not fit, and the wallet stopped.';
}
