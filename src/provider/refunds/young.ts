/**
 * What is young (SPEC 10.6): captured so lately that its readers may still undo it. What giving all
 * of it back would take stays with its seller: no payout takes it, and no refund of what is older.
 * Else a seller that was paid out could give what it got once more to a reader in league with it,
 * out of what others have paid since.
 */
import { sql } from 'kysely';
import { addMicros, MICROS_ZERO, type Micros } from '../../protocol/money.ts';
import type { Context } from '../context.ts';
import type { Reading } from '../database/database.ts';
import { askAll, queryOf } from '../database/queries.ts';
import { greater, lesser, splitRefund } from '../ledger/fee.ts';
import { sharesOf } from './shares.ts';
import type { Earner, Till } from './tills.ts';

export interface Hold {
  readonly atSec: number;
  readonly holdSec: number;
}

/** What is young of a seller's, and not given back. */
export interface Young {
  readonly amountMicros: Micros;
  /** As much of it would go back as starter credit. */
  readonly starterMicros: Micros;
  /** When the oldest of it was captured. */
  readonly firstSec: number | undefined;
}

export function holdOf({ rules }: Pick<Context, 'rules'>, atSec: number): Hold {
  return { atSec, holdSec: rules.payoutHoldSec };
}

/** Captured after this is young. */
export function cutoffSec({ atSec, holdSec }: Hold): bigint {
  return BigInt(atSec - holdSec);
}

const LEFT = sql<Micros>`amount_micros - capture.refunded_micros`;

interface Since extends Earner {
  readonly sinceSec: bigint;
}

const STARTER_LEFT = sql<Micros>`captured_starter_micros - refunded_starter_micros`;

/** Purses of a seller that were collected from lately, and have starter credit to give back. */
function youngGifts(reading: Reading, { payto, currency, sinceSec }: Since) {
  return reading
    .selectFrom('purse')
    .where('payto', '=', payto)
    .where('currency', '=', currency)
    .where('last_captured_at_sec', '>', sinceSec)
    .whereRef('captured_starter_micros', '>', 'refunded_starter_micros');
}

/** Of a purse whose captures are all young, all that is left of its starter credit is. */
const WHOLE = queryOf((reading, of: Since) =>
  youngGifts(reading, of)
    .select(({ fn }) => fn.sum<Micros | null>(STARTER_LEFT).as('sum'))
    .where('first_captured_at_sec', '>', of.sinceSec),
);

/** Those of which some are older are looked into, capture by capture. */
const IN_PART = queryOf((reading, of: Since) =>
  reading
    .selectFrom(
      youngGifts(reading, of)
        .select((row) => [
          STARTER_LEFT.as('left_micros'),
          row
            .selectFrom('capture')
            .select(({ fn }) => fn.coalesce(fn.sum<bigint>(LEFT), sql`0`).as('sum'))
            .whereRef('capture.purse', '=', 'purse.id')
            .where('capture.at_sec', '>', of.sinceSec)
            .as('young_micros'),
        ])
        .where('first_captured_at_sec', '<=', of.sinceSec)
        .as('gift'),
    )
    .select(
      sql<Micros | null>`sum(case when young_micros < left_micros then young_micros
        else left_micros end)`.as('sum'),
    ),
);

async function youngStarter(reading: Reading, earner: Earner, hold: Hold): Promise<Micros> {
  const since = { ...earner, sinceSec: cutoffSec(hold) };
  const [whole, part] = await askAll(reading, WHOLE(since), IN_PART(since));
  const sumOf = ([row]: readonly { readonly sum: Micros | null }[]) => row?.sum ?? MICROS_ZERO;
  return addMicros(sumOf(whole.rows), sumOf(part.rows));
}

export async function youngOf(reading: Reading, earner: Earner, hold: Hold): Promise<Young> {
  const { sum, first } = await reading
    .selectFrom('capture')
    .select(({ fn }) => [
      fn.sum<Micros | null>(LEFT).as('sum'),
      fn.min<bigint | null>('at_sec').as('first'),
    ])
    .where('payto', '=', earner.payto)
    .where('at_sec', '>', cutoffSec(hold))
    .executeTakeFirstOrThrow();
  const amountMicros = sum ?? MICROS_ZERO;
  const firstSec = first === null ? undefined : Number(first);
  const starterMicros = amountMicros > 0n ? await youngStarter(reading, earner, hold) : MICROS_ZERO;
  return { amountMicros, starterMicros, firstSec };
}

/** What is young of one purse. */
export async function youngOfPurse(reading: Reading, purse: string, hold: Hold): Promise<Micros> {
  const { sum } = await reading
    .selectFrom('capture')
    .select(({ fn }) => fn.sum<Micros | null>(LEFT).as('sum'))
    .where('purse', '=', purse)
    .where('at_sec', '>', cutoffSec(hold))
    .executeTakeFirstOrThrow();
  return sum ?? MICROS_ZERO;
}

/** What is left of it after a refund of a purse that has this much of it. */
export function youngAfter(
  young: Young,
  purse: { readonly youngMicros: bigint; readonly starterLeftMicros: bigint },
  taken: { readonly youngMicros: bigint; readonly starterMicros: bigint },
): Young {
  const before = lesser(purse.youngMicros, purse.starterLeftMicros);
  const after = lesser(
    purse.youngMicros - taken.youngMicros,
    purse.starterLeftMicros - taken.starterMicros,
  );
  return {
    ...young,
    amountMicros: (young.amountMicros - taken.youngMicros) as Micros,
    starterMicros: (young.starterMicros - before + after) as Micros,
  };
}

/** The fee that falls due no more where so much is given back. */
export async function feeBack(
  reading: Reading,
  earner: Earner,
  amountMicros: Micros,
): Promise<Micros> {
  const shares = await sharesOf(reading, earner, amountMicros);
  return shares.reduce((sum, share) => sum + share.feeMicros, 0n) as Micros;
}

/** What giving all of it back takes of its seller's money. */
export function keptMicros(
  till: Till,
  { amountMicros, starterMicros }: Pick<Young, 'amountMicros' | 'starterMicros'>,
  feeMicros: Micros,
): Micros {
  const terms = { ...till, amountMicros, starterLeftMicros: starterMicros, feeMicros };
  return greater(MICROS_ZERO, splitRefund(terms).earnedMicros);
}
