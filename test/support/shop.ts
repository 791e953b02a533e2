/** A small real shop on loopback: articles at prices, a log of requests, faults on demand. */

import type { AddressInfo } from 'node:net';
import { type HttpBindings, serve } from '@hono/node-server';
import { type Context, Hono, type Next } from 'hono';
import { readPurse } from '../../src/seller/charges/purses.ts';
import { createSeller, memoryStore, type Seller, type Store } from '../../src/seller/index.ts';
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
  readonly prices: Record<string, string>;
  close(): Promise<void>;
}

export interface ShopOptions {
  /** Made anew otherwise. */
  readonly secret?: string;
  readonly handle?: string;
  /** `localhost` for wallets in Node, which know no other name; a name below it for browsers. */
  readonly host?: string;
  /** The undo window: one click is only for what can be undone. */
  readonly refund?: string;
  /** Past it the rest of the period is free. */
  readonly cap?: string;
  /** How long what was bought stays open; `PT0S`: each opening is bought. */
  readonly duration?: string;
  /** Memory of its own unless a story is about what it remembers. */
  readonly store?: Store;
}

/** What is not 2¢; a test may change any price. */
const PRICES: Record<string, string> = {
  '/articles/reefs': '0.01 USD',
  '/articles/kelp': '0.01 USD',
  '/articles/dunes': '0.01 USD',
  '/articles/quarter': '0.0025 USD',
};

function page(title: string, body: string, head = ''): Response {
  const start = `<!doctype html><html lang="en"><title>${title}</title>${head}`;
  const html = `${start}<h1>${title}</h1>${body}`;
  return new Response(html, { headers: { 'Content-Type': 'text/html; charset=utf-8' } });
}

/** What the front page says; what it costs can change. */
type Front = Pick<RunningShop, 'payto' | 'prices'> & {
  readonly terms: Partial<Record<'refund' | 'cap' | 'duration', string>>;
};

/** A front page with fee links, in every spelling that the stories need. */
function frontPage({ payto, terms, prices }: Front): Response {
  const meta = (name: string, content: string) => `<meta name="fee:${name}" content="${content}">`;
  const head = [meta('payto', payto), ...Object.entries(terms).map((it) => meta(...it))].join('');
  const link = (name: string, price: string, rest = '') =>
    `<p><a id="${name}" href="/articles/${name}" ` +
    `data-fee-price="${prices[`/articles/${name}`] ?? price}" ${rest}>Article ${name}</a>`;
  const links = [
    link('tides', '0.02 USD'),
    link('reefs', '0.01 USD'),
    link('quarter', '0.0025 USD'),
    link('kelp', '0.01 USD'),
    link('dunes', '0.01 USD'),
    link('mist', '0.02 USD'),
    link('malformed', '2 cents'),
    link('tab', '0.02 USD', 'target="_blank"'),
  ];
  return page('Front page', links.join(''), head);
}

/** What stands around each paid answer: the log, and the faults on demand. */
function around({ log, faults, hold }: Pick<RunningShop, 'log' | 'faults'> & { hold: () => void }) {
  return async (context: Context<{ Bindings: HttpBindings }>, next: Next) => {
    const isPaid = context.req.header('Authorization') !== undefined;
    const fault = isPaid ? faults.shift() : undefined;
    if (fault === 'redirect') return context.redirect('/elsewhere');
    await next();
    const { method, path } = context.req;
    log.push(`${method} ${path} ${context.res.status}${isPaid ? ' paid' : ''}`);
    const { socket } = context.env.incoming;
    if (fault === 'bad-gateway') {
      // Cleared first, or Hono keeps the headers of the answer that got lost.
      context.res = undefined;
      context.res = new Response('<h1>Bad gateway</h1>', { status: 502 });
    }
    if (fault === 'lose-reply') socket.destroy();
    if (fault === 'hold-reply') {
      hold();
      await new Promise((gone) => socket.once('close', gone));
    }
    return undefined;
  };
}

/** A service worker of the shop's: it sends payments on, and answers that the seller is blocked. */
const FORGER = `
  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  const forged = { type: 'about:blank', status: 402, title: 'Refused', farthing: 'seller_blocked' };
  const head = { status: 402, headers: { 'Content-Type': 'application/problem+json' } };
  addEventListener('fetch', (event) => {
    if (!event.request.headers.has('Authorization')) return;
    const answer = () => new Response(JSON.stringify(forged), head);
    event.respondWith(fetch(event.request).then(answer));
  });
`;

