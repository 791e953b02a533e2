/** What a seller and a paid route are made of, checked when the program starts. */
import { parseDuration } from '../protocol/duration.ts';
import { FarthingError } from '../protocol/errors.ts';
import { createMemo, type Memo } from '../protocol/memo.ts';
import { type Micros, parsePriceList } from '../protocol/money.ts';
import { parseCap, parseExpires, readRefund } from '../protocol/offer.ts';
import { isLoopbackHost, type Payto, parsePayto } from '../protocol/payto.ts';
import { type Cap, DURATION_SEC_DEFAULT } from '../protocol/terms.ts';
import type { Store } from './store.ts';

/** Items of a route, a few hundred bytes each. */
const REMEMBERED_COUNT = 1_000;

/** Another way to read on, shown beside the price. */
export interface OtherWay {
  readonly label: string;
  /** http, https, or a path on this site. */
  readonly href: string;
}

/** One sale, or one that was undone. */
export interface SaleEvent {
  readonly origin: string;
  readonly item: string;
  readonly amountMicros: Micros;
  readonly currency: string;
  readonly payto: string;
  /** This reader's name here, which means nothing elsewhere. */
  readonly reader: string;
  /** `PURSE.SEQ`: names the sale for ever. */
  readonly reference: string;
  /** When it was sold, also where it was undone since; seconds since 1970. */
  readonly soldAtSec: number;
}

/**
 * A sale that was undone. Where the provider took it back it names no page: that is what was sold
 * under the same reference.
 */
export type UndoEvent = Omit<SaleEvent, PageMember> & Partial<Pick<SaleEvent, PageMember>>;
type PageMember = 'origin' | 'item' | 'soldAtSec';

/** See `createSeller`. */
export interface SellerOptions {
  /** The account that is paid: `handle@host`; several where readers may choose their provider. */
  readonly payto: string | readonly string[];
  /**
   * `process.env.FEE_SECRET`, made by `farthing secret`. Of several, separated by commas, the
   * first is in use and the others still recognise what they signed.
   */
  readonly secret: string | undefined;
  readonly store: Store;
  /** Shown on the page that says what something costs; otherwise the host name is. */
  readonly name?: string | undefined;
  /** The public origin, `https://news.example`, where a proxy in front changes it. */
  readonly origin?: string | undefined;
  readonly otherWays?: readonly OtherWay[] | undefined;
  /** Lets a payto name this machine, which is spoken to over http: for development only. */
  readonly allowInsecureLoopback?: boolean | undefined;
  readonly fetch?: typeof fetch | undefined;
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  /** Hears what a paid handler threw, since its reader only hears that nothing was charged. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /**
   * Hears of each sale when it is handed out (`salesLog` writes a file of them). For figures: a
   * server that dies between a sale and this call leaves it out; what is owed, `collect` says.
   */
  readonly onSale?: ((sale: SaleEvent) => void) | undefined;
  /** Hears of each sale that was undone; with `collect` of those that the provider took back. */
  readonly onUndo?: ((undo: UndoEvent) => void) | undefined;
}

/** A value, or how to find it for a request. */
export type PerRequest<T> = T | ((request: Request) => T | Promise<T>);

/** What a route sells (SPEC 3). */
export interface RouteOptions {
  /**
   * `0.02 USD`, a list with one price a currency, `0.02 USD, 0.02 EUR`, or `free` for whoever need
   * not pay. A router may read an address otherwise than it
   * is spelt in `request.url` (`/%61` as `/a`): find price and page by the same function.
   */
  readonly price: PerRequest<string>;
  /** Up to 120 characters; longer is shortened. */
  readonly title?: PerRequest<string> | undefined;
  /** Up to 300 characters, shown only. */
  readonly description?: PerRequest<string> | undefined;
  /** What is bought; the address's path and query otherwise, without what tracks (SPEC 3.3). */
  readonly item?: PerRequest<string> | undefined;
  /** How long it stays the buyer's: `P365D` unless said otherwise; `PT0S` = used up at once. */
  readonly duration?: string | undefined;
  /** The path under which the item's addresses lie, for its pass; the address's path otherwise. */
  readonly path?: PerRequest<string> | undefined;
  /** How long it can be undone: `PT10M` unless said otherwise, or `none`. */
  readonly refund?: string | undefined;
  /** `0.20 USD/P1D`: what a reader pays here at most in that time; the rest of it is free. */
  readonly cap?: string | undefined;
  /**
   * `2030-01-31T12:00:00Z`: until when this is offered; not for what has no end. What was bought
   * until then stays its buyer's.
   */
  readonly expires?: PerRequest<string | undefined>;
  /** What browsers see, with status 200, in place of the page that says what it costs. */
  readonly preview?: ((request: Request) => Response | Promise<Response>) | undefined;
}

