/**
 * A store in PostgreSQL, for all servers that serve one payto. The client is handed in. A row is
 * committed when `put` answers; that it is on disk by then is the server's `fsync` and
 * `synchronous_commit`, which are on unless somebody has turned them off.
 */
import { FarthingError } from '../../protocol/errors.ts';
import type { Row, Store } from '../store.ts';

/** Kept as the table's comment: the version is where the columns are, and no second table. */
const VERSION = 2;
const COMMENT = 'Farthing, rows of a seller, version ';
/** "farthing" in ASCII: servers that start at one moment make the table one after the other. */
const LOCK = '7377303508903095911';

/** The table and its comment by one snapshot: `to_regclass` may know a table before it does. */
const READ_COMMENT = `SELECT obj_description(oid, 'pg_class') AS comment FROM pg_class
  WHERE relname = 'farthing_row' AND pg_table_is_visible(oid)`;
/**
 * One statement, whichever connection of a pool it goes to. Whether the table is there is for
 * CREATE TABLE to say: a SELECT may not see one that was made while it waited for the lock.
 */
const CREATE = `DO $$ BEGIN
  PERFORM pg_advisory_xact_lock(${LOCK});
  CREATE TABLE farthing_row (
    key text COLLATE "C" PRIMARY KEY, rev bigint NOT NULL,
    is_due boolean NOT NULL, text text NOT NULL
  );
  CREATE INDEX farthing_row_due ON farthing_row (key) WHERE is_due;
  COMMENT ON TABLE farthing_row IS '${COMMENT}${VERSION}';
EXCEPTION WHEN duplicate_table THEN NULL; END $$`;
const GET = 'SELECT key, rev, is_due, text FROM farthing_row WHERE key = $1';
const INSERT = `INSERT INTO farthing_row (key, rev, is_due, text) VALUES ($1, $2, $3, $4)
  ON CONFLICT DO NOTHING RETURNING rev`;
const UPDATE = `UPDATE farthing_row SET rev = $2, is_due = $3, text = $4
  WHERE key = $1 AND rev = $2::bigint - 1 RETURNING rev`;
const DUE = `SELECT key, rev, is_due, text FROM farthing_row WHERE is_due AND key > $1
  ORDER BY key LIMIT $2`;

/** SQLSTATE: rolled back, where the isolation is stricter than it need be. */
const SERIALIZATION_FAILURE = '40001';
/** Of rivals one always gets on; a server that refuses so often has another trouble. */
const TRY_COUNT_MAX = 100;

/** A `Pool` or `Client` of the package `pg`, or what asks and answers like it. */
export interface PostgresClient {
  query(
    text: string,
    values: (string | number | boolean | null)[],
  ): Promise<{ readonly rows: readonly Record<string, unknown>[] }>;
}

function versionIn(comment: unknown): number {
  const [, version] = /^Farthing, rows of a seller, version (\d+)$/.exec(String(comment)) ?? [];
  if (version !== undefined) return Number(version);
  throw new FarthingError('database_foreign', 'its table farthing_row is somebody else’s');
}

async function readVersion(client: PostgresClient): Promise<number | undefined> {
  const { rows } = await client.query(READ_COMMENT, []);
  const [found] = rows;
  return found && versionIn(found.comment);
}

/** Finds the table as it must be, or makes it. The one that is there is not touched. */
async function prepareTable(client: PostgresClient): Promise<void> {
  let version = await readVersion(client);
  if (version === undefined) {
    await client.query(CREATE, []);
    version = await readVersion(client);
  }
  if (version !== VERSION)
    throw new FarthingError('database_newer', `update farthing: the table is of ${version}`);
}

function readRow(row: Record<string, unknown>): Row {
  const { key, rev, is_due: isDue, text } = row;
  return { key: String(key), rev: Number(rev), isDue: isDue === true, text: String(text) };
}

function isSerializationFailure(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === SERIALIZATION_FAILURE;
}

type Query = PostgresClient['query'];

/**
 * Asks again what was rolled back: a rival may have been first, or only have been near, in one page
 * of the index. Which of them it was, the next answer says.
 */
function untilAnswered(client: PostgresClient): Query {
  return async (text, values) => {
    for (let tryCount = 1; ; tryCount++)
      try {
        return await client.query(text, values);
      } catch (error) {
        if (!isSerializationFailure(error) || tryCount === TRY_COUNT_MAX) throw error;
      }
  };
}

/** Not a FarthingError: to whoever pays, this is a shop that is down and never a refusal. */
function asFault(error: unknown): unknown {
  return error instanceof FarthingError ? new Error(error.message, { cause: error }) : error;
}

/**
 * A store in PostgreSQL 12 or later. It makes its one table, `farthing_row`, at its first use, in
 * the first schema of the client's `search_path`; a table of a later version, or of somebody else,
 * is left as it is and every call throws (`cause`: FarthingError `database_newer`,
 * `database_foreign`).
 * @param client a pool of connections to the one primary; it stays its owner's to close
 * @example
 * const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
 * createSeller({ payto, secret, store: postgresStore(pool) })
 */
export function postgresStore(client: PostgresClient): Store {
  const query = untilAnswered(client);
  let prepared: Promise<void> | undefined;
  const ready = () => {
    // A database that was down a moment ago is asked again.
    prepared ??= prepareTable(client).catch((error) => {
      prepared = undefined;
      throw asFault(error);
    });
    return prepared;
  };
  return {
    get: async (key) => {
      await ready();
      const [row] = (await query(GET, [key])).rows;
      return row && readRow(row);
    },
    put: async (row) => {
      await ready();
      const { key, rev, isDue, text } = row;
      const { rows } = await query(rev === 1 ? INSERT : UPDATE, [key, rev, isDue, text]);
      return rows.length === 1;
    },
    due: async ({ limit, after = '' }) => {
      await ready();
      return (await query(DUE, [after, limit])).rows.map(readRow);
    },
  };
}
