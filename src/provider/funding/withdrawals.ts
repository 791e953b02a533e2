/**
 * How a withdrawal is made (SPEC 10.11): a reader's money goes back to the payments by which it
 * came, and to nothing else. It is booked, part by part, before the card's side hears of it.
 */
import { FarthingError } from '../../protocol/errors.ts';
import { MICROS_ZERO, type Micros, wholeCents } from '../../protocol/money.ts';
import { CURRENCY } from '../context.ts';
import type { Books, Reading } from '../database/database.ts';
import { greater, lesser } from '../ledger/fee.ts';
import { balanceOf, lastEntry, postEntry } from '../ledger/journal.ts';
import type { Place } from './funding.ts';
import { moveWithdrawn } from './parts.ts';
import { availableOf, transitOf } from './standing.ts';

/** A withdrawal that is asked for. */
interface Asked extends Place {
  readonly digest: string;
  /** Which funding sends it: money goes back by the way it came. */
  readonly method: string;
  /** Absent: all that is there. */
  readonly amountMicros: Micros | undefined;
  readonly atSec: number;
}

/** In the place of a digest: nobody asked for it (SPEC 10.12). Its id is no caller's: too short. */
export const UNASKED = 'unasked';

export function withdrawalEntryId({ account, id }: Place): string {
  return `withdrawal:${account}:${id}`;
}

/** What each payment can take back, the newest first: cards forget old ones. */
async function roomsOf(reading: Reading, { account, method }: Asked) {
  const rows = await reading
    .selectFrom('topup')
    .select(['id', 'amount_micros', 'charged_back_micros', 'withdrawn_micros'])
    .where('account', '=', account)
    .where('state', 'in', ['paid', 'charged back'])
    .where('shut_at_sec', 'is', null)
    .where('method', '=', method)
    .orderBy('paid_at_sec', 'desc')
    .orderBy('id')
    .execute();
  return rows.map(({ id, ...topUp }) => {
    const leftMicros = topUp.amount_micros - topUp.charged_back_micros - topUp.withdrawn_micros;
    // A card can take back what went back to it before.
    return { topup: id, roomMicros: wholeCents(greater(0n, leftMicros)) };
  });
}

interface Plan {
  readonly wantedMicros: Micros;
  /** What there is, in whole cents; and what of it is wanted and has a place to go to. */
  readonly heldMicros: Micros;
  readonly amountMicros: Micros;
  readonly parts: readonly { readonly topup: string; readonly amountMicros: Micros }[];
}

/** What goes back to which payment, as far as there is money and room. */
async function planParts(reading: Reading, asked: Asked): Promise<Plan> {
  const heldMicros = wholeCents(await balanceOf(reading, availableOf(asked.account)));
  const rooms = await roomsOf(reading, asked);
  const roomMicros = rooms.reduce((sum, room) => sum + room.roomMicros, 0n) as Micros;
  const wantedMicros = asked.amountMicros ?? heldMicros;
  const amountMicros = lesser(lesser(wantedMicros, heldMicros), roomMicros);
  let leftMicros = amountMicros;
  const parts = [];
  for (const room of rooms) {
    const partMicros = lesser(room.roomMicros, leftMicros);
    if (partMicros === MICROS_ZERO) continue;
    parts.push({ topup: room.topup, amountMicros: partMicros });
    leftMicros = (leftMicros - partMicros) as Micros;
  }
  return { wantedMicros, heldMicros, amountMicros, parts };
}

/** @throws FarthingError `insufficient_funds` */
function checkPlan({ wantedMicros, heldMicros, amountMicros }: Plan): void {
  if (wantedMicros > heldMicros || wantedMicros === 0n)
    throw new FarthingError('insufficient_funds', `${heldMicros} micros can be sent back`);
  if (wantedMicros > amountMicros)
    throw new FarthingError(
      'insufficient_funds',
      `${amountMicros} micros can go back by the way they came`,
    );
}

async function bookWithdrawal(books: Books, asked: Asked, plan: Plan): Promise<void> {
  const { account, id, digest, atSec } = asked;
  const { amountMicros, parts } = plan;
  await postEntry(books, {
    id: withdrawalEntryId(asked),
    kind: 'withdrawal',
    atSec,
    postings: [
      { account: availableOf(account), amountMicros: -amountMicros },
      { account: transitOf(account), amountMicros },
    ],
  });
  const head = { account, id, digest, currency: CURRENCY, at_sec: atSec };
  await books
    .insertInto('withdrawal')
    .values({ ...head, amount_micros: amountMicros })
    .execute();
  for (const [index, part] of parts.entries()) {
    await books
      .insertInto('withdrawal_part')
      .values({
        ...{ account, withdrawal: id, number: index + 1, topup: part.topup },
        ...{ amount_micros: part.amountMicros, state: 'made', asked_at_sec: atSec },
      })
      .execute();
    await moveWithdrawn(books, { account, id: part.topup }, part.amountMicros);
  }
}

/** Books a withdrawal with its parts. @throws FarthingError `insufficient_funds` */
export async function makeWithdrawal(books: Books, asked: Asked): Promise<void> {
  const plan = await planParts(books, asked);
  checkPlan(plan);
  await bookWithdrawal(books, asked, plan);
}

/**
 * Money that came in for an account that was closed, or came back to it, and is not owed: nobody is
 * there to ask for it, so it goes back where it came from by itself. What its card does not take
 * stays.
 */
export async function sendUnasked(
  books: Books,
  { account, method }: Pick<Asked, 'account' | 'method'>,
  atSec: number,
): Promise<void> {
  const { closed_at_sec: closedAtSec } = await books
    .selectFrom('account')
    .select('closed_at_sec')
    .where('id', '=', account)
    .executeTakeFirstOrThrow();
  if (closedAtSec === null) return;
  const { number } = await lastEntry(books);
  const id = `${UNASKED}-${number + 1}`;
  const asked = {
    ...{ account, id, digest: UNASKED, method, amountMicros: undefined },
    // Never before it was closed, whatever the clock says by now.
    atSec: Math.max(atSec, Number(closedAtSec)),
  };
  const plan = await planParts(books, asked);
  if (plan.amountMicros > 0n) await bookWithdrawal(books, asked, plan);
}
