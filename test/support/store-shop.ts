/**
 * A shop in a process of its own, whose store other processes share. It counts what it hands out;
 * `GET /served` says how much that was.
 */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createSeller } from '../../src/seller/index.ts';
import { START_MS } from './payer.ts';
import { openStore, type StoreAddress } from './stores.ts';

export interface ShopOrder {
  readonly address: StoreAddress;
  readonly payto: string;
  readonly secret: string;
  readonly origin: string;
  /** What the provider's key server answers. */
  readonly keys: unknown;
}

const order = JSON.parse(process.argv[2] ?? '') as ShopOrder;
const { store } = await openStore(order.address);
const { payto, secret, origin } = order;
const seller = createSeller({
  payto,
  secret,
  origin,
  store,
  now: () => START_MS,
  fetch: async () => Response.json(order.keys),
});
let served = 0;
const app = new Hono();
app.get('/served', (context) => context.json(served));
app.use('/articles/*', seller.hono({ price: '0.02 USD' }));
app.get('/articles/:name', (context) => {
  served += 1;
  return context.text('the article');
});
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () =>
  process.send?.((server.address() as AddressInfo).port),
);
process.once('disconnect', () => process.exit());
