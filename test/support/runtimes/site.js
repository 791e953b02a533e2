// The site of the contract of adapters, of the published module: as fetch and as Hono have it, one
// at a time. Behind the scenes, at `/stage`, a test opens the next one and turns what it may turn.
import { createSeller, memoryStore } from 'farthing/seller';
import { fetchPages, honoPages } from './pages.ts';
import { serve } from './serve.js';
import { makeStage } from './site.ts';

const { payto, secret, keys, nowMs } = JSON.parse(globalThis.process.env.SHOP);

function openSite({ adapter, ...fact }) {
  const stage = makeStage(fact);
  const store = memoryStore();
  const seller = createSeller({
    payto,
    secret,
    store,
    now: () => nowMs,
    fetch: async () => Response.json(keys),
    onError: () => {},
  });
  const handle = adapter === 'hono' ? honoPages(seller, stage).fetch : fetchPages(seller, stage);
  return { stage, store, handle };
}

let site = openSite({ adapter: 'fetch' });

async function direct({ open, price, gate, cancelled, purse }) {
  if (open) site = openSite(open);
  const { stage, store } = site;
  if (price) stage.price = price;
  if (gate) stage.gate.resolve();
  if (cancelled) await stage.cancelled.promise;
  return Response.json({ handled: stage.handled, row: purse && (await store.get(purse)) });
}

serve(async (request) =>
  request.url.endsWith('/stage') ? direct(await request.json()) : site.handle(request),
);
