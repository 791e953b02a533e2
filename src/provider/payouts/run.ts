/**
 * Pays sellers out (SPEC 10.7): books what is due, tells the bank, and books what the bank says. It
 * may die at any line, and several processes may do it at once: a payout has its id before it is
 * told, is told under it however often, and its outcome is booked once. One that fails keeps nobody
 * else waiting; what is told together was booked together, and is told whole or not at all.
 */

import { type Context, CURRENCY, nowSec } from '../context.ts';
import { inSavepoint } from '../database/commits.ts';
import { type Books, indexed } from '../database/database.ts';
import { readBankAccount } from './bankaccount.ts';
import { claimMethod } from './method.ts';
import { bookOutcome, makePayout, markSent, type Payout, transferOf } from './payout.ts';
import { dueAtSec, payoutTerms, type Seller } from './terms.ts';

/** Sellers in one transaction: everybody else waits for no more. */
const SELLER_COUNT = 50;
/** What a seller has earned is looked at no oftener and no more seldom. */
const LOOK_SEC_MIN = 3600;
const LOOK_SEC_MAX = 86_400;
const ID_BYTES = 16;

/** In the letters that banks take. */
function makeRunId({ random }: Pick<Context, 'random'>): string {
  return Buffer.from(random(ID_BYTES)).toString('hex');
}

async function underWay(context: Context, state: 'made' | 'sent'): Promise<Payout[]> {
  return context.database
    .selectFrom('payout')
    .selectAll()
    .where('state', '=', indexed(state))
    .where('method', '=', context.bank.method)
    .orderBy('number')
    .execute();
}

/** Each by itself: what failed is said at the end. */
async function forEach<T>(
  items: Iterable<T>,
  faults: unknown[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  for (const item of items)
    try {
      await work(item);
    } catch (error) {
      faults.push(error);
    }
}

/** Books what the bank says of payouts that it has. */
async function settle(context: Context, faults: unknown[]): Promise<void> {
  await forEach(await underWay(context, 'sent'), faults, async (payout) => {
    const outcome = await context.bank.outcomeOf(transferOf(payout));
    if (!outcome) return;
    const atSec = nowSec(context);
    await context.changeBooks((books) => bookOutcome(books, payout.id, { outcome, atSec }));
  });
}

interface Look {
  readonly seller: Seller;
  readonly run: string;
  readonly atSec: number;
}

async function lookAgain(books: Books, { seller, atSec }: Look, waitSec: number): Promise<void> {
  await books
    .updateTable('seller')
    .set({ payout_at_sec: atSec + Math.min(Math.max(waitSec, LOOK_SEC_MIN), LOOK_SEC_MAX) })
    .where('handle', '=', seller.handle)
    .execute();
}

/** Makes the payout of a seller if it is due; says when to look again. */
async function lookAt(context: Context, books: Books, look: Look): Promise<void> {
  const { seller, run, atSec } = look;
  const { handle, bank } = seller;
  const terms = await payoutTerms(context, books, { seller, atSec });
  const isDue = terms.waits.length === 0 && bank !== null;
  if (isDue) {
    // One that cannot be told would hold up all that are told with it.
    readBankAccount(bank);
    const payee = { handle, currency: CURRENCY, bank, run };
    await makePayout(books, { ...payee, method: context.bank.method }, { ...terms, atSec });
  }
  const waitSec = isDue
    ? context.rules.payoutPeriodSec
    : (dueAtSec(terms.waits, atSec) ?? atSec) - atSec;
  await lookAgain(books, look, waitSec);
}

/** Looks at the sellers whose time has come; answers how many. */
async function makeDue(context: Context, faults: unknown[]): Promise<number> {
  return context.changeBooks(async (books) => {
    // Also while we run the way may have been changed.
    await claimMethod(books, context.bank.method);
    const atSec = nowSec(context);
    const sellers = await books
      .selectFrom('seller')
      .selectAll()
      .where('bank', 'is not', null)
      .where((seller) =>
        seller.or([
          seller('payout_at_sec', '<=', BigInt(atSec)),
          // Nobody waits so long: the clock was ahead when this was written.
          seller('payout_at_sec', '>', BigInt(atSec + LOOK_SEC_MAX)),
        ]),
      )
      .orderBy('payout_at_sec')
      .orderBy('handle')
      .limit(SELLER_COUNT)
      .execute();
    const run = makeRunId(context);
    for (const seller of sellers) {
      const look = { seller, run, atSec };
      const outcome = await inSavepoint(books, () => lookAt(context, books, look));
      if (outcome.status === 'fulfilled') continue;
      faults.push(new Error(`${seller.handle}: ${outcome.reason}`, { cause: outcome.reason }));
      await lookAgain(books, look, LOOK_SEC_MIN);
    }
    return sellers.length;
  });
}

/** Tells the bank what it was not told, or may not have been: under the same ids. */
async function handOver(context: Context, faults: unknown[]): Promise<void> {
  const made = await underWay(context, 'made');
  await forEach(
    Map.groupBy(made, ({ run }) => run),
    faults,
    async ([id, payouts]) => {
      const atSec = Number(payouts[0]?.made_at_sec);
      await context.bank.handOver({ id, atSec, transfers: payouts.map(transferOf) });
      await context.changeBooks((books) => markSent(books, id, Math.max(nowSec(context), atSec)));
    },
  );
}

/**
 * One turn of all three; what was handed over is paid at the next one at the earliest.
 * @throws AggregateError what failed, once all the rest is done
 */
export async function payOut(context: Context): Promise<void> {
  const faults: unknown[] = [];
  await settle(context, faults);
  while ((await makeDue(context, faults)) === SELLER_COUNT);
  await handOver(context, faults);
  if (faults.length > 0) throw new AggregateError(faults, faults.join('; '));
}
