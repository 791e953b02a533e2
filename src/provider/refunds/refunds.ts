/**
 * Refund notes (SPEC 9.12): each (purse, seq) is booked once, in whatever order notes and charges
 * arrive, by the seller or by the reader whom it is for.
 */
import type { RefundResult } from '../../protocol/api.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { PublicJwk } from '../../protocol/key.ts';
import { MICROS_ZERO, type Micros } from '../../protocol/money.ts';
import { paytoMember } from '../../protocol/payto.ts';
import { id } from '../../protocol/shape.ts';
import { type ReadRefundNote, readRefundNote } from '../../protocol/undo.ts';
import { bodyOf, compactOf, listOf } from '../api/schema.ts';
import {
  type Answer,
  answer,
  type Call,
  knownAnswer,
  passingAnswer,
  type Writing,
  writeAsAccount,
  writeOf,
} from '../api/writes.ts';
import { broughtAtSec } from '../collections/dues.ts';
import { eachOnce, type Fault, sellerFault } from '../collections/signatures.ts';
import { type Context, CURRENCY } from '../context.ts';
import type { Reading } from '../database/database.ts';
import { ask, queryOf } from '../database/queries.ts';
import { lesser } from '../ledger/fee.ts';
import { requireAccount } from '../readers/devices.ts';
import { receiptKeys, requireSeller } from '../sellers/sellers.ts';
import { payRefunds } from './repayments.ts';
import { noteTold } from './untold.ts';
import { holdOf } from './young.ts';

/** SPEC 9.12. */
const NOTE_COUNT_MAX = 1000;
/**
 * SPEC 9.12: a seller collects before it hands in notes, and a reader has five undos a week. The
 * reader's are counted beside the seller's, so that a seller cannot fill its place.
 */
const EARLY_BY_SELLER_MAX = 16;
const EARLY_COUNT_MAX = 32;
/** SPEC 5.8: in so many days, so many undos. */
export const UNDO_COUNT_MAX = 5;
const UNDO_DAYS_SEC = 7 * 86_400;

/** `POST /v1/refunds`. */
export const REFUND = bodyOf({
  id,
  payto: paytoMember,
  notes: listOf(compactOf(readRefundNote, 'farthing-refund+jws'), { most: NOTE_COUNT_MAX }),
});

/** A note with what was found before the transaction. */
export interface Presented extends ReadRefundNote {
  readonly fault: Fault;
  /** The receipt key that its `kid` names. */
  readonly key: PublicJwk | undefined;
}

const UNDONE_SINCE = queryOf(
  (reading, of: { readonly account: string; readonly payto: string; readonly sinceSec: bigint }) =>
    reading
      .selectFrom('refund')
      .innerJoin('purse', 'purse.id', 'refund.purse')
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .where('purse.account', '=', of.account)
      .where('purse.payto', '=', of.payto)
      .where('refund.at_sec', '>', of.sinceSec),
);

/** Asks how many undos a reader had at a seller lately; its answer is for `undosLeftIn`. */
export function undosAsked({ account, atSec }: Writing, payto: string) {
  return UNDONE_SINCE({ account, payto, sinceSec: BigInt(atSec - UNDO_DAYS_SEC) });
}

/** How many undos are left then (SPEC 5.8). */
export function undosLeftIn([row]: readonly { readonly count: bigint }[]): number {
  return Math.max(0, UNDO_COUNT_MAX - Number(row?.count ?? 0));
}

/** How many undos a reader has left at a seller (SPEC 5.8). */
export async function undosLeft(writing: Writing, payto: string): Promise<number> {
  return undosLeftIn(await ask(writing.books, undosAsked(writing, payto)));
}

/** What is booked for the charge that a note or a receipt is of. */
export async function findRefund(
  reading: Reading,
  { claims: { pur, seq } }: { readonly claims: { readonly pur: string; readonly seq: number } },
) {
  return reading
    .selectFrom('refund')
    .select(['note', 'state'])
    .where('purse', '=', pur)
    .where('seq', '=', BigInt(seq))
    .executeTakeFirst();
}

/** What is given back of a purse in all, paid or not. */
export async function bookedMicros(reading: Reading, purse: string): Promise<Micros> {
  const { sum } = await reading
    .selectFrom('refund')
    .select(({ fn }) => fn.sum<Micros | null>('amount_micros').as('sum'))
    .where('purse', '=', purse)
    .where('state', '!=', 'void')
    .executeTakeFirstOrThrow();
  return sum ?? MICROS_ZERO;
}

