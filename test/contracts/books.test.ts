/** What the provider's books in PostgreSQL have to answer for beside those in a file. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { audit } from '../../src/cli/audit.ts';
import { openContext } from '../../src/provider/context.ts';
import { inSavepoint } from '../../src/provider/database/commits.ts';
import { type Database, openDatabase, writeBooks } from '../../src/provider/database/database.ts';
import { ask, askAll, queryOf, statementOf } from '../../src/provider/database/queries.ts';
import { lastEntry, postEntry } from '../../src/provider/ledger/journal.ts';
import { startProvider } from '../../src/provider/main.ts';
import { balanceIn, makeAccount, openAccount, topUp } from '../support/account.ts';
import { newDatabase, order } from '../support/databases.ts';
import { randomId, START_MS } from '../support/payer.ts';
import { startPostgres } from '../support/postgres.ts';
import { ISSUER, temporaryFolder } from '../support/sandbox.ts';
import { freePort, type TestServer } from '../support/server.ts';
import { listenToStatements } from '../support/statements.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

async function open(place: string): Promise<Database> {
  const database = await openDatabase(place, 'write');
  onTestFinished(() => database.destroy());
  return database;
}

/** Each table with the names of its columns. */
async function columnsOf(database: Database): Promise<Record<string, string[]>> {
  const tables = await database.introspection.getTables();
  return Object.fromEntries(
    tables.map(({ name, columns }) => [name, columns.map((column) => column.name)]),
  );
}

test('both databases have the same tables, columns and indexes', async () => {
  const file = join(temporaryFolder(), 'books.sqlite');
  const [ours, theirs] = [await open(file), await open(await newDatabase(server.url))];
  const { used_proof, ...shared } = await columnsOf(theirs);
  expect(shared).toEqual(await columnsOf(ours));
  expect(used_proof).toBeDefined();
  const inFile = new DatabaseSync(file, { readOnly: true });
  onTestFinished(() => inFile.close());
  const indexes = inFile.prepare(
    `select name from sqlite_master where type = 'index' and sql is not null order by name`,
  );
  const { rows } = await sql<{ name: string }>`select indexname as name from pg_indexes
    where schemaname = 'public' and indexname not like '%\\_pkey' and indexname not like '%\\_key'
      and tablename <> 'used_proof' order by indexname collate "C"`.execute(theirs);
  expect(rows.map(({ name }) => name)).toEqual(indexes.all().map(({ name }) => name));
});

test('ten first starts at one moment make one set of books', async () => {
  const place = await newDatabase(server.url);
  await Promise.all(Array.from({ length: 10 }, () => open(place)));
});

test.for(['write', 'read'] as const)(
  'a stranger’s database, and one of a later version, are left as they are (%s)',
  async (access) => {
    const strange = await newDatabase(server.url);
    await order(strange, 'create table setting (name text); comment on table setting is null');
    await expect(openDatabase(strange, access)).rejects.toMatchObject({ code: 'database_foreign' });
    const later = await newDatabase(server.url);
    await (await openDatabase(later, 'write')).destroy();
    await order(
      later,
      `comment on table setting is 'Farthing, books of a wallet service, shape 99'`,
    );
    await expect(openDatabase(later, access)).rejects.toMatchObject({
      code: 'database_newer',
      detail: expect.stringContaining('update Farthing'),
    });
  },
);

test('a database without books, and a server that is not there, are said', async () => {
  const empty = await newDatabase(server.url);
  await expect(openDatabase(empty, 'read')).rejects.toMatchObject({ code: 'option_invalid' });
  const nobody = `postgres://farthing:secret@127.0.0.1:${await freePort()}/books`;
  const refusal = await openDatabase(nobody, 'write').catch((error) => error);
  expect(refusal).toMatchObject({ code: 'option_invalid' });
  expect(refusal.message).not.toContain('secret');
});

test('the journal refuses to be changed', async () => {
  const place = await newDatabase(server.url);
  await open(place);
  for (const table of ['posting', 'ledger_transaction'])
    for (const change of [
      `update ${table} set number = 1`,
      `delete from ${table}`,
      `truncate ${table} cascade`,
    ])
      await expect(order(place, change), change).rejects.toThrow('append-only');
});

