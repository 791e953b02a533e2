/**
 * The seller's module: names a price, checks each signed charge on the spot, serves, and hands in
 * later what has accumulated. It needs no call to anyone to take a payment.
 */
import { formatAmount } from '../protocol/display.ts';
import type { SellerRecord } from '../protocol/documents.ts';
import { parsePrice } from '../protocol/money.ts';
import { createAccountClient, type Registration, register } from './account.ts';
import { fetchAdapter, type Handler } from './adapters/fetch.ts';
import { type HonoMiddleware, honoAdapter } from './adapters/hono.ts';
import { createCertificates } from './certificates.ts';
import { check, type Verdict } from './check.ts';
import { type CollectReport, collect } from './collect.ts';
import type { SellerContext } from './context.ts';
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
export type { Handler } from './adapters/fetch.ts';
export type { HonoContext, HonoMiddleware } from './adapters/hono.ts';
export type { Verdict } from './check.ts';
export type { CollectReport, RefusedPurse } from './collect.ts';
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
  /**
   * Answers `/.well-known/farthing.json`, which proves that this origin is paid under this payto.
   */
  proof(): Promise<Response>;
  /**
   * A few lines of CSS that draw the price behind fee links: `data-fee-label`, or else the price.
   */
  stylesheet(): Response;
  /** Registers the seller at its provider, or changes its record (SPEC 9.10). */
  register(registration: Registration): Promise<SellerRecord>;
  /** Hands in the last charge of every purse (SPEC 9.11). */
  collect(): Promise<CollectReport>;
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
    proof: () => originProof(seller),
    stylesheet: priceStylesheet,
    register: (registration) => register(seller, client, registration),
    collect: () => collect(seller, client),
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
