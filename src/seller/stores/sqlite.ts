/**
 * A store in one SQLite file, for all processes of one machine. A row is on disk before `put`
 * answers; the writes that wait at one moment share one commit.
 */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { FarthingError } from '../../protocol/errors.ts';
import type { Row, Store } from '../store.ts';

/** "Fars": says whose file this is. */
const APPLICATION_ID = 0x46617273;
/** Version 1 was never published. */
const SCHEMA_VERSION = 2;
/** How long to wait for another process's commit. */
const BUSY_TIMEOUT_MS = 5000;

const SCHEMA = `
  CREATE TABLE row (
    key TEXT PRIMARY KEY, rev INTEGER NOT NULL, is_due INTEGER NOT NULL, text TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX row_due ON row (key) WHERE is_due;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;
const INSERT = `INSERT INTO row (key, rev, is_due, text) VALUES ($key, $rev, $isDue, $text)
  ON CONFLICT DO NOTHING`;
const UPDATE = `UPDATE row SET rev = $rev, is_due = $isDue, text = $text
  WHERE key = $key AND rev = $rev - 1`;
const DUE = 'SELECT * FROM row WHERE is_due AND key > $after ORDER BY key LIMIT $limit';

/** A store that holds a file open until it is closed. */
export interface SqliteStore extends Store {
  close(): void;
}

function pragma(database: DatabaseSync, name: string): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name];
}

/** SQLite's own number for a lock that somebody else holds, in the last byte of its kinds. */
const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return (
    error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY
  );
}

/** Our file, an empty one, or a refusal. */
function isOurs(database: DatabaseSync): boolean {
  let tables: unknown;
  try {
    tables = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.count;
  } catch (error) {
    if (isBusy(error)) throw error;
    throw new FarthingError('database_foreign', 'it is not an SQLite file', { cause: error });
  }
  const isEmpty = tables === 0 && pragma(database, 'application_id') === 0;
  if (!isEmpty && pragma(database, 'application_id') !== APPLICATION_ID)
    throw new FarthingError('database_foreign', 'name another file for the seller’s store');
  const version = Number(pragma(database, 'user_version'));
  if (version > SCHEMA_VERSION)
    throw new FarthingError('database_newer', 'update farthing, or name another file');
  if (!isEmpty && version < SCHEMA_VERSION)
    throw new FarthingError('database_foreign', 'it is from before the first release');
  return !isEmpty;
}

const RETRY_COUNT = 200;
const RETRY_MS = 10;

/**
 * Turning a new file to WAL needs it alone, and SQLite does not wait for that as it does for every
 * other lock (it would wait for somebody who waits for us): so we do.
 */
function beginWal(database: DatabaseSync): void {
  for (let attempt = 1; ; attempt++)
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || attempt === RETRY_COUNT) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
}

/** A database that is handed in waits for nobody, unless its owner has said for how long. */
function waitForOthers(database: DatabaseSync): void {
  if (database.prepare('PRAGMA busy_timeout').get()?.timeout === 0)
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
}

/** Two processes may open a new file at one moment: the one that comes second finds the tables. */
function prepareDatabase(database: DatabaseSync): void {
  waitForOthers(database);
  isOurs(database);
  beginWal(database);
  database.exec('PRAGMA synchronous = FULL');
  if (isOurs(database)) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    if (!isOurs(database)) database.exec(SCHEMA);
    database.exec('COMMIT');
  } catch (error) {
    // SQLite has rolled back by itself, as on a full disk, or not.
    if (database.isTransaction !== false) database.exec('ROLLBACK');
    throw error;
  }
}

/** Receipts open what was bought: a new file is nobody else's to read, nor are its journals. */
function makePrivate(file: string): void {
  if (file !== '' && file !== ':memory:') closeSync(openSync(file, 'a', 0o600));
}

function openDatabase(file: string): DatabaseSync {
  makePrivate(file);
  const database = new DatabaseSync(file);
  try {
    prepareDatabase(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function readRow(row: Record<string, SQLOutputValue>): Row {
  const { key, rev, is_due: isDue, text } = row;
  return { key: String(key), rev: Number(rev), isDue: isDue === 1, text: String(text) };
}

interface Waiting {
  readonly row: Row;
  readonly resolve: (isWritten: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes what waits in one transaction: all of it is on disk before anyone hears of it. */
function createWriter(database: DatabaseSync) {
  const insert = database.prepare(INSERT);
  const update = database.prepare(UPDATE);
  let waiting: Waiting[] = [];
  const commit = (batch: readonly Waiting[]): boolean[] => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const written = batch.map(({ row }) => {
        const { changes } = (row.rev === 1 ? insert : update).run({
          ...row,
          isDue: row.isDue ? 1 : 0,
        });
        return changes === 1;
      });
      database.exec('COMMIT');
      return written;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };
  const flush = () => {
    const batch = waiting;
    waiting = [];
    try {
      const written = commit(batch);
      for (const [index, { resolve }] of batch.entries()) resolve(written[index] === true);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  return (row: Row) =>
    new Promise<boolean>((resolve, reject) => {
      if (waiting.push({ row, resolve, reject }) === 1) setImmediate(flush);
    });
}

/**
 * Opens a store in a file, which is made where it is missing; or uses a database that is handed in,
 * whose owner closes it.
 * @throws FarthingError `database_foreign` (the file belongs to something else), `database_newer`
 * @example createSeller({ payto, secret, store: sqliteStore('data/seller.db') })
 */
export function sqliteStore(source: string | DatabaseSync): SqliteStore {
  const isFile = typeof source === 'string';
  const database = isFile ? openDatabase(source) : source;
  if (!isFile) prepareDatabase(database);
  const get = database.prepare('SELECT * FROM row WHERE key = ?');
  const due = database.prepare(DUE);
  return {
    get: async (key) => {
      const row = get.get(key);
      return row && readRow(row);
    },
    put: createWriter(database),
    due: async ({ limit, after = '' }) => due.all({ limit, after }).map(readRow),
    close: () => {
      if (isFile) database.close();
    },
  };
}
