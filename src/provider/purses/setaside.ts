/** Moves a reader's money into a purse (SPEC 10.3), within the cap over a rolling day. */
import { formatAmount } from '../../protocol/display.ts';
import { FarthingError } from '../../protocol/errors.ts';
import type { Micros } from '../../protocol/money.ts';
import type { Writing } from '../api/writes.ts';
import { insertionInto, type Query, queryOf } from '../database/queries.ts';
import { lesser } from '../ledger/fee.ts';
import {
  balanceAsked,
  balanceIn,
  entryWrites,
  LAST_ENTRY,
  type Last,
  lastIn,
} from '../ledger/journal.ts';

const DAY_SEC = 86_400;

/** What is to be set aside. */
interface Funds {
  readonly purse: string;
  readonly currency: string;
  readonly amountMicros: Micros;
  /** The journal entry's id. */
  readonly entryId: string;
}

const ASIDE_SINCE = queryOf(
  (reading, of: { readonly account: string; readonly sinceSec: bigint }) =>
    reading
      .selectFrom('set_aside')
      .innerJoin('purse', 'purse.id', 'set_aside.purse')
      .select(['purse.state', 'purse.limit_micros', 'purse.captured_micros'])
      .select(({ fn }) => fn.sum<bigint>('set_aside.amount_micros').as('sum'))
      .where('set_aside.account', '=', of.account)
      .where('set_aside.at_sec', '>', of.sinceSec)
      .groupBy('purse.id'),
);

function accountsOf({ account: owner }: Pick<Writing, 'account'>, currency: string) {
  const starter = { kind: 'reader starter', owner, currency } as const;
  const available = { kind: 'reader available', owner, currency } as const;
  return { starter, available };
}

/** Asks all that has to be known before anything is set aside; its answers are for `asideOf`. */
export function asideAsked({ account, atSec }: Writing, currency: string) {
  const { starter, available } = accountsOf({ account }, currency);
  return [
    ASIDE_SINCE({ account, sinceSec: BigInt(atSec - DAY_SEC) }),
    balanceAsked(starter),
    balanceAsked(available),
    LAST_ENTRY,
  ] as const;
}

interface AsideRow {
  readonly state: 'open' | 'released';
  readonly limit_micros: Micros;
  readonly captured_micros: Micros;
  readonly sum: bigint;
}

/** What `asideAsked` was answered. */
interface Found {
  readonly aside: readonly AsideRow[];
  readonly starterMicros: Micros;
  readonly availableMicros: Micros;
  readonly last: Last;
}

type Rows<T> = { readonly rows: readonly T[] };
type HeldRow = { readonly balance_micros: Micros };

export function asideFound(
  ...[aside, starter, available, last]: readonly [
    ...[Rows<AsideRow>, Rows<HeldRow>, Rows<HeldRow>],
    Rows<{ readonly number: bigint; readonly hash: string }>,
  ]
): Found {
  return {
    aside: aside.rows,
    starterMicros: balanceIn(starter.rows),
    availableMicros: balanceIn(available.rows),
    last: lastIn(last.rows),
  };
}

/**
 * The cap bounds what a taken-over wallet can spend: what was set aside within a day counts, less
 * what has come back of it since its purse was closed.
 */
function checkDay({ context }: Writing, { amountMicros, currency }: Funds, { aside }: Found): void {
  const asideMicros = aside.reduce((total, { sum, state, ...purse }) => {
    const backMicros = state === 'open' ? 0n : purse.limit_micros - purse.captured_micros;
    return total + sum - lesser(sum, backMicros);
  }, 0n);
  const { asideLimitMicros } = context.rules;
  if (asideMicros + amountMicros <= asideLimitMicros) return;
  const limit = formatAmount({ amountMicros: asideLimitMicros, currency });
  throw new FarthingError('aside_limit', `no more than ${limit} in 24 hours`);
}

const NOTE = insertionInto('set_aside');

/** What is set aside. */
export interface Aside {
  /** The part of it that is starter credit: all of that goes first. */
  readonly starterMicros: Micros;
  readonly writes: readonly Query<unknown>[];
  /**
   * Is written once the purse is there: a row that comes before its purse has SQLite look through
   * all rows for those that wait for it.
   */
  readonly note: Query<unknown>;
}

/**
 * Sets money aside, by what it answers to write.
 * @throws FarthingError `aside_limit`, `insufficient_funds`
 */
export function setAside(
  writing: Writing,
  { kind, ...funds }: Funds & { readonly kind: 'issue' | 'raise' },
  found: Found,
): Aside {
  const { account, atSec } = writing;
  const { purse, currency, amountMicros, entryId } = funds;
  checkDay(writing, funds, found);
  const heldMicros = (found.starterMicros + found.availableMicros) as Micros;
  if (heldMicros < amountMicros) {
    const there = formatAmount({ amountMicros: heldMicros, currency });
    throw new FarthingError('insufficient_funds', `there is ${there}; top up or ask for less`);
  }
  const { starter, available } = accountsOf(writing, currency);
  const starterMicros = lesser(found.starterMicros, amountMicros);
  const postings = [
    { account: starter, amountMicros: -starterMicros },
    { account: available, amountMicros: starterMicros - amountMicros },
    { account: { kind: 'purse', owner: purse, currency }, amountMicros },
  ] as const;
  return {
    starterMicros,
    writes: entryWrites({ id: entryId, kind, atSec, postings }, found.last).writes,
    note: NOTE({ id: entryId, account, purse, amount_micros: amountMicros, at_sec: atSec }),
  };
}
