import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../../../src/provider/database/database.ts';
import { MIGRATIONS } from '../../../../src/provider/database/migrations.ts';
import { tamper } from '../../../support/books.ts';
import { temporaryFolder, useSandbox } from '../../../support/sandbox.ts';

function foreignDatabase(file: string): void {
  const raw = new DatabaseSync(file);
  raw.exec('create table notes (text); insert into notes values (1)');
  raw.close();
}

test('a new database is durable at every commit and nobody else’s to read', async () => {
  const { file, context } = await useSandbox();
  const { rows } = await sql<{ synchronous: bigint }>`pragma synchronous`.execute(context.database);
  expect(rows[0]?.synchronous).toBe(2n);
  for (const name of [file, `${file}-wal`, `${file}-shm`])
    expect(statSync(name).mode & 0o777).toBe(0o600);
});

test.for(['write', 'read'] as const)(
  'a stranger’s database is left as it is (%s)',
  async (access) => {
    const file = join(temporaryFolder(), 'notes.sqlite');
    foreignDatabase(file);
    const before = readFileSync(file);
    await expect(openDatabase(file, access)).rejects.toMatchObject({ code: 'database_foreign' });
    expect(readFileSync(file)).toEqual(before);
    expect(existsSync(`${file}-wal`)).toBe(false);
  },
);

test.for(['write', 'read'] as const)(
  'a file that is no database is left as it is (%s)',
  async (access) => {
    const file = join(temporaryFolder(), 'letter.txt');
    writeFileSync(file, 'Dear reader, '.repeat(500));
    await expect(openDatabase(file, access)).rejects.toMatchObject({ code: 'database_foreign' });
    expect(readFileSync(file, 'utf8')).toBe('Dear reader, '.repeat(500));
  },
);

test('a database of a newer version is refused, and says to update', async () => {
  const sandbox = await useSandbox();
  await tamper(sandbox.file, 'pragma user_version = 99');
  await expect(openDatabase(sandbox.file, 'write')).rejects.toMatchObject({
    code: 'database_newer',
    detail: expect.stringContaining('update Farthing'),
  });
});

test('an empty file, as a death before the first migration leaves it, is begun', async () => {
  const file = join(temporaryFolder(), 'books.sqlite');
  writeFileSync(file, '');
  await expect(openDatabase(file, 'read')).rejects.toMatchObject({ code: 'option_invalid' });
  const database = await openDatabase(file, 'write');
  await database.destroy();
  await (await openDatabase(file, 'read')).destroy();
});

test('where SQLite rolls back by itself, as on a full disk, it is said why', async () => {
  const { database } = (await useSandbox()).context;
  const twice = database.transaction().execute(async (books) => {
    await sql`create table notes (text unique)`.execute(books);
    await sql`insert or rollback into notes values (1), (1)`.execute(books);
  });
  await expect(twice).rejects.toThrow('UNIQUE constraint failed');
  const { rows } = await sql`select * from sqlite_master where name = 'notes'`.execute(database);
  expect(rows).toEqual([]);
});

test('no file to read is said', async () => {
  const file = join(temporaryFolder(), 'missing.sqlite');
  await expect(openDatabase(file, 'read')).rejects.toMatchObject({ code: 'option_invalid' });
  expect(existsSync(file)).toBe(false);
});

test('the journal refuses to be changed', async () => {
  const { context } = await useSandbox();
  await context.database
    .insertInto('ledger_transaction')
    .values({ number: 1, id: 'x', kind: 'x', at_sec: 0, previous_hash: '', hash: '' })
    .execute();
  await expect(
    context.database.updateTable('ledger_transaction').set({ at_sec: 1 }).execute(),
  ).rejects.toThrow('append-only');
  await expect(context.database.deleteFrom('ledger_transaction').execute()).rejects.toThrow(
    'append-only',
  );
});

test('a transaction that reads first keeps others from writing before it does', async () => {
  const { file, context } = await useSandbox();
  const other = new DatabaseSync(file, { timeout: 0 });
  onTestFinished(() => other.close());
  await context.database.transaction().execute(async (books) => {
    await books.selectFrom('setting').select('name').execute();
    expect(() => other.exec('begin immediate')).toThrow('locked');
  });
  other.exec('begin immediate; commit');
});

test('of two first starts on one file the second waits for the first', async () => {
  const file = join(temporaryFolder(), 'books.sqlite');
  const first = new DatabaseSync(file);
  onTestFinished(() => first.close());
  first.exec('begin immediate');
  const second = openDatabase(file, 'write');
  first.exec('commit');
  await (await second).destroy();
});

