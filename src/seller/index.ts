/**
 * The seller's module: names a price, checks each signed charge on the spot, serves, and hands in
 * later what has accumulated. It needs no call to anyone to take a payment.
 */
import { formatAmount } from '../protocol/display.ts';
import type { SellerRecord } from '../protocol/documents.ts';
import { parsePrice } from '../protocol/money.ts';
import { createAccountClient, type Registration, register } from './account.ts';
import { type ExpressMiddleware, expressAdapter } from './adapters/express.ts';
import { type FastifyRoute, fastifyAdapter } from './adapters/fastify.ts';
import { fetchAdapter, type Handler } from './adapters/fetch.ts';
import { type HonoMiddleware, honoAdapter } from './adapters/hono.ts';
import { type NextHandler, nextAdapter } from './adapters/next.ts';
import { createCertificates } from './certificates.ts';
import { check, type Verdict } from './check.ts';
import { type CollectReport, collect } from './collect.ts';
import { type Collecting, type CollectingOptions, startCollecting } from './collector.ts';
import type { SellerContext } from './context.ts';
import { type Discovery, discovery, type PublishedRoute } from './discovery.ts';
import { createIssuer } from './issuer.ts';
import {
  type RouteOptions,
  readOriginOption,
  readOtherWays,
  readPaytoOption,
  readRoute,
  type SellerOptions,
} from './options.ts';
import { importSecret, readSecret, type SellerKeys } from './secret.ts';
import { originProof, priceStylesheet } from './wellknown.ts';

export type { Registration } from './account.ts';
export type { ExpressMiddleware } from './adapters/express.ts';
export type { FastifyReply, FastifyRoute } from './adapters/fastify.ts';
export type { Handler } from './adapters/fetch.ts';
export type { HonoContext, HonoMiddleware } from './adapters/hono.ts';
export type { NextHandler } from './adapters/next.ts';
export type { NodeRequest, NodeResponse } from './adapters/node.ts';
export type { Verdict } from './check.ts';
export type { CollectReport, RefusedPurse } from './collect.ts';
export type { Collecting, CollectingOptions } from './collector.ts';
export type { Discovery, PublishedRoute } from './discovery.ts';
export type { OtherWay, PerRequest, RouteOptions, SellerOptions } from './options.ts';
export type { PurseRow, Store } from './store.ts';
export { memoryStore } from './stores/memory.ts';

/** One seller. */
export interface Seller {
  readonly payto: string;
  /** Decides one request, for use beside an existing paywall; the adapters below are made of it. */
  check(request: Request, options: RouteOptions): Promise<Verdict>;
  /** Puts a price in front of a handler from Request to Response. */
  fetch(options: RouteOptions, handler: Handler): (request: Request) => Promise<Response>;
  /** Puts a price in front of Hono's handlers. */
  hono(options: RouteOptions): HonoMiddleware;
  /** Puts a price in front of Express's handlers: `app.get(path, fee.express(…), handler)`. */
  express(options: RouteOptions): ExpressMiddleware;
  /** Puts a price on a route of Fastify: `app.get(path, fee.fastify(…), handler)`. */
  fastify(options: RouteOptions): FastifyRoute;
  /**
   * Puts a price in front of a route handler of Next: `export const GET = fee.next(…, handler)`.
   */
  next<R extends Request, C>(
    options: RouteOptions,
    handler: NextHandler<R, C>,
  ): (request: R, context: C) => Promise<Response>;
  /**
   * Answers `/.well-known/farthing.json`, which proves that this origin is paid under this payto.
   */
  proof(): Promise<Response>;
  /**
   * A few lines of CSS that draw the price behind fee links: `data-fee-label`, or else the price.
   */
  stylesheet(): Response;
  /** Answers `/openapi.json` and `/llms.txt`, by which programs find what is sold (SPEC 4). */
  discovery(routes: readonly PublishedRoute[]): Discovery;
  /** Registers the seller at its provider, or changes its record (SPEC 9.10). */
  register(registration: Registration): Promise<SellerRecord>;
  /** Hands in the last charge of every purse (SPEC 9.11). */
  collect(): Promise<CollectReport>;
  /**
   * Hands in now, then at least every 12 hours and whenever a purse nears its end, for as long as
   * this server runs. Several servers on one store may all do so.
   * @throws FarthingError `option_invalid`
   */
  startCollecting(options?: CollectingOptions): Collecting;
}

/** The keys are made once; a secret that holds none is the error of whatever needs them first. */
function keysOf(secret: string | undefined): () => Promise<SellerKeys> {
  const parts = readSecret(secret);
  let keys: Promise<SellerKeys> | undefined;
  return () => {
    keys ??= importSecret(parts);
    return keys;
  };
}

function contextOf(options: SellerOptions): SellerContext {
  const payto = readPaytoOption(options);
  const now = options.now ?? Date.now;
  const fetchPort = options.fetch ?? ((...args) => fetch(...args));
  const issuer = createIssuer(payto.provider, { fetch: fetchPort, now });
  return {
    payto,
    name: options.name,
    origin: readOriginOption(options.origin),
    otherWays: readOtherWays(options.otherWays),
    store: options.store,
    keys: keysOf(options.secret),
    certificates: createCertificates(payto.provider, issuer),
    fetch: fetchPort,
    now,
    onError: options.onError ?? console.error,
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
  const client = createAccountClient(seller);
  const deciderFor = (routeOptions: RouteOptions) => {
    const route = readRoute(routeOptions);
    return (request: Request) => check(seller, route, request);
  };
  return {
    payto: seller.payto.text,
    check: async (request, routeOptions) => deciderFor(routeOptions)(request),
    fetch: (routeOptions, handler) => fetchAdapter(deciderFor(routeOptions), handler),
    hono: (routeOptions) => honoAdapter(deciderFor(routeOptions)),
    express: (routeOptions) => expressAdapter(deciderFor(routeOptions), seller.onError),
    fastify: (routeOptions) => fastifyAdapter(deciderFor(routeOptions), seller.onError),
    next: (routeOptions, handler) => nextAdapter(deciderFor(routeOptions), handler),
    proof: () => originProof(seller),
    stylesheet: priceStylesheet,
    discovery: (routes) =>
      discovery({ name: options.name ?? seller.payto.handle, payto: seller.payto.text }, routes),
    register: (registration) => register(seller, client, registration),
    collect: () => collect(seller, client),
    startCollecting: (collecting) =>
      startCollecting(seller, () => collect(seller, client), collecting),
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
