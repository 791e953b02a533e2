/**
 * The bookings of a payout (SPEC 10.7). It is booked, with its id, before a bank hears of it; the
 * money leaves by the bank's word alone, or goes back to where it came from.
 */
import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import { canonicalJson } from '../../protocol/json.ts';
import type { Micros } from '../../protocol/money.ts';
import { type Books, indexed, type Reading } from '../database/database.ts';
import type { PayoutRow } from '../database/tables.ts';
import type { LedgerAccount } from '../ledger/chart.ts';
import { coverShortage } from '../ledger/cover.ts';
import { lesser } from '../ledger/fee.ts';
import { balanceOf, lastEntry, type Posting, postEntry } from '../ledger/journal.ts';
import type { Outcome, Transfer } from './bank.ts';
import { readBankAccount } from './bankaccount.ts';
import type { PayoutTerms } from './terms.ts';

export type Payout = Selectable<PayoutRow>;

/** Banks take 35 characters. */
const ID_LENGTH = 32;

/** Who is paid, and by what way. */
export interface Payee {
  readonly handle: string;
  readonly currency: string;
  readonly bank: string;
  readonly method: string;
  readonly run: string;
}

/**
 * The id of a payout, in letters that banks take. It is a hash of what the bank is told, and stands
 * in the journal: money that was booked for one account goes to no other, whoever changes the row.
 */
export function payoutIdOf(
  payout: Pick<
    Payout,
    'number' | 'handle' | 'currency' | 'amount_micros' | 'bank' | 'method' | 'made_at_sec'
  >,
): string {
  const { number, handle, currency, bank, method } = payout;
  const { amount_micros: amount, made_at_sec: at } = payout;
  const told = canonicalJson({ number, handle, currency, amount, bank, method, at });
  return createHash('sha256').update(told).digest('hex').slice(0, ID_LENGTH);
}

/** The journal entries of a payout: one of each kind, whatever happens. */
export function payoutEntryId(kind: 'payout' | 'paid' | 'bounced', id: string): string {
  return `${kind}:${id}`;
}

/** Starter credit that is paid out, or comes back: the provider's own funds stand for it. */
function starterLines(
  seller: Pick<LedgerAccount, 'owner' | 'currency'>,
  outMicros: bigint,
): Posting[] {
  const { currency } = seller;
  return [
    { account: { kind: 'seller earned starter', ...seller }, amountMicros: -outMicros },
    { account: { kind: 'starter paid out', ...seller }, amountMicros: outMicros },
    { account: { kind: 'provider funds', owner: '', currency }, amountMicros: -outMicros },
  ];
}

/** Books a payout whose terms wait for nothing. */
export async function makePayout(
  books: Books,
  payee: Payee,
  {
    amountMicros,
    starterMicros,
    atSec,
  }: Omit<PayoutTerms, 'payable' | 'waits'> & { atSec: number },
): Promise<void> {
  const { handle, currency } = payee;
  const seller = { owner: handle, currency };
  const row = {
    ...payee,
    number: BigInt((await lastEntry(books)).number) + 1n,
    amount_micros: amountMicros,
    made_at_sec: BigInt(atSec),
  };
  const id = payoutIdOf(row);
  await postEntry(books, {
    id: payoutEntryId('payout', id),
    kind: 'payout',
    atSec,
    postings: [
      {
        account: { kind: 'seller earned', ...seller },
        amountMicros: starterMicros - amountMicros,
      },
      ...starterLines(seller, starterMicros),
      { account: { kind: 'payout in transit', ...seller }, amountMicros },
    ],
  });
  await books
    .insertInto('payout')
    .values({ ...row, id, starter_micros: starterMicros, state: 'made' })
    .execute();
}

/** The bank has all of a run. */
export async function markSent(books: Books, run: string, atSec: number): Promise<void> {
  await books
    .updateTable('payout')
    .set({ state: 'sent', sent_at_sec: atSec })
    .where('run', '=', run)
    .where('state', '=', indexed('made'))
    .execute();
}

/** Where the money is until it bounces. */
function placeOf({ state, handle, currency }: Payout): LedgerAccount {
  return state === 'paid'
    ? { kind: 'outside money', owner: '', currency }
    : { kind: 'payout in transit', owner: handle, currency };
}

async function postPaid(books: Books, payout: Payout, atSec: number): Promise<void> {
  const { id, handle, currency, amount_micros: amountMicros } = payout;
  const [transit, outside] = [
    { kind: 'payout in transit', owner: handle, currency },
    { kind: 'outside money', owner: '', currency },
  ] as const;
  await coverShortage(books, { currency, amountMicros, name: `payout.${id}`, atSec });
  await postEntry(books, {
    id: payoutEntryId('paid', id),
    kind: 'paid',
    atSec,
    postings: [
      { account: transit, amountMicros: -amountMicros },
      { account: outside, amountMicros },
    ],
  });
}

/**
 * Back to where it came from. Of the starter credit in it the seller may have given some back in
 * money meanwhile: so much is its money now.
 */
async function postBounced(books: Books, payout: Payout, atSec: number): Promise<void> {
  const { id, handle, currency, amount_micros: amountMicros } = payout;
  const seller = { owner: handle, currency };
  const paidOutMicros = await balanceOf(books, { kind: 'starter paid out', ...seller });
  const starterMicros = lesser(payout.starter_micros, paidOutMicros);
  await postEntry(books, {
    id: payoutEntryId('bounced', id),
    kind: 'bounced',
    atSec,
    postings: [
      { account: placeOf(payout), amountMicros: -amountMicros },
      ...starterLines(seller, -starterMicros as Micros),
      {
        account: { kind: 'seller earned', ...seller },
        amountMicros: amountMicros - starterMicros,
      },
    ],
  });
}

/** What was booked, or why nothing was. */
export type OutcomeResult = 'booked' | 'known' | 'unknown' | 'not sent' | 'bounced before';

async function findPayout(reading: Reading, id: string): Promise<Payout | undefined> {
  return reading.selectFrom('payout').selectAll().where('id', '=', id).executeTakeFirst();
}

/**
 * Books the bank's word on a payout, once. What was paid can still come back; what came back is
 * over, and the money goes with the next payout.
 */
export async function bookOutcome(
  books: Books,
  id: string,
  { outcome, atSec }: { readonly outcome: Outcome; readonly atSec: number },
): Promise<OutcomeResult> {
  const payout = await findPayout(books, id);
  if (!payout) return 'unknown';
  if (payout.state === outcome) return 'known';
  if (payout.state === 'made') return 'not sent';
  if (payout.state === 'bounced') return 'bounced before';
  // Whoever tells it may have a clock that is behind.
  const endedAtSec = Math.max(atSec, Number(payout.paid_at_sec ?? payout.sent_at_sec));
  await (outcome === 'paid' ? postPaid : postBounced)(books, payout, endedAtSec);
  const times = outcome === 'paid' ? { paid_at_sec: endedAtSec } : { bounced_at_sec: endedAtSec };
  await books
    .updateTable('payout')
    .set({ state: outcome, ...times })
    .where('id', '=', id)
    .execute();
  return 'booked';
}

/** A payout as its bank is told. @throws TypeError: it was booked otherwise */
export function transferOf(payout: Payout): Transfer {
  const { id, currency, amount_micros: amountMicros, bank } = payout;
  if (payoutIdOf(payout) !== id) throw new TypeError(`Payout ${id} was booked otherwise`);
  return { id, to: readBankAccount(bank), currency, amountMicros };
}
