/**
 * The journal (SPEC 10): every movement of money is one entry whose postings sum to zero, numbered
 * without a gap and chained by hashes. Balances are moved in the same database transaction.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { decodeBase64url, utf8 } from '../../protocol/base64url.ts';
import { canonicalJson } from '../../protocol/json.ts';
import { MICROS_ZERO, type Micros } from '../../protocol/money.ts';
import { type Books, openDatabase, type Reading, readBooks } from '../database/database.ts';
import { ask, askAll, changing, insertionInto, type Query, queryOf } from '../database/queries.ts';
import { type LedgerAccount, ledgerAccountId, sideOf } from './chart.ts';

/** Why money moved. */
export type EntryKind =
  | ('opening' | 'topup' | 'issue' | 'raise' | 'capture' | 'release' | 'refund')
  | ('payout' | 'paid' | 'bounced' | 'funds')
  | ('chargeback' | 'chargeback won' | 'recovery')
  | ('withdrawal' | 'withdrawn' | 'withdrawal failed')
  | ('cost' | 'cost returned')
  | 'closing';

/** One line: credit is positive, debit negative. */
export interface Posting {
  readonly account: LedgerAccount;
  readonly amountMicros: bigint;
}

export interface Entry {
  /** Unique for ever: the same movement cannot be booked twice. */
  readonly id: string;
  readonly kind: EntryKind;
  readonly atSec: number;
  /** Lines of nothing are left out. */
  readonly postings: readonly Posting[];
}

/** An entry as it is hashed and listed. */
export interface WrittenEntry {
  readonly number: number;
  readonly id: string;
  readonly kind: string;
  readonly at: number;
  readonly postings: readonly { readonly account: string; readonly amount: bigint }[];
}

/** The hash before the first entry: 32 zero bytes. */
export const FIRST_HASH = 'A'.repeat(43);

/** SPEC 10.2: SHA-256(previous hash ‖ JCS(entry)), base64url. */
export function entryHash(previousHash: string, entry: WrittenEntry): string {
  const postings = entry.postings.map((posting) => ({ ...posting }));
  return createHash('sha256')
    .update(decodeBase64url(previousHash))
    .update(utf8(canonicalJson({ ...entry, postings })))
    .digest('base64url');
}

/** Where the journal ends. */
export interface Last {
  readonly number: number;
  readonly hash: string;
}

/** Asks where the journal ends; its answer is for `lastIn`. */
export const LAST_ENTRY = queryOf((reading) =>
  reading
    .selectFrom('ledger_transaction')
    .select(['number', 'hash'])
    .orderBy('number', 'desc')
    .limit(1),
)({});

/** What `LAST_ENTRY` has answered; number 0 where the journal is empty. */
export function lastIn([row]: readonly { readonly number: bigint; readonly hash: string }[]): Last {
  return row ? { number: Number(row.number), hash: row.hash } : { number: 0, hash: FIRST_HASH };
}

/** The journal's last entry; number 0 when it is empty. */
export async function lastEntry(reading: Reading): Promise<Last> {
  return lastIn(await ask(reading, LAST_ENTRY));
}

/** Money comes to an account, which may be new. */
const GIVE = queryOf(
  (books, row: LedgerAccount & { readonly id: string; readonly balance_micros: Micros }) =>
    books
      .insertInto('ledger_account')
      .values({
        id: row.id,
        kind: row.kind,
        owner: row.owner,
        currency: row.currency,
        balance_micros: row.balance_micros,
      })
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet(({ ref }) => ({
          balance_micros: sql<Micros>`${ref('ledger_account.balance_micros')}
            + ${ref('excluded.balance_micros')}`,
        })),
      ),
);

/** Money leaves an account, which has it. */
const TAKE = queryOf((books, { id, micros }: { readonly id: string; readonly micros: Micros }) =>
  books
    .updateTable('ledger_account')
    .set((row) => ({ balance_micros: row('balance_micros', '-', micros) }))
    .where('id', '=', id),
);

/** A row that is not there yet is one of nothing, which nothing can be taken from. */
function moveOf({ account, amountMicros }: Posting): Query<unknown> {
  const id = ledgerAccountId(account);
  const changeMicros = (sideOf(account.kind) * amountMicros) as Micros;
  if (changeMicros < 0n)
    return changing(TAKE({ id, micros: -changeMicros as Micros }), `Nothing was ever in ${id}`);
  return GIVE({ ...account, id, balance_micros: changeMicros });
}

const WRITE_ENTRY = insertionInto('ledger_transaction');
const WRITE_LINES = insertionInto('posting');

