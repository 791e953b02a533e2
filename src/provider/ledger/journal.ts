/**
 * The journal (SPEC 10): every movement of money is one entry whose postings sum to zero, numbered
 * without a gap and chained by hashes. Balances are moved in the same database transaction.
 */
import { createHash } from 'node:crypto';
import { decodeBase64url, utf8 } from '../../protocol/base64url.ts';
import { canonicalJson } from '../../protocol/json.ts';
import { MICROS_ZERO, type Micros } from '../../protocol/money.ts';
import { type Books, openDatabase, type Reading, readBooks } from '../database.ts';
import { type LedgerAccount, ledgerAccountId, sideOf } from './chart.ts';

/** Why money moved. */
export type EntryKind = 'opening' | 'topup' | 'issue' | 'raise' | 'capture' | 'release' | 'refund';

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

/** The journal's last entry; number 0 when it is empty. */
export async function lastEntry(reading: Reading): Promise<{ number: number; hash: string }> {
  const row = await reading
    .selectFrom('ledger_transaction')
    .select(['number', 'hash'])
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? { number: Number(row.number), hash: row.hash } : { number: 0, hash: FIRST_HASH };
}

async function moveBalance(books: Books, { account, amountMicros }: Posting): Promise<void> {
  const id = ledgerAccountId(account);
  const changeMicros = sideOf(account.kind) * amountMicros;
  const moved = await books
    .updateTable('ledger_account')
    .set((row) => ({ balance_micros: row('balance_micros', '+', changeMicros as Micros) }))
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (moved.numUpdatedRows === 1n) return;
  await books
    .insertInto('ledger_account')
    .values({ id, ...account, balance_micros: changeMicros as Micros })
    .execute();
}

function checkBalanced(postings: readonly Posting[]): void {
  const sumMicros = postings.reduce((sum, posting) => sum + posting.amountMicros, 0n);
  const currencies = new Set(postings.map((posting) => posting.account.currency));
  if (sumMicros !== 0n || currencies.size !== 1)
    throw new TypeError(`An entry must sum to zero in one currency, not to ${sumMicros}`);
}

/**
 * Books one entry. The database itself refuses a balance below zero, so callers ask first whether
 * there is enough and treat that refusal as a failure of the program.
 * @throws TypeError when the postings do not sum to zero in one currency
 */
export async function postEntry(books: Books, entry: Entry): Promise<void> {
  const postings = entry.postings.filter((posting) => posting.amountMicros !== 0n);
  checkBalanced(postings);
  const { id, kind, atSec } = entry;
  const last = await lastEntry(books);
  const lines = postings.map(({ account, amountMicros }) => ({
    account: ledgerAccountId(account),
    amount: amountMicros,
  }));
  const written = { number: last.number + 1, id, kind, at: atSec, postings: lines };
  const chained = { previous_hash: last.hash, hash: entryHash(last.hash, written) };
  await books
    .insertInto('ledger_transaction')
    .values({ number: written.number, id, kind, at_sec: atSec, ...chained })
    .execute();
  for (const posting of postings) await moveBalance(books, posting);
  const { number } = written;
  await books
    .insertInto('posting')
    .values(
      lines.map(({ account, amount: amount_micros }, index) => {
        return { number, line: index + 1, account, amount_micros };
      }),
    )
    .execute();
}

/** What an account of the books holds, on its own side. */
export async function balanceOf(reading: Reading, account: LedgerAccount): Promise<Micros> {
  const row = await reading
    .selectFrom('ledger_account')
    .select('balance_micros')
    .where('id', '=', ledgerAccountId(account))
    .executeTakeFirst();
  return row?.balance_micros ?? MICROS_ZERO;
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
