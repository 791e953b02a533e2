import { describe, expect, it } from 'vitest';
import { type Challenge, encodeOpaque } from '../../../../src/protocol/challenge.ts';
import type { ErrorCode } from '../../../../src/protocol/errors.ts';
import type { Micros } from '../../../../src/protocol/money.ts';
import type { Receipt } from '../../../../src/protocol/receipt.ts';
import { encodeTerms, type Terms } from '../../../../src/protocol/terms.ts';
import {
  type Accepted,
  isDue,
  isOnlyCheaper,
  isReceiptFor,
  retryDelayMs,
  type SellerAnswer,
  settle as settleAt,
} from '../../../../src/wallet/payment/payment.ts';
import type { Payment, Purse, SignedCharge } from '../../../../src/wallet/rows.ts';

const terms: Terms = {
  amountMicros: 20_000n as Micros,
  currency: 'USD',
  payto: 'daily@pay.example',
  origin: 'https://daily.example',
  item: '/articles/tides',
  durationSec: 86_400,
  refundSec: 0,
  cap: undefined,
  meter: undefined,
};

const challengeOf = (now: Terms, opaque?: string): Challenge => ({
  id: 'x',
  realm: 'daily.example',
  method: 'farthing',
  intent: 'charge',
  request: encodeTerms(now),
  expires: '2030-01-01T00:00:00Z',
  opaque,
});

const payment: Payment = {
  id: 'jti',
  ask: {
    id: 'ask',
    tabId: 1,
    placement: 'same-tab',
    pageUrl: 'https://daily.example/',
    url: 'https://daily.example/articles/tides',
    origin: 'https://daily.example',
    title: 'How tides work',
    sellerName: 'The Daily',
    terms,
    isVisible: true,
    reasons: [],
    atMs: 0,
  },
  itemKey: 'k',
  atMs: 0,
  state: 'sending',
  pending: 1,
  challenge: challengeOf(terms),
  charge: {
    opening: {
      jti: 'jti',
      amt: 20_000n as Micros,
      realm: 'daily.example',
      request: encodeTerms(terms),
      iat: 1,
    },
    salt: 's',
    purse: 'purse',
    seq: 3,
    totalMicros: 50_000n as Micros,
    binding: 'bnd',
    token: 'header.payload.signature',
  },
  attempts: 0,
  opened: false,
};

const purse: Purse = {
  id: 'purse',
  payto: terms.payto,
  currency: 'USD',
  key: { privateKey: {} as CryptoKey, jwk: { crv: 'P-256', kty: 'EC', x: '', y: '' } },
  state: 'open',
  askedMicros: 100_000n as Micros,
  limitMicros: 100_000n as Micros,
  expiresAtSec: 1000,
  seq: 2,
  totalMicros: 30_000n as Micros,
  riskMicros: 0n as Micros,
  door: { url: 'https://daily.example/', request: '' },
  usedAtMs: 0,
};

const receipt: Receipt = {
  pur: 'purse',
  seq: 3,
  tot: 50_000n as Micros,
  bnd: 'bnd',
  amt: 20_000n as Micros,
  at: 100,
  until: 86_500,
  undo: 100,
};

const refusal = (code: ErrorCode, challenge?: Challenge): SellerAnswer => ({
  kind: 'refusal',
  code,
  detail: 'd',
  challenge,
});

/** Long before the purse's end, unless a test says when. */
const settle = (it: Payment, from: Purse, answer: SellerAnswer, providerNowMs = 0) =>
  settleAt(it, from, { answer, providerNowMs });

