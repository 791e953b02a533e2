/** An account's part of the journal, in the words of the API (SPEC 9.25). */
import { sql } from 'kysely';
import type { AccountMovement, AccountStatementAnswer } from '../../protocol/api.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { type Answer, answer } from '../api/writes.ts';
import { type Context, CURRENCY } from '../context.ts';
import { type Books, readBooks } from '../database/database.ts';
import { type LedgerKind, ledgerAccountId, readLedgerAccountId } from '../ledger/chart.ts';
import type { EntryKind } from '../ledger/journal.ts';
import { requireAccount } from './devices.ts';

const PAGE_COUNT = 50;

/** Those that concern a reader. */
export const MOVEMENT_KINDS: Readonly<Partial<Record<EntryKind, AccountMovement['kind']>>> = {
  opening: 'starter',
  topup: 'top-up',
  issue: 'set aside',
  raise: 'set aside',
  capture: 'captured',
  release: 'released',
  refund: 'given back',
  chargeback: 'charged back',
  'chargeback won': 'chargeback won',
  recovery: 'debt paid',
  withdrawal: 'withdrawal',
  withdrawn: 'withdrawn',
  'withdrawal failed': 'withdrawal failed',
};

/** Where a reader's money is, beside purses. */
const OWN: readonly LedgerKind[] = [
  'reader available',
  'reader starter',
  'withdrawal in transit',
  'chargeback receivable',
];

interface Line {
  readonly account: string;
  readonly amount_micros: bigint;
}

interface Entry {
  readonly number: bigint;
  readonly id: string;
  readonly kind: string;
  readonly at_sec: bigint;
  readonly lines: readonly Line[];
}

/** The newest entries before `before` on the account's own accounts, and on its purses'. */
async function entriesOf(
  books: Books,
  { account, before, limit }: { account: string; before: bigint; limit: number },
): Promise<Entry[]> {
  const own = OWN.map((kind) => ledgerAccountId({ kind, owner: account, currency: CURRENCY }));
  const onPurses = books
    .selectFrom('purse')
    .innerJoin('posting', (join) =>
      join.on('posting.account', '=', sql`'purse:' || purse.id || ':' || purse.currency`),
    )
    .select('posting.number')
    .where('purse.account', '=', account)
    .where('posting.number', '<', before);
  const found = await books
    .selectFrom('posting')
    .select('posting.number')
    .where('account', 'in', own)
    .where('number', '<', before)
    .union(onPurses)
    .orderBy('number', 'desc')
    .limit(limit)
    .execute();
  if (found.length === 0) return [];
  const numbers = found.map(({ number }) => number);
  const entries = await books
    .selectFrom('ledger_transaction')
    .select(['number', 'id', 'kind', 'at_sec'])
    .where('number', 'in', numbers)
    .orderBy('number', 'desc')
    .execute();
  const postings = await books
    .selectFrom('posting')
    .select(['number', 'account', 'amount_micros'])
    .where('number', 'in', numbers)
    .execute();
  const lines = Map.groupBy(postings, ({ number }) => number);
  return entries.map((entry) => ({ ...entry, lines: lines.get(entry.number) ?? [] }));
}

/** The purse that an entry is about: a refund moves nothing on its account, and names it. */
function purseOf({ id, kind, lines }: Entry): string | undefined {
  if (kind === 'refund') return id.split(':')[1];
  const owners = lines.map(({ account }) => readLedgerAccountId(account));
  return owners.find((it) => it?.kind === 'purse')?.owner;
}

/** What moved in all; of a refund what came to the reader: fees move with it. */
function amountOf({ kind, lines }: Entry): bigint {
  const isTheirs = ({ account }: Line) => kind !== 'refund' || account.startsWith('reader ');
  return lines
    .filter((line) => line.amount_micros > 0n && isTheirs(line))
    .reduce((sum, line) => sum + line.amount_micros, 0n);
}

async function paytosOf(books: Books, purses: readonly string[]): Promise<Map<string, string>> {
  if (purses.length === 0) return new Map();
  const rows = await books
    .selectFrom('purse')
    .select(['id', 'payto'])
    .where('id', 'in', [...new Set(purses)])
    .execute();
  return new Map(rows.map(({ id, payto }) => [id, payto]));
}

function movementOf(entry: Entry, payto: string | undefined): AccountMovement {
  const kind = MOVEMENT_KINDS[entry.kind as EntryKind];
  if (!kind) throw new TypeError(`An entry of kind ${entry.kind} concerns no reader`);
  const purse = purseOf(entry);
  return {
    ...{ number: Number(entry.number), kind, at: Number(entry.at_sec) },
    amount: `${amountOf(entry)}`,
    ...(purse !== undefined && payto !== undefined && { purse, payto }),
  };
}

/** A page of an account's movements before the journal entry `before`, newest first. */
export async function movementsOf(
  books: Books,
  account: string,
  before: bigint,
): Promise<AccountStatementAnswer> {
  const entries = await entriesOf(books, { account, before, limit: PAGE_COUNT + 1 });
  const page = entries.slice(0, PAGE_COUNT);
  const paytos = await paytosOf(
    books,
    page.flatMap((entry) => purseOf(entry) ?? []),
  );
  return {
    movements: page.map((entry) => movementOf(entry, paytos.get(purseOf(entry) ?? ''))),
    more: entries.length > PAGE_COUNT,
  };
}

/** More than any journal has. */
export const NEWEST = 10n ** 15n;

/**
 * `GET /v1/account/statement?before=NUMBER`.
 * @throws FarthingError `body_malformed`, `account_unknown`, `device_revoked`
 */
export async function readMovements(
  context: Context,
  kid: string,
  before: string | null,
): Promise<Answer> {
  if (before !== null && !/^[1-9][0-9]{0,14}$/.test(before))
    throw new FarthingError('body_malformed', 'before is the number of a movement');
  return readBooks(context.database, async (books) => {
    const account = await requireAccount(books, kid);
    return answer(await movementsOf(books, account, before === null ? NEWEST : BigInt(before)));
  });
}
