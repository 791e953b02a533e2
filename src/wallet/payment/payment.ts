/**
 * The payment as a state machine (SPEC 6.8). Pure: what the seller answered goes in, the rows to
 * store and the one thing to do next come out. Only a receipt or a coded refusal moves a charge
 * that was sent.
 */
import type { Challenge } from '../../protocol/challenge.ts';
import type { Charge } from '../../protocol/charge.ts';
import { type ErrorCode, FarthingError } from '../../protocol/errors.ts';
import { MICROS_ZERO, type Micros } from '../../protocol/money.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import { decodeTerms } from '../../protocol/request.ts';
import { encodeTerms, type Terms } from '../../protocol/terms.ts';
import { isEnding } from '../purses/purses.ts';
import type { Payment, Purse, SignedCharge } from '../rows.ts';
import { dueIn, keptUntilSec } from './dues.ts';
import { giveUp, takeUp } from './givenup.ts';
import { canHandOver } from './policy.ts';

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
  /**
   * An earlier payment, refused in words, that the seller accepted all the same: its charge is sent
   * again for its receipt before anything else is signed.
   */
  readonly revivedId?: string;
}

/** The seller's last accepted charge of this purse, by the purse key's own signature. */
export interface Accepted {
  readonly claims: Charge;
  readonly token: string;
  /** The payment of this wallet that it is of; undefined where something else signed it. */
  readonly paymentId: string | undefined;
}

/** An answer, and what it is judged by. */
export interface Heard {
  readonly answer: SellerAnswer;
  /** The provider's clock. */
  readonly providerNowMs: number;
  readonly accepted?: Accepted | undefined;
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
const PURSE_IS_OVER: readonly ErrorCode[] = [
  'over_limit',
  'purse_closed',
  'certificate_replaced',
  'purse_audience',
  'purse_currency',
];

/** So many tries in the first quarter of an hour; then a seller that is down is asked hourly. */
const QUICK_TRY_COUNT = 20;

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
    // In the place of this one nothing else can be taken.
    givenUp: undefined,
    paidAtSec: claims.at,
    untilSec: keptUntilSec(claims, payment.ask.terms),
    freeUntilSec: payment.ask.terms.cap && claims.free,
  };
  const advanced: Purse = {
    ...purse,
    seq: claims.seq,
    totalMicros: claims.tot,
    last: payment.charge?.token,
    riskMicros: MICROS_ZERO,
  };
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
  const { challenge } = answer;
  const cheaper: Payment = { ...lowered(payment), ask, challenge, dueMicros: undefined };
  return { payment: cheaper, purse, next: 'sign' };
}

/** SPEC 6.9: a refused charge is a signed promise in the seller's hand. */
function withRisk(purse: Purse, { charge }: Payment): Purse {
  const promised: Micros = charge?.opening.amt ?? MICROS_ZERO;
  return promised > purse.riskMicros ? { ...purse, riskMicros: promised } : purse;
}

/** Less is signed under the same yes, in the place of the charge that its seller has by now. */
function lowered(payment: Payment): Payment {
  return { ...giveUp(payment), signedBy: payment.charge?.purse };
}

/**
 * A cap leaves another amount (SPEC 7.7): that is signed, as often as the seller's count may change
 * meanwhile, and never more than was said yes to.
 */
function afterDue(payment: Payment, purse: Purse, { answer }: Refused): Settled {
  const { cap, amountMicros } = payment.ask.terms;
  const dueMicros = dueIn(answer.challenge);
  const isOther = dueMicros !== undefined && dueMicros !== payment.charge?.opening.amt;
  const risked = withRisk(purse, payment);
  if (!cap || !isOther || dueMicros > amountMicros || payment.attempts > RESENDS_MAX)
    return { payment: refused(payment, answer), purse: risked, next: 'stop' };
  return { payment: { ...lowered(payment), dueMicros }, purse: risked, next: 'sign' };
}

/**
 * The seller counts otherwise (SPEC 6.11): it is behind, and is shown the charge before; or ahead,
 * by the purse key's own word, which holds wherever it was signed.
 */
