/**
 * Gives charges back (SPEC 9.12, 10.4, 10.5): from what their seller still has here, never from
 * anybody else's money. What is missing waits for that seller's next earnings, oldest first.
 */
import type { Micros } from '../protocol/money.ts';
import type { Books } from './database.ts';
import { feeDue, lesser, splitRefund } from './ledger/fee.ts';
import { balanceOf, postEntry } from './ledger/journal.ts';

/** The journal entry of a refund: one for each (purse, seq), whatever happens (trust T4). */
export function refundEntryId(purse: string, seq: number | bigint): string {
  return `refund:${purse}:${seq}`;
}

/** Whose earnings: a seller here, in one currency. */
export interface Earner {
  readonly handle: string;
  readonly payto: string;
  readonly currency: string;
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

/** What each rate's row of earnings gives back, and the fee that falls due no more. */
interface Share {
  readonly rateBasisPoints: bigint;
  readonly amountMicros: Micros;
  readonly feeMicros: Micros;
}

/**
 * SPEC 10.4: the fee is a share of the net. What was earned under a former rate is given back under
 * it, once nothing that was earned under a later one is left.
 */
async function sharesOf(books: Books, earner: Earner, amountMicros: Micros): Promise<Share[]> {
  const rows = await books
    .selectFrom('earnings')
    .selectAll()
    .where('handle', '=', earner.handle)
    .where('currency', '=', earner.currency)
    .orderBy('changed_number', 'desc')
    .execute();
  const shares: Share[] = [];
  let leftMicros: bigint = amountMicros;
  for (const row of rows) {
    const netMicros = row.collected_micros - row.refunded_micros;
    const partMicros = lesser(leftMicros, netMicros);
    if (partMicros === 0n) continue;
    const terms = { collectedMicros: netMicros - partMicros, takenMicros: row.fees_micros };
    const due = feeDue({ ...terms, rateBasisPoints: Number(row.rate_basis_points) });
    const rateBasisPoints = row.rate_basis_points;
    shares.push({
      rateBasisPoints,
      amountMicros: partMicros as Micros,
      feeMicros: -due as Micros,
    });
    leftMicros -= partMicros;
  }
  if (leftMicros !== 0n) throw new TypeError('More is given back than was ever earned');
  return shares;
}

async function bookShares(books: Books, earner: Earner, shares: readonly Share[]): Promise<void> {
  for (const { rateBasisPoints, amountMicros, feeMicros } of shares)
    await books
      .updateTable('earnings')
      .set((row) => ({
        refunded_micros: row('refunded_micros', '+', amountMicros),
        fees_micros: row('fees_micros', '-', feeMicros),
      }))
      .where('handle', '=', earner.handle)
      .where('currency', '=', earner.currency)
      .where('rate_basis_points', '=', rateBasisPoints)
      .execute();
}

/** What a seller has, by where it came from. */
interface Till {
  readonly earnedMicros: Micros;
  readonly earnedStarterMicros: Micros;
  readonly feesStarterMicros: Micros;
  readonly feesPaidMicros: Micros;
}

/** Starter credit that was captured for a seller and not given back. */
async function giftMicros(books: Books, { payto, currency }: Earner): Promise<bigint> {
  const { sum } = await books
    .selectFrom('purse')
    .select((row) =>
      row.fn
        .sum<bigint | null>(row('captured_starter_micros', '-', row.ref('refunded_starter_micros')))
        .as('sum'),
    )
    .where('payto', '=', payto)
    .where('currency', '=', currency)
    .whereRef('captured_starter_micros', '>', 'refunded_starter_micros')
    .executeTakeFirstOrThrow();
  return sum ?? 0n;
}

async function feesMicros(books: Books, { handle, currency }: Earner): Promise<bigint> {
  const { sum } = await books
    .selectFrom('earnings')
    .select(({ fn }) => fn.sum<bigint | null>('fees_micros').as('sum'))
    .where('handle', '=', handle)
    .where('currency', '=', currency)
    .executeTakeFirstOrThrow();
  return sum ?? 0n;
}

/** Of the starter credit that a seller brought in, what it has not got was taken as fees. */
async function tillOf(books: Books, earner: Earner): Promise<Till> {
  const owned = { owner: earner.handle, currency: earner.currency };
  const earnedMicros = await balanceOf(books, { kind: 'seller earned', ...owned });
  const earnedStarterMicros = await balanceOf(books, { kind: 'seller earned starter', ...owned });
  const feesStarterMicros = ((await giftMicros(books, earner)) - earnedStarterMicros) as Micros;
  const feesPaidMicros = ((await feesMicros(books, earner)) - feesStarterMicros) as Micros;
  return { earnedMicros, earnedStarterMicros, feesStarterMicros, feesPaidMicros };
}

async function pay(
  books: Books,
  { earner, waiting, atSec }: { earner: Earner; waiting: Waiting; atSec: number },
): Promise<boolean> {
  const { purse, seq, amountMicros, reader } = waiting;
  const { handle: owner, currency } = earner;
  const shares = await sharesOf(books, earner, amountMicros);
  const feeMicros = shares.reduce((sum, share) => sum + share.feeMicros, 0n) as Micros;
  const till = await tillOf(books, earner);
  const parts = splitRefund({ ...waiting, ...till, feeMicros });
  const { earnedMicros, earnedStarterMicros, starterMicros } = parts;
  if (earnedMicros > till.earnedMicros) return false;
  const toReader = { owner: reader, currency };
  await postEntry(books, {
    id: refundEntryId(purse, seq),
    kind: 'refund',
    atSec,
    postings: [
      {
        account: { kind: 'seller earned starter', owner, currency },
        amountMicros: -earnedStarterMicros,
      },
      { account: { kind: 'seller earned', owner, currency }, amountMicros: -earnedMicros },
      { account: { kind: 'provider fees', owner: '', currency }, amountMicros: -feeMicros },
      { account: { kind: 'reader starter', ...toReader }, amountMicros: starterMicros },
      {
        account: { kind: 'reader available', ...toReader },
        amountMicros: amountMicros - starterMicros,
      },
    ],
  });
  await bookShares(books, earner, shares);
  await markPaid(books, waiting, { starterMicros, atSec });
  return true;
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
 * Pays the refunds of a seller that can be paid now, whole and in their order. One that needs more
 * money than there is keeps those behind it waiting, but not the ones that need none.
 */
export async function payRefunds(books: Books, earner: Earner, atSec: number): Promise<void> {
  for (const origin of ['any', 'gift'] as const)
    for (;;) {
      const waiting = await findNext(books, earner, origin);
      if (!waiting || !(await pay(books, { earner, waiting, atSec }))) break;
    }
}
