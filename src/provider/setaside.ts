/** Moves a reader's money into a purse (SPEC 10.3), within the cap over a rolling day. */
import { formatAmount } from '../protocol/display.ts';
import { FarthingError } from '../protocol/errors.ts';
import type { Micros } from '../protocol/money.ts';
import { lesser } from './ledger/fee.ts';
import { balanceOf, postEntry } from './ledger/journal.ts';
import type { Writing } from './writes.ts';

const DAY_SEC = 86_400;

/** What is to be set aside. */
interface Funds {
  readonly purse: string;
  readonly currency: string;
  readonly amountMicros: Micros;
  /** The journal entry's id. */
  readonly entryId: string;
}

/**
 * The cap bounds what a taken-over wallet can spend: what was set aside within a day counts, less
 * what has come back of it since its purse was closed.
 */
async function checkDay(writing: Writing, { amountMicros, currency }: Funds): Promise<void> {
  const { books, account, atSec, context } = writing;
  const purses = await books
    .selectFrom('set_aside')
    .innerJoin('purse', 'purse.id', 'set_aside.purse')
    .select(['purse.state', 'purse.limit_micros', 'purse.captured_micros'])
    .select(({ fn }) => fn.sum<bigint>('set_aside.amount_micros').as('sum'))
    .where('set_aside.account', '=', account)
    .where('set_aside.at_sec', '>', BigInt(atSec - DAY_SEC))
    .groupBy('purse.id')
    .execute();
  const asideMicros = purses.reduce((total, { sum, state, ...purse }) => {
    const backMicros = state === 'open' ? 0n : purse.limit_micros - purse.captured_micros;
    return total + sum - lesser(sum, backMicros);
  }, 0n);
  const { asideLimitMicros } = context.rules;
  if (asideMicros + amountMicros <= asideLimitMicros) return;
  const limit = formatAmount({ amountMicros: asideLimitMicros, currency });
  throw new FarthingError('aside_limit', `no more than ${limit} in 24 hours`);
}

/**
 * Sets money aside, starter credit first; answers the part that was starter credit.
 * @throws FarthingError `aside_limit`, `insufficient_funds`
 */
export async function setAside(
  writing: Writing,
  kind: 'issue' | 'raise',
  funds: Funds,
): Promise<Micros> {
  const { books, account, atSec } = writing;
  const { purse, currency, amountMicros, entryId } = funds;
  await checkDay(writing, funds);
  const starter = { kind: 'reader starter', owner: account, currency } as const;
  const available = { kind: 'reader available', owner: account, currency } as const;
  const starterHeld = await balanceOf(books, starter);
  const held = (starterHeld + (await balanceOf(books, available))) as Micros;
  if (held < amountMicros) {
    const there = formatAmount({ amountMicros: held, currency });
    throw new FarthingError('insufficient_funds', `there is ${there}; top up or ask for less`);
  }
  const starterMicros = lesser(starterHeld, amountMicros);
  await postEntry(books, {
    id: entryId,
    kind,
    atSec,
    postings: [
      { account: starter, amountMicros: -starterMicros },
      { account: available, amountMicros: starterMicros - amountMicros },
      { account: { kind: 'purse', owner: purse, currency }, amountMicros },
    ],
  });
  await books
    .insertInto('set_aside')
    .values({ id: entryId, account, purse, amount_micros: amountMicros, at_sec: atSec })
    .execute();
  return starterMicros;
}
