/**
 * The provider's database: SQLite in one file, or PostgreSQL for several processes. Everything
 * above this file is asynchronous and speaks Kysely, and does not know which of the two it is.
 */
import { Kysely, PostgresAdapter, type RawBuilder, sql, type Transaction } from 'kysely';
import { MIGRATIONS } from './migrations.ts';
import { isPostgresAddress, POSTGRES_TRIGGERS, postgresDialect, takeTurn } from './postgres.ts';
import { SQLITE_TRIGGERS, sqliteDialect, sqliteShape } from './sqlite.ts';
import type { Tables } from './tables.ts';

export type Database = Kysely<Tables>;
/** One database transaction: all of it is on disk when it ends, or none. */
export type Books = Transaction<Tables>;
/** What can be read from inside a transaction and outside. */
export type Reading = Database | Books;

/**
 * Opens `place`, a file or a `postgres://` address, making and migrating the books when they are
 * opened to be written.
 * @throws FarthingError `database_foreign`, `database_newer`, `option_invalid` (nothing to read, a
 *   server that does not let us in, no package `pg`)
 */
export async function openDatabase(place: string, access: 'write' | 'read'): Promise<Database> {
  const dialect = isPostgresAddress(place)
    ? await postgresDialect(place, access)
    : await sqliteDialect(place, access);
  const database = new Kysely<Tables>({ dialect });
  // Kysely closes only what it has used.
  await database.connection().execute(async () => undefined);
  return database;
}

/** Whether other processes may write to these books. */
export function isShared(reading: Reading): boolean {
  return reading.getExecutor().adapter instanceof PostgresAdapter;
}

/** What the database itself refuses is refused by its triggers: their names. */
export async function triggerNames(reading: Reading): Promise<Set<string>> {
  const text = isShared(reading) ? POSTGRES_TRIGGERS : SQLITE_TRIGGERS;
  const { rows } = await sql.raw<{ name: string }>(text).execute(reading);
  return new Set(rows.map(({ name }) => name));
}

/**
 * A value that an index of some rows is made for (`where state = 'open'`). It is written into the
 * statement: SQLite does not use such an index for a value that is handed in.
 */
export function indexed<T extends string | bigint>(value: T): RawBuilder<T> {
  return sql.lit(value);
}

/** Reads: all that `work` sees is of one moment. */
export function readBooks<T>(database: Database, work: (books: Books) => Promise<T>): Promise<T> {
  return database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(work);
}

/**
 * Writes, one writer after the other, in whatever process: what `work` reads nobody changes before
 * it is committed. The journal is one chain, so writers would have to wait for each other anyhow.
 * @throws TypeError another process has brought the books to a shape that we do not know
 */
export function writeBooks<T>(database: Database, work: (books: Books) => Promise<T>): Promise<T> {
  // Each statement sees what was committed before it: the turn comes first, and then the reading.
  return database
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (books) => {
      const shape = isShared(books) ? await takeTurn(books) : await sqliteShape(books);
      // What an older process leaves out of newer books the newer one would miss.
      if (shape !== MIGRATIONS.length)
        throw new TypeError(`The books have shape ${shape}, not ${MIGRATIONS.length}: start anew`);
      return work(books);
    });
}

/** Reads a setting, or stores what `make` answers where there is none yet. */
export async function settingOf(
  database: Database,
  name: string,
  make: () => string,
): Promise<string> {
  return writeBooks(database, async (books) => {
    const stored = await readSetting(books, name);
    if (stored !== undefined) return stored;
    const value = make();
    await books.insertInto('setting').values({ name, value }).execute();
    return value;
  });
}

export async function readSetting(reading: Reading, name: string): Promise<string | undefined> {
  const row = await reading
    .selectFrom('setting')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.value;
}
