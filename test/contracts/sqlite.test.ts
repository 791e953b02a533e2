/** What only the store in one SQLite file has to answer for. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from 'vitest';
import { sqliteStore } from '../../src/seller/stores/sqlite.ts';
import { rowAt } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'farthing-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let fileCount = 0;
function newFile(): string {
  fileCount += 1;
  return join(folder, `seller-${fileCount}.db`);
}

it('a new file and its journals are nobody else’s to read', async () => {
  const file = newFile();
  const store = sqliteStore(file);
  await store.put(rowAt(1));
  for (const name of [file, `${file}-wal`]) expect(statSync(name).mode & 0o777).toBe(0o600);
  store.close();
});

it('rows are there after a restart; a database may be handed in', async () => {
  const file = newFile();
  const store = sqliteStore(file);
  await Promise.all([store.put(rowAt(1)), store.put(rowAt(1, { key: 'b' }))]);
  store.close();
  const database = new DatabaseSync(file);
  expect(await sqliteStore(database).get('b')).toEqual(rowAt(1, { key: 'b' }));
  const [mode, sync] = ['journal_mode', 'synchronous'].map((name) =>
    Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {}).at(0),
  );
  expect([mode, sync]).toEqual(['wal', 2]);
  database.close();
});

it('a database that is handed in waits for other processes, as long as its owner says', () => {
  const timeouts = [undefined, 70].map((timeout) => {
    const database = new DatabaseSync(newFile(), timeout === undefined ? {} : { timeout });
    sqliteStore(database);
    const said = database.prepare('PRAGMA busy_timeout').get();
    database.close();
    return said?.timeout;
  });
  expect(timeouts).toEqual([5000, 70]);
});

it('a file that another process holds locked is not taken for somebody else’s', () => {
  const file = newFile();
  sqliteStore(file).close();
  const holder = new DatabaseSync(file);
  holder.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE');
  const late = new DatabaseSync(file, { timeout: 1 });
  expect(() => sqliteStore(late)).toThrow(/^database is locked$/);
  late.close();
  holder.close();
});

it('what belongs to somebody else is refused and left as it is', () => {
  const foreign = newFile();
  const database = new DatabaseSync(foreign);
  database.exec('CREATE TABLE notes (text TEXT)');
  database.close();
  expect(() => sqliteStore(foreign)).toThrow(expect.objectContaining({ code: 'database_foreign' }));
  const text = newFile();
  writeFileSync(text, 'Dear diary, '.repeat(500));
  expect(() => sqliteStore(text)).toThrow(expect.objectContaining({ code: 'database_foreign' }));
  const again = new DatabaseSync(foreign);
  expect(again.prepare('SELECT name FROM sqlite_schema').all()).toHaveLength(1);
  expect(again.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'delete' });
  again.close();
});

it('a file of a newer version is refused', () => {
  const file = newFile();
  sqliteStore(file).close();
  const database = new DatabaseSync(file);
  database.exec('PRAGMA user_version = 99');
  database.close();
  expect(() => sqliteStore(file)).toThrow(expect.objectContaining({ code: 'database_newer' }));
});

it('a write that fails says so to everyone who waited for it', async () => {
  const file = newFile();
  const store = sqliteStore(file);
  const broken = rowAt(1, { key: 'b', text: null as unknown as string });
  const outcomes = await Promise.allSettled([store.put(rowAt(1)), store.put(broken)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await store.get(rowAt(1).key)).toBeUndefined();
  expect(await store.put(rowAt(1))).toBe(true);
  store.close();
});
