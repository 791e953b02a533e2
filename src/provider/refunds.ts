/**
 * Refund notes (SPEC 9.12): each (purse, seq) is booked once, in whatever order notes and charges
 * arrive, by the seller or by the reader whom it is for.
 */
import type { RefundResult } from '../protocol/api.ts';
import type { ErrorCode } from '../protocol/errors.ts';
import { paytoMember } from '../protocol/payto.ts';
import { compact, id, list } from '../protocol/shape.ts';
import { type ReadRefundNote, readRefundNote } from '../protocol/undo.ts';
import type { Context } from './context.ts';
import type { Books, Reading } from './database.ts';
import { readBody } from './input.ts';
import { payRefunds } from './repayments.ts';
import { requireSeller, sellerSignatureFault } from './sellers.ts';
import { type Answer, answer, type Call, type Writing, writeAsAccount, writeOf } from './writes.ts';

/** SPEC 9.12. */
const NOTE_COUNT_MAX = 1000;
/** SPEC 5.8: in so many days, so many undos. */
export const UNDO_COUNT_MAX = 5;
const UNDO_DAYS_SEC = 7 * 86_400;

interface Presented extends ReadRefundNote {
  readonly fault: ErrorCode | undefined;
}

/** How many undos a reader has left at a seller (SPEC 5.8). */
export async function undosLeft({ books, account, atSec }: Writing, payto: string) {
  const { count } = await books
    .selectFrom('refund')
    .innerJoin('purse', 'purse.id', 'refund.purse')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('purse.account', '=', account)
    .where('purse.payto', '=', payto)
    .where('refund.at_sec', '>', BigInt(atSec - UNDO_DAYS_SEC))
    .executeTakeFirstOrThrow();
  return Math.max(0, UNDO_COUNT_MAX - Number(count));
}

async function findRefund(reading: Reading, { claims: { pur, seq } }: ReadRefundNote) {
  return reading
    .selectFrom('refund')
    .select(['amount_micros', 'state'])
    .where('purse', '=', pur)
    .where('seq', '=', BigInt(seq))
    .executeTakeFirst();
}

async function bookedMicros(reading: Reading, purse: string): Promise<bigint> {
  const { sum } = await reading
    .selectFrom('refund')
    .select(({ fn }) => fn.sum<bigint | null>('amount_micros').as('sum'))
    .where('purse', '=', purse)
    .executeTakeFirstOrThrow();
  return sum ?? 0n;
}

/** Whose notes these may be: the seller's own, and for a reader those of its own purses. */
interface Caller {
  readonly payto: string;
  readonly isSeller: boolean;
}

/** Why a new note is not booked; undefined where it is. */
async function faultOf(
  { books, account }: Writing,
  note: Presented,
  caller: Caller,
): Promise<ErrorCode | undefined> {
  const { pur, aud, seq, amt } = note.claims;
  const purse = await books
    .selectFrom('purse')
    .select(['account', 'payto', 'state', 'last_seq', 'limit_micros', 'captured_micros'])
    .where('id', '=', pur)
    .executeTakeFirst();
  if (!purse || (!caller.isSeller && purse.account !== account)) return 'purse_not_found';
  if (aud !== caller.payto || purse.payto !== caller.payto) return 'purse_audience';
  if (note.fault) return note.fault;
  const known = await findRefund(books, note);
  if (known && known.amount_micros !== amt) return 'refund_conflict';
  if (known) return known.state === 'void' ? 'refund_excess' : undefined;
  // Of an open purse more may be captured yet; of one that was released nothing will be.
  const isOpen = purse.state === 'open';
  const mostMicros = isOpen ? purse.limit_micros : purse.captured_micros;
  const isLate = !isOpen && seq > purse.last_seq;
  const isExcess = amt === 0n || isLate || (await bookedMicros(books, pur)) + amt > mostMicros;
  return isExcess ? 'refund_excess' : undefined;
}

async function book(books: Books, { claims, token }: ReadRefundNote, atSec: number): Promise<void> {
  const { pur: purse, aud: payto, seq, amt } = claims;
  const row = { purse, seq, payto, amount_micros: amt, note: token, state: 'pending' as const };
  await books
    .insertInto('refund')
    .values({ ...row, at_sec: atSec })
    .onConflict((conflict) => conflict.columns(['purse', 'seq']).doNothing())
    .execute();
}

async function bookNotes(
  writing: Writing,
  payto: string,
  notes: readonly Presented[],
): Promise<Answer> {
  const { context, books, account, atSec } = writing;
  const seller = await requireSeller(context, books, payto);
  const caller = { payto, isSeller: seller.account === account };
  const faults: (ErrorCode | undefined)[] = [];
  for (const note of notes) {
    const fault = await faultOf(writing, note, caller);
    faults.push(fault);
    if (!fault) await book(books, note, atSec);
  }
  const currencies = await books.selectFrom('earnings').select('currency').distinct().execute();
  for (const { currency } of currencies)
    await payRefunds(books, { handle: seller.handle, payto, currency }, atSec);
  const results: RefundResult[] = [];
  for (const [index, note] of notes.entries()) {
    const { pur, seq } = note.claims;
    const code = faults[index];
    const state = (await findRefund(books, note))?.state === 'paid' ? 'paid' : 'pending';
    results.push(code ? { pur, seq, state: 'refused', code } : { pur, seq, state });
  }
  return answer({ results });
}

/** A token that cannot be read names no purse, so the whole body is malformed. */
function readableNote(value: unknown): string {
  return readRefundNote(compact(value)).token;
}

/**
 * `POST /v1/refunds`.
 * @throws FarthingError `body_malformed`, `account_unknown`, `seller_unknown`, `id_reused`; per
 *   note, in the answer: `purse_not_found`, `purse_audience`, `jws_key_unknown`, `jws_signature`,
 *   `refund_conflict`, `refund_excess`
 */
export async function refund(context: Context, call: Call): Promise<Answer> {
  const members = { id, payto: paytoMember, notes: list(readableNote, NOTE_COUNT_MAX) };
  const body = readBody(call.body, members);
  const write = writeOf('refunds', body.id, call.body);
  const notes = await Promise.all(
    body.notes.map(async (token): Promise<Presented> => {
      const note = readRefundNote(token);
      return { ...note, fault: await sellerSignatureFault(context, body.payto, note.jws) };
    }),
  );
  return writeAsAccount(context, call.kid, write, (writing) =>
    bookNotes(writing, body.payto, notes),
  );
}