/** Whose notes these may be: the seller's own, and for a reader those of its own purses. */
interface Caller {
  readonly payto: string;
  readonly isSeller: boolean;
}

/** What is to be done with a note: it is refused, there already, or booked as due or early. */
type Judgement =
  | { readonly state: 'refused'; readonly code: ErrorCode }
  | { readonly state: 'known' }
  | Due;

/** What is booked of a note: of one that is early all that it says. */
interface Due {
  readonly state: 'pending' | 'early';
  readonly backMicros: Micros;
}

function refused(code: ErrorCode): Judgement {
  return { state: 'refused', code };
}

async function findPurse(reading: Reading, purse: string) {
  return reading
    .selectFrom('purse')
    .select(['account', 'payto', 'state', 'last_seq', 'limit_micros'])
    .select(['captured_micros', 'refunded_micros', 'owed_micros', 'early_count'])
    .where('id', '=', purse)
    .executeTakeFirst();
}

type Purse = NonNullable<Awaited<ReturnType<typeof findPurse>>>;

/** What is left of what was captured, for the notes of charges that are collected. */
function leftMicros(purse: Purse): Micros {
  return (purse.captured_micros - purse.refunded_micros - purse.owed_micros) as Micros;
}

/**
 * Of collected charges no more goes back than was captured: a note that says more waits for the end
 * of its purse, and gives back then what is left. What is to come brings no more than is left of
 * the limit. What waits takes no room from the others.
 */
function judgeNew(
  purse: Purse,
  { seq, amt }: ReadRefundNote['claims'],
  { isSeller }: Caller,
): Judgement {
  const isCollected = seq <= purse.last_seq;
  const isOpen = purse.state === 'open';
  const backMicros = isCollected ? lesser(amt, leftMicros(purse)) : MICROS_ZERO;
  if (backMicros > 0n && (backMicros === amt || !isOpen)) return { state: 'pending', backMicros };
  const takenMicros = isCollected ? MICROS_ZERO : purse.captured_micros;
  if (amt === 0n || !isOpen || takenMicros + amt > purse.limit_micros)
    return refused('refund_excess');
  const countMax = isSeller ? EARLY_BY_SELLER_MAX : EARLY_COUNT_MAX;
  if (purse.early_count >= countMax) return refused('refund_count');
  return { state: 'early', backMicros: amt };
}

async function judge(
  { books, account }: Writing,
  note: Presented,
  caller: Caller,
): Promise<Judgement> {
  const { pur, aud, amt } = note.claims;
  const purse = await findPurse(books, pur);
  if (!purse || (!caller.isSeller && purse.account !== account)) return refused('purse_not_found');
  if (aud !== caller.payto || purse.payto !== caller.payto) return refused('purse_audience');
  const known = await findRefund(books, note);
  if (known && caller.isSeller) await noteTold(books, { purse: pur, seq: note.claims.seq });
  // What was proven once stays so, whatever keys the seller has by now.
  if (known && readRefundNote(known.note).claims.amt === amt)
    return known.state === 'void' ? refused('refund_excess') : { state: 'known' };
  if (note.fault) return refused(note.fault);
  return known ? refused('refund_conflict') : judgeNew(purse, note.claims, caller);
}

/** Without a gap, which a database that numbers by itself does not promise. */
async function nextNumber(reading: Reading): Promise<bigint> {
  const { last } = await reading
    .selectFrom('refund')
    .select(({ fn }) => fn.max<bigint | null>('number').as('last'))
    .executeTakeFirstOrThrow();
  return (last ?? 0n) + 1n;
}

async function book(
  { books, atSec }: Writing,
  { claims, token, key: jwk }: Presented,
  { state, backMicros: amount_micros }: Due,
): Promise<void> {
  const { pur: purse, aud: payto, seq } = claims;
  const place = { purse, seq };
  const key = jwk ? JSON.stringify(jwk) : null;
  const number = await nextNumber(books);
  const isDue = state === 'pending';
  const captured_at_sec = isDue ? broughtAtSec(place) : null;
  const row = { number, ...place, payto, amount_micros, note: token, key, state, captured_at_sec };
  await books
    .insertInto('refund')
    .values({ ...row, at_sec: atSec })
    .execute();
  await books
    .updateTable('purse')
    .set((row) => ({
      owed_micros: row('owed_micros', '+', isDue ? amount_micros : MICROS_ZERO),
      early_count: row('early_count', '+', isDue ? 0n : 1n),
    }))
    .where('id', '=', purse)
    .execute();
}

