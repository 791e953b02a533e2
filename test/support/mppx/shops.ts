/** Two small sites on loopback: one of the scheme's own server, one that publishes its prices. */
import type { AddressInfo } from 'node:net';
import { type HttpBindings, serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { KeySet } from '../../../src/protocol/jws.ts';
import { createSeller, memoryStore, type Seller } from '../../../src/seller/index.ts';
import { importSecret } from '../../../src/seller/keys.ts';
import { discovery } from '../../../src/seller/pages/discovery.ts';
import { makeSecret, readSecrets } from '../../../src/seller/secret.ts';
import { loadPeerServer } from './peer.ts';
import { createServerMethod, type ServerMethod } from './server.ts';

type Site = Hono<{ Bindings: HttpBindings }>;

export interface Running {
  readonly origin: string;
  readonly payto: string;
  readonly seller: Seller;
  close(): Promise<void>;
}

/** A site without pages; `open` makes it known to the provider, who asks it at once. */
async function makeSite(issuer: string, handle: string) {
  const payto = `${handle}@${new URL(issuer).host}`;
  const secret = await makeSecret();
  const store = memoryStore();
  const seller = createSeller({ payto, secret, store, allowInsecureLoopback: true });
  const app: Site = new Hono();
  app.get('/.well-known/farthing.json', () => seller.proof());
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise((listening) => server.once('listening', listening));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const open = () => seller.register({ name: 'The Strangers', origins: [origin] });
  const close = () => new Promise<void>((closed) => server.close(() => closed()));
  return { app, secret, open, running: { origin, payto, seller, close } };
}

export interface PeerShop extends Running {
  readonly accepted: ServerMethod['accepted'];
  /** Paid answers that get lost on their way; counts down. */
  lost: number;
  /** Statuses of its answers. */
  readonly log: number[];
}

/** A shop of the scheme's own server, which sells `/articles/*` at 2¢ by our method. */
export async function startPeerShop(
  issuer: string,
  { handle, issuerKeys }: { handle: string; issuerKeys: KeySet },
): Promise<PeerShop> {
  const { app, secret, open, running } = await makeSite(issuer, handle);
  const { receipt: receiptKey } = await importSecret(readSecrets(secret)[0]);
  const { payto } = running;
  const now = () => Date.now();
  const { method, accepted } = createServerMethod({ payto, issuerKeys, receiptKey, now });
  const { Mppx } = await loadPeerServer();
  const secretKey = 'a secret of that server, and long enough';
  const peer = Mppx.create({ methods: [method], secretKey, realm: 'localhost' });
  const shop: PeerShop = { ...running, accepted, lost: 0, log: [] };
  app.get('/articles/:name', async (context) => {
    const { pathname, origin } = new URL(context.req.url);
    const item = { duration: 'P365D', item: pathname, origin };
    const terms = { ...item, cap: 'none', meter: 'none', refund: 'none' };
    const request = { amount: '20000', currency: 'usd-micro', recipient: payto };
    const handler = peer.charge({ ...request, methodDetails: terms });
    const verdict = await handler(context.req.raw);
    shop.log.push(verdict.status);
    if (verdict.status === 402) return verdict.challenge;
    if (shop.lost > 0) {
      shop.lost -= 1;
      context.env.incoming.socket.destroy();
    }
    return verdict.withReceipt(new Response('Every word of it.'));
  });
  await open();
  return shop;
}

/** A shop of our seller that publishes what it sells. */
export async function startPublishedShop(issuer: string, handle: string): Promise<Running> {
  const { app, open, running } = await makeSite(issuer, handle);
  const { seller, payto } = running;
  const route = { method: 'GET', price: '0.02 USD', title: 'An article' } as const;
  const found = discovery({ name: 'The Strangers', payto }, [
    { ...route, path: '/articles/{name}', examples: { name: 'tides' } },
    { ...route, path: '/reefs', price: '0.01 USD' },
  ]);
  app.get('/openapi.json', () => found.openApi());
  app.get('/llms.txt', () => found.llms());
  app.use('/articles/*', seller.hono({ price: '0.02 USD' }));
  app.get('/articles/:name', () => new Response('Every word of it.'));
  app.use('/reefs', seller.hono({ price: '0.01 USD' }));
  app.get('/reefs', () => new Response('All of them.'));
  await open();
  return running;
}
