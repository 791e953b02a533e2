/**
 * What has to be done about payments by and by: asked about, where no word of them came, so that a
 * notice that is lost loses nothing; what they cost booked; what is owed taken from what has come
 * back; and what readers want back sent.
 */
import { type Context, nowSec } from '../context.ts';
import { indexed } from '../database/database.ts';
import { hearCosts } from './costs.ts';
import { recover } from './disputes.ts';
import { bookNotices, noteSilence, paymentOf, type TopUp } from './notices.ts';
import { sendBack } from './sendback.ts';

/** By then a notice that was sent has come. */
const PENDING_SEC = 60;
/** Asked about in one minute: the others come in the next. */
const ASKED_COUNT_MAX = 100;
/** The clocks of two processes are not so far apart. */
const AHEAD_SEC = 3600;

/** Nobody waits for a moment of which only a clock knew that was ahead. */
async function mendClock(context: Context): Promise<void> {
  const now = { asked_at_sec: nowSec(context) };
  const latestSec = BigInt(now.asked_at_sec + AHEAD_SEC);
  await context.changeBooks(async (books) => {
    for (const state of ['made', 'sent'] as const)
      await books
        .updateTable('withdrawal_part')
        .set(now)
        .where('state', '=', indexed(state))
        .where('asked_at_sec', '>', latestSec)
        .execute();
    await books
      .updateTable('topup')
      .set(now)
      .where('state', '=', indexed('begun'))
      .where('asked_at_sec', '>', latestSec)
      .execute();
  });
}

/** Asks what became of a top-up of which nothing was heard; whoever asks next waits a little. */
export async function askAbout(context: Context, topUp: TopUp): Promise<void> {
  await context.changeBooks((books) =>
    books
      .updateTable('topup')
      .set({ asked_at_sec: nowSec(context) })
      .where('account', '=', topUp.account)
      .where('id', '=', topUp.id)
      .execute(),
  );
  try {
    await bookNotices(context, await context.funding.ask(paymentOf(topUp)));
  } catch (error) {
    noteSilence(context, error);
  }
}

async function askAboutPending(context: Context): Promise<void> {
  const pending = await context.database
    .selectFrom('topup')
    .selectAll()
    .where('state', '=', indexed('begun'))
    .where('method', '=', context.funding.method)
    .where('asked_at_sec', '<=', BigInt(nowSec(context) - PENDING_SEC))
    .orderBy('asked_at_sec')
    .limit(ASKED_COUNT_MAX)
    .execute();
  for (const topUp of pending) await askAbout(context, topUp);
}

async function recoverAll(context: Context): Promise<void> {
  const frozen = await context.database
    .selectFrom('account')
    .select('id')
    .where('frozen_at_sec', 'is not', null)
    .execute();
  for (const { id } of frozen)
    await context.changeBooks((books) => recover(books, id, nowSec(context)));
}

/**
 * Asks what has happened of which nobody was told. Each is booked by itself: one that cannot be
 * keeps neither the others nor anybody else waiting.
 */
export async function hear(context: Context): Promise<void> {
  const note = (error: unknown) => noteSilence(context, error);
  const notices = await context.funding.settle().catch((error) => void note(error));
  await Promise.all((notices ?? []).map((it) => bookNotices(context, [it]).catch(note)));
}

/** Once a minute. */
export async function settleFunding(context: Context): Promise<void> {
  await mendClock(context);
  await askAboutPending(context);
  await hear(context);
  await hearCosts(context);
  await recoverAll(context);
  await sendBack(context);
}
