/**
 * The seller's module: names a price, checks each signed charge on the spot, serves, and hands in
 * later what has accumulated. It needs no call to anyone to take a payment.
 */
import type { EarningsAnswer, SetBankAnswer } from '../protocol/api.ts';
import { formatAmount } from '../protocol/display.ts';
import type { SellerRecord } from '../protocol/documents.ts';
import { parsePrice } from '../protocol/money.ts';
import type { Registration } from './account/account.ts';
import type { CollectReport } from './account/collect.ts';
import { type CollectingOptions, readEveryMs } from './account/collecting.ts';
import type { Collecting } from './account/collector.ts';
import type { Office } from './account/office.ts';
import type { BankAccount } from './account/till.ts';
import type { ExpressMiddleware } from './adapters/express.ts';
import type { FastifyRoute } from './adapters/fastify.ts';
import { fetchAdapter, type Handler } from './adapters/fetch.ts';
import type { HonoMiddleware } from './adapters/hono.ts';
import type { NextHandler } from './adapters/next.ts';
import { createCertificates } from './certificates/certificates.ts';
import type { SellerContext } from './context.ts';
import { once } from './once.ts';
import {
  type RouteOptions,
  readOriginOption,
  readOtherWays,
  readPaytos,
  readRoute,
  type SellerOptions,
} from './options.ts';
import type { Discovery, PublishedRoute } from './pages/discovery.ts';
import { readSecrets } from './secret.ts';
import { check, type Verdict } from './visits/check.ts';

export type { EarningsAnswer, SetBankAnswer } from '../protocol/api.ts';
export type { Registration } from './account/account.ts';
export type { RefusedPurse } from './account/batches.ts';
export type { CollectReport } from './account/collect.ts';
export type { CollectingOptions } from './account/collecting.ts';
export type { Collecting } from './account/collector.ts';
export type { BankAccount } from './account/till.ts';
export type { ExpressMiddleware } from './adapters/express.ts';
export type { FastifyReply, FastifyRequest, FastifyRoute } from './adapters/fastify.ts';
export type { Handler } from './adapters/fetch.ts';
export type { HonoContext, HonoMiddleware } from './adapters/hono.ts';
export type { NodeBody } from './adapters/incoming.ts';
export type { NextHandler } from './adapters/next.ts';
export type { NodeRequest, NodeResponse } from './adapters/node.ts';
export type {
  OtherWay,
  PerRequest,
  RouteOptions,
  SaleEvent,
  SellerOptions,
  UndoEvent,
} from './options.ts';
export type { Discovery, PublishedRoute } from './pages/discovery.ts';
export type { Row, Store } from './store.ts';
export { memoryStore } from './stores/memory.ts';
export type { Verdict } from './visits/check.ts';

/** One seller. */
export interface Seller {
  readonly paytos: readonly string[];
  /** Decides one request, for use beside an existing paywall; the adapters below are made of it. */
  check(request: Request, options: RouteOptions): Promise<Verdict>;
  /** Puts a price in front of a handler from Request to Response. */
  fetch(options: RouteOptions, handler: Handler): (request: Request) => Promise<Response>;
  /** Puts a price in front of Hono's handlers. */
  hono(options: RouteOptions): HonoMiddleware;
  /**
   * Puts a price in front of Express's handlers: `app.get(path, fee.express(…), handler)`, and
   * `app.options(path, fee.express(…))` for wallets that ask from elsewhere (SPEC 4.11).
   */
  express(options: RouteOptions): ExpressMiddleware;
  /**
   * Puts a price on a route of Fastify: `app.get(path, fee.fastify(…), handler)`; of `method`
   * `['GET', 'OPTIONS']` for wallets that ask from elsewhere (SPEC 4.11).
   */
  fastify(options: RouteOptions): FastifyRoute;
  /**
   * Puts a price in front of a route handler of Next: `export const GET = fee.next(…, handler)`,
   * and `export { GET as OPTIONS }` for wallets that ask from elsewhere (SPEC 4.11).
   */
  next<R extends Request, C>(
    options: RouteOptions,
    handler: NextHandler<R, C>,
  ): (request: R, context: C) => Promise<Response>;
  /**
   * The `fee:` tags and the block for search engines that our own page has in its head, for pages
   * that the shop renders itself: a preview, or a file, of `new Request(address)`. It is HTML, in
   * which no text of the shop's ends a tag; nothing where the price is `free`.
   */
  head(request: Request, options: RouteOptions): Promise<string>;
  /**
   * Answers `/.well-known/farthing.json`, which proves that this origin is paid under this payto.
   */
  proof(): Promise<Response>;
  /**
   * A few lines of CSS that draw the price behind fee links: `data-fee-label`, or else the price.
   */
  stylesheet(): Promise<Response>;
  /** Answers `/openapi.json` and `/llms.txt`, by which programs find what is sold (SPEC 4). */
  discovery(routes: readonly PublishedRoute[]): Promise<Discovery>;
  /** Registers the seller at each of its providers, or changes its record there (SPEC 9.10). */
  register(registration: Registration): Promise<readonly SellerRecord[]>;
  /**
   * Says at each of its providers to which bank account the seller is paid (SPEC 9.21); nothing is
   * paid there for the first three days.
   */
  setBank(account: BankAccount): Promise<readonly SetBankAnswer[]>;
  /** What it has earned at each of its providers, and was paid (SPEC 9.22), in micros. */
  earnings(): Promise<readonly EarningsAnswer[]>;
  /** Hands in the last charge of every purse, and refund notes (SPEC 9.11, 9.12). */
  collect(): Promise<CollectReport>;
  /**
   * Hands in now, then at least every 12 hours and whenever a purse nears its end, for as long as
   * this server runs. Several servers on one store may all do so.
   * @throws FarthingError `option_invalid`
   */
  startCollecting(options?: CollectingOptions): Collecting;
}

