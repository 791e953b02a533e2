/**
 * Sends the parts of withdrawals to the card's side, and asks about those of which no word came. A
 * part has its name before it is sent and is sent under it however often, by whichever process; one
 * that fails to be sent keeps nobody else waiting.
 */
import { type RawBuilder, sql } from 'kysely';
import { type Context, nowSec } from '../context.ts';
import { type Books, indexed, type Reading } from '../database/database.ts';
import { type Return, type Returning, ReturnRefused } from './funding.ts';
import { bookNotice, findTopUp, noteSilence, paymentOf } from './notices.ts';
import {
  markAsked,
  markRefused,
  markSent,
  type Part,
  partNameOf,
  SENDING_SEC,
  STOPPED_SEC,
} from './parts.ts';

/** Cards take days. */
const OPEN_SEC = 3600;
/** In one minute: the others come in the next. */
const COUNT_MAX = 100;
/** Refusals after which it is tried no less often: an hour apart. */
const REFUSAL_COUNT_MAX = 12n;
const REFUSAL_LENGTH_MAX = 200;

/**
 * What was refused is tried after five minutes, ten, and so on. The next try has another key, so
 * nobody may be at it any more under the former one.
 */
function isDueAgain(atSec: number): RawBuilder<boolean> {
  return sql`part.asked_at_sec + ${BigInt(SENDING_SEC)} *
    (case when part.refusal_count < ${REFUSAL_COUNT_MAX} then part.refusal_count
      else ${REFUSAL_COUNT_MAX} end) <= ${BigInt(atSec)}`;
}

/** Parts in `state` that were not asked about for so long, whose payments this funding has. */
function waiting(context: Context, state: 'made' | 'sent', sinceSec: number): Promise<Part[]> {
  return context.database
    .selectFrom('withdrawal_part as part')
    .innerJoin('topup', (join) =>
      join
        .onRef('topup.account', '=', 'part.account')
        .onRef('topup.id', '=', 'part.topup')
        .on('topup.method', '=', context.funding.method),
    )
    .selectAll('part')
    .where('part.state', '=', indexed(state))
    .where('part.asked_at_sec', '<=', BigInt(nowSec(context) - sinceSec))
    .where(({ eb, or }) =>
      or([
        eb('part.stopped_at_sec', 'is', null),
        eb('part.stopped_at_sec', '<=', BigInt(nowSec(context) - STOPPED_SEC)),
      ]),
    )
    .where(isDueAgain(nowSec(context)))
    .orderBy('part.asked_at_sec')
    .limit(COUNT_MAX)
    .execute();
}

/** A part as its funding is told of it. @throws TypeError: it goes back to nothing */
export async function returnOf(reading: Reading, part: Part): Promise<Return> {
  const topUp = await findTopUp(reading, { account: part.account, id: part.topup });
  if (!topUp?.payment) throw new TypeError(`${partNameOf(part)} goes back to no payment`);
  return {
    payment: paymentOf(topUp),
    paid: topUp.payment,
    name: partNameOf(part),
    amountMicros: part.amount_micros,
    reference: part.reference ?? undefined,
    refusalCount: Number(part.refusal_count),
  };
}

async function conclude(context: Context, part: Part, { reference, notices }: Returning) {
  await context.changeBooks(async (books) => {
    const atSec = nowSec(context);
    await markSent(books, part, reference);
    for (const notice of notices) await bookNotice(books, notice, { atSec, log: context.log });
  });
}

/** For the operator: what the card's side calls it, else what it says. */
function refusalOf(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  if (typeof code === 'string') return code;
  return (error instanceof Error ? error.message : `${error}`).slice(0, REFUSAL_LENGTH_MAX);
}

/** Does one part; what fails is said, and this part goes to the end of those that wait. */
async function each(
  context: Context,
  parts: readonly Part[],
  work: (part: Part) => Promise<Returning>,
): Promise<void> {
  for (const part of parts) {
    const marked = (books: Books) => markAsked(books, part, nowSec(context));
    if (!(await context.changeBooks(marked))) continue;
    try {
      await conclude(context, part, await work(part));
    } catch (error) {
      noteSilence(context, error, `withdrawal ${partNameOf(part)}: `);
      const heard = { refusal: refusalOf(error), saidNo: error instanceof ReturnRefused };
      await context.changeBooks((books) => markRefused(books, part, heard));
    }
  }
}

/** Once a minute. */
export async function sendBack(context: Context): Promise<void> {
  const { funding } = context;
  await each(context, await waiting(context, 'made', 0), async (part) =>
    funding.sendBack(await returnOf(context.database, part)),
  );
  await each(context, await waiting(context, 'sent', OPEN_SEC), async (part) => {
    const it = await returnOf(context.database, part);
    return { reference: it.reference ?? it.name, notices: await funding.askBack(it) };
  });
}
