/**
 * A store in PostgreSQL, for all servers that serve one payto. The client is handed in. A row is
 * committed when `put` answers; that it is on disk by then is the server's `fsync` and
 * `synchronous_commit`, which are on unless somebody has turned them off.
 */
import { FarthingError } from '../../protocol/errors.ts';
import { micros } from '../../protocol/money.ts';
import type { PurseRow, Store } from '../store.ts';

/** Kept as the table's comment: the version is where the columns are, and no second table. */
const VERSION = 1;
const COMMENT = 'Farthing, rows of a seller, version ';
/** "farthing" in ASCII: servers that start at one moment make the table one after the other. */
const LOCK = '7377303508903095911';

const READ_COMMENT = `SELECT to_regclass('farthing_purse') AS relation,
  obj_description(to_regclass('farthing_purse'), 'pg_class') AS comment`;
/**
 * One statement, whichever connection of a pool it goes to. It looks into pg_class, since
 * `to_regclass` may not have heard of a table that was made while it waited for the lock.
 */
const CREATE = `DO $$ BEGIN
  PERFORM pg_advisory_xact_lock(${LOCK});
  IF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'farthing_purse'
    AND relnamespace = current_schema()::regnamespace) THEN
    CREATE TABLE farthing_purse (
      purse text COLLATE "C" PRIMARY KEY, rev bigint NOT NULL, certificate text NOT NULL,
      seq bigint NOT NULL, tot bigint NOT NULL, charge text, receipt text,
      firm boolean NOT NULL, closed boolean NOT NULL,
      handing_seq bigint NOT NULL, handed_seq bigint NOT NULL, captured_tot bigint NOT NULL
    );
    CREATE INDEX farthing_purse_due ON farthing_purse (purse) WHERE handed_seq < seq;
    COMMENT ON TABLE farthing_purse IS '${COMMENT}${VERSION}';
  END IF;
END $$`;
const GET = 'SELECT * FROM farthing_purse WHERE purse = $1';
const INSERT = `INSERT INTO farthing_purse (purse, rev, certificate, seq, tot, charge, receipt,
  firm, closed, handing_seq, handed_seq, captured_tot)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING RETURNING rev`;
const UPDATE = `UPDATE farthing_purse SET rev = $2, certificate = $3, seq = $4, tot = $5,
  charge = $6, receipt = $7, firm = $8, closed = $9, handing_seq = $10, handed_seq = $11,
  captured_tot = $12 WHERE purse = $1 AND rev = $2::bigint - 1 RETURNING rev`;
const DUE = `SELECT * FROM farthing_purse WHERE handed_seq < seq AND purse > $1
  ORDER BY purse LIMIT $2`;

/** SQLSTATE: another writer was first, where the isolation is stricter than it need be. */
const SERIALIZATION_FAILURE = '40001';

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
  throw new FarthingError('database_foreign', 'its table farthing_purse is somebody else’s');
}

async function readVersion(client: PostgresClient): Promise<number | undefined> {
  const { rows } = await client.query(READ_COMMENT, []);
  const [{ relation, comment } = {}] = rows;
  return relation === null ? undefined : versionIn(comment);
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

function readRow(row: Record<string, unknown>): PurseRow {
  const optional = (value: unknown) => (typeof value === 'string' ? value : undefined);
  // Clients answer a bigint as text, as a number or as a bigint, as their owner has set them.
  const whole = (value: unknown) => BigInt(String(value));
  return {
    purse: String(row.purse),
    rev: Number(row.rev),
    certificate: String(row.certificate),
    seq: Number(row.seq),
    tot: micros(whole(row.tot)),
    charge: optional(row.charge),
    receipt: optional(row.receipt),
    firm: row.firm === true,
    closed: row.closed === true,
    handingSeq: Number(row.handing_seq),
    handedSeq: Number(row.handed_seq),
    capturedTot: micros(whole(row.captured_tot)),
  };
}

function valuesOf(row: PurseRow): (string | number | boolean | null)[] {
  const { purse, rev, certificate, seq, tot, charge = null, receipt = null } = row;
  const { firm, closed, handingSeq, handedSeq, capturedTot } = row;
  const signed = [charge, receipt] as const;
  const handed = [handingSeq, handedSeq, `${capturedTot}`] as const;
  return [purse, rev, certificate, seq, `${tot}`, ...signed, firm, closed, ...handed];
}

function isSerializationFailure(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === SERIALIZATION_FAILURE;
}

/** Not a FarthingError: to whoever pays, this is a shop that is down and never a refusal. */
function asFault(error: unknown): unknown {
  return error instanceof FarthingError ? new Error(error.message, { cause: error }) : error;
}

/**
 * A store in PostgreSQL 12 or later. It makes its one table, `farthing_purse`, at its first use, in
 * the first schema of the client's `search_path`; a table of a later version, or of somebody else,
 * is left as it is and every call throws (`cause`: FarthingError `database_newer`,
 * `database_foreign`).
 * @param client a pool of connections to the one primary; it stays its owner's to close
 * @example
 * const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
 * createSeller({ payto, secret, store: postgresStore(pool) })
 */
export function postgresStore(client: PostgresClient): Store {
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
    get: async (purse) => {
      await ready();
      const [row] = (await client.query(GET, [purse])).rows;
      return row && readRow(row);
    },
    put: async (row) => {
      await ready();
      try {
        const { rows } = await client.query(row.rev === 1 ? INSERT : UPDATE, valuesOf(row));
        return rows.length === 1;
      } catch (error) {
        if (isSerializationFailure(error)) return false;
        throw error;
      }
    },
    due: async ({ limit, after = '' }) => {
      await ready();
      return (await client.query(DUE, [after, limit])).rows.map(readRow);
    },
  };
}