async function stateOf(reading: Reading, note: ReadRefundNote): Promise<'paid' | 'pending'> {
  return (await findRefund(reading, note))?.state === 'paid' ? 'paid' : 'pending';
}

/** What became of notes, and whether anything new was booked. */
interface Booked {
  readonly results: readonly (RefundResult & { readonly code?: ErrorCode })[];
  readonly isNews: boolean;
}

/** Books what can be booked, and pays what can be paid. */
export async function bookNotes(
  writing: Writing,
  payto: string,
  notes: readonly Presented[],
): Promise<Booked> {
  const { context, books, account, atSec } = writing;
  const seller = await requireSeller(context, books, payto);
  const caller = { payto, isSeller: seller.account === account };
  const judgements: Judgement[] = [];
  for (const note of notes) {
    const judgement = await judge(writing, note, caller);
    judgements.push(judgement);
    if (judgement.state === 'pending' || judgement.state === 'early')
      await book(writing, note, judgement);
  }
  const isNews = judgements.some(({ state }) => state === 'pending' || state === 'early');
  const earner = { handle: seller.handle, payto, currency: CURRENCY };
  if (isNews) await payRefunds(books, earner, holdOf(context, atSec));
  const results: (RefundResult & { readonly code?: ErrorCode })[] = [];
  for (const [index, note] of notes.entries()) {
    const { pur, seq } = note.claims;
    const judgement = judgements[index];
    results.push(
      judgement?.state === 'refused'
        ? { pur, seq, ...judgement }
        : { pur, seq, state: await stateOf(books, note) },
    );
  }
  return { results, isNews };
}

/** Notes that `account` may hand in: all of its own seller, and those of its own purses. */
async function ownNotes(
  context: Context,
  { account, payto, notes }: Offered,
): Promise<(note: ReadRefundNote) => boolean> {
  const seller = await requireSeller(context, context.database, payto);
  if (seller.account === account) return () => true;
  const named = [...new Set(notes.map(({ claims }) => claims.pur))];
  const own = await context.database
    .selectFrom('purse')
    .select('id')
    .where('account', '=', account)
    .where('id', 'in', named.length > 0 ? named : [''])
    .execute();
  const ids = new Set(own.map((purse) => purse.id));
  return ({ claims }) => ids.has(claims.pur);
}

interface Offered {
  readonly account: string;
  readonly payto: string;
  readonly notes: readonly ReadRefundNote[];
}

/** Nobody has us check the signature of a note that is none of theirs. */
async function checkNotes(context: Context, offered: Offered): Promise<Presented[]> {
  const isOwn = await ownNotes(context, offered);
  const keys = await receiptKeys(context, offered.payto);
  const check = eachOnce<ReadRefundNote>(({ jws }) => sellerFault(keys?.byKid, jws));
  return Promise.all(
    offered.notes.map(async (note) => ({
      ...note,
      key: keys?.jwks.get(note.jws.kid ?? ''),
      fault: isOwn(note) ? await check(note) : ('purse_not_found' as const),
    })),
  );
}

/**
 * `POST /v1/refunds`.
 * @throws FarthingError `body_malformed`, `account_unknown`, `seller_unknown`, `id_reused`; per
 *   note, in the answer: `purse_not_found`, `purse_audience`, `jws_key_unknown`, `jws_signature`,
 *   `refund_conflict`, `refund_excess`, `refund_count` (collect first)
 */
export async function refund(context: Context, call: Call): Promise<Answer> {
  const account = await requireAccount(context.database, call.kid);
  const body = REFUND.read(call.body);
  const write = writeOf('refunds', body.id, call.body);
  const before = await knownAnswer(context.database, account, write);
  if (before) return before;
  const notes = await checkNotes(context, { account, payto: body.payto, notes: body.notes });
  return writeAsAccount(context, call.kid, write, async (writing) => {
    const { results, isNews } = await bookNotes(writing, body.payto, notes);
    return isNews ? answer({ results }) : passingAnswer({ results });
  });
}
