/**
 * A store in one SQLite file, for all processes of one machine. A row is on disk before `put`
 * answers; the writes that wait at one moment share one commit.
 */
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { FarthingError } from '../../protocol/errors.ts';
import { micros } from '../../protocol/money.ts';
import type { PurseRow, Store } from '../store.ts';

/** "Fars": says whose file this is. */
const APPLICATION_ID = 0x46617273;
const SCHEMA_VERSION = 1;
/** How long to wait for another process's commit. */
const BUSY_TIMEOUT_MS = 5000;

const SCHEMA = `
  CREATE TABLE purse (
    purse TEXT PRIMARY KEY, rev INTEGER NOT NULL, certificate TEXT NOT NULL,
    seq INTEGER NOT NULL, tot INTEGER NOT NULL, charge TEXT, receipt TEXT,
    firm INTEGER NOT NULL, closed INTEGER NOT NULL,
    handing_seq INTEGER NOT NULL, handed_seq INTEGER NOT NULL, captured_tot INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX purse_due ON purse (purse) WHERE handed_seq < seq;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;
const INSERT = `INSERT INTO purse VALUES ($purse, $rev, $certificate, $seq, $tot, $charge, $receipt,
  $firm, $closed, $handingSeq, $handedSeq, $capturedTot) ON CONFLICT DO NOTHING`;
const UPDATE = `UPDATE purse SET rev = $rev, certificate = $certificate, seq = $seq, tot = $tot,
  charge = $charge, receipt = $receipt, firm = $firm, closed = $closed, handing_seq = $handingSeq,
  handed_seq = $handedSeq, captured_tot = $capturedTot WHERE purse = $purse AND rev = $rev - 1`;
const DUE = `SELECT * FROM purse WHERE handed_seq < seq AND purse > $after
  ORDER BY purse LIMIT $limit`;

/** A store that holds a file open until it is closed. */
export interface SqliteStore extends Store {
  close(): void;
}

function pragma(database: DatabaseSync, name: string): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name];
}

/** Our file, an empty one, or a refusal. */
function isOurs(database: DatabaseSync): boolean {
  let tables: unknown;
  try {
    tables = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.count;
  } catch (error) {
    throw new FarthingError('database_foreign', 'it is not an SQLite file', { cause: error });
  }
  const isEmpty = tables === 0 && pragma(database, 'application_id') === 0;
  if (!isEmpty && pragma(database, 'application_id') !== APPLICATION_ID)
    throw new FarthingError('database_foreign', 'name another file for the seller’s store');
  if (Number(pragma(database, 'user_version')) > SCHEMA_VERSION)
    throw new FarthingError('database_newer', 'update farthing, or name another file');
  return !isEmpty;
}

/** Two processes may open a new file at one moment: the one that comes second finds the tables. */
function prepareDatabase(database: DatabaseSync): void {
  isOurs(database);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  if (isOurs(database)) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    if (!isOurs(database)) database.exec(SCHEMA);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    prepareDatabase(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function readRow(row: Record<string, SQLOutputValue>): PurseRow {
  const optional = (value: SQLOutputValue | undefined) =>
    typeof value === 'string' ? value : undefined;
  return {
    purse: String(row.purse),
    rev: Number(row.rev),
    certificate: String(row.certificate),
    seq: Number(row.seq),
    tot: micros(BigInt(row.tot as number)),
    charge: optional(row.charge),
    receipt: optional(row.receipt),
    firm: row.firm === 1,
    closed: row.closed === 1,
    handingSeq: Number(row.handing_seq),
    handedSeq: Number(row.handed_seq),
    capturedTot: micros(BigInt(row.captured_tot as number)),
  };
}

function parametersOf(row: PurseRow) {
  const { charge = null, receipt = null } = row;
  return { ...row, charge, receipt, firm: row.firm ? 1 : 0, closed: row.closed ? 1 : 0 };
}

interface Waiting {
  readonly row: PurseRow;
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
        const { changes } = (row.rev === 1 ? insert : update).run(parametersOf(row));
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
  return (row: PurseRow) =>
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
  const get = database.prepare('SELECT * FROM purse WHERE purse = ?');
  const due = database.prepare(DUE);
  return {
    get: async (purse) => {
      const row = get.get(purse);
      return row && readRow(row);
    },
    put: createWriter(database),
    due: async ({ limit, after = '' }) => due.all({ limit, after }).map(readRow),
    close: () => {
      if (isFile) database.close();
    },
  };
}
