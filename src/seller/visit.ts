/** One request of a paid route, seen by what it asks for. */
import { FarthingError } from '../protocol/errors.ts';
import { checkItem, defaultItem } from '../protocol/item.ts';
import { type Price, parsePrice } from '../protocol/money.ts';
import { DESCRIPTION_LENGTH_MAX, TITLE_LENGTH_MAX } from '../protocol/offer.ts';
import { encodeTerms } from '../protocol/terms.ts';
import { shortText } from '../protocol/text.ts';
import { checkPath, type PerRequest, type Route } from './options.ts';

/** A request with what it asks for; price and path are found when they are needed, and once. */
export interface Visit {
  readonly request: Request;
  readonly route: Route;
  /** The public address. */
  readonly url: URL;
  readonly item: string;
  /** The price now; undefined where it is free. */
  readonly price: () => Promise<Price | undefined>;
  /** Where the item's pass is sent. */
  readonly path: () => Promise<string>;
}

function valueFor<T>(option: PerRequest<T>, request: Request): T | Promise<T> {
  return typeof option === 'function'
    ? (option as (request: Request) => T | Promise<T>)(request)
    : option;
}

/** The shop's own mistake is an error in the shop, never a refusal of the reader. */
async function fromShop<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    throw new TypeError(`${name} of a paid route: ${error.message}`, { cause: error });
  }
}

function priceFor({ price }: Route, request: Request): Promise<Price | undefined> {
  return fromShop('price', async () => {
    const text = await valueFor(price, request);
    return text === 'free' ? undefined : parsePrice(text);
  });
}

async function itemFor({ item }: Route, request: Request, url: URL): Promise<string> {
  if (item === undefined) return defaultItem(url);
  return fromShop('item', async () => checkItem(await valueFor(item, request)));
}

/** Cookie paths know neither a query nor a semicolon. */
function pathFor(option: Route['path'], request: Request, url: URL): Promise<string> {
  return fromShop('path', async () => {
    const path = option === undefined ? url.pathname : checkPath(await valueFor(option, request));
    const end = path.indexOf(';');
    return end < 0 ? path : path.slice(0, path.lastIndexOf('/', end) + 1);
  });
}

function once<T>(find: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined;
  return () => {
    found ??= find();
    return found;
  };
}

/** The public address: a path like `//elsewhere.example` must not become another host's. */
function publicUrl(request: Request, origin: string | undefined): URL {
  const asked = new URL(request.url);
  if (origin === undefined) return asked;
  const url = new URL(origin);
  url.pathname = asked.pathname;
  url.search = asked.search;
  return url;
}

/**
 * @throws FarthingError `item_malformed` for an address that is too long to be bought
 * @throws TypeError for an item that the route's own function got wrong; the price and the path
 *   throw it when they are asked for
 */
export async function visitOf(
  route: Route,
  request: Request,
  origin: string | undefined,
): Promise<Visit> {
  const url = publicUrl(request, origin);
  const item = await itemFor(route, request, url);
  const price = once(() => priceFor(route, request));
  const path = once(() => pathFor(route.path, request, url));
  return { request, route, url, item, price, path };
}

/**
 * Whether the request may carry a charge: a body is bound to nothing in this version (SPEC 4.4).
 */
export function isRead({ request }: Visit): boolean {
  return request.method === 'GET' || request.method === 'HEAD';
}

/** The `request` of a challenge for this visit at `price` (SPEC 4.2, 4.5). */
export function requestFor({ item, route }: Visit, price: Price, payto: string): string {
  const { durationSec } = route;
  const none = { refundSec: 0, cap: undefined, meter: undefined };
  return encodeTerms({ ...price, payto, item, durationSec, ...none });
}

/** What is shown of the item: its title, or else what it is called. */
export async function titleFor({ route, request, item }: Visit): Promise<string> {
  const title = route.title === undefined ? '' : await valueFor(route.title, request);
  return shortText(title, TITLE_LENGTH_MAX) || shortText(item, TITLE_LENGTH_MAX);
}

/** The description as shown, where there is one. */
export async function descriptionFor({ route, request }: Visit): Promise<string | undefined> {
  if (route.description === undefined) return undefined;
  return shortText(await valueFor(route.description, request), DESCRIPTION_LENGTH_MAX) || undefined;
}
