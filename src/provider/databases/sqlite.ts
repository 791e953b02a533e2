/** The books in one SQLite file, durable at every commit; for one process that writes. */
import { closeSync, existsSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import { FarthingError } from '../../protocol/errors.ts';
import { MIGRATIONS } from '../migrations.ts';

/** Marks a SQLite file as ours ("Fthg"): anybody else's file is left alone. */
const APPLICATION_ID = 0x46746867;
const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;
/** Another process (an audit, a backup) may hold the file for a moment. */
const BUSY_TIMEOUT_MS = 5000;
const OPTIONS = { readBigInts: true, timeout: BUSY_TIMEOUT_MS } as const;
const WAL_TRY_MS = 10;

function foreign(file: string): FarthingError {
  return new FarthingError(
    'database_foreign',
    `${basename(file)} is not ours and was left as it is; name another folder or file`,
  );
}

function pragma(raw: DatabaseSync, name: string): number {
  return Number(raw.prepare(`pragma ${name}`).get()?.[name]);
}

function isSqlite(error: unknown, errcode: number): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === errcode;
}

function checkOurs(raw: DatabaseSync, file: string): void {
  const isOurs = pragma(raw, 'application_id') === APPLICATION_ID;
  // A process that died before the first migration leaves an empty file, which is as good as none.
  const isEmpty = raw.prepare('select 1 from sqlite_master limit 1').get() === undefined;
  if (!isOurs && (!isEmpty || pragma(raw, 'application_id') !== 0)) throw foreign(file);
  const version = pragma(raw, 'user_version');
  if (version > MIGRATIONS.length)
    throw new FarthingError(
      'database_newer',
      `${basename(file)} has shape ${version}, we know ${MIGRATIONS.length}; update Farthing`,
    );
}

/** Looks at a file without changing a byte of it, journals included. */
function checkFile(file: string): void {
  const raw = new DatabaseSync(file, { ...OPTIONS, readOnly: true });
  try {
    checkOurs(raw, file);
  } catch (error) {
    throw isSqlite(error, SQLITE_NOTADB) ? foreign(file) : error;
  } finally {
    raw.close();
  }
}

function migrate(raw: DatabaseSync): void {
  MIGRATIONS.forEach((step, index) => {
    raw.exec('begin immediate');
    try {
      if (pragma(raw, 'user_version') <= index) {
        raw.exec(step);
        raw.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${index + 1};`);
      }
      raw.exec('commit');
    } catch (error) {
      raw.exec('rollback');
      throw error;
    }
  });
}

/**
 * A new file is turned to WAL by one process alone, and for this lock SQLite waits for nobody: a
 * second first start has to come again.
 */
async function turnToWal(raw: DatabaseSync): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += WAL_TRY_MS) {
    try {
      raw.exec('pragma journal_mode = wal');
      return;
    } catch (error) {
      if (!isSqlite(error, SQLITE_BUSY) || waitedMs >= BUSY_TIMEOUT_MS) throw error;
    }
    await pause(WAL_TRY_MS);
  }
}

async function openToWrite(file: string): Promise<DatabaseSync> {
  // SQLite gives its journals the file's own mode: nobody else reads the keys in them.
  closeSync(openSync(file, 'a', 0o600));
  checkFile(file);
  const raw = new DatabaseSync(file, OPTIONS);
  try {
    await turnToWal(raw);
    raw.exec('pragma synchronous = full');
    migrate(raw);
    return raw;
  } catch (error) {
    raw.close();
    throw error;
  }
}

function openToRead(file: string): DatabaseSync {
  if (!existsSync(file)) throw new FarthingError('option_invalid', `there is no file ${file}`);
  checkFile(file);
  const raw = new DatabaseSync(file, { ...OPTIONS, readOnly: true });
  if (pragma(raw, 'user_version') === MIGRATIONS.length) return raw;
  raw.close();
  throw new FarthingError(
    'database_foreign',
    `${basename(file)} has no books yet, or old ones: start the wallet service on it once`,
  );
}

/** A statement as Kysely's dialect wants it. */
function shimStatement(statement: StatementSync): SqliteStatement {
  const values = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...values(parameters)),
    iterate: (parameters) => statement.iterate(...values(parameters)),
    run: (parameters) => statement.run(...values(parameters)),
  };
}

/** What Kysely's dialect needs, over node:sqlite; statements are prepared once. */
function shim(raw: DatabaseSync, beginStatement: string): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => raw.close(),
    prepare(text) {
      const known = statements.get(text);
      if (known) return known;
      const statement = shimStatement(raw.prepare(text === 'begin' ? beginStatement : text));
      statements.set(text, statement);
      return statement;
    },
  };
}

/**
 * Opens `file`, making and migrating it when it is opened to be written.
 * @throws FarthingError `database_foreign`, `database_newer`, `option_invalid` (nothing to read)
 */
export async function sqliteDialect(
  file: string,
  access: 'write' | 'read',
): Promise<SqliteDialect> {
  const raw = access === 'write' ? await openToWrite(file) : openToRead(file);
  // A deferred `begin` that reads and then writes fails at once when another process wrote between.
  const beginStatement = access === 'write' ? 'begin immediate' : 'begin';
  return new SqliteDialect({ database: shim(raw, beginStatement) });
}

/** Triggers of the books. */
export const SQLITE_TRIGGERS = `select name from sqlite_master where type = 'trigger'`;
