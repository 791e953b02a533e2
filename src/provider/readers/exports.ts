/**
 * Everything that is held about an account, as one JSON (SPEC 9.25): the rows of the books as they
 * are, read page by page while it is sent, so that a long life here needs no more memory than a
 * short one.
 */
import { sql } from 'kysely';
import type { Sent } from '../api/writes.ts';
import { type Context, nowSec } from '../context.ts';
import { type Database, readBooks } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';
import { requireAccount } from './devices.ts';
import { movementsOf, NEWEST } from './movements.ts';

const PAGE_COUNT = 500;
/** They are large. */
const CHUNK_COUNT = 16;

type Row = Readonly<Record<string, unknown>>;

/** The rows of one table that are the account's. */
interface Part {
  readonly table: keyof Tables;
  /** By what they are the account's: its own column, that of its purse or of its seller. */
  readonly by: 'id' | 'account' | 'purse' | 'handle';
  /** What orders them, beside the account. */
  readonly key: readonly string[];
  readonly pageCount?: number;
  /** What the account was told already, and can be told again by its ids. */
  readonly without?: readonly string[];
}

/** A new table about people is a new row here. */
export const PARTS: readonly Part[] = [
  { table: 'account', by: 'id', key: ['id'] },
  { table: 'device', by: 'account', key: ['kid'] },
  { table: 'recovery_key', by: 'account', key: ['kind'] },
  { table: 'pseudonym', by: 'account', key: ['payto'] },
  { table: 'topup', by: 'account', key: ['id'] },
  { table: 'dispute', by: 'account', key: ['reference'] },
  { table: 'dispute_move', by: 'account', key: ['reference', 'number'] },
  { table: 'withdrawal', by: 'account', key: ['id'] },
  { table: 'withdrawal_part', by: 'account', key: ['withdrawal', 'number'] },
  { table: 'purse', by: 'account', key: ['id'] },
  { table: 'set_aside', by: 'account', key: ['id'] },
  { table: 'capture', by: 'purse', key: ['purse', 'seq'] },
  { table: 'refund', by: 'purse', key: ['purse', 'seq'] },
  { table: 'judged_undo', by: 'purse', key: ['purse', 'seq'] },
  { table: 'untold_undo', by: 'purse', key: ['purse', 'seq'] },
  { table: 'answered_write', by: 'account', key: ['id'], without: ['digest', 'body'] },
  { table: 'history_chunk', by: 'account', key: ['number'], pageCount: CHUNK_COUNT },
  { table: 'seller', by: 'account', key: ['handle'] },
  { table: 'earnings', by: 'handle', key: ['handle', 'currency', 'rate_basis_points'] },
  { table: 'payout', by: 'handle', key: ['handle', 'number'] },
  { table: 'origin_check', by: 'handle', key: ['handle', 'origin'] },
];

function ownedBy({ by }: Part, account: string) {
  if (by === 'purse') return sql`purse in (select id from purse where account = ${account})`;
  if (by === 'handle') return sql`handle in (select handle from seller where account = ${account})`;
  return sql`${sql.ref(by)} = ${account}`;
}

/** The next rows after `last`. */
async function readPage(
  database: Database,
  part: Part,
  { account, last }: { readonly account: string; readonly last: Row | undefined },
): Promise<Row[]> {
  const { table, key, pageCount = PAGE_COUNT } = part;
  const columns = sql.join(key.map((name) => sql.ref(name)));
  const after = last
    ? sql` and (${columns}) > (${sql.join(key.map((name) => last[name]))})`
    : sql``;
  const { rows } = await sql<Row>`select * from ${sql.table(table)}
    where ${ownedBy(part, account)}${after} order by ${columns} limit ${pageCount}`.execute(
    database,
  );
  return rows;
}

/** As it is told: amounts as texts (SPEC 1.2), other numbers as numbers, nothing left out. */
function textOf(row: Row, without: readonly string[] = []): string {
  const told = Object.entries(row)
    .filter(([name]) => !without.includes(name))
    .map(([name, value]) => {
      if (typeof value !== 'bigint') return [name, value];
      return [name, name.endsWith('_micros') ? `${value}` : Number(value)];
    });
  return JSON.stringify(Object.fromEntries(told));
}

async function* pagesOf(database: Database, part: Part, account: string): AsyncGenerator<string[]> {
  let last: Row | undefined;
  do {
    const rows = await readPage(database, part, { account, last });
    yield rows.map((row) => textOf(row, part.without));
    last = rows.length < (part.pageCount ?? PAGE_COUNT) ? undefined : rows.at(-1);
  } while (last);
}

async function* movementPages(database: Database, account: string): AsyncGenerator<string[]> {
  let before: bigint | undefined = NEWEST;
  while (before !== undefined) {
    const from: bigint = before;
    const page = await readBooks(database, (books) => movementsOf(books, account, from));
    yield page.movements.map((movement) => JSON.stringify(movement));
    const { number } = page.movements.at(-1) ?? {};
    before = page.more && number !== undefined ? BigInt(number) : undefined;
  }
}

async function* listText(name: string, pages: AsyncGenerator<string[]>): AsyncGenerator<string> {
  yield `,\n${JSON.stringify(name)}:[`;
  let isFirst = true;
  for await (const texts of pages)
    if (texts.length > 0) {
      yield `${isFirst ? '\n' : ',\n'}${texts.join(',\n')}`;
      isFirst = false;
    }
  yield ']';
}

async function* exportText(context: Context, account: string): AsyncGenerator<string> {
  const { issuer, database } = context;
  yield `{"issuer":${JSON.stringify(issuer)},"at":${nowSec(context)}`;
  yield* listText('movements', movementPages(database, account));
  for (const part of PARTS) yield* listText(part.table, pagesOf(database, part, account));
  yield '}\n';
}

/** Reads on only as fast as it is taken; what fails ends it, and leaves no JSON. */
function streamOf(texts: AsyncGenerator<string>, log: Context['log']): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull: async (controller) => {
      try {
        const { done, value } = await texts.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (error) {
        log(`internal: export: ${error}`);
        controller.error(error);
      }
    },
    cancel: async () => void (await texts.return(undefined)),
  });
}

/**
 * `GET /v1/account/export`: not of one moment: what changes meanwhile is in it or not.
 * @throws FarthingError `account_unknown`, `device_revoked`
 */
export async function exportAccount(context: Context, kid: string): Promise<Sent> {
  const account = await requireAccount(context.database, kid);
  return { status: 200, body: streamOf(exportText(context, account), context.log) };
}