/** @throws FarthingError `option_invalid` for what no cookie can be sent to */
export function checkPath(path: string): string {
  if (/^\/[\x21-\x7e]*$/.test(path)) return path;
  throw new FarthingError('option_invalid', 'path: write it like /articles/');
}

/** A route's options, read. */
export interface Route extends RouteOptions {
  readonly durationSec: number;
  readonly refundSec: number;
  readonly capRead: (Cap & { readonly currency: string }) | undefined;
  /** The `request` of what is bought often (SPEC 4.2). */
  readonly requests: Memo<string>;
}

const ROUTE_OPTIONS: readonly (keyof RouteOptions)[] = [
  'price',
  'title',
  'description',
  'item',
  'duration',
  'path',
  'refund',
  'cap',
  'expires',
  'preview',
];

/**
 * Reads what a route sells; an option that is misspelt or comes later is refused, not passed over.
 * @throws FarthingError `option_invalid`, `price_malformed`, `currency_unknown`,
 *   `duration_malformed`, `refund_malformed`, `cap_malformed`, `expires_malformed`
 */
export function readRoute(options: RouteOptions): Route {
  if ('meter' in options)
    throw new FarthingError('option_invalid', 'meter comes with a later version');
  const unknown = Object.keys(options).find((name) => !ROUTE_OPTIONS.some((it) => it === name));
  if (unknown !== undefined)
    throw new FarthingError('option_invalid', `there is no option "${unknown.slice(0, 40)}"`);
  const { price, duration, path, refund, cap, expires } = options;
  if (price === undefined) throw new FarthingError('option_invalid', 'price: write 0.02 USD');
  if (typeof price === 'string' && price !== 'free') parsePriceList(price);
  if (typeof path === 'string') checkPath(path);
  if (typeof expires === 'string') parseExpires(expires);
  const durationSec = duration === undefined ? DURATION_SEC_DEFAULT : parseDuration(duration);
  const capRead = cap === undefined ? undefined : parseCap(cap);
  const requests = createMemo<string>(REMEMBERED_COUNT);
  return { ...options, durationSec, refundSec: readRefund(refund), capRead, requests };
}

/** @throws FarthingError `payto_malformed`, `option_invalid` */
export function readPaytos({ payto, allowInsecureLoopback }: SellerOptions): Payto[] {
  const paytos = [payto].flat().map((text) => readPayto(text, allowInsecureLoopback));
  const providers = new Set(paytos.map(({ provider }) => provider));
  if (paytos.length === 0 || providers.size !== paytos.length)
    throw new FarthingError('option_invalid', 'payto: one at each provider, and at least one');
  return paytos;
}

function readPayto(payto: string, allowInsecureLoopback: boolean | undefined): Payto {
  const read = parsePayto(payto);
  if (isLoopbackHost(new URL(read.provider).hostname) && allowInsecureLoopback !== true)
    throw new FarthingError(
      'option_invalid',
      `payto names this machine, ${read.provider}: in development set ` +
        'allowInsecureLoopback (--allow-insecure-loopback)',
    );
  return read;
}

/** An address over http or https; undefined for any other. */
function webAddress(text: string, base?: string): URL | undefined {
  const url = URL.parse(text, base);
  return url && /^https?:$/.test(url.protocol) ? url : undefined;
}

/** @throws FarthingError `option_invalid` */
export function readOriginOption(origin: string | undefined): string | undefined {
  if (origin === undefined) return undefined;
  if (webAddress(origin)?.origin !== origin)
    throw new FarthingError('option_invalid', 'origin: write it like https://news.example');
  return origin;
}

/** @throws FarthingError `option_invalid` for an address that is neither http(s) nor a path */
export function readOtherWays(ways: readonly OtherWay[] = []): readonly OtherWay[] {
  for (const { label, href } of ways) {
    if (!webAddress(href, 'https://seller.example'))
      throw new FarthingError('option_invalid', `otherWays: "${label}" needs an http(s) address`);
  }
  return ways;
}
