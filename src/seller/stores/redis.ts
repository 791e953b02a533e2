/**
 * A store in Redis, for all servers that serve one payto. The client is handed in; what is kept has
 * no expiry. Redis answers before it has written unless it is told otherwise, so this store is only
 * as durable as its server: `appendonly yes`, `appendfsync always`, `maxmemory-policy noeviction`,
 * and never a replica to read from.
 */
import { encodeBase64url, utf8 } from '../../protocol/base64url.ts';
import type { Row, Store } from '../store.ts';

/** The braces keep both keys on one node of a cluster. */
const PREFIX_DEFAULT = '{farthing}:';
const MARK_BYTES = 9;
/** Eight of twelve characters: more than others write to one row while a client reconnects. */
const MARKS_LENGTH = 8 * 12 + 7;

/**
 * Writes a row, `REV DUE MARKS TEXT`, if its revision follows, and keeps the index of what is due.
 * A client that lost its connection may send a script again: the write's own mark says that it was
 * written, also where others have written on top of it.
 */
const PUT = `
local stored = redis.call('HGET', KEYS[1], ARGV[1]) or '0 0 none '
local rev, marks = string.match(stored, '^(%d+) %d (%S+) ')
if not rev then return 0 end
if string.find(marks, ARGV[4], 1, true) then return 1 end
if tonumber(rev) ~= tonumber(ARGV[2]) - 1 then return 0 end
marks = string.sub(ARGV[4] .. ',' .. marks, 1, ${MARKS_LENGTH})
redis.call('HSET', KEYS[1], ARGV[1], table.concat({ ARGV[2], ARGV[3], marks, ARGV[5] }, ' '))
if ARGV[3] == '1' then redis.call('ZADD', KEYS[2], 0, ARGV[1])
else redis.call('ZREM', KEYS[2], ARGV[1]) end
return 1`;
/** In one step, so that no page is short because a row was handed in meanwhile. */
const DUE = `
local keys = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[1], '+', 'LIMIT', 0, ARGV[2])
local found = {}
for index, key in ipairs(keys) do
  found[2 * index - 1] = key
  found[2 * index] = redis.call('HGET', KEYS[1], key)
end
return found`;

/** `createClient()` of the package `redis`, connected. */
export interface NodeRedisClient {
  sendCommand(args: string[]): Promise<unknown>;
}

/** `new Redis()` or `new Cluster()` of the package `ioredis`. */
export interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>;
}

type Send = (command: string, ...args: string[]) => Promise<unknown>;

/** `call` is asked for first: the `sendCommand` of ioredis takes something else. */
function sendBy(client: NodeRedisClient | IoRedisClient): Send {
  return 'call' in client
    ? (command, ...args) => client.call(command, ...args)
    : (command, ...args) => client.sendCommand([command, ...args]);
}

/** Sends a script by its name, and whole where the server does not know it (yet, or any more). */
function scriptOf(send: Send, keys: readonly string[], source: string) {
  let name: Promise<string> | undefined;
  return async (...args: string[]): Promise<unknown> => {
    name ??= sha1(source);
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await send('EVALSHA', await name, ...rest);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return send('EVAL', source, ...rest);
    }
  };
}

async function sha1(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-1', utf8(text)));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function readRow(key: string, stored: string): Row {
  const [, rev, due, text] = /^(\d+) ([01]) \S+ (.*)$/s.exec(stored) ?? [];
  // Not a refusal of whoever pays: to a wallet this is a shop that is down.
  if (text === undefined) throw new Error('a row of another version: use another prefix');
  return { key, rev: Number(rev), isDue: due === '1', text };
}

function newMark(): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(MARK_BYTES)));
}

/**
 * A store in Redis 7 or later (or what speaks its protocol and runs its scripts). All rows are one
 * hash, `PREFIXrows`; `PREFIXdue` is the index of what is to be handed in. Neither expires.
 * @param client connected, of the package `redis` or `ioredis`; it stays its owner's to close
 * @param options.prefix of both keys; on a cluster with a `{tag}`
 * @example
 * const redis = await createClient({ url: process.env.REDIS_URL }).connect();
 * createSeller({ payto, secret, store: redisStore(redis) })
 */
export function redisStore(
  client: NodeRedisClient | IoRedisClient,
  { prefix = PREFIX_DEFAULT }: { readonly prefix?: string | undefined } = {},
): Store {
  const send = sendBy(client);
  const keys = [`${prefix}rows`, `${prefix}due`] as const;
  const [rows] = keys;
  const runPut = scriptOf(send, keys, PUT);
  const runDue = scriptOf(send, keys, DUE);
  return {
    get: async (key) => {
      const stored = await send('HGET', rows, key);
      return stored === null ? undefined : readRow(key, String(stored));
    },
    put: async ({ key, rev, isDue, text }) => {
      const reply = await runPut(key, `${rev}`, isDue ? '1' : '0', newMark(), text);
      return Number(reply) === 1;
    },
    due: async ({ limit, after = '' }) => {
      const reply = await runDue(after === '' ? '-' : `(${after}`, `${limit}`);
      const found = Array.isArray(reply) ? reply.map(String) : [];
      return Array.from({ length: found.length / 2 }, (_, index) =>
        readRow(found[2 * index] ?? '', found[2 * index + 1] ?? ''),
      );
    },
  };
}
