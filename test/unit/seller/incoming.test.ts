/**
 * Bodies of Node's requests, in every way they come: what the price was named for, the handler
 * gets, and what somebody else has read is not sold.
 */
import { once } from 'node:events';
import { connect as connect2 } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import Fastify, { type FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { parseChallenges } from '../../../src/protocol/challenge.ts';
import { readProblem } from '../../../src/protocol/problem.ts';
import { challengeIn, payChallenge, type TestPurse } from '../../support/payer.ts';
import { cookieOf, openShop, type Shop } from './shop.ts';

const ROUTE = { duration: 'PT0S', refund: 'none', price: '0.001 USD' } as const;
const JSON_TYPE = { 'Content-Type': 'application/json' };

/** A shop whose answer says what its handler found, behind `before` and in front of `after`. */
async function openExpress(before: readonly RequestHandler[], after: readonly RequestHandler[]) {
  const shop = await openShop();
  const app: Express = express();
  app.set('env', 'test');
  for (const layer of before) app.use(layer);
  app.post('/search', shop.seller.express(ROUTE), ...after, (request, response) => {
    response.json({ found: request.body });
  });
  const failures: unknown[] = [];
  const hear: ErrorRequestHandler = (error, _, __, next) => {
    failures.push(error);
    next(error);
  };
  app.use(hear);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { shop, server, failures, port, origin: `http://127.0.0.1:${port}` };
}

const post = (origin: string, body: BodyInit, headers: Record<string, string> = JSON_TYPE) =>
  fetch(`${origin}/search`, { method: 'POST', body, headers });

async function payFor(purse: TestPurse, answer: Response): Promise<{ Authorization: string }> {
  const challenge = challengeIn(answer);
  const { digest } = challenge;
  const { header } = await payChallenge(purse, challenge, { opening: { digest } });
  return { Authorization: header };
}

/** Asks, pays, and asks again. */
async function buy({ shop, origin }: { shop: Shop; origin: string }, body: BodyInit, more = {}) {
  const headers = { ...JSON_TYPE, ...more };
  const paid = await payFor(await shop.purse(), await post(origin, body, headers));
  return post(origin, body, { ...headers, ...paid });
}

async function refusalOf(answer: Response) {
  return readProblem(await answer.json());
}

test('what parses bodies comes after the price, and finds them as they were sent', async () => {
  const site = await openExpress([], [express.json()]);
  const answer = await buy(site, '{"q":"tides"}');
  expect(await answer.json()).toEqual({ found: { q: 'tides' } });
});

const listening: RequestHandler = (request, _, next) => {
  request.on('data', () => {});
  next();
};
const decoding: RequestHandler = (request, _, next) => {
  request.setEncoding('utf8');
  next();
};
test.for<[string, RequestHandler]>([
  ['a parser', express.json()],
  ['somebody who listens', listening],
  ['somebody who decodes', decoding],
])('%s in front of the price is named, with the way to mend it', async ([, layer]) => {
  const { origin, failures } = await openExpress([layer], []);
  const refusal = await refusalOf(await post(origin, '{"q":"tides"}'));
  expect(refusal?.code).toBe('method_not_bound');
  expect(refusal?.detail).toMatch(/before its price/);
  expect(failures).toEqual([]);
});

const keeping = express.json({
  verify: (request, _, bytes) => Object.assign(request, { rawBody: bytes }),
});

test('a body that was read and kept as it came is sold by what was kept', async () => {
  const site = await openExpress([keeping], []);
  expect(await (await buy(site, '{"q":"tides"}')).json()).toEqual({ found: { q: 'tides' } });
});

test('one that was kept unpacked is not what came: it is not sold', async () => {
  const { origin } = await openExpress([keeping], []);
  const headers = { ...JSON_TYPE, 'Content-Encoding': 'gzip' };
  const refusal = await refusalOf(await post(origin, gzipSync('{"q":"tides"}'), headers));
  expect(refusal?.code).toBe('method_not_bound');
});

test('a packed body is unpacked by its parser after it was paid as it came', async () => {
  const site = await openExpress([], [express.json()]);
  const answer = await buy(site, gzipSync('{"q":"tides"}'), { 'Content-Encoding': 'gzip' });
  expect(await answer.json()).toEqual({ found: { q: 'tides' } });
});

test.for([
  ['with its length', 'Content-Length: 13', ['{"q":', '"tides"}']],
  ['in chunks', 'Transfer-Encoding: chunked', ['5\r\n{"q":\r\n', '8\r\n"tides"}\r\n', '0\r\n\r\n']],
] as const)('a body that comes slowly, %s, is waited for', async ([, framing, parts]) => {
  const site = await openExpress([], [express.json()]);
  const paid = await payFor(await site.shop.purse(), await post(site.origin, '{"q":"tides"}'));
  const socket = connect(site.port, '127.0.0.1').setNoDelay();
  const head = ['POST /search HTTP/1.1', `Host: 127.0.0.1:${site.port}`, 'Connection: close'];
  const fields = [
    'Content-Type: application/json',
    framing,
    `Authorization: ${paid.Authorization}`,
  ];
  socket.write(`${[...head, ...fields].join('\r\n')}\r\n\r\n`);
  for (const part of parts) {
    // Each part is in the server's hands before the next one leaves.
    await new Promise((sent) => socket.write(part, sent));
    await new Promise((turn) => setImmediate(turn));
  }
  expect(await text(socket)).toMatch(/^HTTP\/1.1 200 .*\{"found":\{"q":"tides"\}\}/s);
});

test('a request that breaks off in its body is nobody’s error', async () => {
  const { port, origin, server, failures } = await openExpress([], [express.json()]);
  const asked = once(server, 'request');
  const socket = connect(port, '127.0.0.1');
  socket.write('POST /search HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{"q"');
  const [request] = await asked;
  const closed = new Promise((close) => request.once('close', close));
  socket.destroy();
  await closed;
  expect((await post(origin, '{"q":"tides"}')).status).toBe(402);
  expect(failures).toEqual([]);
});

test('after a body that is too large its connection answers what comes next', async () => {
  const { port } = await openExpress([], [express.json()]);
  const socket = connect(port, '127.0.0.1');
  const asked = (length: number) =>
    `POST /search HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${length}\r\n`;
  socket.write(`${asked(3_000_000)}\r\n${'x'.repeat(3_000_000)}`);
  socket.write(`${asked(13)}Connection: close\r\n\r\n{"q":"tides"}`);
  const statuses = (await text(socket)).matchAll(/^HTTP\/1.1 (\d+)/gm);
  expect([...statuses].map(([, status]) => status)).toEqual(['413', '402']);
});

async function openFastify(options: object = {}) {
  const shop = await openShop();
  const app = Fastify(options) as unknown as FastifyInstance;
  const paid = shop.seller.fastify(ROUTE) as object;
  app.post('/search', paid, async ({ body }) => ({ found: body }));
  onTestFinished(() => app.close());
  return { shop, app };
}

test('Fastify’s parsers find a body as it was sent', async () => {
  const { shop, app } = await openFastify();
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  const answer = await buy({ shop, origin }, '{"q":"tides"}');
  expect(await answer.json()).toEqual({ found: { q: 'tides' } });
});

test('a body that is injected, with no network, is sold', async () => {
  const { shop, app } = await openFastify();
  const ask = (headers = {}) =>
    app.inject({ method: 'POST', url: '/search', payload: { q: 'tides' }, headers });
  const [challenge] = parseChallenges(String((await ask()).headers['www-authenticate']));
  if (!challenge) throw new Error('no challenge');
  const opening = { digest: challenge.digest };
  const { header } = await payChallenge(await shop.purse(), challenge, { opening });
  expect((await ask({ authorization: header })).json()).toEqual({ found: { q: 'tides' } });
});

test.for(['/x#id=2', '/x?#&id=2', '/x?utm_source=feed#&id=2'])(
  'behind what was bought, %s opens nothing else',
  async (target) => {
    const shop = await openShop();
    const app = Fastify() as unknown as FastifyInstance;
    const paid = shop.seller.fastify({ price: '0.02 USD' }) as object;
    app.get('/x', paid, async ({ query }) => `page ${JSON.stringify(query)}`);
    const origin = await app.listen({ port: 0, host: '127.0.0.1' });
    onTestFinished(() => app.close());
    const charge = await payChallenge(await shop.purse(), challengeIn(await fetch(`${origin}/x`)));
    const bought = await fetch(`${origin}/x`, { headers: { Authorization: charge.header } });
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    const fields = [`Host: ${new URL(origin).host}`, `Cookie: ${cookieOf(bought)}`];
    socket.write([`GET ${target} HTTP/1.1`, ...fields, 'Connection: close', '', ''].join('\r\n'));
    expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /);
  },
);

test.for([
  ['its length', { 'content-length': 13 }],
  ['no length', {}],
] as const)('a body with %s is sold over HTTP/2', async ([, length]) => {
  const { shop, app } = await openFastify({ http2: true });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  const session = connect2(origin);
  onTestFinished(() => session.destroy());
  const ask = async (headers: Record<string, string> = {}) => {
    const fixed = { ':method': 'POST', ':path': '/search', 'content-type': 'application/json' };
    const stream = session.request({ ...fixed, ...length, ...headers });
    stream.write('{"q":');
    stream.end('"tides"}');
    const [head] = await once(stream, 'response');
    return { challenge: head['www-authenticate'] as string, body: await text(stream) };
  };
  const [challenge] = parseChallenges((await ask()).challenge);
  if (!challenge) throw new Error('no challenge');
  const opening = { digest: challenge.digest };
  const { header } = await payChallenge(await shop.purse(), challenge, { opening });
  expect((await ask({ authorization: header })).body).toBe('{"found":{"q":"tides"}}');
});