/** The keys are made once; a secret that holds none is the error of whatever needs them first. */
function keysOf(secret: string | undefined): SellerContext['keys'] {
  const [first, ...former] = readSecrets(secret);
  return once(async () => {
    const { importSecret } = await import('./keys.ts');
    return [await importSecret(first), ...(await Promise.all(former.map(importSecret)))] as const;
  });
}

function contextOf(options: SellerOptions): SellerContext {
  const { name, store, onSale, onUndo, onError = console.error } = options;
  const now = options.now ?? Date.now;
  const fetchPort = options.fetch ?? ((...args) => fetch(...args));
  const accounts = readPaytos(options).map((payto) => ({
    payto,
    certificates: createCertificates(payto.provider, { fetch: fetchPort, now }),
  }));
  return {
    accounts,
    name,
    origin: readOriginOption(options.origin),
    otherWays: readOtherWays(options.otherWays),
    store,
    keys: keysOf(options.secret),
    fetch: fetchPort,
    now,
    onError,
    atWork: { count: 0 },
    onSale,
    onUndo,
  };
}

type Decide = (request: Request) => Promise<Verdict>;
type Adapters = Pick<Seller, 'fetch' | 'hono' | 'express' | 'fastify' | 'next'>;

/** Each framework's adapter is loaded by its first request: a shop has one framework. */
function adaptersOf(
  deciderFor: (options: RouteOptions) => Decide,
  { onError }: SellerContext,
): Adapters {
  return {
    fetch: (options, handler) => fetchAdapter(deciderFor(options), handler),
    hono: (options) => {
      const decide = deciderFor(options);
      const loaded = once(async () => (await import('./adapters/hono.ts')).honoAdapter(decide));
      return async (context, next) => (await loaded())(context, next);
    },
    express: (options) => {
      const decide = deciderFor(options);
      const load = async () =>
        (await import('./adapters/express.ts')).expressAdapter(decide, onError);
      const loaded = once(load);
      return (request, response, next) => {
        loaded()
          .then((handle) => handle(request, response, next))
          .catch(next);
      };
    },
    fastify: (options) => {
      const decide = deciderFor(options);
      const load = async () =>
        (await import('./adapters/fastify.ts')).fastifyAdapter(decide, onError);
      const loaded = once(load);
      return { onRequest: async (request, reply) => (await loaded()).onRequest(request, reply) };
    },
    next: (options, handler) => {
      const decide = deciderFor(options);
      const load = async () => (await import('./adapters/next.ts')).nextAdapter(decide, handler);
      const loaded = once(load);
      return async (request, context) => (await loaded())(request, context);
    },
  };
}

/** The office is opened when it is first needed: most servers only sell. */
function officeOf(seller: SellerContext): Office {
  const office = once(async () => (await import('./account/office.ts')).openOffice(seller));
  return {
    register: async (registration) => (await office()).register(registration),
    setBank: async (account) => (await office()).setBank(account),
    earnings: async () => (await office()).earnings(),
    collect: async () => (await office()).collect(),
    startCollecting: (options) => {
      readEveryMs(options?.everyMs);
      const collecting = office().then((it) => it.startCollecting(options));
      collecting.catch(seller.onError);
      return { stop: async () => (await collecting).stop() };
    },
  };
}

/**
 * Makes a seller; its options are checked here and now.
 * @throws FarthingError `secret_missing`, `payto_malformed`, `option_invalid`
 * @example
 * const fee = createSeller({ payto: 'daily@pay.example', secret: process.env.FEE_SECRET, store });
 * app.use('/articles/*', fee.hono({ price: '0.02 USD' }));
 * app.get('/.well-known/farthing.json', () => fee.proof());
 */
export function createSeller(options: SellerOptions): Seller {
  const seller = contextOf(options);
  const deciderFor = (routeOptions: RouteOptions) => {
    const route = readRoute(routeOptions);
    return (request: Request) => check(seller, route, request);
  };
  return {
    paytos: seller.accounts.map(({ payto }) => payto.text),
    check: async (request, routeOptions) => deciderFor(routeOptions)(request),
    ...adaptersOf(deciderFor, seller),
    ...officeOf(seller),
    head: async (request, routeOptions) => {
      const route = readRoute(routeOptions);
      return (await import('./pages/head.ts')).headOf(seller, route, request);
    },
    proof: async () => (await import('./pages/wellknown.ts')).originProof(seller),
    stylesheet: async () => (await import('./pages/stylesheet.ts')).priceStylesheet(),
    discovery: async (routes) => (await import('./pages/discovery.ts')).discoveryOf(seller, routes),
  };
}

/**
 * A price as people read it, for templates.
 * @throws FarthingError `price_malformed`, `currency_unknown`
 * @example priceLabel('0.0025 USD') // '¼¢'
 */
export function priceLabel(price: string): string {
  return formatAmount(parsePrice(price));
}
