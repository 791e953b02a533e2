/**
 * What becomes of the parts of a withdrawal (SPEC 10.11): each goes back to one payment. It leaves
 * by the word of the card's side alone, or comes back to the reader.
 */
import type { Selectable } from 'kysely';
import type { Micros } from '../../protocol/money.ts';
import { CURRENCY } from '../context.ts';
import type { Books, Reading } from '../database/database.ts';
import { coverShortage } from '../ledger/cover.ts';
import { postEntry } from '../ledger/journal.ts';
import { bookDispute } from './disputes.ts';
import type { Notice, Place } from './funding.ts';
import type { WithdrawalPartRow } from './rows.ts';
import { noteStanding, OUTSIDE, splitIncoming, transitOf } from './standing.ts';

export type Part = Selectable<WithdrawalPartRow>;
export type ReturnNotice = Extract<Notice, { name: string }>;

/**
 * By then whoever began to send a part has ended, and the card's side as well: three tries to look,
 * three to make it.
 */
export const SENDING_SEC = 300;
/** What an operator has stopped is not sent for so long, and then goes on by itself. */
export const STOPPED_SEC = 3600;

/** The name that the outside has for a part. */
export function partNameOf({ account, withdrawal, number }: Part): string {
  return `${account}.${withdrawal}.${number}`;
}

/** The journal entries of a part: one of each kind, whatever is heard. */
export function partEntryId(kind: 'withdrawn' | 'withdrawal failed', part: Part): string {
  return `${kind}:${part.account}:${part.withdrawal}.${part.number}`;
}

/** The parts of a withdrawal, in their order. */
export async function partsOf(reading: Reading, { account, id }: Place): Promise<Part[]> {
  return reading
    .selectFrom('withdrawal_part')
    .selectAll()
    .where('account', '=', account)
    .where('withdrawal', '=', id)
    .orderBy('number')
    .execute();
}

/** The part of this name; its numbers are few, and its withdrawal is its account's. */
export async function findPart(reading: Reading, name: string): Promise<Part | undefined> {
  const [account = '', withdrawal = '', number = ''] = name.split('.');
  const parts = await partsOf(reading, { account, id: withdrawal });
  return parts.find((part) => `${part.number}` === number && partNameOf(part) === name);
}

function changed(books: Books, { account, withdrawal, number }: Part) {
  return books
    .updateTable('withdrawal_part')
    .where('account', '=', account)
    .where('withdrawal', '=', withdrawal)
    .where('number', '=', number);
}

/** Moves what a payment says that went back, or is on its way there. */
export async function moveWithdrawn(books: Books, { account, id }: Place, byMicros: bigint) {
  await books
    .updateTable('topup')
    .set((row) => ({ withdrawn_micros: row('withdrawn_micros', '+', byMicros as Micros) }))
    .where('account', '=', account)
    .where('id', '=', id)
    .execute();
}

/**
 * Whoever asks next waits a little; answers whether it is still to be asked about or sent. Who has
 * read it before another marked it leaves it to that one.
 */
