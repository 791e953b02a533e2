/** A small real shop on loopback: articles at prices, a log of requests, faults on demand. */
import type { AddressInfo } from 'node:net';
import { type HttpBindings, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createSeller, memoryStore, type Seller } from '../../src/seller/index.ts';
import { makeSecret } from '../../src/seller/secret.ts';

export interface RunningShop {
  readonly origin: string;
  readonly payto: string;
  readonly seller: Seller;
  /** `GET /articles/a 204 paid`, one a request. */
  readonly log: string[];
  /** What the shop does with its next paid answers; taken from the front. */
  readonly faults: ('lose-reply' | 'hold-reply' | 'bad-gateway' | 'redirect')[];
  /** Resolves when a paid answer is being held back; it is held until the caller is gone. */
  held(): Promise<void>;
  /** Charges that the shop accepted, by address. */
  readonly accepted: () => Promise<{ charges: number; totalMicros: bigint }>;
  prices: Record<string, string>;
  close(): Promise<void>;
}

export interface ShopOptions {
  readonly handle?: string;
  /** `localhost` for wallets in Node, which know no other name; a name below it for browsers. */
  readonly host?: string;
}

/** What is not 2¢; a test may change any price. */
const PRICES: Record<string, string> = {
  '/articles/reefs': '0.01 USD',
  '/articles/quarter': '0.0025 USD',
};

function page(title: string, body: string, head = ''): Response {
  const html = `<!doctype html><html lang="en"><title>${title}</title>${head}<h1>${title}</h1>${body}`;
  return new Response(html, { headers: { 'Content-Type': 'text/html; charset=utf-8' } });
}

/** A front page with fee links, in every spelling that the stories need. */
function frontPage(payto: string): Response {
  const head = `<meta name="fee:payto" content="${payto}"><meta name="fee:refund" content="none">`;
  const link = (name: string, price: string, rest = '') =>
    `<p><a id="${name}" href="/articles/${name}" data-fee-price="${price}" ${rest}>Article ${name}</a>`;
  const links = [
    link('tides', '0.02 USD'),
    link('reefs', '0.01 USD'),
    link('quarter', '0.0025 USD'),
    link('malformed', '2 cents'),
    link('tab', '0.02 USD', 'target="_blank"'),
  ];
  return page('Front page', links.join(''), head);
}

/** Starts a shop whose account is `handle` at the provider `issuer`, and registers it there. */
export async function startShop(issuer: string, options: ShopOptions = {}): Promise<RunningShop> {
  const { handle = 'daily', host = 'localhost' } = options;
  const payto = `${handle}@${new URL(issuer).host}`;
  const store = memoryStore();
  const seller = createSeller({
    payto,
    secret: await makeSecret(),
    store,
    name: 'The Daily',
    allowInsecureLoopback: true,
  });
  const shop = { prices: {} as Record<string, string> };
  const log: string[] = [];
  const faults: RunningShop['faults'] = [];
  let hold = () => {};
  const isHeld = new Promise<void>((resolve) => {
    hold = resolve;
  });
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get('/.well-known/farthing.json', () => seller.proof());
  app.use('/articles/*', async (context, next) => {
    const isPaid = context.req.header('Authorization') !== undefined;
    const fault = isPaid ? faults.shift() : undefined;
    if (fault === 'redirect') return context.redirect('/elsewhere');
    await next();
    log.push(`GET ${context.req.path} ${context.res.status}${isPaid ? ' paid' : ''}`);
    if (fault === 'bad-gateway')
      context.res = new Response('<h1>Bad gateway</h1>', { status: 502 });
    if (fault === 'hold-reply') {
      hold();
      await new Promise((gone) => context.env.incoming.socket.once('close', gone));
    }
    if (fault === 'lose-reply') context.env.incoming.socket.destroy();
    return undefined;
  });
  const price = (request: Request) => {
    const { pathname } = new URL(request.url);
    return shop.prices[pathname] ?? PRICES[pathname] ?? '0.02 USD';
  };
  app.use('/articles/*', seller.hono({ price, title: 'An article' }));
  app.get('/articles/:name', (context) =>
    page(`The article ${context.req.param('name')}`, '<p>Every word of it.'),
  );
  app.get('/', () => frontPage(payto));
  app.get('/plain', () => page('Nothing for sale', '<p><a id="free" href="/free">Free</a>'));
  app.get('/free', () => page('Free', '<p>For nothing.'));
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise((listening) => server.once('listening', listening));
  const origin = `http://${host}:${(server.address() as AddressInfo).port}`;
  await seller.register({ name: 'The Daily', origins: [origin] });
  return Object.assign(shop, {
    origin,
    payto,
    seller,
    log,
    faults,
    held: () => isHeld,
    accepted: async () => {
      const rows = await store.due({ limit: 1000 });
      return {
        charges: rows.reduce((sum, row) => sum + row.seq, 0),
        totalMicros: rows.reduce((sum, row) => sum + row.tot, 0n),
      };
    },
    close: () => new Promise<void>((closed) => server.close(() => closed())),
  });
}
