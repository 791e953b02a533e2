/**
 * The site that every adapter puts a price on: the same pages, each written as its framework has
 * it. All below `/articles/` costs 2¢ unless a test says otherwise.
 */
import type { RouteOptions, Seller } from '../../../src/seller/index.ts';

/** What a test turns and hears of while the site is up. */
export interface Stage {
  price: string;
  /** Ends the slow stream. */
  readonly gate: PromiseWithResolvers<void>;
  /** Resolves when nobody wants the slow stream any more. */
  readonly cancelled: PromiseWithResolvers<void>;
  readonly preview?: () => Response;
  /** What the shop itself says of other origins. */
  readonly cors: Readonly<Record<string, string>>;
  /** What another layer of the shop's has set before a paid route is asked. */
  readonly outer: Readonly<Record<string, string>>;
  /** How often a handler of a paid page was run. */
  handled: number;
}

/** What browsers see of a site with a preview. */
export const PREVIEW = '<p>It begins like this';

/** How a site differs from the others. */
export interface StageOptions {
  /** Whether the shop shows browsers its own page in place of the one about the price. */
  readonly hasPreview?: boolean;
  /** What the shop's own layer says of other origins; `CORS` otherwise. */
  readonly cors?: Readonly<Record<string, string>>;
  /** What a layer in front of the price says, in frameworks that have layers; nothing otherwise. */
  readonly outer?: Readonly<Record<string, string>>;
}

/** A stage before anything has happened. */
export function makeStage({
  hasPreview = false,
  cors = CORS,
  outer = {},
}: StageOptions = {}): Stage {
  const headers = { 'Content-Type': 'text/html' };
  const preview = () => new Response(PREVIEW, { headers });
  return {
    price: '0.02 USD',
    handled: 0,
    cors,
    outer,
    gate: Promise.withResolvers<void>(),
    cancelled: Promise.withResolvers<void>(),
    ...(hasPreview && { preview }),
  };
}

export interface Site {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  close(): Promise<void>;
}

export type OpenSite = (seller: Seller, stage: Stage) => Promise<Site>;

/** In front of everything, the price too: programs of other origins may read the answers. */
export const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'WWW-Authenticate,Payment-Receipt',
};
export const ARTICLE = {
  body: 'the article',
  etag: '"v1"',
  headers: { 'Set-Cookie': 'visits=3', 'Cache-Control': 'public, max-age=5', ETag: '"v1"' },
};
/** A thousand bytes, each its own place in the song. */
export const SONG = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);
/** Larger than all buffers on the way. */
export const FILM = { chunk: new Uint8Array(65_536).fill(7), chunkCount: 128 };

export function priceOf(stage: Stage): RouteOptions {
  return {
    price: () => stage.price,
    title: 'An article',
    ...(stage.preview && { preview: stage.preview }),
  };
}

/** `bytes=0-9` → 0 and 9; undefined where the whole song is asked for. */
export function rangeIn(header: string | null | undefined): [number, number] | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header ?? '') ?? [];
  return first === undefined ? undefined : [Number(first), Number(last)];
}
