/**
 * Gives charges back (SPEC 9.12, 10.4, 10.5): from what their seller still has here, never from
 * anybody else's money. What is missing waits for that seller's next earnings, oldest first.
 */
import { sql } from 'kysely';
import { MICROS_ZERO, type Micros } from '../../protocol/money.ts';
import { parsePayto } from '../../protocol/payto.ts';
import { type Context, CURRENCY, nowSec } from '../context.ts';
import { type Books, indexed, type Reading } from '../database/database.ts';
import { ask, queryOf } from '../database/queries.ts';
import { type RefundParts, splitRefund } from '../ledger/fee.ts';
import { postEntry } from '../ledger/journal.ts';
import { bookPieces, piecesOf } from './givebacks.ts';
import { bookShares, sharesOf } from './shares.ts';
import { type Earner, type Till, tillAfter, tillOf } from './tills.ts';
import {
  cutoffSec,
  feeBack,
  type Hold,
  holdOf,
  keptMicros,
  type Young,
  youngAfter,
  youngOf,
  youngOfPurse,
} from './young.ts';

/** SPEC 9.12: in one transaction, so that nobody waits long for another's refunds. */
export const REPAYMENT_COUNT_MAX = 50;

/** The journal entry of a refund: one for each (purse, seq), whatever happens (trust T4). */
export function refundEntryId(purse: string, seq: number | bigint): string {
  return `refund:${purse}:${seq}`;
}

/** A refund that waits, with what is needed of its purse. */
interface Waiting {
  readonly purse: string;
  readonly seq: bigint;
  readonly amountMicros: Micros;
  readonly reader: string;
  /** Captured of the purse's starter part and not given back. */
  readonly starterLeftMicros: Micros;
}

/** `young`: notes that give back what is; `gift`: of what was bought with starter credit alone. */
type Origin = 'any' | 'young' | 'gift';
const ORIGINS: readonly Origin[] = ['any', 'young', 'gift'];

/**
 * What is looked at after a collection: what came in is young, and pays nothing of what is older,
 * for which all that is young would have to be summed up each time. Its turn comes each minute.
 */
export function originsNow({ holdSec }: Hold): readonly Origin[] {
  return holdSec > 0 ? ['young', 'gift'] : ORIGINS;
}

/** The capture that brought the charge of a note has enough left. */
const HAS_ENOUGH = sql<boolean>`exists (
    select 1 from capture
    where capture.purse = refund.purse
    and capture.seq = (select min(brought.seq) from capture as brought
      where brought.purse = refund.purse and brought.seq >= refund.seq)
    and capture.amount_micros - capture.refunded_micros >= refund.amount_micros)`;

function dueNotes(reading: Reading, { currency }: Earner) {
  return reading
    .selectFrom('refund')
    .innerJoin('purse', 'purse.id', 'refund.purse')
    .select(['refund.purse', 'refund.seq', 'refund.amount_micros', 'purse.account'])
    .select(['purse.captured_starter_micros', 'purse.refunded_starter_micros'])
    .where('refund.state', '=', indexed('pending'))
    .where('purse.currency', '=', currency)
    .limit(1);
}

/** In their order, but looked up otherwise: very many may wait whose turn it is not. */
const IN_ORDER = sql`refund.number + 0`;

/** Purse by purse: seldom many owe something and have starter credit left. */
function firstOfGifts(reading: Reading, { payto, currency }: Earner) {
  const owed = reading
    .selectFrom('refund as owed')
    .select(({ fn }) => fn.min<bigint | null>('owed.number').as('first'))
    .where(sql<boolean>`owed.purse = giver.id`)
    .where('owed.state', '=', indexed('pending'))
    .where(sql<boolean>`owed.amount_micros
      <= giver.captured_starter_micros - giver.refunded_starter_micros`);
  return reading
    .selectFrom('purse as giver')
    .select(sql<bigint>`min(${owed})`.as('first'))
    .where('giver.payto', '=', payto)
    .where('giver.currency', '=', currency)
    .where('giver.owed_micros', '>', indexed(MICROS_ZERO))
    .whereRef('giver.captured_starter_micros', '>', 'giver.refunded_starter_micros');
}

