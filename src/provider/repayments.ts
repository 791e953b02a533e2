/**
 * Gives charges back (SPEC 9.12, 10.4, 10.5): from what their seller still has here, never from
 * anybody else's money. What is missing waits for that seller's next earnings, oldest first.
 */
import type { Micros } from '../protocol/money.ts';
import { parsePayto } from '../protocol/payto.ts';
import { type Context, CURRENCY, nowSec } from './context.ts';
import type { Books } from './database.ts';
import { type RefundParts, splitRefund } from './ledger/fee.ts';
import { postEntry } from './ledger/journal.ts';
import { bookShares, sharesOf } from './shares.ts';
import { type Earner, type Till, tillAfter, tillOf } from './tills.ts';

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

/** `gift`: notes of what was bought with starter credit alone. */
type Origin = 'any' | 'gift';

/** The oldest note that is due. */
async function findNext(
  books: Books,
  { payto, currency }: Earner,
  origin: Origin,
): Promise<Waiting | undefined> {
  const row = await books
    .selectFrom('refund')
    .innerJoin('purse', 'purse.id', 'refund.purse')
    .select(['refund.purse', 'refund.seq', 'refund.amount_micros', 'purse.account'])
    .select(['purse.captured_starter_micros', 'purse.refunded_starter_micros'])
    .where('refund.state', '=', 'pending')
    .where('refund.payto', '=', payto)
    .where('purse.currency', '=', currency)
    .$if(origin === 'gift', (notes) =>
      notes.where(({ eb, ref }) =>
        eb(
          eb('purse.captured_starter_micros', '-', ref('purse.refunded_starter_micros')),
          '>=',
          ref('refund.amount_micros'),
        ),
      ),
    )
    .orderBy('refund.number')
    .limit(1)
    .executeTakeFirst();
  if (!row) return undefined;
  const { purse, seq, amount_micros: amountMicros, account: reader } = row;
  const starterLeftMicros = row.captured_starter_micros - row.refunded_starter_micros;
  return { purse, seq, amountMicros, reader, starterLeftMicros: starterLeftMicros as Micros };
}

async function postRefund(
  books: Books,
  { earner, waiting, atSec }: Repayment,
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
  readonly waiting: Waiting;
  readonly atSec: number;
}

/** Answers the till after it; undefined where the seller has not got the money. */
async function pay(books: Books, repayment: Repayment, till: Till): Promise<Till | undefined> {
  const { earner, waiting, atSec } = repayment;
  const shares = await sharesOf(books, earner, waiting.amountMicros);
  const feeMicros = shares.reduce((sum, share) => sum + share.feeMicros, 0n) as Micros;
  const parts = splitRefund({ ...waiting, ...till, feeMicros });
  if (parts.earnedMicros > till.earnedMicros) return undefined;
  await postRefund(books, repayment, parts);
  await bookShares(books, earner, shares);
  await markPaid(books, waiting, { starterMicros: parts.starterMicros, atSec });
  return tillAfter(till, parts);
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

/**
 * Pays refunds of a seller that can be paid now, whole and in their order, no more than a few in
 * one transaction; answers how many. One that needs more money than there is keeps those behind it
 * waiting, but not the ones that need none.
 */
export async function payRefunds(books: Books, earner: Earner, atSec: number): Promise<number> {
  let till: Till | undefined;
  let paidCount = 0;
  for (const origin of ['any', 'gift'] as const)
    while (paidCount < REPAYMENT_COUNT_MAX) {
      const waiting = await findNext(books, earner, origin);
      if (!waiting) break;
      till ??= await tillOf(books, earner);
      const after = await pay(books, { earner, waiting, atSec }, till);
      if (!after) break;
      till = after;
      paidCount += 1;
    }
  return paidCount;
}

/** Pays what was left over, one transaction after another: everybody else comes in between. */
export async function payAllRefunds(context: Context): Promise<void> {
  const waiting = await context.database
    .selectFrom('refund')
    .select('payto')
    .where('state', '=', 'pending')
    .distinct()
    .execute();
  for (const { payto } of waiting) {
    const earner = { payto, handle: parsePayto(payto).handle, currency: CURRENCY };
    let count: number;
    do count = await context.changeBooks((books) => payRefunds(books, earner, nowSec(context)));
    while (count === REPAYMENT_COUNT_MAX);
  }
}
