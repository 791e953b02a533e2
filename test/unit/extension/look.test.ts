/** What a screen is told of the links of the page that it stands over. */
import { expect, it } from 'vitest';

const browser = { runtime: { id: 'farthing' } };
Object.assign(globalThis, { browser, chrome: browser });
const { linksOn } = await import('../../../src/extension/look.ts');

it('the dearest and the cheapest of what the reader’s money buys, and how many there are', () => {
  const links = [
    { price: '0.05 USD', count: 1 },
    { price: '0.01 EUR, 0.0025 USD', count: 2 },
    { price: '0.10 USD', count: 1 },
  ];
  expect(linksOn({ links }, 'USD')).toEqual({ count: 4, least: '2500', most: '100000' });
  expect(linksOn({ links }, 'EUR')).toEqual({ count: 2, least: '10000', most: '10000' });
});

it('nothing where none is, or none can be read', () => {
  expect(linksOn(undefined, 'USD')).toBeUndefined();
  expect(linksOn({ links: [] }, 'USD')).toBeUndefined();
  const links = [
    { price: '2 cents', count: 3 },
    { price: '0.02 EUR', count: 1 },
  ];
  expect(linksOn({ links }, 'USD')).toBeUndefined();
});