const NEXT = {
  any: queryOf((reading, of: Earner) =>
    dueNotes(reading, of).where('refund.payto', '=', of.payto).orderBy('refund.number'),
  ),
  young: queryOf((reading, of: Earner & { readonly sinceSec: bigint }) =>
    dueNotes(reading, of)
      .where('refund.payto', '=', of.payto)
      .where('refund.captured_at_sec', '>', of.sinceSec)
      .where(({ or, eb }) => or([eb('purse.first_captured_at_sec', '>', of.sinceSec), HAS_ENOUGH]))
      .orderBy(IN_ORDER),
  ),
  gift: queryOf((reading, of: Earner) =>
    dueNotes(reading, of).where('refund.number', '=', firstOfGifts(reading, of)),
  ),
};

/** The oldest note that is due. */
async function findNext(
  books: Books,
  earner: Earner,
  { origin, hold }: { readonly origin: Origin; readonly hold: Hold },
): Promise<Waiting | undefined> {
  const query = NEXT[origin]({ ...earner, sinceSec: cutoffSec(hold) });
  const [row] = await ask(books, query);
  if (!row) return undefined;
  const { purse, seq, amount_micros: amountMicros, account: reader } = row;
  const starterLeftMicros = row.captured_starter_micros - row.refunded_starter_micros;
  return { purse, seq, amountMicros, reader, starterLeftMicros: starterLeftMicros as Micros };
}

async function postRefund(
  books: Books,
  { earner, waiting, hold: { atSec } }: Repayment,
  parts: RefundParts,
): Promise<void> {
  const { purse, seq, amountMicros, reader } = waiting;
  const { currency } = earner;
  const seller = { owner: earner.handle, currency };
  const toReader = { owner: reader, currency };
  const { starterMicros } = parts;
  await postEntry(books, {
    id: refundEntryId(purse, seq),
    kind: 'refund',
    atSec,
    postings: [
      {
        account: { kind: 'seller earned starter', ...seller },
        amountMicros: -parts.earnedStarterMicros,
      },
      { account: { kind: 'seller earned', ...seller }, amountMicros: -parts.earnedMicros },
      { account: { kind: 'starter paid out', ...seller }, amountMicros: -parts.paidOutMicros },
      {
        account: { kind: 'provider funds', owner: '', currency },
        amountMicros: parts.paidOutMicros,
      },
      {
        account: { kind: 'provider fees', owner: '', currency },
        amountMicros: -parts.feeMicros,
      },
      { account: { kind: 'reader starter', ...toReader }, amountMicros: starterMicros },
      {
        account: { kind: 'reader available', ...toReader },
        amountMicros: amountMicros - starterMicros,
      },
    ],
  });
}

interface Repayment {
  readonly earner: Earner;
  readonly origin: Origin;
  readonly waiting: Waiting;
  readonly hold: Hold;
}

/** What its seller has, and what of that is young, where somebody has looked. */
interface Standing {
  readonly till: Till;
  readonly young?: Young;
}

/**
 * The seller's standing after a refund; undefined where that is of something older and would take
 * what is young (SPEC 10.6). What is young is looked up once, and by what is older.
 */
async function standingAfter(
  books: Books,
  { earner, waiting, hold }: Repayment,
  { before, till, feeMicros, ...taken }: Outcome,
): Promise<Standing | undefined> {
  const { purse, amountMicros, starterLeftMicros } = waiting;
  const isYoung = taken.youngMicros === amountMicros;
  if (isYoung && !before.young) return { till };
  const ofPurse = { youngMicros: await youngOfPurse(books, purse, hold), starterLeftMicros };
  const young = youngAfter(before.young ?? (await youngOf(books, earner, hold)), ofPurse, taken);
  if (isYoung) return { till, young };
  const bothMicros = (amountMicros + young.amountMicros) as Micros;
  const restMicros = ((await feeBack(books, earner, bothMicros)) - feeMicros) as Micros;
  return keptMicros(till, young, restMicros) > till.earnedMicros ? undefined : { till, young };
}

/** What a refund would leave, and what it takes of what is young. */
interface Outcome {
  readonly before: Standing;
  readonly till: Till;
  readonly feeMicros: Micros;
  readonly starterMicros: Micros;
  readonly youngMicros: bigint;
}

