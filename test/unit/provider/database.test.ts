import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../../src/provider/database.ts';
import { MIGRATIONS } from '../../../src/provider/migrations.ts';
import { tamper } from '../../support/books.ts';
import { temporaryFolder, useSandbox } from '../../support/sandbox.ts';

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
  await expect(openDatabase(file, 'read')).rejects.toMatchObject({ code: 'database_foreign' });
  const database = await openDatabase(file, 'write');
  await database.destroy();
  await (await openDatabase(file, 'read')).destroy();
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

test('in books from before devices each purse is that of its account’s one device', async () => {
  const file = join(temporaryFolder(), 'books.sqlite');
  const raw = new DatabaseSync(file);
  raw.exec(MIGRATIONS.slice(0, 2).join('\n'));
  raw.exec(`pragma application_id = ${0x46746867}; pragma user_version = 2;
insert into account values ('a', 1), ('b', 1);
insert into device values ('kid-a', 'a', 1), ('kid-b', 'b', 1);
insert into purse (id, account, payto, currency, limit_micros, starter_micros, captured_micros,
  last_seq, expires_at_sec, state, key, sub, certificate)
  values ('p', 'b', 's@pay.example', 'USD', 1, 0, 0, 0, 9, 'open', '{}', 's', 'c')`);
  raw.close();
  const database = await openDatabase(file, 'write');
  onTestFinished(() => database.destroy());
  const devices = await database.selectFrom('purse').select('device').execute();
  expect(devices).toEqual([{ device: 'kid-b' }]);
});

test('in books from before notes waited for the end, those of open purses wait again', async () => {
  const file = join(temporaryFolder(), 'books.sqlite');
  const raw = new DatabaseSync(file);
  raw.exec(MIGRATIONS.slice(0, 5).join('\n'));
  const purse = (id: string, state: string) =>
    `insert into purse (id, account, payto, currency, limit_micros, starter_micros,
       captured_micros, last_seq, expires_at_sec, state, key, sub, certificate)
       values ('${id}', 'a', 's@pay.example', 'USD', 9, 0, 5, 1, 9, '${state}', '{}', 's', 'c');
     insert into refund (purse, seq, payto, amount_micros, note, state, at_sec)
       values ('${id}', 1, 's@pay.example', 7, 'n', 'void', 1);`;
  raw.exec(`pragma application_id = ${0x46746867}; pragma user_version = 5;
insert into account (id, opened_at_sec) values ('a', 1);
${purse('p', 'open')} ${purse('q', 'released')}`);
  raw.close();
  const database = await openDatabase(file, 'write');
  onTestFinished(() => database.destroy());
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
