/** Handlers that write to Node's response in every way there is: none of it leaves too early. */

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import express, { type RequestHandler } from 'express';
import { afterEach, expect, it } from 'vitest';
import { readProblem } from '../../../src/protocol/problem.ts';
import { getPurse } from '../../../src/seller/charges/purses.ts';
import { openScene, type Scene } from '../../contracts/scene.ts';
import { type OpenSite, priceOf } from '../../contracts/sites/site.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A paid route of Express with this handler behind it. */
async function openWith(handler: RequestHandler) {
  const open: OpenSite = async (seller, stage) => {
    const app = express();
    app.set('env', 'test');
    app.get('/articles/*name', seller.express(priceOf(stage)), handler);
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const close = async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    };
    return { origin: `http://127.0.0.1:${port}`, close };
  };
  const scene = await openScene(open);
  closing.push(scene.site.close);
  return scene;
}

async function codeOf(answer: Response) {
  return readProblem(await answer.json())?.code;
}

it('headers of writeHead, in each of its forms, are those of the answer', async () => {
  const forms: unknown[][] = [
    [201, { 'X-One': '1', 'Set-Cookie': ['a=1', 'b=2'] }],
    [201, 'Made', { 'x-one': 1, 'set-cookie': ['a=1', 'b=2'] }],
    [201, ['X-One', '1', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']],
    [
      201,
      undefined,
      [
        ['X-One', '1'],
        ['Set-Cookie', ['a=1', 'b=2']],
      ],
    ],
  ];
  const scene = await openWith((_, response) => {
    response.setHeader('X-One', 'earlier');
    const head = forms.shift() ?? [];
    Reflect.apply(response.writeHead, response, head);
    response.end('made');
  });
  for (const reason of ['Created', 'Made', 'Created', 'Created']) {
    const answer = await scene.buy('/articles/42');
    expect([answer.status, answer.statusText]).toEqual([201, reason]);
    expect(answer.headers.get('X-One')).toBe('1');
    expect(answer.headers.getSetCookie().slice(0, 2)).toEqual(['a=1', 'b=2']);
    expect(answer.headers.has('Payment-Receipt')).toBe(true);
    expect(await answer.text()).toBe('made');
  }
});

it('a handler sees a head that has left, and what it writes keeps its order', async () => {
  const seen: unknown[] = [];
  const scene = await openWith((_, response) => {
    response.flushHeaders();
    seen.push(response.headersSent, response.writableEnded);
    seen.push(response.write('one ', () => seen.push('written')));
    response.write(Buffer.from('dHdvIA==', 'base64'));
    response.end('dGhyZWU=', 'base64', () => seen.push('ended'));
    seen.push(response.writableEnded);
  });
  const answer = await scene.buy('/articles/42');
  expect(await answer.text()).toBe('one two three');
  await expect.poll(() => seen).toEqual([true, false, false, true, 'written', 'ended']);
});

it('a handler that waits for the drain goes on', async () => {
  const scene = await openWith(async (_, response) => {
    for (let count = 0; count < 3; count++)
      if (!response.write(`${count}`)) await once(response, 'drain');
    response.end();
  });
  expect(await (await scene.buy('/articles/42')).text()).toBe('012');
});

it('a page that failed and goes on writing is not heard, and harms nobody', async () => {
  const gone = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<void>();
  const scene = await openWith((_, response) => {
    response.statusCode = 500;
    response.write('half a', () => heard.resolve());
    const timer = setInterval(() => response.write('page'), 1);
    response.once('close', () => {
      clearInterval(timer);
      response.end('too late', () => gone.resolve());
    });
  });
  expect(await codeOf(await scene.buy('/articles/42'))).toBe('not_delivered');
  await Promise.all([gone.promise, heard.promise]);
  expect((await scene.visit('/articles/42')).status).toBe(402);
});

it('a stream that is piped without more is left alone when nobody wants it', async () => {
  let sent = 0;
  const released = Promise.withResolvers<void>();
  const scene = await openWith((_, response) => {
    const source = Readable.from(
      (function* () {
        for (;;) yield `${sent++}`;
      })(),
    );
    response.once('unpipe', () => released.resolve());
    source.pipe(response);
  });
  const answer = await scene.buy('/articles/42', { Prefer: 'return=minimal' });
  expect(answer.status).toBe(204);
  await released.promise;
  expect(sent).toBeLessThan(100);
});

it('a handler whose source fails before the first byte: not delivered', async () => {
  const heard = Promise.withResolvers<unknown>();
  const source = () => createReadStream('/there/is/no/such/file');
  const scene = await openWith((_, response) => pipeline(source(), response, heard.resolve));
  expect(await codeOf(await scene.buy('/articles/42'))).toBe('not_delivered');
  expect(await heard.promise).toMatchObject({ code: 'ENOENT' });
  expect(scene.errors).toMatchObject([{ code: 'ENOENT' }]);
  expect(await getPurse(scene.store, scene.purse.id)).toMatchObject({ seq: 0, tot: 0n });
});

it('a handler that destroys its answer: not delivered', async () => {
  const scene = await openWith((_, response) => void response.destroy());
  expect(await codeOf(await scene.buy('/articles/42'))).toBe('not_delivered');
  expect(scene.errors).toEqual([new Error('the page broke off')]);
});

it('a handler that writes what cannot be written throws, as ever: not delivered', async () => {
  const scene = await openWith((_, response) => {
    response.write({ title: 'no text' });
  });
  expect(await codeOf(await scene.buy('/articles/42'))).toBe('not_delivered');
});

it('a status that no answer has: not delivered', async () => {
  const scene = await openWith((_, response) => {
    response.statusCode = 700;
    response.end('what?');
  });
  expect(await codeOf(await scene.buy('/articles/42'))).toBe('not_delivered');
  expect(scene.errors).toHaveLength(1);
});

it('a reader who hangs up before the page is made gets it with the same charge', async () => {
  const arrived = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  let count = 0;
  const scene = await openWith(async (_, response) => {
    if (count++ > 0) return void response.end('the article');
    arrived.resolve();
    await once(response, 'close');
    response.end('to nobody');
    left.resolve();
  });
  const { header } = await scene.chargeFor('/articles/42');
  const caller = new AbortController();
  const headers = { Authorization: header };
  const url = `${scene.site.origin}/articles/42`;
  const first = fetch(url, { headers, signal: caller.signal }).catch(() => 'gone');
  await arrived.promise;
  caller.abort();
  expect(await first).toBe('gone');
  await left.promise;
  const again = await scene.visit('/articles/42', headers);
  expect(await again.text()).toBe('the article');
  expect((await getPurse(scene.store, scene.purse.id))?.tot).toBe(20_000n);
});

it('a store that fails at taking back: 500 without a code, and the shop hears', async () => {
  const scene = await openWith((_, response) => {
    const { store } = scene;
    const broken = Object.assign(store, { put: () => Promise.reject(new Error('no connection')) });
    response.status(broken === store ? 500 : 200).send('half a page');
  });
  const answer = await scene.buy('/articles/42');
  expect([answer.status, await answer.text()]).toEqual([500, '']);
  expect(answer.headers.get('Cache-Control')).toBe('no-store');
  expect(scene.errors).toEqual([new Error('no connection')]);
});

/** Sends these lines as they are; answers the status line and what follows. */
async function sendRaw({ site }: Scene, ...lines: string[]): Promise<string> {
  const { port } = new URL(site.origin);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`);
  return text(socket);
}

it.each([
  '/articles/a/../42',
  '/articles/./42',
  '/articles/a/%2E%2e/42',
  '/articles/42/..',
  '/articles/42/..?page=2',
  '/articles/a\\42',
])('the path %s, which two readers would read in two ways, is refused', async (path) => {
  const scene = await openWith((_, response) => void response.end('the article'));
  const answer = await sendRaw(scene, `GET ${path} HTTP/1.1`, 'Host: 127.0.0.1');
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
});

it('a host that is none is refused; an address in full is its path', async () => {
  const scene = await openWith((_, response) => void response.end('the article'));
  const noHost = await sendRaw(scene, 'GET /articles/42 HTTP/1.1', 'Host: a b');
  expect(noHost).toMatch(/^HTTP\/1\.1 400 /);
  const full = await sendRaw(
    scene,
    'GET http://elsewhere.example/articles/42 HTTP/1.1',
    'Host: 127.0.0.1',
  );
  expect(full).toMatch(/^HTTP\/1\.1 402 .*realm="127\.0\.0\.1"/s);
});

it.each(['/articles/a..b/.well', '/articles/42?back=/a/../b\\c'])(
  'dots that belong to a name, or to what is asked, are part of it: %s',
  async (path) => {
    const scene = await openWith((_, response) => void response.end('the article'));
    const answer = await scene.buy(path);
    expect(await answer.text()).toBe('the article');
  },
);
