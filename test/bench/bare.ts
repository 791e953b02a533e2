/**
 * The least that a database has to do for a purse and for a collection: the rows that the books
 * get, by prepared statements, a commit for each, and nothing read, signed or checked.
 */
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { openDatabase } from '../../src/provider/database.ts';
import { isPostgresAddress } from '../../src/provider/databases/postgres.ts';

/** One transaction of statements; a `?` is a value. */
export type Transact = (statements: readonly Statement[]) => Promise<void> | void;
type Statement = readonly [text: string, ...values: (string | number)[]];

export interface BareBooks {
  readonly transact: Transact;
  close(): Promise<void> | void;
}

const TEXT = 'x'.repeat(600);
const HASH = 'h'.repeat(43);
const SEEDS: readonly string[] = [
  `insert into account (id, opened_at_sec) values ('a', 1)`,
  `insert into seller values ('news', 'a', 'News', '[]', '[]', 1)`,
  `insert into earnings (handle, currency, rate_basis_points, collected_micros, fees_micros)
    values ('news', 'USD', 250, 0, 0)`,
  `insert into setting values ('journal_head', '')`,
  ...['reader available:a', 'seller earned:news', 'provider fees'].map(
    (name) => `insert into ledger_account values ('${name}:USD', '${name}', '', 'USD', 1000000000)`,
  ),
];

async function bareServer(place: string): Promise<BareBooks> {
  const client = new Client({ connectionString: place });
  await client.connect();
  for (const text of SEEDS) await client.query(text);
  const names = new Map<string, string>();
  const transact: Transact = async (statements) => {
    await client.query('begin');
    for (const [asked, ...values] of statements) {
      const name = names.get(asked) ?? `bare_${names.size}`;
      names.set(asked, name);
      let count = 0;
      const text = asked.replace(/\?/g, () => `$${++count}`);
      await client.query({ name, text, values });
    }
    await client.query('commit');
  };
  return { transact, close: () => client.end() };
}

function bareFile(file: string): BareBooks {
  const raw = new DatabaseSync(file);
  raw.exec('pragma synchronous = full');
  for (const text of SEEDS) raw.exec(text);
  const prepared = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  const transact: Transact = (statements) => {
    raw.exec('begin immediate');
    for (const [text, ...values] of statements) {
      const statement = prepared.get(text) ?? raw.prepare(text);
      prepared.set(text, statement);
      statement.run(...values);
    }
    raw.exec('commit');
  };
  return { transact, close: () => raw.close() };
}

/** Books of the same shape, with one reader and one seller. */
export async function openBare(place: string): Promise<BareBooks> {
  await (await openDatabase(place, 'write')).destroy();
  return isPostgresAddress(place) ? bareServer(place) : bareFile(place);
}

const MOVE = 'update ledger_account set balance_micros = balance_micros + ? where id = ?';
const POST = 'insert into posting values (?, ?, ?, ?)';

function entry(number: number, id: string): Statement {
  const text = 'insert into ledger_transaction values (?, ?, ?, 1, ?, ?)';
  return [text, number, id, 'issue', HASH, HASH];
}

function ending(write: string): Statement[] {
  return [
    [`insert into answered_write values ('a', ?, ?, 200, ?, 1)`, write, HASH, TEXT],
    [`update setting set value = ? where name = 'journal_head'`, TEXT],
  ];
}

/** What a purse writes. */
export function bareIssue(number: number): Statement[] {
  const purse = `p${number}`;
  return [
    entry(number, `issue:${purse}`),
    [MOVE, -1000, 'reader available:a:USD'],
    [`insert into ledger_account values (?, 'purse', ?, 'USD', 1000)`, `purse:${purse}:USD`, purse],
    [POST, number, 1, 'reader available:a:USD', -1000],
    [POST, number, 2, `purse:${purse}:USD`, 1000],
    [`insert into set_aside values (?, 'a', ?, 1000, 1)`, `issue:${purse}`, purse],
    [
      `insert into purse (id, account, payto, currency, limit_micros, starter_micros,
        captured_micros, last_seq, expires_at_sec, state, key, sub, certificate)
        values (?, 'a', 'news@localhost:1', 'USD', 1000, 0, 0, 0, 9, 'open', ?, ?, ?)`,
      purse,
      HASH,
      purse,
      TEXT,
    ],
    ...ending(`issue ${purse}`),
  ];
}

/** What a collection of one charge writes, of the purse of that number. */
export function bareCollection(number: number, purseNumber: number): Statement[] {
  const purse = `p${purseNumber}`;
  const lines = [`purse:${purse}:USD`, 'seller earned:news:USD', 'provider fees:USD'];
  return [
    entry(number, `capture:${purse}:1`),
    ...lines.map((id, index): Statement => [MOVE, [-1000, 975, 25][index] ?? 0, id]),
    ...lines.map(
      (id, index): Statement => [POST, number, index + 1, id, [-1000, 975, 25][index] ?? 0],
    ),
    [`insert into capture values (?, 1, 1000, 1000, ?, 1)`, purse, TEXT],
    ['update purse set captured_micros = 1000, last_seq = 1 where id = ?', purse],
    [
      `update earnings set collected_micros = collected_micros + 1000,
        fees_micros = fees_micros + 25 where handle = 'news'`,
    ],
    ...ending(`collect ${purse}`),
  ];
}