/** Books of the shape that the first `steps` steps made, with `rows`, brought up to date. */
async function useOlderBooks(steps: number, rows: string) {
  const file = join(temporaryFolder(), 'books.sqlite');
  const raw = new DatabaseSync(file);
  raw.exec(MIGRATIONS.slice(0, steps).join('\n'));
  raw.exec(`pragma application_id = ${0x46746867}; pragma user_version = ${steps}; ${rows}`);
  raw.close();
  const database = await openDatabase(file, 'write');
  onTestFinished(() => database.destroy());
  return database;
}

test('in books from before devices each purse is that of its account’s one device', async () => {
  const database = await useOlderBooks(
    2,
    `insert into account values ('a', 1), ('b', 1);
insert into device values ('kid-a', 'a', 1), ('kid-b', 'b', 1);
insert into purse (id, account, payto, currency, limit_micros, starter_micros, captured_micros,
  last_seq, expires_at_sec, state, key, sub, certificate)
  values ('p', 'b', 's@pay.example', 'USD', 1, 0, 0, 0, 9, 'open', '{}', 's', 'c')`,
  );
  const devices = await database.selectFrom('purse').select('device').execute();
  expect(devices).toEqual([{ device: 'kid-b' }]);
});

test('in books from before top-ups had rows each has one, paid by the sandbox card', async () => {
  const database = await useOlderBooks(
    6,
    `insert into account (id, opened_at_sec) values ('a', 1);
insert into answered_write values ('a', 't', 'd', 200, '{}', 5), ('a', 'u', 'e', 200, '{}', 5);
insert into ledger_account values ('outside money:USD', 'outside money', '', 'USD', 7),
  ('reader available:a:USD', 'reader available', 'a', 'USD', 7);
insert into ledger_transaction values (1, 'topup:a:t', 'topup', 5, 'x', 'y');
insert into posting values (1, 1, 'outside money:USD', -7), (1, 2, 'reader available:a:USD', 7)`,
  );
  const rows = await database.selectFrom('topup').selectAll().execute();
  expect(rows).toMatchObject([
    { account: 'a', id: 't', digest: 'd', amount_micros: 7n, payment: 'a.t', state: 'paid' },
  ]);
});

test('in books from before disputes had moves each has those that were booked', async () => {
  const database = await useOlderBooks(
    14,
    `insert into account (id, opened_at_sec) values ('a', 1);
insert into topup (account, id, digest, amount_micros, currency, method, state, begun_at_sec,
  asked_at_sec) values ('a', 't', 'd', 7, 'USD', 'm', 'charged back', 1, 1);
insert into dispute values ('dp_1', 'a', 't', 7, 'lost', 5, 6),
  ('dp_2', 'a', 't', 4, 'won', 7, 8)`,
  );
  const moves = database.selectFrom('dispute_move').selectAll().orderBy('at_sec');
  expect(await moves.execute()).toEqual([
    { reference: 'dp_1', number: 1n, account: 'a', amount_micros: 7n, at_sec: 5n },
    { reference: 'dp_2', number: 1n, account: 'a', amount_micros: 4n, at_sec: 7n },
    { reference: 'dp_2', number: 2n, account: 'a', amount_micros: -4n, at_sec: 8n },
  ]);
});

test('in books from before notes waited for the end, those of open purses wait again', async () => {
  const purse = (id: string, state: string) =>
    `insert into purse (id, account, payto, currency, limit_micros, starter_micros,
       captured_micros, last_seq, expires_at_sec, state, key, sub, certificate)
       values ('${id}', 'a', 's@pay.example', 'USD', 9, 0, 5, 1, 9, '${state}', '{}', 's', 'c');
     insert into refund (purse, seq, payto, amount_micros, note, state, at_sec)
       values ('${id}', 1, 's@pay.example', 7, 'n', 'void', 1);`;
  const database = await useOlderBooks(
    5,
    `insert into account (id, opened_at_sec) values ('a', 1);
${purse('p', 'open')} ${purse('q', 'released')}`,
  );
  const notes = await database
    .selectFrom('refund')
    .innerJoin('purse', 'purse.id', 'refund.purse')
    .select(['refund.purse', 'refund.state', 'early_count'])
    .orderBy('number')
    .execute();
  expect(notes).toEqual([
    { purse: 'p', state: 'early', early_count: 1n },
    { purse: 'q', state: 'void', early_count: 0n },
  ]);
});

