// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { filled, LANGUAGES, languageFor, wordsIn } from '../../../../src/seller/pages/words.ts';
import { openShop } from '../shop.ts';

const LONG = { title: '潮'.repeat(120), description: '&'.repeat(300), item: '潮'.repeat(170) };
const PRICES = ['USD', 'EUR', 'GBP', 'JPY', 'CHF', 'SEK', 'NOK', 'DKK'].map((it) => `0.02 ${it}`);
const WAYS = ['Subscribe', 'Sign in', 'Buy at the kiosk'].map((label) => ({
  label,
  href: '/ways',
}));

async function pageIn(
  language: string,
  route: Parameters<typeof openShop>[0] = {},
  options: Parameters<typeof openShop>[1] = {},
) {
  const shop = await openShop(route, options);
  const answer = await shop.visit({ Accept: 'text/html', 'Accept-Language': language });
  const html = await answer.text();
  const document = new DOMParser().parseFromString(html, 'text/html');
  return { answer, html, document, line: document.querySelector('.price')?.textContent };
}

test.for([
  [null, 'en'],
  ['', 'en'],
  ['fr-FR, pt;q=0.9', 'en'],
  ['de-CH', 'de'],
  ['fr, es-MX;q=0.8, en;q=0.5', 'es'],
  ['en;q=0.1, ar;q=0.2', 'ar'],
  ['de;q=0, en', 'en'],
  ['constructor', 'en'],
  ['de;q=x, es;q=0.5', 'de'],
] as const)('Accept-Language %j is answered in %s', ([accepted, language]) => {
  expect(languageFor(accepted)).toBe(language);
});

test.each(LANGUAGES)(
  'the page in %s says everything, in its own words and direction',
  async (it) => {
    const expires = '2030-01-31T12:00:00Z';
    const terms = { cap: '0.20 USD/P1D', duration: 'P30D', refund: 'PT10M', expires };
    const { answer, document, html, line } = await pageIn(it, terms, { otherWays: WAYS });
    expect(answer.headers.get('Content-Language')).toBe(it);
    expect(document.documentElement.lang).toBe(it);
    expect(document.documentElement.dir).toBe(it === 'ar' ? 'rtl' : 'ltr');
    const words = wordsIn(it);
    for (const text of [words.desk, words.touchOrBelow, words.newHere, words.add, words.otherWays])
      expect(html).toContain(text);
    expect(line).toContain(it === 'en' ? '20¢' : '20\u00a0¢');
    expect(line).toContain(words.until.replace('{}', '').trim());
    expect(html).not.toContain('{}');
  },
);

test.for([
  ['en', 'reopen it for 30 days', 'undo within 10 minutes', 'never more than 20¢ in 24 hours here'],
  [
    'de',
    '30 Tage lang wieder',
    '10 Minuten lang rückgängig',
    'nie mehr als 20\u00a0¢ (24 Stunden)',
  ],
  [
    'es',
    'reabrir durante 30 días',
    'deshacer durante 10 minutos',
    'nunca más de 20\u00a0¢ en 24 horas',
  ],
] as const)('the terms in %s', async ([language, ...said]) => {
  const terms = { cap: '0.20 USD/P1D', duration: 'P30D', refund: 'PT10M' };
  const { line } = await pageIn(language, terms);
  for (const text of said) expect(line).toContain(text);
});

test('what opens once and cannot be undone says so', async () => {
  const { line, document } = await pageIn('en', { duration: 'PT0S', refund: 'none' });
  expect(line).toBe('2¢ · opens once · no undo here');
  expect(document.querySelector('.price b:last-child')?.textContent).toBe('no undo here');
});

test.each(LANGUAGES)('the page in %s of an offer that is over shows other ways in', async (it) => {
  const over = { expires: '2020-01-31T12:00:00Z' };
  const { document, line, html } = await pageIn(it, over, { otherWays: WAYS });
  expect(line).toBe(wordsIn(it).over);
  expect(document.querySelectorAll('main a')).toHaveLength(WAYS.length);
  expect(html).not.toContain(wordsIn(it).desk);
});

test('several prices stand side by side, each as its reader writes it', async () => {
  expect((await pageIn('de', { price: '0.02 USD, 0.02 EUR' })).line).toContain(
    '2\u00a0¢ oder 2\u00a0ct',
  );
});

test.each(LANGUAGES)('the page in %s is at most 10 kB, whatever is sold', async (it) => {
  const expires = '2030-12-31T12:00:00Z';
  const route = { ...LONG, price: PRICES.join(', '), cap: '0.20 USD/P1D', expires };
  const { html } = await pageIn(it, route, { otherWays: WAYS, name: '新'.repeat(60) });
  expect(new TextEncoder().encode(html).length).toBeLessThanOrEqual(10_000);
});

test('search engines read what it is and costs, and no text ends their block', async () => {
  const title = '</script><script>alert(1)</script> & “tides”';
  const { document } = await pageIn('en', { title, price: '0.02 USD, 0.03 EUR' });
  const blocks = [...document.querySelectorAll('script')];
  expect(blocks.map(({ type }) => type)).toEqual(['application/ld+json']);
  expect(JSON.parse(blocks[0]?.textContent ?? '')).toMatchObject({
    '@type': 'CreativeWork',
    name: title,
    url: 'https://news.example/articles/42',
    isAccessibleForFree: false,
    offers: [
      { price: '0.02', priceCurrency: 'USD' },
      { price: '0.03', priceCurrency: 'EUR' },
    ],
  });
});

test('words are filled in order', () => {
  expect(filled('{} of {}', 'a', 'b')).toBe('a of b');
});
