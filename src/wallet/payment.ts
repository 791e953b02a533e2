/**
 * The payment as a state machine (SPEC 6.8). Pure: what the seller answered goes in, the rows to
 * store and the one thing to do next come out. Only a receipt or a coded refusal moves a charge
 * that was sent.
 */
import { type Challenge, decodeOpaque } from '../protocol/challenge.ts';
import { type ErrorCode, FarthingError } from '../protocol/errors.ts';
import type { Receipt } from '../protocol/receipt.ts';
import { decodeTerms } from '../protocol/request.ts';
import { encodeTerms, type Terms } from '../protocol/terms.ts';
import { canHandOver } from './policy.ts';
import { isEnding } from './purses.ts';
import type { Payment, Purse, SignedCharge } from './rows.ts';

/** What came back from the seller, as far as it can be trusted. */
export type SellerAnswer =
  | { readonly kind: 'receipt'; readonly claims: Receipt; readonly token: string }
  | {
      readonly kind: 'refusal';
      readonly code: ErrorCode;
      readonly detail: string;
      readonly challenge: Challenge | undefined;
    }
  | { readonly kind: 'unclear'; readonly why: string };

/**
 * What to do after the rows are stored: `open` the page; `send` the same charge again, now, or when
 * somebody asks (`wait`); `sign` anew, on another purse or cheaper; `ask` the reader about new
 * terms; or `stop`.
 */
export type Next = 'open' | 'send' | 'wait' | 'sign' | 'ask' | 'stop';

export interface Settled {
  readonly payment: Payment;
  readonly purse: Purse;
  readonly next: Next;
  /** With `ask`: what the seller wants now. */
  readonly terms?: Terms;
}

/** SPEC 7.1: whether a receipt is for this charge. */
export function isReceiptFor(claims: Receipt, charge: SignedCharge): boolean {
  return (
    claims.pur === charge.purse &&
    claims.seq === charge.seq &&
    claims.tot === charge.totalMicros &&
    claims.bnd === charge.binding &&
    claims.amt === charge.opening.amt
  );
}

/** SPEC 4.5: nothing but the price changed, downwards. */
export function isOnlyCheaper(former: Terms, now: Terms): boolean {
  return (
    now.amountMicros < former.amountMicros &&
    encodeTerms({ ...now, amountMicros: former.amountMicros }) === encodeTerms(former)
  );
}

/** Refusals after which this purse pays nothing more, by what they say about it. */
const PURSE_IS_ASTRAY: readonly ErrorCode[] = [
  'out_of_sync',
  'superseded',
  'over_limit',
  'purse_closed',
  'certificate_replaced',
  'purse_audience',
  'purse_currency',
];

/** A seller that finds every fresh challenge stale again is asked later, not for ever now. */
const RESENDS_MAX = 5;

function termsOfChallenge(challenge: Challenge | undefined): Terms | undefined {
  if (!challenge) return undefined;
  try {
    return decodeTerms(challenge.request);
  } catch (error) {
    if (error instanceof FarthingError) return undefined;
    throw error;
  }
}

function refused(payment: Payment, answer: SellerAnswer & { kind: 'refusal' }): Payment {
  const { code, detail } = answer;
  return { ...payment, state: 'refused', pending: 0, refusal: { code, detail } };
}

function afterReceipt(payment: Payment, purse: Purse, answer: SellerAnswer & { kind: 'receipt' }) {
  const { claims, token } = answer;
  const paid: Payment = {
    ...payment,
    state: 'paid',
    receipt: token,
    paidAtSec: claims.at,
    // What was shown and signed holds, whatever a receipt makes of it.
    untilSec: Math.max(claims.until, claims.at + payment.ask.terms.durationSec),
  };
  const advanced: Purse = { ...purse, seq: claims.seq, totalMicros: claims.tot };
  return { payment: paid, purse: advanced, next: 'open' } as const;
}

function afterNewTerms(
  payment: Payment,
  purse: Purse,
  answer: SellerAnswer & { kind: 'refusal' },
): Settled {
  const terms = termsOfChallenge(answer.challenge);
  const former = payment.ask.terms;
  const isElsewhere = terms?.origin !== former.origin || terms.payto !== former.payto;
  if (!terms || isElsewhere || terms.currency !== former.currency)
    return { payment: refused(payment, answer), purse, next: 'stop' };
  if (!canHandOver(terms)) return { payment: refused(payment, answer), purse, next: 'stop' };
  if (!isOnlyCheaper(former, terms))
    return { payment: refused(payment, answer), purse, next: 'ask', terms };
  const ask = { ...payment.ask, terms };
  const cheaper: Payment = { ...payment, ask, state: 'intended', charge: undefined };
  return { payment: { ...cheaper, challenge: answer.challenge }, purse, next: 'sign' };
}

/**
 * Whether the seller's last accepted charge is this very one: then the answer with its receipt was
 * lost.
 */
function isLastAccepted(challenge: Challenge | undefined, charge: SignedCharge): boolean {
  if (challenge?.opaque === undefined) return false;
  try {
    const last = decodeOpaque(challenge.opaque).last;
    return last?.startsWith(charge.token.slice(0, charge.token.lastIndexOf('.') + 1)) ?? false;
  } catch (error) {
    if (error instanceof FarthingError) return false;
    throw error;
  }
}

function afterRefusal(
  payment: Payment,
  purse: Purse,
  { answer, providerNowMs }: { answer: SellerAnswer & { kind: 'refusal' }; providerNowMs: number },
): Settled {
  const { code, challenge } = answer;
  const charge = payment.charge;
  if (charge && isLastAccepted(challenge, charge)) return { payment, purse, next: 'wait' };
  if (code === 'terms_changed') return afterNewTerms(payment, purse, answer);
  const isStale = code === 'challenge_expired' || code === 'challenge_unknown';
  if (isStale && challenge && challenge.request === charge?.opening.request) {
    const next = payment.attempts > RESENDS_MAX ? 'wait' : 'send';
    return { payment: { ...payment, challenge }, purse, next };
  }
  if (code === 'provider_unreachable') return { payment, purse, next: 'wait' };
  // Only a purse whose time is up by the provider's word: a seller that calls each one expired
  // would hold a charge of each, for one yes.
  if (code === 'purse_expired' && isEnding(purse, providerNowMs)) {
    const anew: Payment = { ...payment, state: 'intended', charge: undefined };
    return { payment: anew, purse: { ...purse, state: 'retired' }, next: 'sign' };
  }
  const isAstray = PURSE_IS_ASTRAY.includes(code);
  const left: Purse = isAstray ? { ...purse, state: 'retired' } : purse;
  return { payment: refused(payment, answer), purse: left, next: 'stop' };
}

/**
 * What follows from the seller's answer to the charge of `payment`, signed by `purse`.
 * @param providerNowMs the provider's clock
 */
export function settle(
  payment: Payment,
  purse: Purse,
  { answer, providerNowMs }: { readonly answer: SellerAnswer; readonly providerNowMs: number },
): Settled {
  const tried = { ...payment, attempts: payment.attempts + 1 };
  switch (answer.kind) {
    case 'receipt':
      return afterReceipt(tried, purse, answer);
    case 'refusal':
      return afterRefusal(tried, purse, { answer, providerNowMs });
    case 'unclear':
      return { payment: tried, purse, next: 'wait' };
  }
}

/** How long to wait before the charge is sent again: 1, 2, 4 … at most 60 seconds. */
export function retryDelayMs(attempts: number): number {
  return Math.min(1000 * 2 ** Math.max(0, attempts - 1), 60_000);
}
