/** The books in one SQLite file, durable at every commit; for one process that writes. */
import { closeSync, openSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CompiledQuery,
  type LimitNode,
  type OffsetNode,
  type QueryExecutorProvider,
  type SqliteDatabase,
  SqliteDialect,
  SqliteQueryCompiler,
  type SqliteStatement,
  ValueNode,
} from 'kysely';
import { FarthingError } from '../../protocol/errors.ts';
import { MIGRATIONS } from './migrations.ts';

/** Marks a SQLite file as ours ("Fthg"): anybody else's file is left alone. */
const APPLICATION_ID = 0x46746867;
const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;
/** What an interrupted write left has to be undone before the file can be read. */
const SQLITE_READONLY_ROLLBACK = 776;
/** A file that is no longer than its first page has no tables. */
const PAGE_BYTES = 4096;
/** Another process (an audit, a backup) may hold the file for a moment. */
const BUSY_TIMEOUT_MS = 5000;
const OPTIONS = { readBigInts: true, timeout: BUSY_TIMEOUT_MS } as const;
const WAL_TRY_MS = 10;
/**
 * For who writes. Each savepoint keeps pages as they were: in memory. Ids are random, so a group of
 * writes touches many pages, more than the 2 MB that SQLite keeps by default; and what is copied
 * from the log into the file seldom, 16 MB at a time, is copied once for many changes.
 */
export const SQLITE_SETTINGS = `
pragma temp_store = memory;
pragma cache_size = -65536;
pragma wal_autocheckpoint = 4000;
`;

function foreign(file: string): FarthingError {
  return new FarthingError(
    'database_foreign',
    `${basename(file)} is not ours and was left as it is; name another folder or file`,
  );
}

/** Another user's, a folder, or in a folder that is not to be written to. */
function unusable(what: string, error: Error): FarthingError {
  const detail = `${what} cannot be opened: ${error.message}`;
  return new FarthingError('option_invalid', detail, { cause: error });
}

function pragma(raw: DatabaseSync, name: string): number {
  return Number(raw.prepare(`pragma ${name}`).get()?.[name]);
}

function isSqlite(error: unknown, errcode: number): error is Error {
  return error instanceof Error && 'errcode' in error && error.errcode === errcode;
}

/** The file or its folder, where SQLite makes a journal beside it; all codes of that kind. */
function isReadOnly(error: unknown): error is Error {
  return (
    error instanceof Error &&
    'errcode' in error &&
    (Number(error.errcode) & 0xff) === SQLITE_READONLY
  );
}

function ownShape(raw: DatabaseSync, file: string): number {
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
  return version;
}

/**
 * The power went while an empty file was turned to WAL, which is the one write of ours that can
 * leave something to undo: such a file is as good as none.
 */
function isUnbegun(file: string, error: unknown): boolean {
  return isSqlite(error, SQLITE_READONLY_ROLLBACK) && statSync(file).size <= PAGE_BYTES;
}

/** Which shape a file has, 0 before the first; not a byte of it is changed, journals included. */
function fileShape(file: string): number {
  let raw: DatabaseSync | undefined;
  try {
    raw = new DatabaseSync(file, { ...OPTIONS, readOnly: true });
    return ownShape(raw, file);
  } catch (error) {
    if (isUnbegun(file, error)) return 0;
    if (isSqlite(error, SQLITE_READONLY_ROLLBACK)) throw foreign(file);
    if (isSqlite(error, SQLITE_CANTOPEN)) throw unusable(file, error);
    if (isReadOnly(error)) throw unusable(`${file}, or its folder,`, error);
    throw isSqlite(error, SQLITE_NOTADB) ? foreign(file) : error;
  } finally {
    raw?.close();
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
      if (raw.isTransaction) raw.exec('rollback');
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
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw error instanceof Error ? unusable(file, error) : error;
  }
  fileShape(file);
  const raw = new DatabaseSync(file, OPTIONS);
  try {
    // Once more: what an interrupted write left is undone by now.
    ownShape(raw, file);
    await turnToWal(raw);
    raw.exec('pragma synchronous = full');
    migrate(raw);
    raw.exec(SQLITE_SETTINGS);
    return raw;
  } catch (error) {
    raw.close();
    throw isReadOnly(error) ? unusable(`${file}, or its folder,`, error) : error;
  }
}

function openToRead(file: string): DatabaseSync {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new FarthingError('option_invalid', `there is no file ${file}`);
  if (fileShape(file) === MIGRATIONS.length)
    return new DatabaseSync(file, { ...OPTIONS, readOnly: true });
  throw new FarthingError(
    'option_invalid',
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

/**
 * Nothing is left to undo where SQLite has done it by itself, as on a full disk: its own word for
 * that would hide why.
 */
function rollbackOf(raw: DatabaseSync): SqliteStatement {
  const statement = shimStatement(raw.prepare('rollback'));
  const run: SqliteStatement['run'] = (parameters) =>
    raw.isTransaction ? statement.run(parameters) : { changes: 0, lastInsertRowid: 0 };
  return { ...statement, run };
}

/** What Kysely's dialect needs, over node:sqlite; statements are prepared once. */
function shim(raw: DatabaseSync, beginStatement: string): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>([['rollback', rollbackOf(raw)]]);
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
 * Writes limits into the statement: SQLite plans a statement again whenever one is handed in, which
 * takes it longer than most statements do.
 */
class Compiler extends SqliteQueryCompiler {
  #written(name: string, value: LimitNode['limit']): void {
    this.append(`${name} `);
    if (ValueNode.is(value)) this.appendImmediateValue(value.value);
    else this.visitNode(value);
  }

  protected override visitLimit({ limit }: LimitNode): void {
    this.#written('limit', limit);
  }

  protected override visitOffset({ offset }: OffsetNode): void {
    this.#written('offset', offset);
  }
}

class Dialect extends SqliteDialect {
  override createQueryCompiler(): Compiler {
    return new Compiler();
  }
}

/**
 * Opens `file`, making and migrating it when it is opened to be written.
 * @throws FarthingError `database_foreign`, `database_newer`, `option_invalid` (nothing to read, or
 *   nothing that this user may open)
 */
export async function sqliteDialect(
  file: string,
  access: 'write' | 'read',
): Promise<SqliteDialect> {
  const raw = access === 'write' ? await openToWrite(file) : openToRead(file);
  // A deferred `begin` that reads and then writes fails at once when another process wrote between.
  const beginStatement = access === 'write' ? 'begin immediate' : 'begin';
  return new Dialect({ database: shim(raw, beginStatement) });
}

const SHAPE = CompiledQuery.raw('pragma user_version');

/** Which shape the books have. */
export async function sqliteShape(books: QueryExecutorProvider): Promise<number> {
  const { rows } = await books
    .getExecutor()
    .provideConnection((it) => it.executeQuery<{ user_version: bigint }>(SHAPE));
  return Number(rows[0]?.user_version);
}

/** Triggers of the books. */
export const SQLITE_TRIGGERS = `select name from sqlite_master where type = 'trigger'`;