describe('what follows from the seller’s answer', () => {
  it('a receipt books the payment and advances the purse to the signed total', () => {
    const settled = settle(payment, purse, { kind: 'receipt', claims: receipt, token: 't' });
    expect(settled.next).toBe('open');
    expect(settled.payment).toMatchObject({
      state: 'paid',
      receipt: 't',
      untilSec: 86_500,
      pending: 1,
    });
    expect(settled.purse).toMatchObject({ seq: 3, totalMicros: 50_000n });
  });

  it('a receipt cannot shorten what was shown and signed', () => {
    const claims = { ...receipt, until: 101 };
    const settled = settle(payment, purse, { kind: 'receipt', claims, token: 't' });
    expect(settled.payment.untilSec).toBe(86_500);
  });

  it('anything unclear leaves charge and purse as they are: the same charge is sent again', () => {
    const settled = settle(payment, purse, { kind: 'unclear', why: 'status 502' });
    expect(settled.next).toBe('wait');
    expect(settled.payment).toEqual({ ...payment, attempts: 1 });
    expect(settled.purse).toBe(purse);
  });

  it('a stale challenge with the same terms carries the same charge under the fresh one', () => {
    const fresh = { ...challengeOf(terms), id: 'fresh' };
    for (const code of ['challenge_expired', 'challenge_unknown'] as const) {
      const settled = settle(payment, purse, refusal(code, fresh));
      expect(settled.next).toBe('send');
      expect(settled.payment.challenge).toBe(fresh);
      expect(settled.payment.charge).toBe(payment.charge);
    }
  });

  it('a seller that finds every challenge stale is asked later and not for ever', () => {
    const worn = { ...payment, attempts: 20 };
    const fresh = { ...challengeOf(terms), id: 'fresh' };
    const settled = settle(worn, purse, refusal('challenge_expired', fresh));
    expect(settled).toMatchObject({ next: 'wait', payment: { challenge: fresh } });
  });

  it('only a lower price is signed without asking', () => {
    const cheaper = { ...terms, amountMicros: 10_000n as Micros };
    const settled = settle(payment, purse, refusal('terms_changed', challengeOf(cheaper)));
    expect(settled.next).toBe('sign');
    expect(settled.payment).toMatchObject({ state: 'intended', charge: undefined });
    expect(settled.payment.ask.terms.amountMicros).toBe(10_000n);
  });

  it.each([
    ['a higher price', { amountMicros: 30_000n as Micros }],
    ['a lower price for less time', { amountMicros: 10_000n as Micros, durationSec: 60 }],
  ])('%s asks the reader', (_, change) => {
    const now = { ...terms, ...change };
    const settled = settle(payment, purse, refusal('terms_changed', challengeOf(now)));
    expect(settled.next).toBe('ask');
    expect(settled.payment.state).toBe('refused');
    expect(settled.terms).toEqual(now);
  });

  it('terms that pay somebody else are never asked about', () => {
    const other = challengeOf({ ...terms, payto: 'thief@pay.example' });
    const settled = settle(payment, purse, refusal('terms_changed', other));
    expect(settled).toMatchObject({ next: 'stop', payment: { state: 'refused' } });
  });

  it('an expired purse is retired and the payment signed on another', () => {
    const settled = settle(payment, purse, refusal('purse_expired'), 1_000_000);
    expect(settled).toMatchObject({ next: 'sign', purse: { state: 'retired' } });
    expect(settled.payment).toMatchObject({ id: 'jti', state: 'intended', charge: undefined });
  });

  it('a purse whose time is not up is called expired in vain: nothing is signed on another', () => {
    const settled = settle(payment, purse, refusal('purse_expired'), 1000);
    expect(settled).toMatchObject({ next: 'stop', payment: { state: 'refused' } });
    expect(settled.purse.state).toBe('open');
  });

  const acceptedAt = (seq: number, tot: bigint, paymentId?: string): Accepted => ({
    claims: { pur: 'purse', aud: terms.payto, cur: 'USD', seq, tot: tot as Micros, bnd: 'b' },
    token: 'theirs',
    paymentId,
  });
  const astray = (from: Purse, accepted?: Accepted, it = payment) =>
    settleAt(it, from, { answer: refusal('out_of_sync'), providerNowMs: 0, accepted });

  it('a purse that is out of step without a reason is retired and nothing is paid by guess', () => {
    const settled = astray(purse);
    expect(settled).toMatchObject({ next: 'stop', purse: { state: 'retired', seq: 2 } });
    expect(settled.payment).toMatchObject({ state: 'refused', pending: 0 });
  });

  it('a seller whose last accepted charge is this very one is asked again for its receipt', () => {
    const accepted = acceptedAt(3, 50_000n, 'jti');
    const claims = { ...accepted.claims, bnd: payment.charge?.binding ?? '' };
    const settled = astray(purse, { ...accepted, claims });
    expect(settled).toMatchObject({ next: 'wait', payment: { state: 'sending' } });
    expect(settled.purse.state).toBe('open');
  });

  it('a seller that is behind gets the same charge with the one before it, once', () => {
    const known = { ...purse, last: 'before' };
    const settled = astray(known, acceptedAt(1, 10_000n));
    expect(settled).toMatchObject({ next: 'send', payment: { isWithPrior: true } });
    expect(settled.payment.charge).toBe(payment.charge);
    expect(astray(known).next).toBe('send');
    const again = astray(known, acceptedAt(1, 10_000n), settled.payment);
    expect(again).toMatchObject({ next: 'stop', purse: { state: 'retired' } });
  });

  it('what the purse key signed elsewhere is adopted, marked, and asked about', () => {
    const settled = astray(purse, acceptedAt(5, 90_000n));
    expect(settled).toMatchObject({ next: 'ask', terms, payment: { state: 'refused' } });
    expect(settled.purse).toMatchObject({ seq: 5, totalMicros: 90_000n, last: 'theirs' });
    expect(settled.purse.isUsedElsewhere).toBe(true);
  });

  it('a total that does not grow is not adopted', () => {
    const settled = astray({ ...purse, last: 'before' }, acceptedAt(5, 30_000n));
    expect(settled).toMatchObject({ next: 'stop', purse: { state: 'retired', seq: 2 } });
  });

  it('a charge that was refused in words and accepted all the same is asked for first', () => {
    const settled = astray(purse, acceptedAt(3, 31_000n, 'earlier'));
    expect(settled).toMatchObject({ next: 'sign', revivedId: 'earlier' });
    expect(settled.payment).toMatchObject({ state: 'intended', charge: undefined });
    expect(settled.purse).toMatchObject({ seq: 2, riskMicros: 20_000n });
  });

  it('a charge that less was signed in the place of is taken up, where it was accepted', () => {
    const cheaper = { ...terms, amountMicros: 10_000n as Micros };
    const first = payment.charge as SignedCharge;
    const given = settle(payment, purse, refusal('terms_changed', challengeOf(cheaper))).payment;
    const second = { ...first, binding: 'second', token: 'second' };
    const sending = { ...given, state: 'sending', charge: second } as const;
    const accepted = acceptedAt(3, 50_000n, 'jti');
    const claims = { ...accepted.claims, bnd: first.binding };
    const settled = astray(purse, { ...accepted, claims }, sending);
    expect(settled).toMatchObject({ next: 'send', payment: { state: 'sending', charge: first } });
    expect(settled.payment.ask.terms).toEqual(terms);
    expect(settled.payment.givenUp).toMatchObject([{ charge: second, terms: cheaper }]);
    expect(settled.purse).toMatchObject({ seq: 2, totalMicros: purse.totalMicros });
    const answer = { kind: 'receipt', claims: receipt, token: 't' } as const;
    expect(settle(settled.payment, purse, answer).payment).toMatchObject({ state: 'paid' });
  });

  it('a refused charge is at risk until a receipt; of several only the dearest is', () => {
    const refusedOnce = settle(payment, purse, refusal('not_delivered')).purse;
    expect(refusedOnce.riskMicros).toBe(20_000n);
    const dear = settle(payment, { ...purse, riskMicros: 30_000n as Micros }, refusal('used'));
    expect(dear.purse.riskMicros).toBe(30_000n);
    const paid = settle(payment, dear.purse, { kind: 'receipt', claims: receipt, token: 't' });
    expect(paid.purse).toMatchObject({ riskMicros: 0n, last: 'header.payload.signature' });
  });

  it('what was not delivered is refused; the purse goes on', () => {
    const settled = settle(payment, purse, refusal('not_delivered', challengeOf(terms)));
    expect(settled).toMatchObject({ next: 'stop', payment: { state: 'refused' } });
    expect(settled.purse.state).toBe('open');
  });
});

