/**
 * The database goes away in the middle of the work, or is full, and comes back: what was answered
 * is there, and nobody has to start anything anew.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import { startProvider } from '../../src/provider/main.ts';
import {
  balanceIn,
  makeAccount,
  openAccount,
  type Reply,
  type TestAccount,
  topUp,
} from '../support/account.ts';
import { order } from '../support/databases.ts';
import { randomId } from '../support/payer.ts';
import { serverUser, startPostgres } from '../support/postgres.ts';
import { useSandbox } from '../support/sandbox.ts';

const run = promisify(execFile);

const WRITE_COUNT = 8;

test('PostgreSQL ends amid writes, and is back: none is lost, none is done twice', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const provider = await startProvider({ database: server.url, port: 0 });
  onTestFinished(() => provider.close());
  const reader = await makeAccount(provider.issuer, fetch);
  await openAccount(reader);
  const ids = Array.from({ length: WRITE_COUNT }, () => randomId());
  const put = (id: string) => topUp(reader, 1_000_000n, id);
  // The end comes when the first of them is answered, and the others are under way.
  const first = put(ids[0] ?? '');
  const others = ids.slice(1).map(put);
  expect((await first).status).toBe(200);
  await server.restart();
  for (const reply of await Promise.all(others)) expect([200, 500]).toContain(reply.status);
  for (const id of ids) expect((await put(id)).status).toBe(200);
  const { available, starter } = balanceIn(await reader.call('GET', '/v1/account'));
  expect(available - starter).toBe(BigInt(WRITE_COUNT) * 1_000_000n);
  expect((await auditDatabase(server.url)).findings).toEqual([]);
}, 60_000);

/** Stands before a server; once it is told to it loses the next answer to a commit. */
async function useLine(server: string) {
  const { hostname, port } = new URL(server);
  let isLost = false;
  const sockets = new Set<Socket>();
  const line = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far])
      sockets.add(socket.on('error', () => undefined).on('close', () => far.destroy()));
    near.pipe(far);
    far.on('data', (bytes) => {
      if (!isLost || !bytes.includes('COMMIT\0')) return near.write(bytes);
      isLost = false;
      return near.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(line, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    line.close();
  });
  const url = new URL(server);
  url.port = `${(line.address() as AddressInfo).port}`;
  const lose = () => {
    isLost = true;
  };
  return { url: url.href, lose };
}

test('a commit whose answer is lost is done, and nobody is told that it is not', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const line = await useLine(server.url);
  const provider = await startProvider({ database: line.url, port: 0 });
  onTestFinished(() => provider.close());
  const ids = Array.from({ length: WRITE_COUNT }, () => randomId());
  const readers = await Promise.all(ids.map(() => makeAccount(provider.issuer, fetch)));
  const openAll = () =>
    Promise.all(readers.map((reader, index) => openAccount(reader, ids[index])));
  await Promise.all(readers.map((reader) => reader.call('GET', '/v1/account')));
  line.lose();
  const lost = (await openAll()).filter(({ status }) => status !== 200);
  expect(lost.length).toBeGreaterThan(0);
  for (const { code, text } of lost) {
    expect(code).toBe('internal');
    expect(text).not.toContain('nothing was done');
  }
  const starters = async () => {
    const found = await Promise.all(readers.map((reader) => reader.call('GET', '/v1/account')));
    return found.map((reply) => balanceIn(reply).starter);
  };
  expect(await starters()).toEqual(readers.map(() => 250_000n));
  for (const { status } of await openAll()) expect(status).toBe(200);
  expect(await starters()).toEqual(readers.map(() => 250_000n));
  expect((await auditDatabase(server.url)).findings).toEqual([]);
}, 60_000);

interface Room {
  /** From now on nothing grows. */
  end(): Promise<void>;
  comeBack(): Promise<void>;
}

/** Writes until there is no room, and once more when there is; answers how many were done. */
async function fillUp(reader: TestAccount, room: Room): Promise<void> {
  await room.end();
  const ids = Array.from({ length: 10 }, () => randomId());
  const replies: Reply[] = [];
  for (const id of ids) {
    const reply = await topUp(reader, 1_000_000n, id);
    replies.push(reply);
    if (reply.status !== 200) break;
  }
  const done = replies.filter(({ status }) => status === 200).length;
  expect(replies.at(-1)?.code).toBe('internal');
  const before = balanceIn(await reader.call('GET', '/v1/account'));
  expect(before.available).toBe(250_000n + BigInt(done) * 1_000_000n);
  await room.comeBack();
  const after = balanceIn(await topUp(reader, 1_000_000n, ids[done]));
  expect(after.available).toBe(250_000n + BigInt(done + 1) * 1_000_000n);
}

test('a full disk changes nothing; the same id works when there is room', async () => {
  const sandbox = await useSandbox();
  const { database } = sandbox.context;
  const setPages = async (count: number) => {
    await sql`pragma max_page_count = ${sql.lit(count)}`.execute(database);
  };
  // It is never less than there are.
  const room = { end: () => setPages(1), comeBack: () => setPages(1_000_000) };
  await fillUp(await sandbox.reader(), room);
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});

/** The files of the server's own log are that long, so that those of tables alone grow beyond. */
const FILE_BYTES = 1_048_576;

/** What is asked of the whole server. */
async function ask(server: string, question: string): Promise<string[]> {
  const client = new Client({ connectionString: server });
  await client.connect();
  const { rows } = await client.query<{ it: string }>(question);
  await client.end();
  return rows.map(({ it }) => it);
}

/** The server takes a file that may not grow for a full disk. */
async function limitFiles(server: string, bytes: string): Promise<void> {
  const [main = ''] = await ask(server, `select pg_read_file('postmaster.pid') as it`);
  const others = await ask(server, 'select pid::text as it from pg_stat_activity');
  const user = await serverUser();
  for (const pid of [Number.parseInt(main, 10), ...others])
    await run('prlimit', ['--pid', `${pid}`, `--fsize=${bytes}:`], { ...user }).catch((error) => {
      // The connection that asked is gone.
      if (!String(error).includes('No such process')) throw error;
    });
}

/** So much is kept that the file of answers is as long as it may be. */
const FILL = `insert into answered_write (account, id, digest, status, body, at_sec)
  select account.id, 'fill' || number, '', 200, repeat('x', 900), 0
    from generate_series(1, 1200) as number,
    lateral (select id from account limit 1) as account`;

test('PostgreSQL on a full disk changes nothing either', async () => {
  const server = await startPostgres(['autovacuum=off'], ['--wal-segsize=1']);
  onTestFinished(() => server.stop());
  const provider = await startProvider({ database: server.url, port: 0 });
  onTestFinished(() => provider.close());
  const reader = await makeAccount(provider.issuer, fetch);
  await openAccount(reader);
  await order(server.url, FILL);
  await fillUp(reader, {
    end: () => limitFiles(server.url, `${FILE_BYTES}`),
    comeBack: () => limitFiles(server.url, 'unlimited'),
  });
  await order(server.url, "delete from answered_write where id like 'fill%'");
  expect((await auditDatabase(server.url)).findings).toEqual([]);
}, 60_000);
