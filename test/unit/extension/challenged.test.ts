/** What an address sells by its challenge alone is what its markup would sell: the same bytes. */
import { expect, it } from 'vitest';
import { challengedFields } from '../../../src/extension/challenged.ts';
import { type Challenge, formatChallenge } from '../../../src/protocol/challenge.ts';
import type { Micros } from '../../../src/protocol/money.ts';
import { readOffer, termsOf } from '../../../src/protocol/offer.ts';
import { encodeTerms, type Terms } from '../../../src/protocol/terms.ts';

const TERMS: Terms = {
  amountMicros: 20_000n as Micros,
  currency: 'USD',
  payto: 'daily@pay.example',
  origin: 'https://daily.example',
  item: '/articles/42',
  durationSec: 86_400,
  refundSec: 0,
  cap: undefined,
  meter: undefined,
};

function challengeOf(terms: Terms, rest: Partial<Challenge> = {}): string {
  return formatChallenge({
    id: 'x'.repeat(43),
    realm: 'daily.example',
    method: 'farthing',
    intent: 'charge',
    request: encodeTerms(terms),
    expires: '2030-01-01T00:00:00Z',
    description: 'How tides work',
    ...rest,
  });
}

it.each([
  ['a day, no undo', TERMS],
  ['a year and ten minutes', { ...TERMS, durationSec: 365 * 86_400, refundSec: 600 }],
  ['a fraction of a cent', { ...TERMS, amountMicros: 2_500n as Micros }],
  ['a cap', { ...TERMS, cap: { amountMicros: 200_000n as Micros, periodSec: 86_400 } }],
  ['another item than its address', { ...TERMS, item: 'bundle' }],
])('%s', (_, terms) => {
  const fields = challengedFields(challengeOf(terms)) ?? {};
  const offer = readOffer(fields, 'https://daily.example/articles/42', '');
  const [price] = offer.prices;
  if (!price) throw new Error('no price');
  expect(encodeTerms(termsOf(offer, terms.payto, price))).toBe(encodeTerms(terms));
  expect(offer.title).toBe('How tides work');
});

it('a challenge for each price and payto is one offer', () => {
  const euro = { ...TERMS, currency: 'EUR', amountMicros: 19_000n as Micros };
  const other = { ...TERMS, payto: 'daily@other.example' };
  const header = [TERMS, euro, other].map((terms) => challengeOf(terms)).join(', ');
  expect(challengedFields(header)).toMatchObject({
    price: '0.02 USD, 0.019 EUR',
    payto: 'daily@pay.example daily@other.example',
  });
});

it.each([
  ['nothing of ours', 'Basic realm="x"'],
  ['a challenge that is malformed', 'Payment id="a", method="farthing"'],
  ['one that is bound to a body', challengeOf(TERMS, { digest: 'sha-256=:AA==:' })],
])('%s is not for sale', (_, header) => {
  expect(challengedFields(header)).toBeUndefined();
});
