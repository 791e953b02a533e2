// A shop as a stranger writes it, of the published module, in whatever run-time this is: Deno and
// Bun serve it themselves. What it sells is told in SHOP; its port is the one line that it prints.
import { createSeller, memoryStore } from 'farthing/seller';
import { serve } from './serve.js';

const { payto, secret, keys, nowMs } = JSON.parse(globalThis.process.env.SHOP);

/** Answers requests: what `shops.test.ts` knows of. */
export function openShop() {
  const heard = [];
  const fee = createSeller({
    payto,
    secret,
    store: memoryStore(),
    now: () => nowMs,
    fetch: async () => Response.json(keys),
    onError: (error) => heard.push(`${error}`),
    onUndo: ({ reference }) => heard.push(reference),
  });
  const article = fee.fetch({ price: '0.02 USD', title: 'An article' }, ({ url }) => {
    if (url.endsWith('/broken')) throw new Error('the database is away');
    return new Response('the article');
  });
  const search = fee.fetch(
    { price: '0.001 USD', duration: 'PT0S', refund: 'none' },
    async (request) => new Response(`found ${await request.text()}`),
  );
  const capped = fee.fetch({ price: '0.02 USD', cap: '0.03 USD/P1D' }, () => new Response('match'));
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/.well-known/farthing.json') return fee.proof();
    if (pathname === '/heard') return Response.json(heard);
    if (pathname === '/search') return search(request);
    return pathname.startsWith('/capped/') ? capped(request) : article(request);
  };
}

serve(openShop());
