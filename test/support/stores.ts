/** The stores that processes can share, each by an address that can be handed to a process. */
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { createClient } from 'redis';
import type { Store } from '../../src/seller/index.ts';
import { postgresStore } from '../../src/seller/stores/postgres.ts';
import { redisStore } from '../../src/seller/stores/redis.ts';
import { sqliteStore } from '../../src/seller/stores/sqlite.ts';

export interface StoreAddress {
  readonly client: 'node:sqlite' | 'redis' | 'ioredis' | 'pg';
  /** A server's address, or a file. */
  readonly url: string;
  /** What one test has to itself on a server: a prefix, a schema. */
  readonly space: string;
}

export interface OpenStore {
  readonly store: Store;
  close(): Promise<void>;
}

async function openRedis({ url, space }: StoreAddress): Promise<OpenStore> {
  const client = await createClient({ url }).connect();
  return { store: redisStore(client, { prefix: space }), close: async () => client.destroy() };
}

function openIoRedis({ url, space }: StoreAddress): OpenStore {
  const client = new Redis(url);
  return { store: redisStore(client, { prefix: space }), close: async () => client.disconnect() };
}

/** A pool whose tables are in a schema of their own. */
export async function openPool({ url, space }: StoreAddress): Promise<Pool> {
  const pool = new Pool({ connectionString: url, options: `-c search_path=${space}` });
  // Two processes may make it at one moment, which IF NOT EXISTS does not help with.
  await pool.query(`DO $$ BEGIN CREATE SCHEMA IF NOT EXISTS ${space};
    EXCEPTION WHEN unique_violation THEN NULL; END $$`);
  return pool;
}

async function openPostgres(address: StoreAddress): Promise<OpenStore> {
  const pool = await openPool(address);
  return { store: postgresStore(pool), close: () => pool.end() };
}

export async function openStore(address: StoreAddress): Promise<OpenStore> {
  if (address.client === 'redis') return openRedis(address);
  if (address.client === 'ioredis') return openIoRedis(address);
  if (address.client === 'pg') return openPostgres(address);
  const store = sqliteStore(address.url);
  return { store, close: async () => store.close() };
}
