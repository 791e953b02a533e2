/** What only the store in Redis has to answer for, on a real server. */
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type IoRedisClient, redisStore } from '../../src/seller/stores/redis.ts';
import { startRedis } from '../support/redis.ts';
import type { TestServer } from '../support/server.ts';
import { rowAt } from './store.ts';

let server: TestServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
});
const { key } = rowAt(1);

it('a server that has forgotten the script is told it again', async () => {
  const store = redisStore(redis);
  expect(await store.put(rowAt(1))).toBe(true);
  await redis.script('FLUSH', 'SYNC');
  expect(await store.put(rowAt(2))).toBe(true);
  expect(await store.due({ limit: 10 })).toEqual([rowAt(2)]);
});

it('a client that sends a write twice, since the connection broke, has written once', async () => {
  const twice: IoRedisClient = {
    call: async (command, ...args) => {
      await redis.call(command, ...args);
      return redis.call(command, ...args);
    },
  };
  expect(await redisStore(twice).put(rowAt(1))).toBe(true);
  expect(await redisStore(redis).get(key)).toEqual(rowAt(1));
  expect(await redisStore(redis).put(rowAt(1))).toBe(false);
});

it('a write that is sent again after others have written on it was written', async () => {
  const others = redisStore(redis);
  const again: IoRedisClient = {
    call: async (command, ...args) => {
      await redis.call(command, ...args);
      for (let rev = 2; rev <= 8; rev++) await others.put(rowAt(rev));
      return redis.call(command, ...args);
    },
  };
  expect(await redisStore(again).put(rowAt(1))).toBe(true);
  expect(await others.get(key)).toEqual(rowAt(8));
});

it('however often a row is written, it grows no longer', async () => {
  const store = redisStore(redis);
  const lengthAt = async (rev: number) => {
    expect(await store.put(rowAt(rev))).toBe(true);
    return redis.hstrlen('{farthing}:rows', key);
  };
  const lengths: number[] = [];
  for (let rev = 1; rev <= 30; rev++) lengths.push(await lengthAt(rev));
  expect(lengths.at(-1)).toBeLessThan(150);
  expect(new Set(lengths.slice(9)).size).toBe(1);
});

it('rows have no expiry, and each prefix is a store of its own', async () => {
  await redisStore(redis).put(rowAt(1));
  await redisStore(redis, { prefix: 'shop:' }).put(rowAt(1, { text: 'seven' }));
  const keys = await redis.keys('*');
  expect(keys.sort()).toEqual(['shop:due', 'shop:rows', '{farthing}:due', '{farthing}:rows']);
  for (const name of keys) expect(await redis.ttl(name)).toBe(-1);
  expect(await redisStore(redis).get(key)).toEqual(rowAt(1));
});

it('the package redis and ioredis read each other’s rows', async () => {
  const client = await createClient({ url: server.url }).connect();
  expect(await redisStore(client).put(rowAt(1))).toBe(true);
  expect(await redisStore(redis).put(rowAt(2))).toBe(true);
  expect(await redisStore(client).get(key)).toEqual(rowAt(2));
  client.destroy();
});

it('a row of another version: an error that names the way out, and it stays', async () => {
  const row = JSON.stringify({ ...rowAt(1), tot: '1', capturedTot: '0', version: 2, mark: 'x' });
  await redis.hset('{farthing}:rows', key, row);
  const store = redisStore(redis);
  await expect(store.get(key)).rejects.toThrow(/another version: use another prefix/);
  expect(await store.put(rowAt(1))).toBe(false);
  expect(await redis.hget('{farthing}:rows', key)).toBe(row);
});

it('a server that does not answer: the write throws, since nobody knows', async () => {
  const lost = new Error('Connection is closed.');
  const store = redisStore({ call: () => Promise.reject(lost) });
  await expect(store.put(rowAt(1))).rejects.toBe(lost);
  await expect(store.get(key)).rejects.toBe(lost);
});
