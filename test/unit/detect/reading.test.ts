// @vitest-environment happy-dom
import { beforeEach, expect, it } from 'vitest';
import { feeLinksIn } from '../../../src/detect/page.ts';
import { readLink, readPage } from '../../../src/detect/reading.ts';

beforeEach(() => {
  document.head.innerHTML = '<meta name="fee:payto" content="daily@pay.example">';
  document.body.innerHTML = '';
  history.replaceState(null, '', '/page');
});

function readOne(html: string) {
  document.body.innerHTML = html;
  const [link] = feeLinksIn(document);
  if (!link) throw new Error('the link is a fee link');
  return readLink(link);
}

it('a well-formed link is an offer with its defaults', () => {
  const reading = readOne('<a href="/x?id=1" data-fee-price="0.02 USD"> Tides\n work </a>');
  expect(reading).toMatchObject({
    kind: 'offer',
    offer: { item: '/x?id=1', title: 'Tides work', paytos: [{ text: 'daily@pay.example' }] },
  });
});

it.each([
  ['<a href="/x" data-fee-price="2 cents">x</a>', 'price_malformed', 'A', 'data-fee-price'],
  ['<a href="/x" data-fee-price="2 ABC">x</a>', 'currency_unknown', 'A', 'data-fee-price'],
  ['<a href="//a:b@c.example/" data-fee-price="1 USD">x</a>', 'url_malformed', 'A', 'href'],
  [`<a href="/${'x'.repeat(600)}" data-fee-price="1 USD">x</a>`, 'item_malformed', 'A', 'href'],
])('%s is refused, with the place at fault', (html, code, tagName, attribute) => {
  const reading = readOne(html);
  expect(reading).toMatchObject({ kind: 'malformed', code, place: { attribute } });
  expect(reading).toHaveProperty('place.element.tagName', tagName);
});

it('what a link inherits is at fault in the page’s tag', () => {
  document.head.innerHTML = '<meta name="FEE:payto" content="nobody">';
  const reading = readOne('<a href="/x" data-fee-price="0.02 USD">x</a>');
  expect(reading).toMatchObject({ kind: 'malformed', code: 'payto_malformed' });
  expect(reading).toHaveProperty('place.element', document.querySelector('meta'));
  expect(reading).toHaveProperty('place.attribute', 'content');
});

it('what is missing has no place', () => {
  document.head.innerHTML = '';
  const reading = readOne('<a href="/x" data-fee-price="0.02 USD">x</a>');
  expect(reading).toMatchObject({ kind: 'malformed', code: 'payto_missing', place: undefined });
});

it('a page is for sale by its price tag alone; payto without price sells only its links', () => {
  expect(readPage(document)).toBeUndefined();
  document.title = 'Tides';
  document.head.innerHTML += '<meta name="fee:price" content="0.02 USD">';
  expect(readPage(document)).toMatchObject({
    kind: 'offer',
    offer: { item: '/page', title: 'Tides' },
  });
  document.head.innerHTML = '<meta name="fee:price" content="2 cents">';
  expect(readPage(document)).toMatchObject({ kind: 'malformed', code: 'payto_missing' });
});
