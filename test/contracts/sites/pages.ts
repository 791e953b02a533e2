/** The pages of adapters that speak `Request` and `Response`, in whatever run-time this is. */
import { Hono, type MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { Seller } from '../../../src/seller/index.ts';
import { ARTICLE, FILM, priceOf, rangeIn, SONG, type Stage } from './site.ts';

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
          controller.enqueue(new TextEncoder().encode('one'));
          await gate.promise;
          controller.enqueue(new TextEncoder().encode('two'));
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

/** The handler of all pages. */
export const answerFor =
  (stage: Stage) =>
  (request: Request): Response | Promise<Response> => {
    stage.handled += 1;
    const page = PAGES[new URL(request.url).pathname];
    return page ? page(request, stage) : new Response('not here', { status: 404 });
  };

/** The shop's own layer around a paid route. */
export const withCors =
  ({ cors }: Stage, answer: (request: Request) => Promise<Response>) =>
  async (request: Request) => {
    const answered = await answer(request);
    for (const [name, value] of Object.entries(cors)) answered.headers.set(name, value);
    return answered;
  };

/** As a handler from Request to Response. */
export const fetchPages = (seller: Seller, stage: Stage) =>
  withCors(stage, seller.fetch(priceOf(stage), answerFor(stage)));

/** Hono's own layer, where the shop says anything. */
function corsLayer({ cors: said }: Stage): MiddlewareHandler[] {
  const origin = said['Access-Control-Allow-Origin'];
  const exposeHeaders = said['Access-Control-Expose-Headers']?.split(',');
  const credentials = said['Access-Control-Allow-Credentials'] === 'true';
  const options = { credentials, ...(exposeHeaders && { exposeHeaders }) };
  return origin === undefined ? [] : [cors({ origin, ...options })];
}

/** As Hono has it. */
export function honoPages(seller: Seller, stage: Stage): Hono {
  const app = new Hono();
  app.onError((error, context) => context.text(error.message, 500));
  app.use(async (context, next) => {
    for (const [name, value] of Object.entries(stage.outer)) context.header(name, value);
    await next();
  });
  for (const layer of corsLayer(stage)) app.use(layer);
  app.use('/articles/*', seller.hono(priceOf(stage)));
  const answer = answerFor(stage);
  for (const path of Object.keys(PAGES)) app.all(path, (context) => answer(context.req.raw));
  return app;
}