function afterAstray(payment: Payment, purse: Purse, { answer, accepted }: Refused): Settled {
  const isAhead = accepted !== undefined && accepted.claims.seq > purse.seq;
  if (isAhead && accepted.paymentId === payment.id) {
    const { bnd } = accepted.claims;
    if (bnd === payment.charge?.binding) return { payment, purse, next: 'wait' };
    // It had refused that one in words, and less was signed in its place.
    return { payment: takeUp(payment, bnd), purse, next: 'send' };
  }
  if (isAhead && accepted.paymentId !== undefined)
    return {
      payment: giveUp(payment),
      purse: withRisk(purse, payment),
      next: 'sign',
      revivedId: accepted.paymentId,
    };
  if (isAhead && accepted.claims.tot > purse.totalMicros)
    return {
      payment: refused(payment, answer),
      purse: adopted(purse, accepted),
      next: 'ask',
      terms: payment.ask.terms,
    };
  const isBehind = (accepted?.claims.seq ?? 0) < purse.seq && purse.last !== undefined;
  if (isBehind && !payment.isWithPrior)
    return { payment: { ...payment, isWithPrior: true }, purse, next: 'send' };
  const retired: Purse = { ...withRisk(purse, payment), state: 'retired' };
  return { payment: refused(payment, answer), purse: retired, next: 'stop' };
}

/** A higher total is adopted with the purse key's signature only, and marked (SPEC 6.10, 6.11). */
export function adopted(
  purse: Purse,
  { claims, token }: Pick<Accepted, 'claims' | 'token'>,
): Purse {
  return {
    ...purse,
    seq: claims.seq,
    totalMicros: claims.tot,
    // It was raised there too, else the key would not have signed this much.
    limitMicros: claims.tot > purse.limitMicros ? claims.tot : purse.limitMicros,
    last: token,
    riskMicros: MICROS_ZERO,
    isUsedElsewhere: true,
    isStale: true,
  };
}

/** A refusal, and what it is judged by. */
type Refused = Heard & { readonly answer: SellerAnswer & { kind: 'refusal' } };

function afterRefusal(payment: Payment, purse: Purse, heard: Refused): Settled {
  const { answer, providerNowMs } = heard;
  const { code, challenge } = answer;
  if (code === 'out_of_sync' || code === 'superseded') return afterAstray(payment, purse, heard);
  if (code === 'terms_changed') return afterNewTerms(payment, withRisk(purse, payment), answer);
  if (code === 'amount_mismatch') return afterDue(payment, purse, heard);
  const isStale = code === 'challenge_expired' || code === 'challenge_unknown';
  if (isStale && challenge && challenge.request === payment.charge?.opening.request) {
    const next = payment.attempts > RESENDS_MAX ? 'wait' : 'send';
    return { payment: { ...payment, challenge }, purse, next };
  }
  if (code === 'provider_unreachable') return { payment, purse, next: 'wait' };
  // The key that signed its certificate has left the provider's set. By the one that signs now it
  // is good as soon as the seller has looked.
  if (code === 'jws_key_unknown' && payment.attempts <= QUICK_TRY_COUNT)
    return {
      payment,
      purse: { ...purse, isStale: true },
      next: payment.attempts > 1 ? 'wait' : 'send',
    };
  const risked = withRisk(purse, payment);
  // Only a purse whose time is up by the provider's word: a seller that calls each one expired
  // would hold a charge of each, for one yes.
  if (code === 'purse_expired' && isEnding(purse, providerNowMs))
    return { payment: giveUp(payment), purse: { ...risked, state: 'retired' }, next: 'sign' };
  const isOver = PURSE_IS_OVER.includes(code);
  const left: Purse = isOver ? { ...risked, state: 'retired' } : risked;
  return { payment: refused(payment, answer), purse: left, next: 'stop' };
}

/** What follows from the seller's answer to the charge of `payment`, signed by `purse`. */
export function settle(payment: Payment, purse: Purse, heard: Heard): Settled {
  const { answer } = heard;
  const tried = { ...payment, attempts: payment.attempts + 1 };
  switch (answer.kind) {
    case 'receipt':
      return afterReceipt(tried, purse, answer);
    case 'refusal':
      return afterRefusal(tried, purse, { ...heard, answer });
    case 'unclear':
      return { payment: tried, purse, next: 'wait' };
  }
}

/** How long to wait before the charge is sent again: 1, 2, 4 … 60 seconds; later an hour. */
export function retryDelayMs(attempts: number): number {
  if (attempts > QUICK_TRY_COUNT) return 3_600_000;
  return Math.min(1000 * 2 ** Math.max(0, attempts - 1), 60_000);
}

/** Whether it is time to try again; a clock that stepped back makes it so. */
export function isDue({ attempts, triedAtMs = 0 }: Payment, nowMs: number): boolean {
  return Math.abs(nowMs - triedAtMs) >= retryDelayMs(attempts);
}
