/**
 * What a seller's site tells programs of the Payment scheme before they ask: `/openapi.json`, with
 * the price of each paid route, and `/llms.txt`, the same in words. Advisory: what is due, only the
 * challenge of a 402 says.
 */

import { formatAmount } from '../../protocol/display.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { type Price, parsePriceList } from '../../protocol/money.ts';
import { TITLE_LENGTH_MAX } from '../../protocol/offer.ts';
import { currencyOnWire } from '../../protocol/terms.ts';
import { shortText } from '../../protocol/text.ts';
import type { SellerContext } from '../context.ts';

/** A paid route, as it is published. */
export interface PublishedRoute {
  readonly method: 'GET';
  /** From the site's root; what varies in braces: `/articles/{name}`. */
  readonly path: string;
  /** `0.02 USD`, or a list `0.02 USD, 0.02 EUR`. */
  readonly price: string;
  readonly title: string;
  /** A value that exists for each name in braces, so that a program can try. */
  readonly examples?: Readonly<Record<string, string>> | undefined;
}

/** The site's two documents, as answers. */
export interface Discovery {
  /** To be served at `/openapi.json`. */
  openApi(): Response;
  /** To be served at `/llms.txt`. */
  llms(): Response;
}

interface ReadRoute extends PublishedRoute {
  readonly prices: readonly Price[];
  readonly names: readonly string[];
}

function readRoute(route: PublishedRoute): ReadRoute {
  const { path, examples = {} } = route;
  if (!/^\/[\x21-\x7e]*$/.test(path) || /[?#]/.test(path))
    throw new FarthingError('option_invalid', 'discovery: write a path like /articles/{name}');
  const names = [...path.matchAll(/\{([^{}/]+)\}/g)].map(([, name = '']) => name);
  const stray = Object.keys(examples).find((name) => !names.includes(name));
  if (stray !== undefined)
    throw new FarthingError('option_invalid', `discovery: "${stray}" is not in the path`);
  const title = shortText(route.title, TITLE_LENGTH_MAX);
  return { ...route, title, names, prices: parsePriceList(route.price) };
}

function parameterOf(name: string, examples: PublishedRoute['examples']) {
  const example = examples?.[name];
  const schema = { type: 'string' };
  const parameter = { name, in: 'path', required: true, schema };
  return example === undefined ? parameter : { ...parameter, example };
}

function operationOf({ title, names, prices, examples }: ReadRoute) {
  const offers = prices.map(({ amountMicros, currency }) => ({
    method: 'farthing',
    intent: 'charge',
    amount: `${amountMicros}`,
    currency: currencyOnWire(currency),
    description: title,
  }));
  return {
    summary: title,
    ...(names.length > 0 && { parameters: names.map((name) => parameterOf(name, examples)) }),
    responses: { 200: { description: 'What was bought' }, 402: { description: 'The offer' } },
    'x-payment-info': { offers },
  };
}

function openApiOf(name: string, routes: readonly ReadRoute[]): object {
  const paths = Object.fromEntries(
    routes.map((route) => [route.path, { get: operationOf(route) }]),
  );
  const docs = { llms: '/llms.txt' };
  return {
    openapi: '3.1.0',
    info: { title: name, version: '1' },
    'x-service-info': { docs },
    paths,
  };
}

function llmsOf(name: string, payto: string, routes: readonly ReadRoute[]): string {
  const lines = routes.map(
    ({ method, path, prices, title }) =>
      `- ${method} ${path}: ${title}, ${prices.map((price) => formatAmount(price)).join(' or ')}`,
  );
  return `# ${name}

> Sold one by one, paid with the Payment scheme, method farthing.

A request without a payment is answered 402 with the offer in WWW-Authenticate; repeat it with a
credential in Authorization. Amounts there count millionths of the currency. Paid to ${payto}.

${lines.join('\n')}
`;
}

function answer(body: string, type: string): Response {
  const headers = { 'Content-Type': type, 'Cache-Control': 'public, max-age=3600' };
  return new Response(body, { headers });
}

/**
 * Publishes what is for sale. Both addresses belong to the site's root: a shop that has only a path
 * of somebody's site cannot publish.
 * @throws FarthingError `option_invalid`, `price_malformed`, `currency_unknown`
 * @example
 * const found = discovery({ name: 'The Daily', payto: 'daily@pay.example' }, [
 *   { method: 'GET', path: '/articles/{name}', price: '0.02 USD', title: 'An article' },
 * ]);
 * app.get('/openapi.json', () => found.openApi());
 * app.get('/llms.txt', () => found.llms());
 */
export function discovery(
  seller: { readonly name: string; readonly payto: string },
  routes: readonly PublishedRoute[],
): Discovery {
  const name = shortText(seller.name, TITLE_LENGTH_MAX);
  const read = routes.map(readRoute);
  const openApi = JSON.stringify(openApiOf(name, read));
  const llms = llmsOf(name, seller.payto, read);
  return {
    openApi: () => answer(openApi, 'application/json'),
    llms: () => answer(llms, 'text/plain; charset=utf-8'),
  };
}

/** What a seller of `createSeller` publishes. @throws FarthingError see `discovery` */
export function discoveryOf(
  { name, accounts }: Pick<SellerContext, 'name' | 'accounts'>,
  routes: readonly PublishedRoute[],
): Discovery {
  const payto = accounts.map((account) => account.payto.text).join(' or ');
  return discovery({ name: name ?? accounts[0]?.payto.handle ?? '', payto }, routes);
}