/** Answers the standing after it; undefined where the seller has not got the money. */
async function pay(
  books: Books,
  repayment: Repayment,
  before: Standing,
): Promise<Standing | undefined> {
  const { earner, origin, waiting, hold } = repayment;
  const { purse, amountMicros } = waiting;
  const shares = await sharesOf(books, earner, amountMicros);
  const feeMicros = shares.reduce((sum, share) => sum + share.feeMicros, 0n) as Micros;
  const parts = splitRefund({ ...waiting, ...before.till, feeMicros });
  if (parts.earnedMicros > before.till.earnedMicros) return undefined;
  // A gift that was paid out takes money: then its reader passes nobody who waits for some.
  if (origin === 'gift' && parts.paidOutMicros > 0n) return undefined;
  const pieces = await piecesOf(books, waiting);
  const youngMicros = pieces
    .filter(({ atSec }) => atSec > cutoffSec(hold))
    .reduce((sum, piece) => sum + piece.amountMicros, 0n);
  const till = tillAfter(before.till, amountMicros, parts);
  const { starterMicros } = parts;
  const outcome = { before, till, feeMicros, starterMicros, youngMicros };
  const after = await standingAfter(books, repayment, outcome);
  if (!after) return undefined;
  await postRefund(books, repayment, parts);
  await bookShares(books, earner, shares);
  await bookPieces(books, purse, pieces);
  await markPaid(books, waiting, { starterMicros, atSec: hold.atSec });
  return after;
}

async function markPaid(
  books: Books,
  { purse, seq, amountMicros }: Waiting,
  { starterMicros, atSec }: { starterMicros: Micros; atSec: number },
): Promise<void> {
  await books
    .updateTable('refund')
    .set({ state: 'paid', paid_at_sec: atSec })
    .where('purse', '=', purse)
    .where('seq', '=', seq)
    .execute();
  await books
    .updateTable('purse')
    .set((row) => ({
      owed_micros: row('owed_micros', '-', amountMicros),
      refunded_micros: row('refunded_micros', '+', amountMicros),
      refunded_starter_micros: row('refunded_starter_micros', '+', starterMicros),
    }))
    .where('id', '=', purse)
    .execute();
}

/** Asks whether any note of a seller is due. */
export const ANY_DUE = queryOf((reading, { payto }: { readonly payto: string }) =>
  reading
    .selectFrom('refund')
    .select('number')
    .where('state', '=', indexed('pending'))
    .where('payto', '=', payto)
    .limit(1),
);

/**
 * Pays refunds of a seller that can be paid now, whole and in their order, no more than a few in
 * one transaction; answers how many. One that needs more money than there is keeps those behind it
 * waiting, but not those of what is young, whose money it may not take, and not the ones that need
 * none.
 */
export async function payRefunds(
  books: Books,
  earner: Earner,
  hold: Hold,
  origins: readonly Origin[] = ORIGINS,
): Promise<number> {
  if ((await ask(books, ANY_DUE(earner))).length === 0) return 0;
  let standing: Standing | undefined;
  let paidCount = 0;
  for (const origin of origins)
    while (paidCount < REPAYMENT_COUNT_MAX) {
      const waiting = await findNext(books, earner, { origin, hold });
      if (!waiting) break;
      standing ??= { till: await tillOf(books, earner) };
      const after = await pay(books, { earner, origin, waiting, hold }, standing);
      if (!after) break;
      standing = after;
      paidCount += 1;
    }
  return paidCount;
}

/** One transaction after another: everybody else comes in between. */
async function payAllOf(context: Context, payto: string): Promise<void> {
  const earner = { payto, handle: parsePayto(payto).handle, currency: CURRENCY };
  let count: number;
  do
    count = await context.changeBooks((books) =>
      payRefunds(books, earner, holdOf(context, nowSec(context))),
    );
  while (count === REPAYMENT_COUNT_MAX);
}

/** Pays what was left over; a seller whose books forbid it keeps no other's readers waiting. */
export async function payAllRefunds(context: Context): Promise<void> {
  const waiting = await context.database
    .selectFrom('refund')
    .select('payto')
    .where('state', '=', indexed('pending'))
    .distinct()
    .execute();
  for (const { payto } of waiting)
    await payAllOf(context, payto).catch((error) =>
      context.log(`internal: refunds of ${payto}: ${error}`),
    );
}