export async function markAsked(books: Books, part: Part, atSec: number): Promise<boolean> {
  const { numUpdatedRows } = await changed(books, part)
    .set({ asked_at_sec: atSec })
    .where('state', '=', part.state)
    .where('asked_at_sec', '=', part.asked_at_sec)
    .where('refusal_count', '=', part.refusal_count)
    .where(({ eb, or }) =>
      or([
        eb('stopped_at_sec', 'is', null),
        eb('stopped_at_sec', '<=', BigInt(atSec - STOPPED_SEC)),
      ]),
    )
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

/** The card's side has it; what was heard meanwhile stays. */
export async function markSent(books: Books, part: Part, reference: string): Promise<void> {
  await changed(books, part)
    .set({ reference, state: 'sent', refusal: null })
    .where('state', '=', 'made')
    .execute();
}

/**
 * The card's side did not take it, and is told again. Where it has said no the next try is another
 * one: once, whoever hears it.
 */
export async function markRefused(
  books: Books,
  part: Part,
  { refusal, saidNo }: { readonly refusal: string; readonly saidNo: boolean },
): Promise<void> {
  const count = part.refusal_count;
  await changed(books, part).set({ refusal }).execute();
  if (saidNo)
    await changed(books, part)
      .set({ refusal_count: count + 1n })
      .where('refusal_count', '=', count)
      .execute();
}

/** Nobody sends it from now on; or, with null, whoever comes next does. */
export async function markStopped(books: Books, part: Part, atSec: number | null): Promise<void> {
  await changed(books, part).set({ stopped_at_sec: atSec }).execute();
}

/** Whatever has its name from now on is none of ours (`bookBeside`). */
export async function forgetReference(books: Books, part: Part): Promise<void> {
  await changed(books, part).set({ reference: null }).execute();
}

/** What a notice says of a part beside its end. */
function saidOf({ reference, refusal }: ReturnNotice) {
  return {
    ...(reference !== undefined && { reference }),
    ...(refusal !== undefined && { refusal }),
  };
}

async function bookWithdrawn(books: Books, part: Part, notice: ReturnNotice, atSec: number) {
  const { account, amount_micros: amountMicros } = part;
  // Cards may have taken what other readers paid in, and have not any more.
  const name = `withdrawal.${partNameOf(part)}`;
  await coverShortage(books, { currency: CURRENCY, amountMicros, name, atSec });
  await postEntry(books, {
    id: partEntryId('withdrawn', part),
    kind: 'withdrawn',
    atSec,
    postings: [
      { account: transitOf(account), amountMicros: -amountMicros },
      { account: OUTSIDE, amountMicros },
    ],
  });
  await changed(books, part)
    .set({ state: 'withdrawn', withdrawn_at_sec: atSec, ...saidOf(notice) })
    .execute();
}

/** Back to the reader, who may owe something meanwhile. */
async function bookFailed(books: Books, part: Part, notice: ReturnNotice, atSec: number) {
  const { account, topup, state, amount_micros: amountMicros } = part;
  const from = state === 'withdrawn' ? OUTSIDE : transitOf(account);
  await postEntry(books, {
    id: partEntryId('withdrawal failed', part),
    kind: 'withdrawal failed',
    atSec,
    postings: await splitIncoming(books, { account, amountMicros, from }),
  });
  await changed(books, part)
    .set({ state: 'failed', failed_at_sec: atSec, ...saidOf(notice) })
    .execute();
  await moveWithdrawn(books, { account, id: topup }, -amountMicros);
  if (notice.refusal !== undefined)
    await books
      .updateTable('topup')
      .set({ shut_at_sec: atSec })
      .where('account', '=', account)
      .where('id', '=', topup)
      .execute();
  await noteStanding(books, account, atSec);
}

/**
 * A return that has the name of a part that was given up, and was made all the same: the reader has
 * that money twice, as if the card had taken it back.
 */
async function bookBeside(books: Books, notice: ReturnNotice, atSec: number): Promise<void> {
  const { kind, account, id, reference, amountMicros } = notice;
  if (reference === undefined) return;
  const taken = { account, id, dispute: reference, amountMicros };
  const isTaken = kind === 'withdrawn';
  await bookDispute(books, { ...taken, kind: isTaken ? 'dispute lost' : 'dispute won' }, atSec);
}

/**
 * Books what is said of a part, once; answers why it is not booked. What failed is over: the reader
 * has the money, and asks again.
 */
export async function bookReturn(
  books: Books,
  notice: ReturnNotice,
  atSec: number,
): Promise<string | undefined> {
  const part = await findPart(books, notice.name);
  if (part?.topup !== notice.id || part.account !== notice.account) return 'names no withdrawal';
  if (part.amount_micros !== notice.amountMicros) return `says ${notice.amountMicros} micros`;
  const isWithdrawn = notice.kind === 'withdrawn';
  if (part.state === 'failed') {
    const isOther = notice.reference !== undefined && notice.reference !== part.reference;
    if (isOther) await bookBeside(books, notice, atSec);
    return isWithdrawn && !isOther ? 'has failed before' : undefined;
  }
  if (!isWithdrawn) await bookFailed(books, part, notice, atSec);
  else if (part.state !== 'withdrawn') await bookWithdrawn(books, part, notice, atSec);
  return undefined;
}