test('connections that the server cuts cost an answer, and the same id works again', async () => {
  const database = await newDatabase(server.url);
  const log: string[] = [];
  const options = {
    database,
    port: 0,
    clock: () => START_MS,
    log: (line: string) => log.push(line),
  };
  const running = await startProvider(options);
  onTestFinished(() => running.close());
  const account = await makeAccount(running.issuer, fetch);
  await openAccount(account);
  const id = randomId();
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`;
  const replies = [];
  for (let count = 0; count < 5; count++) {
    await order(database, cut);
    replies.push(await topUp(account, 1_000_000n, id));
  }
  for (const { status, code } of replies) expect([200, 500], code).toContain(status);
  // Of the last cut, too, one of several connections may hear late.
  const again = async () => (await topUp(account, 1_000_000n, id)).status;
  await expect.poll(again).toBe(200);
  const last = await topUp(account, 1_000_000n, id);
  expect(balanceIn(last).available).toBe(1_250_000n);
  expect(await audited(database)).toBe(0);
});

test('an amount of nineteen digits is what it was', async () => {
  const database = await open(await newDatabase(server.url));
  const outside = { kind: 'outside money', owner: '', currency: 'USD' } as const;
  const available = { kind: 'reader available', owner: 'a', currency: 'USD' } as const;
  const amountMicros = 4_611_686_018_427_387_905n;
  await database.transaction().execute((books) =>
    postEntry(books, {
      id: 'topup:a:b',
      kind: 'topup',
      atSec: 1,
      postings: [
        { account: outside, amountMicros: -amountMicros },
        { account: available, amountMicros },
      ],
    }),
  );
  const { sum } = await database
    .selectFrom('posting')
    .select(({ fn }) => fn.sum<bigint>('amount_micros').as('sum'))
    .where('amount_micros', '>', 0n)
    .executeTakeFirstOrThrow();
  expect(sum).toBe(amountMicros);
  expect((await lastEntry(database)).number).toBe(1);
});

test('what is asked together goes one way, and ends where something of it fails', async () => {
  const database = await open(await newDatabase(server.url));
  const name = queryOf((books, { value }: { readonly value: string }) =>
    books.insertInto('setting').values({ name: 'name', value }),
  );
  const heard: string[] = [];
  const note = (what: string) => () => void heard.push(what);
  onTestFinished(listenToStatements({ before: note('asked'), after: note('answered') }));
  await writeBooks(database, async (books) => {
    heard.length = 0;
    const outcome = await inSavepoint(books, () =>
      askAll(books, name({ value: 'a' }), name({ value: 'b' }), name({ value: 'c' })),
    );
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: '23505' } });
    // Nobody waits for a savepoint, either.
    const together = `${'asked '.repeat(4)}${'answered '.repeat(4)}`;
    expect(heard.join(' ')).toMatch(new RegExp(`^${together}asked answered`));
    await ask(books, name({ value: 'd' }));
  });
  const rows = await database.selectFrom('setting').selectAll().execute();
  expect(rows).toEqual([{ name: 'name', value: 'd' }]);
});

test('nobody is told that it is done where the server has done nothing of it', async () => {
  const database = await open(await newDatabase(server.url));
  const fail = statementOf('savepoint act; select 1 / 0');
  const work = writeBooks(database, async (books) => {
    await ask(books, fail).catch(() => undefined);
  });
  await expect(work).rejects.toThrow();
});

/** The command's table is for people. */
async function audited(place: string): Promise<number> {
  const print = vi.spyOn(console, 'log').mockReturnValue(undefined);
  try {
    return await audit([place]);
  } finally {
    print.mockRestore();
  }
}

test('a service runs on a database under an address of its own, and is audited there', async () => {
  const database = await newDatabase(server.url);
  const options = { database, port: 0, address: ISSUER, clock: () => START_MS };
  const running = [await startProvider(options), await startProvider(options)];
  onTestFinished(async () => void (await Promise.all(running.map((it) => it.close()))));
  const doors = running.map(({ port }) => `http://127.0.0.1:${port}`);
  const [first = '', second = ''] = doors;
  const account = await makeAccount(ISSUER, (url, init) => fetch(url.replace(ISSUER, first), init));
  expect((await openAccount(account)).status).toBe(200);
  const other = await makeAccount(
    ISSUER,
    (url, init) => fetch(url.replace(ISSUER, second), init),
    account.device,
  );
  expect((await topUp(other, 1_000_000n)).status).toBe(200);
  expect(await audited(database)).toBe(0);
  await order(database, 'alter table posting disable trigger posting_delete');
  await order(
    database,
    'update purse set captured_micros = 1; update earnings set fees_micros = 0',
  );
  expect(await audited(database)).toBe(1);
  const moved = { ...options, address: 'http://other.localhost:1' };
  await expect(startProvider(moved)).rejects.toMatchObject({ code: 'option_invalid' });
});

test('a proof that was used at one process is used up at the others', async () => {
  const place = await newDatabase(server.url);
  const contexts = [];
  for (let count = 0; count < 2; count++)
    contexts.push(
      await openContext({
        database: await open(place),
        issuer: ISSUER,
        name: 'Test money',
        clock: () => START_MS,
        random: (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount)),
        readOrigin: async () => undefined,
        log: () => undefined,
      }),
    );
  const [one, two] = contexts;
  if (!one || !two) throw new TypeError('two processes');
  expect(two.proofs.nonce()).toBe(one.proofs.nonce());
  expect(two.keys.signer().kid).toBe(one.keys.signer().kid);
  const used = { kid: 'k', jti: 'j', nonce: one.proofs.nonce() };
  await one.proofs.use(used);
  await expect(two.proofs.use(used)).rejects.toMatchObject({ code: 'proof_replayed' });
  await two.proofs.use({ ...used, jti: 'i' });
});
