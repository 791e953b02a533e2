/**
 * Payments that their cards take back, and refunds that somebody makes beside us (SPEC 10.9): the
 * money has left, so it is taken from what the reader has, and the rest is owed. What is said last
 * is so: one that was won may be lost yet, and the other way round.
 */
import type { Selectable } from 'kysely';
import { MICROS_ZERO, type Micros } from '../../protocol/money.ts';
import { CURRENCY } from '../context.ts';
import type { Books } from '../database/database.ts';
import { coverShortage } from '../ledger/cover.ts';
import { lesser } from '../ledger/fee.ts';
import { balanceOf, lastEntry, postEntry } from '../ledger/journal.ts';
import type { Notice } from './funding.ts';
import type { DisputeMoveRow, DisputeRow } from './rows.ts';
import { availableOf, noteStanding, OUTSIDE, receivableOf, splitIncoming } from './standing.ts';

type Dispute = Selectable<DisputeRow>;
type Move = Selectable<DisputeMoveRow>;
/** The payment is its top-up's. */
export type DisputeNotice = Omit<Extract<Notice, { dispute: string }>, 'payment'>;

const STATES = { disputed: 'open', 'dispute lost': 'lost', 'dispute won': 'won' } as const;

/** What tells the entries of a dispute's later moves from those of its first ones. */
function suffixOf({ number, amount_micros: amount }: Pick<Move, 'number' | 'amount_micros'>) {
  return number <= (amount > 0n ? 1n : 2n) ? '' : `.${number}`;
}

/** The journal entry of a move. */
export function moveEntryId(
  move: Pick<Move, 'reference' | 'number' | 'account' | 'amount_micros'>,
) {
  const kind = move.amount_micros > 0n ? 'chargeback' : 'chargeback won';
  return `${kind}:${move.account}:${move.reference}${suffixOf(move)}`;
}

async function findDispute(books: Books, reference: string): Promise<Dispute | undefined> {
  const row = books.selectFrom('dispute').selectAll().where('reference', '=', reference);
  return row.executeTakeFirst();
}

/** What the dispute has taken until now, and how many moves that were. */
async function movedBy(books: Books, reference: string) {
  const moves = await books
    .selectFrom('dispute_move')
    .select('amount_micros')
    .where('reference', '=', reference)
    .execute();
  const takenMicros = moves.reduce((sum, { amount_micros: amount }) => sum + amount, 0n);
  return { takenMicros, count: BigInt(moves.length) };
}

async function postTaken(books: Books, move: Move): Promise<void> {
  const { account, amount_micros: amount } = move;
  const [amountMicros, atSec] = [amount as Micros, Number(move.at_sec)];
  const available = availableOf(account);
  const thereMicros = lesser(await balanceOf(books, available), amountMicros);
  const name = `${move.reference}${suffixOf(move)}`;
  await coverShortage(books, { currency: CURRENCY, amountMicros, name, atSec });
  await postEntry(books, {
    id: moveEntryId(move),
    kind: 'chargeback',
    atSec,
    postings: [
      { account: OUTSIDE, amountMicros },
      { account: available, amountMicros: -thereMicros },
      { account: receivableOf(account), amountMicros: thereMicros - amountMicros },
    ],
  });
}

async function postReturned(books: Books, move: Move): Promise<void> {
  const { account, amount_micros: amount } = move;
  await postEntry(books, {
    id: moveEntryId(move),
    kind: 'chargeback won',
    atSec: Number(move.at_sec),
    postings: await splitIncoming(books, { account, amountMicros: -amount as Micros }),
  });
}

async function putDispute(books: Books, notice: DisputeNotice, atSec: number): Promise<void> {
  const { dispute: reference, account, id: topup, amountMicros, kind } = notice;
  const state = STATES[kind];
  const now = { state, ended_at_sec: state === 'open' ? null : atSec };
  await books
    .insertInto('dispute')
    .values({ reference, account, topup, amount_micros: amountMicros, at_sec: atSec, ...now })
    .onConflict((known) =>
      known
        .column('reference')
        .doUpdateSet(state === 'won' ? now : { ...now, amount_micros: amountMicros }),
    )
    .execute();
}

/** What the disputes of a payment make of it; to one that was given back, money can go again. */
async function noteTopUp(books: Books, { account, id }: DisputeNotice, isBack: boolean) {
  const disputes = await books
    .selectFrom('dispute')
    .select(['state', 'amount_micros'])
    .where('account', '=', account)
    .where('topup', '=', id)
    .execute();
  const has = (state: Dispute['state']) => disputes.some((dispute) => dispute.state === state);
  const takenMicros = disputes
    .filter(({ state }) => state !== 'won')
    .reduce((sum, dispute) => sum + dispute.amount_micros, 0n);
  await books
    .updateTable('topup')
    .set({
      state: has('open') ? 'disputed' : has('lost') ? 'charged back' : 'paid',
      charged_back_micros: takenMicros as Micros,
      ...(isBack && { shut_at_sec: null }),
    })
    .where('account', '=', account)
    .where('id', '=', id)
    .execute();
}

async function moveMoney(books: Books, move: Move): Promise<void> {
  await (move.amount_micros > 0n ? postTaken(books, move) : postReturned(books, move));
  await books.insertInto('dispute_move').values(move).execute();
}

/**
 * Books what a dispute of a paid top-up has taken, as it stands now, however often that is said;
 * answers whether money came back. One that holds nothing, and never did, is none.
 */
export async function bookDispute(
  books: Books,
  notice: DisputeNotice,
  atSec: number,
): Promise<boolean> {
  const { account, dispute: reference, kind, amountMicros } = notice;
  const known = await findDispute(books, reference);
  if (!known && kind === 'dispute won') return false;
  const { takenMicros, count } = await movedBy(books, reference);
  const amount = (kind === 'dispute won' ? 0n : amountMicros) - takenMicros;
  if (known?.state === STATES[kind] && amount === 0n) return false;
  await putDispute(books, notice, atSec);
  const move = { reference, number: count + 1n, account, amount_micros: amount };
  if (amount !== 0n) await moveMoney(books, { ...move, at_sec: BigInt(atSec) });
  await noteTopUp(books, notice, amount < 0n);
  await noteStanding(books, account, atSec);
  return amount < 0n;
}

/**
 * What an account owes is taken from what has come back to it since, from its sellers for one;
 * answers whether there was something to take.
 */
export async function recover(books: Books, account: string, atSec: number): Promise<boolean> {
  const [available, receivable] = [availableOf(account), receivableOf(account)];
  const owedMicros = await balanceOf(books, receivable);
  const amountMicros = lesser(await balanceOf(books, available), owedMicros);
  if (amountMicros === MICROS_ZERO) return false;
  const { number } = await lastEntry(books);
  await postEntry(books, {
    id: `recovery:${account}:${number + 1}`,
    kind: 'recovery',
    atSec,
    postings: [
      { account: available, amountMicros: -amountMicros },
      { account: receivable, amountMicros },
    ],
  });
  await noteStanding(books, account, atSec);
  return true;
}
