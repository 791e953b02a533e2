// The same shop in Node, and on the edge: there the module is one script of Web APIs alone, in a
// world that has nothing else. Node's own server stands in front of both.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createContext, runInContext } from 'node:vm';

/** What workers have, and nothing of Node's. */
const WEB_GLOBALS = [
  ...['AbortSignal', 'Headers', 'ReadableStream', 'Request', 'Response', 'TextDecoder'],
  ...['TextEncoder', 'URL', 'atob', 'btoa', 'clearTimeout', 'console', 'crypto', 'setTimeout'],
];

async function openShop() {
  const [, , script] = process.argv;
  if (script === undefined) return (await import('./shop.js')).openShop();
  const globals = Object.fromEntries(WEB_GLOBALS.map((name) => [name, globalThis[name]]));
  const told = { env: { SHOP: process.env.SHOP } };
  const world = createContext({ ...globals, process: told });
  world.globalThis = world;
  return runInContext(`${readFileSync(script, 'utf8')}; shop`, world).openShop();
}

const handle = await openShop();
const server = createServer(async (incoming, outgoing) => {
  const chunks = await Array.fromAsync(incoming);
  const isRead = incoming.method === 'GET' || incoming.method === 'HEAD';
  const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method,
    headers: new Headers(Object.entries(incoming.headers)),
    body: isRead ? null : Buffer.concat(chunks),
  });
  const { status, headers, body } = await handle(request);
  outgoing.writeHead(status, [...headers].flat());
  for await (const chunk of body ?? []) outgoing.write(chunk);
  outgoing.end();
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