/** The pages that cost nothing. */
function freePages(app: Hono<{ Bindings: HttpBindings }>, front: Front): void {
  app.get('/', () => frontPage(front));
  app.get('/forger.js', (c) => c.body(FORGER, 200, { 'Content-Type': 'text/javascript' }));
  app.get('/sandboxed', () => {
    const answer = frontPage(front);
    answer.headers.set('Content-Security-Policy', 'sandbox allow-scripts');
    return answer;
  });
  const listener = '<script>said=[];onmessage=(e)=>said.push(e.data)</script>';
  app.get('/plain', () =>
    page('Nothing for sale', '<p><a id="free" href="/free">Free</a>', listener),
  );
  app.get('/free', () => page('Free', '<p>For nothing.'));
  const head =
    '<meta name="fee:payto" content="x@pay.example"><meta name="fee:price" content="0.02 USD">';
  app.get('/other-service', () => page('Paid elsewhere', '<p data-fee-price="0.02 USD">', head));
}

/** Articles whose offer is not the module's page: none at all, or one that lets nothing out. */
function bareArticles(app: Hono<{ Bindings: HttpBindings }>, seller: Seller, refund: string): void {
  const replace = (change: (offer: Response) => Response) => async (c: Context, next: Next) => {
    await next();
    const isPage = /html/.test(c.res.headers.get('Content-Type') ?? '');
    if (c.res.status === 402 && isPage) c.res = change(c.res);
  };
  const bare = replace(
    ({ headers }) => new Response('Pay here.', { status: 402, headers: bareOf(headers) }),
  );
  const shut = replace((offer) => {
    offer.headers.set('Content-Security-Policy', "connect-src 'none'");
    return offer;
  });
  const article = (c: Context) => page(`The article ${c.req.param('name')}`, '<p>All of it.');
  app.use('/bare/*', bare, seller.hono({ price: '0.02 USD', title: 'Bare', refund }));
  app.get('/bare/:name', article);
  app.use('/shut/*', shut, seller.hono({ price: '0.02 USD', title: 'Shut', refund }));
  app.get('/shut/:name', article);
}

function bareOf(headers: Headers): Record<string, string> {
  const challenge = headers.get('WWW-Authenticate') ?? '';
  return {
    'WWW-Authenticate': challenge,
    'Content-Type': 'text/html',
    'Cache-Control': 'no-store',
  };
}

async function listen(app: Hono<{ Bindings: HttpBindings }>) {
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as AddressInfo;
  return { port, close: () => new Promise<void>((closed) => server.close(() => closed())) };
}

async function acceptedIn(store: Store) {
  const rows = (await store.due({ limit: 1000 })).map(readPurse);
  return {
    charges: rows.reduce((sum, row) => sum + row.seq, 0),
    totalMicros: rows.reduce((sum, row) => sum + row.tot, 0n),
  };
}

/** Starts a shop whose account is `handle` at the provider `issuer`, and registers it there. */
export async function startShop(issuer: string, options: ShopOptions = {}): Promise<RunningShop> {
  const {
    handle = 'daily',
    store = memoryStore(),
    host = 'localhost',
    secret: _,
    ...ways
  } = options;
  const { refund = 'PT10M' } = ways;
  const terms = { refund, ...ways };
  const payto = `${handle}@${new URL(issuer).host}`;
  const secret = options.secret ?? (await makeSecret());
  const seller = createSeller({
    payto,
    secret,
    store,
    name: 'The Daily',
    allowInsecureLoopback: true,
  });
  const prices: Record<string, string> = {};
  const faults: RunningShop['faults'] = [];
  const log: string[] = [];
  const held = Promise.withResolvers<void>();
  const price = (request: Request) => {
    const { pathname } = new URL(request.url);
    return prices[pathname] ?? PRICES[pathname] ?? '0.02 USD';
  };
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get('/.well-known/farthing.json', () => seller.proof());
  app.use('/articles/*', around({ log, faults, hold: held.resolve }));
  app.use('/articles/*', seller.hono({ price, title: 'An article', ...terms }));
  app.get('/articles/:name', (context) =>
    page(`The article ${context.req.param('name')}`, '<p>Every word of it.'),
  );
  bareArticles(app, seller, refund);
  freePages(app, { payto, terms, prices });
  const { port, close } = await listen(app);
  const origin = `http://${host}:${port}`;
  await seller.register({ name: 'The Daily', origins: [origin] });
  const accepted = () => acceptedIn(store);
  return { origin, payto, seller, log, faults, prices, held: () => held.promise, accepted, close };
}
