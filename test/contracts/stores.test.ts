/** The contract of stores on each of them, and on one that breaks it. */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { memoryStore, type PurseRow, type Store } from '../../src/seller/index.ts';
import { sqliteStore } from '../../src/seller/stores/sqlite.ts';
import { rowAt, STORE_FACTS, type StorePair } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'farthing-stores-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let fileCount = 0;
function newFile(): string {
  fileCount += 1;
  return join(folder, `seller-${fileCount}.db`);
}

/** Two replicas that hear of each other's writes a little later: what must not be used. */
function eventualPair(): StorePair {
  const replicas = [memoryStore(), memoryStore()] as const;
  const late: (() => Promise<unknown>)[] = [];
  const copyTo = (replica: Store, row: PurseRow) => async () => {
    const behind = await replica.get(row.purse);
    await replica.put({ ...row, rev: (behind?.rev ?? 0) + 1 });
  };
  const way = (own: Store, other: Store): Store => ({
    get: (purse) => own.get(purse),
    put: async (row) => {
      const isWritten = await own.put(row);
      if (late.length > 2) await late.shift()?.();
      if (isWritten) late.push(copyTo(other, row));
      return isWritten;
    },
    due: (page) => own.due(page),
  });
  return { first: way(...replicas), second: way(replicas[1], replicas[0]) };
}

const STORES: Record<string, () => StorePair & { close?: () => void }> = {
  memory: () => {
    const store = memoryStore();
    return { first: store, second: store };
  },
  sqlite: () => {
    const file = newFile();
    const [first, second] = [sqliteStore(file), sqliteStore(file)];
    return {
      first,
      second,
      close: () => {
        first.close();
        second.close();
      },
    };
  },
};

describe.each(Object.entries(STORES))('the %s store', (_, open) => {
  it.each(STORE_FACTS)('$fact', async ({ check }) => {
    const pair = open();
    try {
      await check(pair);
    } finally {
      pair.close?.();
    }
  });
});

it('an eventually consistent store fails the suite', async () => {
  const outcomes = await Promise.allSettled(STORE_FACTS.map(({ check }) => check(eventualPair())));
  const failed = STORE_FACTS.filter((_, index) => outcomes[index]?.status === 'rejected');
  expect(failed.map(({ fact }) => fact)).toEqual(
    expect.arrayContaining([
      'what one way in wrote, the other sees at once',
      'of two writers with one revision exactly one wins',
    ]),
  );
});

/** Runs `store-writer.ts` in a process of its own; answers how many of its writes were taken. */
function runWriter(file: string, writes: number): Promise<number> {
  const script = new URL('../support/store-writer.ts', import.meta.url);
  return new Promise((resolve, reject) => {
    const child = fork(script, [file, String(writes)]);
    child.once('message', (written) => resolve(Number(written)));
    child.once('exit', (code) => code !== 0 && reject(new Error(`the writer ended with ${code}`)));
  });
}

it('sqlite: three processes at one purse, and no write is lost or taken twice', async () => {
  const file = newFile();
  sqliteStore(file).close();
  const written = await Promise.all([100, 100, 100].map((writes) => runWriter(file, writes)));
  const store = sqliteStore(file);
  const row = await store.get(rowAt(1).purse);
  store.close();
  expect(row?.rev).toBe(300);
  expect(written).toEqual([100, 100, 100]);
});

it('sqlite: rows are there after a restart; a database may be handed in', async () => {
  const file = newFile();
  const store = sqliteStore(file);
  await Promise.all([store.put(rowAt(1)), store.put(rowAt(1, { purse: 'b' }))]);
  store.close();
  const database = new DatabaseSync(file);
  expect(await sqliteStore(database).get('b')).toEqual(rowAt(1, { purse: 'b' }));
  const [mode, sync] = ['journal_mode', 'synchronous'].map((name) =>
    Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {}).at(0),
  );
  expect([mode, sync]).toEqual(['wal', 2]);
  database.close();
});

it('sqlite: what belongs to somebody else is refused and left as it is', () => {
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

it('sqlite: a file of a newer version is refused', () => {
  const file = newFile();
  sqliteStore(file).close();
  const database = new DatabaseSync(file);
  database.exec('PRAGMA user_version = 99');
  database.close();
  expect(() => sqliteStore(file)).toThrow(expect.objectContaining({ code: 'database_newer' }));
});

it('sqlite: a write that fails says so to everyone who waited for it', async () => {
  const file = newFile();
  const store = sqliteStore(file);
  const broken = rowAt(1, { purse: 'b', certificate: null as unknown as string });
  const outcomes = await Promise.allSettled([store.put(rowAt(1)), store.put(broken)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await store.get(rowAt(1).purse)).toBeUndefined();
  expect(await store.put(rowAt(1))).toBe(true);
  store.close();
});
