import type { ErrorCode } from '../../../src/protocol/errors.ts';
import { accepted, refused, type Vector, type VectorFile } from '../material.ts';

const HREF = 'https://news.example/articles/42?utm_source=x#top';
const FIELDS = { price: '0.02 USD', payto: 'thedaily@pay.example' };
const PAYTO = { text: 'thedaily@pay.example', handle: 'thedaily', provider: 'https://pay.example' };
const OFFER = {
  url: 'https://news.example/articles/42?utm_source=x',
  prices: [{ amountMicros: '20000', currency: 'USD' }],
  paytos: [PAYTO],
  item: '/articles/42',
  title: 'How tides work',
  durationSec: 31_536_000,
  refundSec: 600,
};

function offerOf(fields: object) {
  return { fields: { ...FIELDS, ...fields }, href: HREF, title: 'How tides work' };
}

function malformed(code: ErrorCode, fields: Record<string, Record<string, string>>): Vector[] {
  return Object.entries(fields).map(([description, field]) =>
    refused(code, description, offerOf(field)),
  );
}

function absent(name: string): object {
  const { [name]: _, ...fields } = FIELDS as Record<string, string>;
  return { fields, href: HREF, title: 'How tides work' };
}

function at(href: string): object {
  return { ...offerOf({}), href };
}

const offer: VectorFile = {
  operation: 'offer',
  about: 'SPEC 3: the fields of one offer, read into what can be bought',
  vectors: [
    accepted('a price and a payto; all else by default', offerOf({}), OFFER),
    accepted(
      'every field',
      offerOf({
        payto: 'thedaily@pay.example, b@pay2.example',
        item: 'tides',
        title: ' Tides\u202e\n ',
        seller: 'The Daily',
        description: 'Why the sea rises',
        duration: 'P1D',
        expires: '2030-01-31T12:00:00Z',
        meter: '10s',
        cap: '0.20 USD/P1D',
        refund: 'none',
      }),
      {
        ...OFFER,
        paytos: [PAYTO, { text: 'b@pay2.example', handle: 'b', provider: 'https://pay2.example' }],
        item: 'tides',
        title: 'Tides',
        seller: 'The Daily',
        description: 'Why the sea rises',
        durationSec: 86_400,
        expires: '2030-01-31T12:00:00Z',
        meter: '10s',
        cap: { amountMicros: '200000', currency: 'USD', periodSec: 86_400 },
        refundSec: 0,
      },
    ),
    refused('price_missing', 'no price', absent('price')),
    refused('payto_missing', 'no payto', absent('payto')),
    ...malformed('price_malformed', {
      'a price in words': { price: '2 cents' },
      'an empty price': { price: '' },
    }),
    ...malformed('currency_unknown', { 'a currency that is not known': { price: '1 DEM' } }),
    ...malformed('payto_malformed', {
      'an empty payto': { payto: '' },
      'a comma behind the payto': { payto: 'thedaily@pay.example,' },
      'nine paytos': { payto: 'a@pay.example '.repeat(9) },
    }),
    ...malformed('item_malformed', { 'an empty item': { item: '' } }),
    ...malformed('title_malformed', { 'a title of 121 characters': { title: 'é'.repeat(121) } }),
    ...malformed('description_malformed', {
      'a description of 301 characters': { description: 'é'.repeat(301) },
    }),
    ...malformed('duration_malformed', { 'a year': { duration: 'P1Y' } }),
    ...malformed('expires_malformed', {
      'a date without a time': { expires: '2030-01-31' },
      'no zone': { expires: '2030-01-31T12:00:00' },
      'a month that does not exist': { expires: '2030-13-01T12:00:00Z' },
      'a space for the T': { expires: '2030-01-31 12:00:00Z' },
    }),
    ...malformed('meter_malformed', {
      'no unit': { meter: '10' },
      'another unit': { meter: '1GB' },
      'zero of them': { meter: '0s' },
      none: { meter: 'none' },
    }),
    ...malformed('cap_malformed', {
      'no period': { cap: '0.20 USD' },
      'a period of nothing': { cap: '0.20 USD/PT0S' },
      'a month': { cap: '0.20 USD/P1M' },
      'an amount that is malformed': { cap: '20 cents/P1D' },
      'a cap of nothing': { cap: '0 USD/P1D' },
      'a no-break space before the period': { cap: '0.20 USD/\u00a0P1D' },
      'a third part': { cap: '0.20 USD/P1D/P1D' },
    }),
    ...malformed('refund_malformed', {
      'a window of nothing, which must be written none': { refund: 'PT0S' },
      'a word': { refund: 'never' },
    }),
    refused('url_malformed', 'a script address', at('javascript:alert(1)')),
    refused('url_malformed', 'an address with a password', at('https://u:p@news.example/')),
    refused('url_malformed', 'a relative address', at('/articles/42')),
    refused('url_malformed', '2,049 characters', at(`https://a.example/${'a'.repeat(2031)}`)),
  ],
};

export const offerFiles = { offer };