function checkBalanced(postings: readonly Posting[]): void {
  const sumMicros = postings.reduce((sum, posting) => sum + posting.amountMicros, 0n);
  const currencies = new Set(postings.map((posting) => posting.account.currency));
  if (sumMicros !== 0n || currencies.size !== 1)
    throw new TypeError(`An entry must sum to zero in one currency, not to ${sumMicros}`);
}

/** What is written for an entry, and where the journal ends with it. */
interface EntryWrites {
  readonly writes: readonly Query<unknown>[];
  readonly last: Last;
}

/**
 * What books one entry behind `last`, for `askAll`. The database itself refuses a balance below
 * zero, so callers ask first whether there is enough and treat that refusal as a failure of the
 * program.
 * @throws TypeError when the postings do not sum to zero in one currency
 */
export function entryWrites(entry: Entry, last: Last): EntryWrites {
  const postings = entry.postings.filter((posting) => posting.amountMicros !== 0n);
  checkBalanced(postings);
  const { id, kind, atSec } = entry;
  const lines = postings.map(({ account, amountMicros }) => ({
    account: ledgerAccountId(account),
    amount: amountMicros,
  }));
  const number = last.number + 1;
  const hash = entryHash(last.hash, { number, id, kind, at: atSec, postings: lines });
  const writes = [
    WRITE_ENTRY({ number, id, kind, at_sec: atSec, previous_hash: last.hash, hash }),
    ...postings.map(moveOf),
    WRITE_LINES(
      ...lines.map(({ account, amount: amount_micros }, index) => {
        return { number, line: index + 1, account, amount_micros };
      }),
    ),
  ];
  return { writes, last: { number, hash } };
}

/**
 * Books one entry.
 * @throws TypeError as `entryWrites` does, and when they take from an account that never had
 *   anything
 */
export async function postEntry(books: Books, entry: Entry): Promise<void> {
  await askAll(books, ...entryWrites(entry, await lastEntry(books)).writes);
}

/** Asks what accounts hold; for `balanceIn`. */
const BALANCE_OF = queryOf((reading, { id }: { readonly id: string }) =>
  reading.selectFrom('ledger_account').select('balance_micros').where('id', '=', id),
);

/** Asks what an account holds; its answer is for `balanceIn`. */
export function balanceAsked(account: LedgerAccount) {
  return BALANCE_OF({ id: ledgerAccountId(account) });
}

/** What `balanceAsked` was answered. */
export function balanceIn([row]: readonly { readonly balance_micros: Micros }[]): Micros {
  return row?.balance_micros ?? MICROS_ZERO;
}

/** What an account of the books holds, on its own side. */
export async function balanceOf(reading: Reading, account: LedgerAccount): Promise<Micros> {
  return balanceIn(await ask(reading, balanceAsked(account)));
}

/** Every entry in order, with its lines; and the hashes that chain it. */
export async function* readJournal(
  reading: Reading,
): AsyncGenerator<WrittenEntry & { previousHash: string; hash: string }> {
  const rows = reading
    .selectFrom('ledger_transaction as entry')
    .leftJoin('posting', 'posting.number', 'entry.number')
    .selectAll('entry')
    .select(['posting.account', 'posting.amount_micros'])
    .orderBy('entry.number')
    .orderBy('posting.line')
    .stream();
  let entry: (WrittenEntry & { previousHash: string; hash: string }) | undefined;
  let postings: { account: string; amount: bigint }[] = [];
  for await (const row of rows) {
    if (entry?.number !== Number(row.number)) {
      if (entry) yield entry;
      postings = [];
      entry = {
        number: Number(row.number),
        id: row.id,
        kind: row.kind,
        at: Number(row.at_sec),
        postings,
        previousHash: row.previous_hash,
        hash: row.hash,
      };
    }
    if (row.account !== null && row.amount_micros !== null)
      postings.push({ account: row.account, amount: row.amount_micros });
  }
  if (entry) yield entry;
}

/** One entry for people. */
export interface JournalRow {
  readonly number: number;
  readonly kind: string;
  /** Seconds since 1970. */
  readonly at: number;
  /** Credit is positive, debit negative. */
  readonly postings: readonly { readonly account: string; readonly amountMicros: bigint }[];
}

/**
 * The journal of a database, oldest entry first.
 * @throws FarthingError `database_foreign`, `database_newer`, `option_invalid`
 */
export async function journalRows(file: string): Promise<JournalRow[]> {
  const database = await openDatabase(file, 'read');
  try {
    return await readBooks(database, async (books) => {
      const rows: JournalRow[] = [];
      for await (const { number, kind, at, postings } of readJournal(books))
        rows.push({
          number,
          kind,
          at,
          postings: postings.map(({ account, amount }) => ({ account, amountMicros: amount })),
        });
      return rows;
    });
  } finally {
    await database.destroy();
  }
}
