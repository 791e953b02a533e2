/**
 * The least that a database has to do for a purse and for a collection: the rows that the books
 * get, as long as ours and under random names as ours are, by prepared statements, a commit for
 * each, and nothing read, signed or checked.
 */
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { openDatabase } from '../../src/provider/database/database.ts';
import { isPostgresAddress } from '../../src/provider/database/postgres.ts';
import { SQLITE_SETTINGS } from '../../src/provider/database/sqlite.ts';
import { randomId } from '../support/payer.ts';

/** One transaction of statements; a `?` is a value. */
export type Transact = (statements: readonly Statement[]) => Promise<void> | void;
type Statement = readonly [text: string, ...values: (string | number)[]];

export interface BareBooks {
  readonly transact: Transact;
  close(): Promise<void> | void;
}

const HASH = 'h'.repeat(43);
/** As long as ours. */
const KEY = 'x'.repeat(126);
const CERTIFICATE = 'x'.repeat(654);
const CHARGE = 'x'.repeat(340);
const HEAD = 'x'.repeat(340);
const ANSWERS = { issue: 'x'.repeat(1107), collect: 'x'.repeat(86) };
const SEEDS: readonly string[] = [
  `insert into account (id, opened_at_sec) values ('a', 1)`,
  `insert into seller (handle, account, name, origins, keys, changed_at_sec)
    values ('news', 'a', 'News', '[]', '[]', 1)`,
  `insert into earnings (handle, currency, rate_basis_points, collected_micros, fees_micros)
    values ('news', 'USD', 250, 0, 0)`,
  `insert into setting values ('journal_head', '')`,
  ...['provider expense', 'seller earned starter:news', 'provider fees'].map(
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
  raw.exec(SQLITE_SETTINGS);
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

/** Books of the same shape and settings, with one seller. */
export async function openBare(place: string): Promise<BareBooks> {
  await (await openDatabase(place, 'write')).destroy();
  return isPostgresAddress(place) ? bareServer(place) : bareFile(place);
}

const MOVE = 'update ledger_account set balance_micros = balance_micros + ? where id = ?';

function entry(number: number, id: string): Statement {
  const text = 'insert into ledger_transaction values (?, ?, ?, 1, ?, ?)';
  return [text, number, id, 'issue', HASH, HASH];
}

function lines(number: number, postings: readonly (readonly [string, number])[]): Statement {
  const values = postings.map(([account, micros], index) => [number, index + 1, account, micros]);
  return [`insert into posting values ${values.map(() => '(?, ?, ?, ?)')}`, ...values.flat()];
}

function ending({ account, body }: { readonly account: string; readonly body: string }) {
  return [
    ['insert into answered_write values (?, ?, ?, 200, ?, 1)', account, randomId(), HASH, body],
    [`update setting set value = ? where name = 'journal_head'`, HEAD],
  ] satisfies Statement[];
}

/** A purse and the reader who has it. */
export interface BarePurse {
  readonly purse: string;
  readonly account: string;
}

/** What a new reader has: outside of what is timed. */
export function bareReader({ account }: BarePurse): Statement[] {
  return [
    ['insert into account (id, opened_at_sec) values (?, 1)', account],
    [
      `insert into ledger_account values (?, 'reader starter', ?, 'USD', 250000)`,
      `reader starter:${account}:USD`,
      account,
    ],
  ];
}

/** What a purse writes. */
export function bareIssue(number: number, { purse, account }: BarePurse): Statement[] {
  const [from, to] = [`reader starter:${account}:USD`, `purse:${purse}:USD`];
  const id = `issue:${purse}`;
  return [
    entry(number, id),
    [MOVE, -1000, from],
    [`insert into ledger_account values (?, 'purse', ?, 'USD', 1000)`, to, purse],
    lines(number, [
      [from, -1000],
      [to, 1000],
    ]),
    [`insert into pseudonym values (?, 'news@localhost:1', ?)`, account, purse],
    [
      `insert into purse (id, account, device, payto, currency, limit_micros, starter_micros,
        captured_micros, last_seq, expires_at_sec, state, key, sub, certificate)
        values (?, ?, ?, 'news@localhost:1', 'USD', 1000, 1000, 0, 0, 9, 'open', ?, ?, ?)`,
      ...[purse, account, randomId(32), KEY, purse, CERTIFICATE],
    ],
    ['insert into set_aside values (?, ?, ?, 1000, 1)', id, account, purse],
    ...ending({ account, body: ANSWERS.issue }),
  ];
}

/** What a collection of one charge writes. */
export function bareCollection(number: number, { purse }: BarePurse): Statement[] {
  const postings = [
    [`purse:${purse}:USD`, -1000],
    ['seller earned starter:news:USD', 975],
    ['provider fees:USD', 25],
  ] as const;
  return [
    entry(number, `capture:${purse}:1`),
    ...postings.map(([account, micros]): Statement => [MOVE, micros, account]),
    lines(number, postings),
    [
      `insert into capture (purse, payto, seq, total_micros, amount_micros, earned_micros,
        earned_starter_micros, charge, at_sec)
        values (?, 'news@localhost:1', 1, 1000, 1000, 0, 975, ?, 1)`,
      purse,
      CHARGE,
    ],
    [
      `update purse set captured_micros = 1000, captured_starter_micros = 1000, last_seq = 1,
        starter_micros = 0 where id = ?`,
      purse,
    ],
    [
      `update earnings set collected_micros = collected_micros + 1000,
        fees_micros = fees_micros + 25 where handle = 'news'`,
    ],
    ...ending({ account: 'a', body: ANSWERS.collect }),
  ];
}
