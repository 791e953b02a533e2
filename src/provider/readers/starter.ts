/**
 * Starter credit (SPEC 9.6): given once to an account that opens, and in all no more in a day than
 * the operator can bear to lose to somebody who opens accounts for it.
 */
import { formatAmount } from '../../protocol/display.ts';
import { MICROS_ZERO } from '../../protocol/money.ts';
import { RefusedForNow } from '../api/limits.ts';
import type { Writing } from '../api/writes.ts';
import { CURRENCY } from '../context.ts';
import { indexed } from '../database/database.ts';
import { postEntry } from '../ledger/journal.ts';

const DAY_SEC = 86_400;

async function checkDay({ context, books, atSec }: Writing): Promise<void> {
  const { starterMicros, starterDayMicros } = context.rules;
  const { given, first } = await books
    .selectFrom('account')
    .select(({ fn }) => [
      fn.sum<bigint | null>('starter_micros').as('given'),
      fn.min<bigint | null>('opened_at_sec').as('first'),
    ])
    .where('starter_micros', '>', indexed(MICROS_ZERO))
    .where('opened_at_sec', '>', BigInt(atSec - DAY_SEC))
    .executeTakeFirstOrThrow();
  if ((given ?? 0n) + starterMicros <= starterDayMicros) return;
  const limit = formatAmount({ amountMicros: starterDayMicros, currency: CURRENCY });
  const retryAfterSec = Number(first ?? atSec) + DAY_SEC - atSec;
  const detail = `${limit} in 24 hours; open the account without it ("starter": "none"), or later`;
  throw new RefusedForNow('starter_limit', detail, retryAfterSec);
}

/** @throws FarthingError `starter_limit` */
export async function giveStarter(writing: Writing): Promise<void> {
  const { context, books, account, atSec } = writing;
  const { starterMicros } = context.rules;
  if (starterMicros === MICROS_ZERO) return;
  await checkDay(writing);
  const expense = { kind: 'provider expense', owner: '', currency: CURRENCY } as const;
  const starter = { kind: 'reader starter', owner: account, currency: CURRENCY } as const;
  await postEntry(books, {
    id: `opening:${account}`,
    kind: 'opening',
    atSec,
    postings: [
      { account: expense, amountMicros: -starterMicros },
      { account: starter, amountMicros: starterMicros },
    ],
  });
  await books
    .updateTable('account')
    .set({ starter_micros: starterMicros })
    .where('id', '=', account)
    .execute();
}
