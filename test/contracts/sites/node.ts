/** The site for frameworks whose handlers write to Node's response: Express, Fastify. */
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express from 'express';
import Fastify from 'fastify';
import { ARTICLE, FILM, type OpenSite, priceOf, rangeIn, SONG, type Stage } from './site.ts';

/** Says one word, and the other when the gate opens. */
function slowStream({ gate, cancelled }: Stage): Readable {
  const source = new Readable({ read: () => {} });
  source.push('one');
  gate.promise.then(() => {
    if (source.destroyed) return;
    source.push('two');
    source.push(null);
  });
  source.once('close', () => {
    if (!source.readableEnded) cancelled.resolve();
  });
  return source;
}

/** More than is sold. */
const BODY_LIMIT = 5_000_000;

function filmStream(): Readable {
  return Readable.from(
    (function* () {
      for (let count = 0; count < FILM.chunkCount; count++) yield FILM.chunk;
    })(),
  );
}

export const openExpressSite: OpenSite = async (seller, stage) => {
  const app = express();
  app.set('env', 'test');
  app.use((_, response, next) => {
    response.set({ ...stage.outer, ...stage.cors });
    next();
  });
  app.use('/articles', seller.express(priceOf(stage)), (_, __, next) => {
    stage.handled += 1;
    next();
  });
  app.get('/articles/42', (_, response) => {
    response.set(ARTICLE.headers).send(ARTICLE.body);
  });
  app.get('/articles/broken', async () => {
    throw new Error('the database is away');
  });
  app.get('/articles/down', (_, response) => {
    response.status(503).set(ARTICLE.headers).send('down');
  });
  app.get('/articles/song', (request, response) => {
    const [first, last] = rangeIn(request.get('Range')) ?? [];
    if (first === undefined || last === undefined) return response.end(SONG);
    const headers = { 'Content-Range': `bytes ${first}-${last}/${SONG.length}` };
    return response.writeHead(206, headers).end(SONG.subarray(first, last + 1));
  });
  app.get('/articles/slow', (_, response) => {
    pipeline(slowStream(stage), response).catch(() => {});
  });
  app.get('/articles/film', (_, response) => {
    filmStream().pipe(response);
  });
  app.post('/articles/search', express.text({ limit: BODY_LIMIT }), (request, response) => {
    response.send(`found ${request.body}`);
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return { origin: `http://127.0.0.1:${port}`, close };
};

export const openFastifySite: OpenSite = async (seller, stage) => {
  const app = Fastify({ forceCloseConnections: true });
  app.addHook('onRequest', async (_, reply) => {
    reply.headers({ ...stage.outer, ...stage.cors });
  });
  const paid = seller.fastify(priceOf(stage));
  app.addHook('preHandler', async () => {
    stage.handled += 1;
  });
  app.get('/articles/42', paid, async (request, reply) => {
    reply.headers(ARTICLE.headers);
    if (request.headers['if-none-match'] !== ARTICLE.etag) return ARTICLE.body;
    return reply.code(304).send();
  });
  app.get('/articles/broken', paid, async () => {
    throw new Error('the database is away');
  });
  app.get('/articles/missing', paid, async (_, reply) => reply.callNotFound());
  app.get('/articles/down', paid, async (_, reply) =>
    reply.code(503).headers(ARTICLE.headers).send('down'),
  );
  app.get('/articles/song', paid, async (request, reply) => {
    const [first, last] = rangeIn(request.headers.range) ?? [];
    if (first === undefined || last === undefined) return Buffer.from(SONG);
    reply.code(206).header('Content-Range', `bytes ${first}-${last}/${SONG.length}`);
    return Buffer.from(SONG.subarray(first, last + 1));
  });
  app.get('/articles/slow', paid, async (_, reply) => reply.send(slowStream(stage)));
  app.get('/articles/film', paid, async (_, reply) => reply.send(filmStream()));
  app.options('/articles/42', paid, async (_, reply) => reply.code(204).send());
  const search = { ...paid, bodyLimit: BODY_LIMIT };
  app.post('/articles/search', search, async ({ body }) => `found ${body}`);
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  return { origin, close: () => app.close() };
};
