/** Two shops in processes of their own, one store: together they serve exactly what is paid. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Micros } from '../../src/protocol/money.ts';
import { readProblem } from '../../src/protocol/problem.ts';
import { getPurse } from '../../src/seller/charges/purses.ts';
import { makeSecret } from '../../src/seller/secret.ts';
import {
  makeProvider,
  makePurse,
  pageChallenge,
  payChallenge,
  settlePurse,
  type TestCharge,
  type TestProvider,
  termsFor,
} from '../support/payer.ts';
import { startPostgres } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';
import { newFolder, type TestServer } from '../support/server.ts';
import type { ShopOrder } from '../support/store-shop.ts';
import { openStore, type StoreAddress } from '../support/stores.ts';

const PAYTO = 'daily@pay.example';
const ORIGIN = 'https://news.example';
const ITEM = '/articles/42';
/** At 0.02 each, and 0.50 set aside. */
const ROUNDS = 25;
const LIMIT = 500_000n as Micros;
const RIVALS = 4;

let folder: string;
let redis: TestServer;
let postgres: TestServer;
const children: ChildProcess[] = [];

beforeAll(async () => {
  [folder, redis, postgres] = await Promise.all([
    newFolder('shops'),
    startRedis(),
    startPostgres(),
  ]);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await Promise.all([redis.stop(), postgres.stop(), rm(folder, { recursive: true, force: true })]);
});

async function startShop(order: ShopOrder): Promise<string> {
  const script = new URL('../support/store-shop.ts', import.meta.url);
  const child = fork(script, [JSON.stringify(order)]);
  children.push(child);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the shop ended with ${code} before it served`);
  });
  const [port] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {});
  return `http://127.0.0.1:${port}`;
}

async function startShops(provider: TestProvider, address: StoreAddress): Promise<string[]> {
  const keys = { keys: provider.keys.map(({ jwk, kid }) => ({ ...jwk, kid })) };
  const order = { address, payto: PAYTO, secret: await makeSecret(), origin: ORIGIN, keys };
  return Promise.all([startShop(order), startShop(order)]);
}

async function pay(shop: string, charge: TestCharge): Promise<string> {
  const headers = { Authorization: charge.header };
  const answer = await fetch(`${shop}${ITEM}`, { headers });
  if (answer.status !== 402) return `${answer.status} ${await answer.text()}`;
  return readProblem(await answer.json())?.code ?? 'no code';
}

async function servedBy(shops: readonly string[]): Promise<number> {
  const counts = await Promise.all(shops.map(async (it) => (await fetch(`${it}/served`)).json()));
  return counts.reduce((sum, count) => sum + count, 0);
}

const ADDRESSES: Record<string, () => StoreAddress> = {
  sqlite: () => ({ client: 'node:sqlite', url: join(folder, 'shops.db'), space: '' }),
  redis: () => ({ client: 'redis', url: redis.url, space: 'shops:' }),
  postgres: () => ({ client: 'pg', url: postgres.url, space: 'shops' }),
};

it.each(Object.entries(ADDRESSES))(
  '%s: of four charges for one place in a purse, at two shops, one is served',
  async (_, addressOf) => {
    const address = addressOf();
    const provider = await makeProvider(PAYTO);
    const shops = await startShops(provider, address);
    const purse = await makePurse(provider, PAYTO, { lim: LIMIT });
    const challenge = () => pageChallenge(ORIGIN, termsFor({ payto: PAYTO, item: ITEM }));
    const round = async () => {
      const rivals = await Promise.all(
        Array.from({ length: RIVALS }, async () => payChallenge(purse, await challenge())),
      );
      const answers = await Promise.all(
        rivals.map((charge, index) => pay(shops[index % 2] ?? '', charge)),
      );
      return { rivals, answers };
    };
    for (let count = 1; count <= ROUNDS; count++) {
      const { rivals, answers } = await round();
      const lost = Array.from({ length: RIVALS - 1 }, () => 'out_of_sync');
      expect(answers.toSorted()).toEqual(['200 the article', ...lost]);
      const winner = rivals[answers.indexOf('200 the article')];
      if (winner) settlePurse(purse, winner);
    }
    expect((await round()).answers).toEqual(Array.from({ length: RIVALS }, () => 'over_limit'));
    expect(await servedBy(shops)).toBe(ROUNDS);
    const { store, close } = await openStore(address);
    expect(await getPurse(store, purse.id)).toMatchObject({ seq: ROUNDS, tot: LIMIT });
    await close();
  },
  30_000,
);