test('in books from before payouts each capture gets what it earned, by the journal', async () => {
  const database = await useOlderBooks(
    6,
    `insert into account (id, opened_at_sec) values ('a', 1);
insert into seller values ('s', 'a', 'S', '[]', '[]', 77);
insert into purse (id, account, payto, currency, limit_micros, starter_micros,
  captured_micros, last_seq, expires_at_sec, state, key, sub, certificate)
  values ('p', 'a', 's@pay.example', 'USD', 90, 0, 60, 2, 9, 'open', '{}', 's', 'c');
insert into capture values ('p', 1, 40, 40, 'c', 5), ('p', 2, 60, 20, 'c', 6);
insert into ledger_account values ('purse:p:USD', 'purse', 'p', 'USD', 30),
  ('seller earned:s:USD', 'seller earned', 's', 'USD', 24),
  ('seller earned starter:s:USD', 'seller earned starter', 's', 'USD', 30),
  ('provider fees:USD', 'provider fees', '', 'USD', 6);
insert into ledger_transaction values (1, 'capture:p:1', 'capture', 5, '', ''),
  (2, 'capture:p:2', 'capture', 6, '', '');
insert into posting values
  (1, 1, 'purse:p:USD', -40), (1, 2, 'seller earned:s:USD', 6),
  (1, 3, 'seller earned starter:s:USD', 30), (1, 4, 'provider fees:USD', 4),
  (2, 1, 'purse:p:USD', -20), (2, 2, 'seller earned:s:USD', 18), (2, 3, 'provider fees:USD', 2)`,
  );
  const captures = database.selectFrom('capture').select(['payto', 'at_sec']).orderBy('seq');
  const earned = captures.select(['earned_micros', 'earned_starter_micros']);
  expect(await earned.execute()).toEqual([
    { payto: 's@pay.example', at_sec: 5n, earned_micros: 6n, earned_starter_micros: 30n },
    { payto: 's@pay.example', at_sec: 6n, earned_micros: 18n, earned_starter_micros: 0n },
  ]);
  const sellers = database.selectFrom('seller').select(['registered_at_sec', 'bank']);
  expect(await sellers.execute()).toEqual([{ registered_at_sec: 77n, bank: null }]);
});

test('in books from before captures said what is left the oldest have gone back', async () => {
  const database = await useOlderBooks(
    10,
    `insert into account (id, opened_at_sec) values ('a', 1);
insert into purse (id, account, payto, currency, limit_micros, starter_micros, captured_micros,
  refunded_micros, last_seq, expires_at_sec, state, key, sub, certificate)
  values ('p', 'a', 's@pay.example', 'USD', 90, 0, 70, 50, 3, 9, 'open', '{}', 's', 'c');
insert into capture (purse, seq, total_micros, amount_micros, charge, at_sec)
  values ('p', 1, 40, 40, 'c', 5), ('p', 2, 60, 20, 'c', 6), ('p', 3, 70, 10, 'c', 7)`,
  );
  const captures = database.selectFrom('capture').select('refunded_micros').orderBy('seq');
  expect((await captures.execute()).map((row) => row.refunded_micros)).toEqual([40n, 10n, 0n]);
});

test('in older books it is known as well what was captured when, and where', async () => {
  const database = await useOlderBooks(
    16,
    `insert into account (id, opened_at_sec) values ('a', 1);
insert into purse (id, account, payto, currency, limit_micros, starter_micros, captured_micros,
  last_seq, expires_at_sec, state, key, sub, certificate, country)
  values ('p', 'a', 's@pay.example', 'USD', 90, 0, 60, 4, 9, 'open', '{}', 's', 'c', 'FR'),
    ('q', 'a', 's@pay.example', 'USD', 90, 0, 0, 0, 9, 'open', '{}', 's', 'c', null);
insert into capture (purse, seq, total_micros, amount_micros, charge, at_sec)
  values ('p', 2, 40, 40, 'c', 5), ('p', 4, 60, 20, 'c', 8);
insert into refund (purse, seq, payto, amount_micros, note, state, at_sec)
  values ('p', 1, 's@pay.example', 7, 'n', 'pending', 9),
    ('p', 3, 's@pay.example', 7, 'n', 'pending', 9),
    ('q', 1, 's@pay.example', 7, 'n', 'early', 9)`,
  );
  const purses = database
    .selectFrom('purse')
    .select(['first_captured_at_sec', 'last_captured_at_sec'])
    .orderBy('id');
  expect((await purses.execute()).map((row) => Object.values(row))).toEqual([
    [5n, 8n],
    [null, null],
  ]);
  const notes = database.selectFrom('refund').select('captured_at_sec').orderBy('number');
  expect((await notes.execute()).map((row) => row.captured_at_sec)).toEqual([5n, 8n, null]);
  const captures = database.selectFrom('capture').select('country').distinct();
  expect(await captures.execute()).toEqual([{ country: 'FR' }]);
});
