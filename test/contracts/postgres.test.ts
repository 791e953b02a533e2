/** What only the store in PostgreSQL has to answer for, on a real server. */
import { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type PostgresClient, postgresStore } from '../../src/seller/stores/postgres.ts';
import { startPostgres } from '../support/postgres.ts';
import type { TestServer } from '../support/server.ts';
import { openPool } from '../support/stores.ts';
import { rowAt } from './store.ts';

let server: TestServer;
const pools: Pool[] = [];
let spaceCount = 0;
beforeAll(async () => {
  server = await startPostgres();
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
});
afterAll(async () => {
  await server.stop();
});

async function newPool(): Promise<Pool> {
  spaceCount += 1;
  const space = `space_${spaceCount}`;
  const pool = await openPool({ client: 'pg', url: server.url, space });
  pools.push(pool);
  return pool;
}

const ISOLATIONS = ['read committed', 'repeatable read', 'serializable'];

async function newPoolOf(isolation: string): Promise<Pool> {
  const { options } = (await newPool()).options;
  const isolated = `${options} -c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`;
  const pool = new Pool({ connectionString: server.url, options: isolated });
  pools.push(pool);
  return pool;
}

const { key } = rowAt(1);
const COMMENT = 'Farthing, rows of a seller, version';

it.each(ISOLATIONS)(
  'twenty servers that start at one moment, transactions %s, make one table',
  async (isolation) => {
    const pool = await newPoolOf(isolation);
    const stores = Array.from({ length: 20 }, () => postgresStore(pool));
    const written = await Promise.all(stores.map((store) => store.put(rowAt(1))));
    expect(written.filter(Boolean)).toHaveLength(1);
    const read = `SELECT obj_description('farthing_row'::regclass) AS comment`;
    expect((await pool.query(read)).rows).toEqual([{ comment: `${COMMENT} 2` }]);
  },
);

it('a table of a later version is refused and left as it is', async () => {
  const pool = await newPool();
  await postgresStore(pool).put(rowAt(1));
  await pool.query(`COMMENT ON TABLE farthing_row IS '${COMMENT} 3'`);
  const store = postgresStore(pool);
  for (const call of [store.get(key), store.put(rowAt(2)), store.due({ limit: 1 })])
    await expect(call).rejects.toMatchObject({ cause: { code: 'database_newer' } });
  expect((await pool.query('SELECT rev FROM farthing_row')).rows).toEqual([{ rev: '1' }]);
});

it('somebody else’s table of that name is refused and left as it is', async () => {
  const pool = await newPool();
  await pool.query('CREATE TABLE farthing_row (note text)');
  const get = postgresStore(pool).get(key);
  await expect(get).rejects.toMatchObject({ cause: { code: 'database_foreign' } });
  expect((await pool.query('SELECT * FROM farthing_row')).fields).toHaveLength(1);
});

it('a database that was down at the first use is asked again', async () => {
  const pool = await newPool();
  let isUp = false;
  const client: PostgresClient = {
    query: async (text, values) => {
      if (!isUp) throw new Error('connect ECONNREFUSED');
      return pool.query(text, values);
    },
  };
  const store = postgresStore(client);
  await expect(store.put(rowAt(1))).rejects.toThrow('ECONNREFUSED');
  isUp = true;
  expect(await store.put(rowAt(1))).toBe(true);
});

it.each(ISOLATIONS)(
  'a pool whose transactions are %s: of twenty writers one wins',
  async (isolation) => {
    const store = postgresStore(await newPoolOf(isolation));
    await store.put(rowAt(1));
    const writers = Array.from({ length: 20 }, () => store.put(rowAt(2)));
    expect((await Promise.all(writers)).filter(Boolean)).toHaveLength(1);
  },
);

it.each(ISOLATIONS)(
  'a pool whose transactions are %s: who has no rival in its row is never told of one',
  async (isolation) => {
    const store = postgresStore(await newPoolOf(isolation));
    const writeAll = async (name: string) => {
      for (let rev = 1; rev <= 20; rev++) {
        expect(await store.get(name)).toEqual(rev > 1 ? rowAt(rev - 1, { key: name }) : undefined);
        expect(await store.put(rowAt(rev, { key: name }))).toBe(true);
        await store.due({ limit: 10 });
      }
    };
    await Promise.all(Array.from({ length: 10 }, (_, index) => writeAll(`purse ${index}`)));
  },
);

it('a server that rolls everything back is not asked for ever', async () => {
  const pool = await newPool();
  await postgresStore(pool).put(rowAt(1));
  let count = 0;
  const store = postgresStore({
    query: async (text, values) => {
      if (!text.startsWith('UPDATE')) return pool.query(text, values);
      count += 1;
      throw Object.assign(new Error('could not serialize access'), { code: '40001' });
    },
  });
  await expect(store.put(rowAt(2))).rejects.toThrow('could not serialize access');
  expect(count).toBe(100);
});

it('a client that was told to read whole numbers as bigint is read as well', async () => {
  const pool = await newPool();
  const store = postgresStore({
    query: async (text, values) => {
      const { rows } = await pool.query(text, values);
      const whole = (value: unknown) =>
        typeof value === 'string' && /^\d+$/.test(value) ? BigInt(value) : value;
      const read = (row: Record<string, unknown>) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, whole(value)]));
      return { rows: rows.map(read) };
    },
  });
  await store.put(rowAt(1));
  expect(await store.get(key)).toEqual(rowAt(1));
});
