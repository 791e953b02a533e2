/**
 * A small newspaper that sells some of its articles: the example shop, written with the public
 * interface of the seller's module alone.
 */
import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { FarthingError } from '../protocol/errors.ts';
import { createSeller, type Seller } from '../seller/index.ts';
import { sqliteStore } from '../seller/stores/sqlite.ts';
import { ARTICLES, articleAt, WEEKEND } from './articles.ts';
import { articlePage, frontPage, missingPage, type Paper, previewPage } from './pages.ts';
import { STYLE } from './style.ts';

export interface NewspaperOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly payto: string;
  readonly secret: string | undefined;
  /** Keeps the seller's store; made where it is missing. */
  readonly dataDir: string;
  readonly name?: string | undefined;
  /** Hears of each request: `GET /articles/tides 402`. */
  readonly log?: ((line: string) => void) | undefined;
}

/** A newspaper that is being served. */
export interface Newspaper {
  /** `http://news.localhost:PORT`. */
  readonly origin: string;
  readonly seller: Seller;
  close(): Promise<void>;
}

function sellerFor(options: NewspaperOptions, paper: Paper, store: ReturnType<typeof sqliteStore>) {
  return createSeller({
    payto: options.payto,
    secret: options.secret,
    store,
    name: paper.name,
    otherWays: [{ label: 'Read a free article', href: '/' }],
    allowInsecureLoopback: true,
  });
}

/** The app: which addresses there are, and which of them cost something. */
function createApp(paper: Paper, fee: Seller, log: (line: string) => void): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    log(`${c.req.method} ${c.req.path} ${c.res.status}`);
  });
  app.get('/', (c) => c.html(frontPage(paper, ARTICLES)));
  app.get('/.well-known/farthing.json', () => fee.proof());
  app.get('/fee.css', () => fee.stylesheet());
  app.get('/style.css', (c) => c.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8' }));

  // Price and page are found by one function: a router reads `/%74ides` as `/tides`, and what one
  // of them takes for another article would be open to all.
  const articleFor = (request: Request) => articleAt(new URL(request.url).pathname);
  app.use(
    '/articles/*',
    fee.hono({
      price: (request) => articleFor(request)?.price ?? 'free',
      title: (request) => articleFor(request)?.title ?? '',
      description: (request) => articleFor(request)?.standfirst ?? '',
    }),
  );
  app.get('/articles/:name', (c) => {
    const article = articleFor(c.req.raw);
    return article ? c.html(articlePage(paper, article)) : c.notFound();
  });

  const weekend = { price: WEEKEND.price, title: WEEKEND.title };
  const preview = async (request: Request) => {
    const page = await previewPage(paper, WEEKEND, await fee.head(request, weekend));
    return new Response(`${page}`, { headers: { 'Content-Type': 'text/html; charset=utf-8' } });
  };
  app.use(WEEKEND.path, fee.hono({ ...weekend, preview }));
  app.get(WEEKEND.path, (c) => c.html(articlePage(paper, WEEKEND)));

  app.notFound((c) => c.html(missingPage(paper), 404));
  return app;
}

function listen(app: Hono, hostname: string, port: number): Promise<Server> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, hostname, () => resolve(server));
  });
}

const hasCode = (error: unknown, ...codes: string[]) =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}

/** Browsers resolve `*.localhost` to either loopback address; a machine may lack the second. */
async function listenOnLoopback(app: Hono, port: number): Promise<readonly Server[]> {
  const servers: Server[] = [];
  try {
    servers.push(await listen(app, '127.0.0.1', port));
    servers.push(await listen(app, '::1', portOf(servers)));
  } catch (error) {
    if (servers.length > 0 && hasCode(error, 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'))
      return servers;
    await Promise.all(servers.map(closeServer));
    if (hasCode(error, 'EADDRINUSE', 'EACCES'))
      throw new FarthingError('port_taken', `${port}: choose another, or 0 for any free one`);
    throw error;
  }
  return servers;
}

function portOf([server]: readonly Server[]): number {
  const address = server?.address();
  if (typeof address !== 'object' || address === null)
    throw new Error('the server is not listening');
  return address.port;
}

/**
 * Serves the newspaper on this machine.
 * @throws FarthingError `port_taken`; `secret_missing`, `payto_malformed`, `database_foreign` and
 *   other codes of the seller's module
 */
export async function startNewspaper(options: NewspaperOptions): Promise<Newspaper> {
  const { name = 'The Daily Courier', dataDir, log = () => {} } = options;
  await mkdir(dataDir, { recursive: true });
  const store = sqliteStore(join(dataDir, 'seller.db'));
  try {
    const paper = { name, payto: options.payto };
    const seller = sellerFor(options, paper, store);
    const servers = await listenOnLoopback(createApp(paper, seller, log), options.port);
    const close = async () => {
      await Promise.all(servers.map(closeServer));
      store.close();
    };
    return { origin: `http://news.localhost:${portOf(servers)}`, seller, close };
  } catch (error) {
    store.close();
    throw error;
  }
}
