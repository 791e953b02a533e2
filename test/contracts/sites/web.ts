/** The site for adapters that speak `Request` and `Response`: plain fetch, Hono, Next. */
import type { AddressInfo } from 'node:net';
import { type Http2Bindings, type HttpBindings, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import {
  ARTICLE,
  CORS,
  FILM,
  type OpenSite,
  priceOf,
  rangeIn,
  type Site,
  SONG,
  type Stage,
} from './site.ts';

type Answer = (request: Request, stage: Stage) => Response | Promise<Response>;

const PAGES: Record<string, Answer> = {
  '/articles/42': ({ headers }) =>
    headers.get('If-None-Match') === ARTICLE.etag
      ? new Response(null, { status: 304, headers: ARTICLE.headers })
      : new Response(ARTICLE.body, { headers: ARTICLE.headers }),
  '/articles/search': async (request) => new Response(`found ${await request.text()}`),
  '/articles/broken': () => {
    throw new Error('the database is away');
  },
  '/articles/down': () => new Response('down', { status: 503, headers: ARTICLE.headers }),
  '/articles/song': ({ headers }) => {
    const [first, last] = rangeIn(headers.get('Range')) ?? [];
    if (first === undefined || last === undefined) return new Response(SONG);
    return new Response(SONG.slice(first, last + 1), {
      status: 206,
      headers: { 'Content-Range': `bytes ${first}-${last}/${SONG.length}` },
    });
  },
  '/articles/slow': (_, { gate, cancelled }) =>
    new Response(
      new ReadableStream({
        start: async (controller) => {
          controller.enqueue(Buffer.from('one'));
          await gate.promise;
          controller.enqueue(Buffer.from('two'));
          controller.close();
        },
        cancel: () => cancelled.resolve(),
      }),
    ),
  '/articles/film': () => {
    let count = 0;
    const pull = (controller: ReadableStreamDefaultController) => {
      if (count++ < FILM.chunkCount) controller.enqueue(FILM.chunk);
      else controller.close();
    };
    return new Response(new ReadableStream({ pull }));
  },
};

const answerFor =
  (stage: Stage) =>
  (request: Request): Response | Promise<Response> => {
    stage.handled += 1;
    const page = PAGES[new URL(request.url).pathname];
    return page ? page(request, stage) : new Response('not here', { status: 404 });
  };

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

/** The shop's own layer around a paid route. */
const withCors =
  (answer: (request: Request) => Promise<Response>): Serve =>
  async (request) => {
    const answered = await answer(request);
    for (const [name, value] of Object.entries(CORS)) answered.headers.set(name, value);
    return answered;
  };

export const openFetchSite: OpenSite = (seller, stage) =>
  listen(withCors(seller.fetch(priceOf(stage), answerFor(stage))));

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
    withCors((request) => {
      const name = new URL(request.url).pathname.split('/').at(-1) ?? '';
      return GET(request, { params: Promise.resolve({ name }) });
    }),
  );
};

export const openHonoSite: OpenSite = (seller, stage) => {
  const app = new Hono();
  app.onError((error, context) => context.text(error.message, 500));
  const exposeHeaders = CORS['Access-Control-Expose-Headers'].split(',');
  app.use(cors({ origin: '*', exposeHeaders }));
  app.use('/articles/*', seller.hono(priceOf(stage)));
  const answer = answerFor(stage);
  for (const path of Object.keys(PAGES)) app.all(path, (context) => answer(context.req.raw));
  return listen(app.fetch);
};
