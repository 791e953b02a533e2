/** The contract of stores on each of them, on the real servers, and on one that breaks it. */
import { fork } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStore, type Row, type Store } from '../../src/seller/index.ts';
import { startPostgres } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';
import { newFolder, type TestServer } from '../support/server.ts';
import { openStore, type StoreAddress } from '../support/stores.ts';
import { rowAt, STORE_FACTS, type StorePair } from './store.ts';

let folder: string;
let redis: TestServer;
let postgres: TestServer;
beforeAll(async () => {
  [folder, redis, postgres] = await Promise.all([
    newFolder('stores'),
    startRedis(),
    startPostgres(),
  ]);
});
afterAll(async () => {
  await Promise.all([redis.stop(), postgres.stop(), rm(folder, { recursive: true, force: true })]);
});

let spaceCount = 0;
function newSpace(): string {
  spaceCount += 1;
  return `space_${spaceCount}`;
}

/** Where a test finds rows that are nobody else's, by either of two clients. */
const SHARED: Record<string, () => readonly [StoreAddress, StoreAddress]> = {
  sqlite: () => {
    const space = newSpace();
    const address = { client: 'node:sqlite', url: join(folder, `${space}.db`), space } as const;
    return [address, address];
  },
  redis: () => {
    const address = { url: redis.url, space: newSpace() };
    return [
      { ...address, client: 'redis' },
      { ...address, client: 'ioredis' },
    ];
  },
  postgres: () => {
    const address = { client: 'pg', url: postgres.url, space: newSpace() } as const;
    return [address, address];
  },
};

/** Two replicas that hear of each other's writes a little later: what must not be used. */
function eventualPair(): StorePair {
  const replicas = [memoryStore(), memoryStore()] as const;
  const late: (() => Promise<unknown>)[] = [];
  const copyTo = (replica: Store, row: Row) => async () => {
    const behind = await replica.get(row.key);
    await replica.put({ ...row, rev: (behind?.rev ?? 0) + 1 });
  };
  const way = (own: Store, other: Store): Store => ({
    get: (key) => own.get(key),
    put: async (row) => {
      const isWritten = await own.put(row);
      if (late.length > 2) await late.shift()?.();
      if (isWritten) late.push(copyTo(other, row));
      return isWritten;
    },
    due: (page) => own.due(page),
  });
  return { first: way(...replicas), second: way(replicas[1], replicas[0]) };
}

type OpenPair = StorePair & { close(): Promise<void> };

async function openPair(addresses: readonly [StoreAddress, StoreAddress]): Promise<OpenPair> {
  const first = await openStore(addresses[0]);
  const second = await openStore(addresses[1]);
  const close = async () => {
    await Promise.all([first.close(), second.close()]);
  };
  return { first: first.store, second: second.store, close };
}

const STORES: Record<string, () => Promise<OpenPair>> = {
  memory: async () => {
    const store = memoryStore();
    return { first: store, second: store, close: async () => {} };
  },
};
for (const [name, addresses] of Object.entries(SHARED)) STORES[name] = () => openPair(addresses());

describe.each(Object.entries(STORES))('the %s store', (_, open) => {
  it.each(STORE_FACTS)('$fact', async ({ check }) => {
    const pair = await open();
    try {
      await check(pair);
    } finally {
      await pair.close();
    }
  });
});

it('an eventually consistent store fails the suite', async () => {
  const outcomes = await Promise.allSettled(STORE_FACTS.map(({ check }) => check(eventualPair())));
  const failed = STORE_FACTS.filter((_, index) => outcomes[index]?.status === 'rejected');
  expect(failed.map(({ fact }) => fact)).toEqual(
    expect.arrayContaining([
      'what one way in wrote, the other sees at once',
      'of two writers with one revision exactly one wins',
    ]),
  );
});

/** Runs `store-writer.ts` in a process of its own; answers how many of its writes were taken. */
function runWriter(address: StoreAddress, writes: number): Promise<number> {
  const script = new URL('../support/store-writer.ts', import.meta.url);
  return new Promise((resolve, reject) => {
    const child = fork(script, [JSON.stringify(address), String(writes)]);
    child.once('message', (written) => resolve(Number(written)));
    child.once('exit', (code) => code !== 0 && reject(new Error(`the writer ended with ${code}`)));
  });
}

it.each(Object.entries(SHARED))(
  '%s: three processes at one purse, and no write is lost or taken twice',
  async (_, addresses) => {
    const [one, other] = addresses();
    const writers = [one, other, one].map((address) => runWriter(address, 100));
    expect(await Promise.all(writers)).toEqual([100, 100, 100]);
    const { store, close } = await openStore(one);
    expect((await store.get(rowAt(1).key))?.rev).toBe(300);
    await close();
  },
);
