/**
 * A provider in a process of its own, without limits of rate; it says what it holds in memory. Its
 * parent tells it what sellers' origins say.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import type { Micros } from '../../src/protocol/money.ts';
import { createApp } from '../../src/provider/app.ts';
import { openContext } from '../../src/provider/context.ts';
import { openDatabase } from '../../src/provider/database/database.ts';

/** What a service says of itself, in bytes. */
export interface Held {
  readonly heapUsed: number;
  readonly rss: number;
}

const NO_LIMIT = 1_000_000_000;
const NO_LIMIT_MICROS = (10n ** 15n) as Micros;

const folder = mkdtempSync(join(tmpdir(), 'farthing-memory-'));
const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
const proofs = new Map<string, unknown>();
const context = await openContext({
  database: await openDatabase(join(folder, 'books.sqlite'), 'write'),
  issuer,
  name: 'Memory',
  clock: Date.now,
  random: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
  readOrigin: async (origin) => proofs.get(origin),
  log: console.error,
  rules: {
    asideLimitMicros: NO_LIMIT_MICROS,
    starterDayMicros: NO_LIMIT_MICROS,
    keyMinuteCount: NO_LIMIT,
    addressMinuteCount: NO_LIMIT,
  },
});
server.on(
  'request',
  getRequestListener(createApp(context).fetch, { overrideGlobalObjects: false }),
);

process.on('message', (message: 'held' | { origin: string; proof: unknown }) => {
  if (message !== 'held') {
    proofs.set(message.origin, message.proof);
    return;
  }
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({ heapUsed, rss } satisfies Held);
});
process.once('disconnect', () => {
  rmSync(folder, { recursive: true });
  process.exit();
});
process.send?.(issuer);
