import { describe, expect, test } from 'vitest';
import { OFFER_FIELDS } from '../../../src/protocol/fields.ts';
import { micros } from '../../../src/protocol/money.ts';
import { isTimestamp, readOffer, termsOf } from '../../../src/protocol/offer.ts';
import { isLoopbackHost } from '../../../src/protocol/payto.ts';
import { decodeTerms } from '../../../src/protocol/request.ts';
import { encodeTerms } from '../../../src/protocol/terms.ts';

const FIELDS = { price: '0.02 USD, 0.03 EUR', payto: 'thedaily@pay.example' };
const HREF = 'https://news.example/articles/42';
const USD = { amountMicros: micros(20_000n), currency: 'USD' };
const EUR = { amountMicros: micros(30_000n), currency: 'EUR' };

describe('the terms of an offer', () => {
  test('are those of one price and one payto, defaults written out', () => {
    const terms = termsOf(readOffer(FIELDS, HREF, 'Tides'), 'thedaily@pay.example', USD);
    expect(decodeTerms(encodeTerms(terms))).toEqual({
      amountMicros: 20_000n,
      currency: 'USD',
      payto: 'thedaily@pay.example',
      origin: 'https://news.example',
      item: '/articles/42',
      durationSec: 31_536_000,
      refundSec: 600,
      cap: undefined,
      meter: undefined,
    });
  });

  test('have the cap in its own currency only', () => {
    const offer = readOffer({ ...FIELDS, cap: '0.20 USD/P1D' }, HREF, 'Tides');
    const capOf = (price: typeof USD) => {
      const terms = termsOf(offer, 'thedaily@pay.example', price);
      return decodeTerms(encodeTerms(terms)).cap;
    };
    expect(capOf(USD)).toEqual({ amountMicros: 200_000n, periodSec: 86_400 });
    expect(capOf(EUR)).toBeUndefined();
  });
});

describe('an offer', () => {
  test('names each field of SPEC 3.1 once', () => {
    expect(new Set(OFFER_FIELDS).size).toBe(11);
  });

  test('without a title takes the page’s, shortened', () => {
    expect(readOffer(FIELDS, HREF, 'x'.repeat(200)).title).toHaveLength(120);
  });

  test('shortens the seller’s own name, which stands beside the verified one', () => {
    const { seller } = readOffer({ ...FIELDS, seller: 'x'.repeat(200) }, HREF, '');
    expect(seller).toHaveLength(120);
  });

  test('shows none of its fragment', () => {
    expect(readOffer(FIELDS, `${HREF}#top`, '').url).toBe(HREF);
  });
});

describe('a time', () => {
  test.each(['2030-01-31T12:00:00Z', '2030-01-31T12:00:00.123+02:00', '9999-12-31T23:59:59Z'])(
    '%s is one',
    (text) => expect(isTimestamp(text)).toBe(true),
  );
  test.each(['2030-01-31', '2030-01-31T12:00Z', '2030-01-31T25:00:00Z', '+002030-01-31T12:00:00Z'])(
    '%s is none',
    (text) => expect(isTimestamp(text)).toBe(false),
  );
});

describe('a loopback host', () => {
  test.each(['localhost', 'news.localhost', '127.0.0.1', '127.9.9.9', '[::1]'])('%s', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });
  test.each(['localhost.example', 'notlocalhost', '127.0.0.1.example', '128.0.0.1', '[::2]', ''])(
    'is not %s',
    (host) => expect(isLoopbackHost(host)).toBe(false),
  );
});