describe('a cap leaves another amount', () => {
  const cap = { amountMicros: 50_000n as Micros, periodSec: 86_400 };
  const capped: Payment = { ...payment, ask: { ...payment.ask, terms: { ...terms, cap } } };
  const due = (amount: string, it = capped, opaque = encodeOpaque({ due: amount })) =>
    settle(it, purse, refusal('amount_mismatch', challengeOf(it.ask.terms, opaque)));

  it.each(['10000', '0', '1', '19999'])('%s of 20000 is signed under the same yes', (amount) => {
    const settled = due(amount);
    expect(settled).toMatchObject({ next: 'sign', purse: { riskMicros: 20_000n } });
    expect(settled.payment).toMatchObject({ id: 'jti', state: 'intended', charge: undefined });
    expect(settled.payment.dueMicros).toBe(BigInt(amount));
  });

  it('what was undone meanwhile raises it again, up to the price and no further', () => {
    const { charge } = capped;
    if (!charge) throw new Error('the payment has a charge');
    const opening = { ...charge.opening, amt: 5_000n as Micros };
    const lowered = { ...capped, dueMicros: 5_000n as Micros, charge: { ...charge, opening } };
    expect(due('20000', lowered)).toMatchObject({ next: 'sign', payment: { dueMicros: 20_000n } });
    expect(due('20001', lowered)).toMatchObject({ next: 'stop', payment: { state: 'refused' } });
  });

  it('a seller that names ever another amount is not followed for ever', () => {
    expect(due('10000', { ...capped, attempts: 6 })).toMatchObject({ next: 'stop' });
  });

  it.each([
    ['more than the price', due('20001')],
    ['what was signed', due('20000')],
    ['no amount', due('', capped, encodeOpaque({}))],
    ['an amount in other spelling', due('010000')],
    ['an opaque that does not open', due('', capped, '!')],
    ['less, where there is no cap', due('10000', payment)],
  ])('%s is refused', (_, settled) => {
    expect(settled).toMatchObject({ next: 'stop', payment: { state: 'refused' } });
  });

  it('what cost less than its price lasts as long as the rest is free', () => {
    const claims = { ...receipt, amt: 10_000n as Micros, until: 900, free: 900 };
    const settled = settle(capped, purse, { kind: 'receipt', claims, token: 't' });
    expect(settled.payment).toMatchObject({ untilSec: 900, freeUntilSec: 900 });
  });

  it('a seller that promised no cap makes nothing free', () => {
    const claims = { ...receipt, free: 900 };
    const settled = settle(payment, purse, { kind: 'receipt', claims, token: 't' });
    expect(settled.payment.freeUntilSec).toBeUndefined();
  });
});

it('a receipt is for the charge only if all five members are its own (SPEC 7.1)', () => {
  const { charge } = payment;
  if (!charge) throw new Error('the payment has a charge');
  expect(isReceiptFor(receipt, charge)).toBe(true);
  for (const change of [
    { pur: 'other' },
    { seq: 4 },
    { tot: 50_001n as Micros },
    { bnd: 'other' },
    { amt: 1n as Micros },
  ])
    expect(isReceiptFor({ ...receipt, ...change }, charge)).toBe(false);
});

it('the same price is not cheaper', () => {
  expect(isOnlyCheaper(terms, terms)).toBe(false);
});

it('retries wait 1, 2, 4 … 60 seconds, then an hour', () => {
  const waits = [1000, 2000, 4000, 60_000, 60_000, 3_600_000];
  expect([1, 2, 3, 7, 20, 21].map(retryDelayMs)).toEqual(waits);
});

it('a payment is due when its wait is over, or when the clock stepped back past it', () => {
  const tried = { ...payment, attempts: 3, triedAtMs: 100_000 };
  expect(isDue(tried, 103_999)).toBe(false);
  expect(isDue(tried, 104_000)).toBe(true);
  expect(isDue(tried, 90_000)).toBe(true);
});
