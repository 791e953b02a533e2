// @vitest-environment happy-dom
/** What a page says of its offer is what its server sells, to the byte (SPEC 3.7, 4.5). */
import { expect, test } from 'vitest';
import { pageFields } from '../../../../src/detect/page.ts';
import { readOffer, termsOf } from '../../../../src/protocol/offer.ts';
import { encodeTerms } from '../../../../src/protocol/terms.ts';
import { createSeller, memoryStore, type RouteOptions } from '../../../../src/seller/index.ts';
import { makeSecret } from '../../../../src/seller/secret.ts';
import { challengeIn } from '../../../support/payer.ts';
import { openShop, PAYTO, URL_42 } from '../shop.ts';

const ROUTE = { price: '0.02 USD', title: 'How tides work' } as const;

async function headOf(route: RouteOptions, url = URL_42, name?: string) {
  const { seller } = await openShop({}, { name });
  return seller.head(new Request(url), route);
}

function documentOf(head: string): Document {
  const html = `<!doctype html><html><head><title>Tides</title>${head}</head><body></body></html>`;
  return new DOMParser().parseFromString(html, 'text/html');
}

const tagsOf = (document: Document) =>
  Object.fromEntries(
    [...document.querySelectorAll('meta')].map((meta) => [meta.name, meta.content]),
  );

test('what is as it is without being said is not said', async () => {
  expect(tagsOf(documentOf(await headOf(ROUTE)))).toEqual({
    'fee:price': '0.02 USD',
    'fee:payto': PAYTO,
    'fee:title': 'How tides work',
  });
});

test('all terms are written in their one form', async () => {
  const head = await headOf(
    {
      ...ROUTE,
      price: '0.020 USD,0.03 EUR',
      item: 'tides',
      description: 'Twice  a day.',
      duration: 'P4W',
      refund: 'PT120M',
      cap: '0.20 USD / PT24H',
      expires: '2030-01-31T13:00:00+01:00',
    },
    URL_42,
    'The Daily',
  );
  expect(tagsOf(documentOf(head))).toEqual({
    'fee:price': '0.02 USD, 0.03 EUR',
    'fee:payto': PAYTO,
    'fee:item': 'tides',
    'fee:title': 'How tides work',
    'fee:seller': 'The Daily',
    'fee:description': 'Twice a day.',
    'fee:duration': 'P28D',
    'fee:refund': 'PT7200S',
    'fee:cap': '0.20 USD/P1D',
    'fee:expires': '2030-01-31T12:00:00Z',
  });
});

test.for<[string, Partial<RouteOptions>, string?]>([
  ['the defaults', {}],
  ['everything said', { item: 'tides', duration: 'PT0S', refund: 'none', cap: '0.20 USD/P1D' }],
  ['a default said', { duration: 'P365D', refund: 'PT600S' }],
  ['an address with a query', {}, `${URL_42}?page=2&utm_source=x`],
  ['an item of quotes and brackets', { item: `"'<>&` }],
])('a wallet that reads the page builds the server’s own request: %s', async ([, some, url]) => {
  const address = url ?? URL_42;
  const shop = await openShop(some);
  const route = { ...ROUTE, ...some };
  const fields = pageFields(documentOf(await shop.seller.head(new Request(address), route)));
  const offer = readOffer(fields ?? {}, address, 'Tides');
  const [price] = offer.prices;
  if (!price) throw new Error('no price');
  const { request } = challengeIn(await shop.visit({}, address));
  expect(encodeTerms(termsOf(offer, PAYTO, price))).toBe(request);
});

test('no text of the shop’s ends a tag, an attribute or the block', async () => {
  const nasty = `"></title></head><script>alert(1)</script>'\u2028<!--`;
  const head = await headOf({ ...ROUTE, title: nasty, description: nasty }, URL_42, nasty);
  const document = documentOf(head);
  expect([...document.querySelectorAll('script')].map(({ type }) => type)).toEqual([
    'application/ld+json',
  ]);
  expect(document.body.childNodes).toHaveLength(0);
  expect(tagsOf(document)['fee:seller']).toBe(nasty);
  const work = JSON.parse(document.querySelector('script')?.textContent ?? '');
  expect(work.name).toBe(nasty.replace('\u2028', ' '));
});

test('our own page has that very head', async () => {
  const shop = await openShop({ cap: '0.20 USD/P1D' }, { name: 'The Daily' });
  const html = await (await shop.visit({ Accept: 'text/html' })).text();
  const route = { ...ROUTE, cap: '0.20 USD/P1D' };
  expect(html).toContain(await shop.seller.head(new Request(URL_42), route));
});

test('behind a proxy the head is that of the public address', async () => {
  const secret = await makeSecret();
  const origin = 'https://news.example';
  const fee = createSeller({ payto: PAYTO, secret, store: memoryStore(), origin });
  const head = await fee.head(new Request('http://10.0.0.7:8080/articles/42'), ROUTE);
  expect(head).toContain('"url":"https://news.example/articles/42"');
});

test('what is free has nothing to say, and what is misspelt is refused', async () => {
  expect(await headOf({ price: 'free' })).toBe('');
  await expect(headOf({ ...ROUTE, tilte: 'x' } as RouteOptions)).rejects.toThrow(/option_invalid/);
});
