/** A page in a process of its own, for nothing and at a price; it says what it has used. */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { createSeller, memoryStore } from '../../src/seller/index.ts';
import { START_MS } from '../support/payer.ts';

export interface ServerOrder {
  readonly payto: string;
  readonly secret: string;
  readonly origin: string;
  /** What the provider's key server answers. */
  readonly keys: unknown;
}

const { keys, ...options } = JSON.parse(process.argv[2] ?? '') as ServerOrder;
const seller = createSeller({
  ...options,
  store: memoryStore(),
  now: () => START_MS,
  fetch: async () => Response.json(keys),
});
const page = () => new Response('the article');
const paid = seller.fetch({ price: '0.02 USD', title: 'How tides work' }, page);

/** Microseconds of CPU that this process has used. */
function usedUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function answer(request: Request): Response | Promise<Response> {
  switch (new URL(request.url).pathname) {
    case '/used':
      return Response.json(usedUs());
    case '/free':
      return page();
    default:
      return paid(request);
  }
}

const server = serve({ fetch: answer, port: 0, hostname: '127.0.0.1' }, () =>
  process.send?.((server.address() as AddressInfo).port),
);
process.once('disconnect', () => process.exit());
