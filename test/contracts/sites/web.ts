/** The site for adapters that speak `Request` and `Response`: plain fetch, Hono, Next. */
import type { AddressInfo } from 'node:net';
import { type Http2Bindings, type HttpBindings, serve } from '@hono/node-server';
import { answerFor, fetchPages, honoPages, withCors } from './pages.ts';
import { type OpenSite, priceOf, type Site } from './site.ts';

type Serve = (
  request: Request,
  bindings: HttpBindings | Http2Bindings,
) => Response | Promise<Response>;

async function listen(answer: Serve): Promise<Site> {
  const server = serve({ fetch: answer, port: 0, hostname: '127.0.0.1' });
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((closed) => server.close(() => closed()));
  return { origin: `http://127.0.0.1:${port}`, close };
}

export const openFetchSite: OpenSite = (seller, stage) => listen(fetchPages(seller, stage));

export const openHonoSite: OpenSite = (seller, stage) => listen(honoPages(seller, stage).fetch);

/** As Next calls what `route.ts` exports. */
export const openNextSite: OpenSite = (seller, stage) => {
  const answer = answerFor(stage);
  const GET = seller.next(
    priceOf(stage),
    async (request: Request, { params }: { params: Promise<{ name: string }> }) => {
      const { name } = await params;
      if (!request.url.includes(`/articles/${name}`)) throw new Error('another page’s params');
      return answer(request);
    },
  );
  return listen(
    withCors(stage, (request) => {
      const name = new URL(request.url).pathname.split('/').at(-1) ?? '';
      return GET(request, { params: Promise.resolve({ name }) });
    }),
  );
};
