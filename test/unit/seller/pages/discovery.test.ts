import { describe, expect, test } from 'vitest';
import { discovery, type PublishedRoute } from '../../../../src/seller/pages/discovery.ts';

const SELLER = { name: 'The Daily', payto: 'daily@pay.example' };
const ARTICLE: PublishedRoute = {
  method: 'GET',
  path: '/articles/{name}',
  price: '0.02 USD, 0.02 EUR',
  title: 'An article',
  examples: { name: 'tides' },
};

const publish = (route: Partial<PublishedRoute> = {}) =>
  discovery(SELLER, [{ ...ARTICLE, ...route }]);

describe('what is published', () => {
  test('names each offer in millionths, as a challenge does', async () => {
    const answer = publish().openApi();
    expect(answer.headers.get('Content-Type')).toBe('application/json');
    const offer = { method: 'farthing', intent: 'charge', description: 'An article' };
    expect(await answer.json()).toEqual({
      openapi: '3.1.0',
      info: { title: 'The Daily', version: '1' },
      'x-service-info': { docs: { llms: '/llms.txt' } },
      paths: {
        '/articles/{name}': {
          get: {
            summary: 'An article',
            parameters: [
              {
                name: 'name',
                in: 'path',
                required: true,
                schema: { type: 'string' },
                example: 'tides',
              },
            ],
            responses: {
              200: { description: 'What was bought' },
              402: { description: 'The offer' },
            },
            'x-payment-info': {
              offers: [
                { ...offer, amount: '20000', currency: 'usd-micro' },
                { ...offer, amount: '20000', currency: 'eur-micro' },
              ],
            },
          },
        },
      },
    });
  });

  test('says the same in words', async () => {
    const answer = publish().llms();
    expect(answer.headers.get('Content-Type')).toBe('text/plain; charset=utf-8');
    const text = await answer.text();
    expect(text).toContain('# The Daily');
    expect(text).toContain('- GET /articles/{name}: An article, 2¢ or 2\u00a0ct');
    expect(text).toContain('daily@pay.example');
  });

  test('keeps titles to one line each', async () => {
    const text = await publish({ title: 'One\n- GET /free: nothing' }).llms().text();
    expect(text).toContain(': One - GET /free: nothing, 2¢');
  });

  test.each([
    ['a path without a slash', { path: 'articles' }, 'option_invalid'],
    ['a path with a query', { path: '/a?b=c' }, 'option_invalid'],
    ['an example of nothing in the path', { path: '/a' }, 'option_invalid'],
    ['a price that is none', { price: 'free' }, 'price_malformed'],
  ])('%s is refused at the start', (_, route, code) => {
    expect(() => publish(route)).toThrow(expect.objectContaining({ code }));
  });
});
