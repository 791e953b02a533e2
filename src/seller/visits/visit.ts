/** One request of a paid route, seen by what it asks for. */
import { FarthingError } from '../../protocol/errors.ts';
import { checkItem, defaultItem } from '../../protocol/item.ts';
import { remembering } from '../../protocol/memo.ts';
import { type Price, parsePriceList } from '../../protocol/money.ts';
import { parseExpires } from '../../protocol/offer.ts';
import { encodeTerms } from '../../protocol/terms.ts';
import type { SellerContext } from '../context.ts';
import { once } from '../once.ts';
import { checkPath, type PerRequest, type Route } from '../options.ts';

/** A shop has few prices, and names them with every request. */
const readPrices = remembering(parsePriceList, 1000);
const digests = once(() => import('./digest.ts'));

/** A request with what it asks for; price and path are found when they are needed, and once. */
export interface Visit {
  readonly request: Request;
  readonly route: Route;
  /** The public address. */
  readonly url: URL;
  readonly item: string;
  /** The price now, one a currency; none where it is free. */
  readonly prices: () => Promise<readonly Price[]>;
  /** When the offer ends, in milliseconds since 1970; undefined for one that has no end. */
  readonly endMs: () => Promise<number | undefined>;
  /** Where the item's pass is sent. */
  readonly path: () => Promise<string>;
  /** RFC 9530 digest of the body; undefined where a request of this method has none. */
  readonly digest: () => Promise<string | undefined>;
}

/** The value of an option for a request. */
export function valueFor<T>(option: PerRequest<T>, request: Request): T | Promise<T> {
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

function pricesFor({ price }: Route, request: Request): Promise<readonly Price[]> {
  return fromShop('price', async () => {
    const text = await valueFor(price, request);
    return text === 'free' ? [] : readPrices(text);
  });
}

function endFor({ expires }: Route, request: Request): Promise<number | undefined> {
  return fromShop('expires', async () => {
    const text = await valueFor(expires, request);
    return text === undefined ? undefined : parseExpires(text);
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

/** Whether a request of this method has no body: what a page-built challenge may pay for. */
export function isRead({ request }: Pick<Visit, 'request'>): boolean {
  return request.method === 'GET' || request.method === 'HEAD';
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
  const prices = once(() => pricesFor(route, request));
  const endMs = once(() => endFor(route, request));
  const path = once(() => pathFor(route.path, request, url));
  const digest = once(async () =>
    isRead({ request }) ? undefined : (await digests()).digestFor(request),
  );
  return { request, route, url, item, prices, endMs, path, digest };
}

/**
 * Only an offer that holds can be bought (SPEC 3.8); what is free has none that could end.
 * @throws FarthingError `offer_over`
 */
export async function checkHolds(
  { now }: Pick<SellerContext, 'now'>,
  { endMs, prices }: Visit,
): Promise<void> {
  if (((await endMs()) ?? Infinity) <= now() && (await prices()).length > 0)
    throw new FarthingError('offer_over', 'what was bought stays its buyer’s');
}

/** The `request` of a challenge for this visit at `price` (SPEC 4.2, 4.5). */
export function requestFor({ item, route, url }: Visit, price: Price, payto: string): string {
  const { origin } = url;
  const key = `${price.amountMicros} ${price.currency} ${payto} ${origin} ${item}`;
  const known = route.requests.get(key);
  if (known !== undefined) return known;
  const { durationSec, refundSec, capRead } = route;
  const cap = capRead?.currency === price.currency ? capRead : undefined;
  const place = { payto, origin, item };
  const request = encodeTerms({
    ...price,
    ...place,
    durationSec,
    refundSec,
    cap,
    meter: undefined,
  });
  route.requests.set(key, request);
  return request;
}
