/**
 * Books what the outside says (SPEC 9.8, 10.9): by the state that its row has, so that nothing is
 * booked twice and nothing depends on the order in which it is heard.
 */
import type { Selectable, Updateable } from 'kysely';
import { type Context, nowSec } from '../context.ts';
import type { Books, Reading } from '../database/database.ts';
import { postEntry } from '../ledger/journal.ts';
import { bookDispute } from './disputes.ts';
import type { Notice, Payment, Place } from './funding.ts';
import { bookReturn, type ReturnNotice } from './parts.ts';
import type { TopUpRow } from './rows.ts';
import { noteStanding, splitIncoming } from './standing.ts';
import { sendUnasked } from './withdrawals.ts';

export type TopUp = Selectable<TopUpRow>;
type PaymentNotice = Exclude<Notice, ReturnNotice>;
type Paid = Pick<Extract<Notice, { kind: 'paid' }>, 'payment' | 'amountMicros' | 'country'>;

export function paymentOf(topUp: TopUp): Payment {
  return {
    account: topUp.account,
    id: topUp.id,
    amountMicros: topUp.amount_micros,
    currency: topUp.currency,
    begunAtSec: Number(topUp.begun_at_sec),
    reference: topUp.reference ?? undefined,
    name: topUp.name ?? undefined,
  };
}

/** The operator hears of it, and the next minute tries again. */
export function noteSilence(context: Context, error: unknown, what = ''): void {
  context.log(`funding: ${what}${error instanceof Error ? error.message : error}`);
}

/** The journal entry of a top-up: one for each, whatever is heard of it. */
export function topUpEntryId({ account, id }: Place): string {
  return `topup:${account}:${id}`;
}

export function findTopUp(reading: Reading, { account, id }: Place): Promise<TopUp | undefined> {
  return reading
    .selectFrom('topup')
    .selectAll()
    .where('account', '=', account)
    .where('id', '=', id)
    .executeTakeFirst();
}

async function change(books: Books, { account, id }: Place, to: Updateable<TopUpRow>) {
  const rows = books.updateTable('topup').set(to).where('account', '=', account);
  await rows.where('id', '=', id).execute();
}

/** The reader's, for the taxes of sellers (SPEC 5.8). Of whoever has left nothing is noted. */
async function noteCountry(books: Books, account: string, country: string): Promise<void> {
  await books
    .updateTable('account')
    .set({ country })
    .where('id', '=', account)
    .where('closed_at_sec', 'is', null)
    .execute();
}

/** Money that has come is booked, also where the row was given up before. */
async function bookPaid(books: Books, topUp: TopUp, { payment, country }: Paid, atSec: number) {
  const { account, amount_micros: amountMicros } = topUp;
  if (country !== undefined) await noteCountry(books, account, country);
  await postEntry(books, {
    id: topUpEntryId(topUp),
    kind: 'topup',
    atSec,
    postings: await splitIncoming(books, { account, amountMicros }),
  });
  await change(books, topUp, { state: 'paid', payment, paid_at_sec: atSec });
  await noteStanding(books, account, atSec);
}

/** Why a notice is not booked; undefined where it is. */
function faultOf(topUp: TopUp | undefined, notice: PaymentNotice): string | undefined {
  if (!topUp) return 'names no top-up';
  if (notice.kind === 'failed') return undefined;
  if (notice.amountMicros > topUp.amount_micros) return `says ${notice.amountMicros} micros`;
  if (notice.kind === 'paid' && notice.amountMicros !== topUp.amount_micros)
    return `says that ${notice.amountMicros} micros were paid`;
  const isOther = topUp.payment !== null && topUp.payment !== notice.payment;
  return isOther ? `is of another payment, ${notice.payment}` : undefined;
}

/** Books what is said of a payment; answers why it is not booked. */
async function bookPayment(books: Books, notice: PaymentNotice, atSec: number) {
  const topUp = await findTopUp(books, notice);
  const fault = faultOf(topUp, notice);
  if (!topUp || fault !== undefined) return fault;
  const isWaiting = topUp.state === 'begun' || topUp.state === 'failed';
  if (notice.kind === 'failed') {
    if (topUp.state === 'begun') await change(books, topUp, { state: 'failed' });
    return undefined;
  }
  // What is disputed was paid, whether anybody said so or not.
  const paid =
    notice.kind === 'paid'
      ? notice
      : { payment: notice.payment, amountMicros: topUp.amount_micros };
  if (isWaiting) await bookPaid(books, topUp, paid, atSec);
  const isBack = notice.kind !== 'paid' && (await bookDispute(books, notice, atSec));
  if (isWaiting || isBack) await sendUnasked(books, topUp, atSec);
  return undefined;
}

/** Books one notice; what cannot be right is told to the operator, and booked by nobody. */
export async function bookNotice(
  books: Books,
  notice: Notice,
  { atSec, log }: { atSec: number; log: Context['log'] },
): Promise<void> {
  const fault = isReturn(notice)
    ? await bookReturn(books, notice, atSec)
    : await bookPayment(books, notice, atSec);
  if (fault !== undefined)
    log(`funding: ${notice.kind} of ${notice.id} ${fault}; look it up at the card's side`);
}

function isReturn(notice: Notice): notice is ReturnNotice {
  return 'name' in notice;
}

/** Books notices, all or none; whoever brought them is answered afterwards. */
export async function bookNotices(context: Context, notices: readonly Notice[]): Promise<void> {
  if (notices.length === 0) return;
  await context.changeBooks(async (books) => {
    for (const notice of notices)
      await bookNotice(books, notice, { atSec: nowSec(context), log: context.log });
  });
}
