/**
 * The float report: once a day what money there is outside, whose it is, and what would be left if
 * all of them took theirs. Less than nothing means that somebody could not be paid; only lost
 * disputes of cards can bring that about, and what their side keeps for itself.
 */
import type { Insertable, Selectable } from 'kysely';
import { type Context, nowSec } from './context.ts';
import { indexed, openDatabase, type Reading, readBooks } from './database/database.ts';
import type { FloatRow } from './database/tables.ts';
import type { LedgerKind } from './ledger/chart.ts';

/** How money stands at one moment, in micros. Starter credit is nobody's money. */
export interface Float {
  readonly currency: string;
  readonly atSec: number;
  readonly outsideMicros: bigint;
  readonly readersMicros: bigint;
  readonly sellersMicros: bigint;
  /** On its way to a bank or a card. */
  readonly transitMicros: bigint;
}

/** Whose the balances of a kind of account are; of the others none is owed in money. */
const OWED: Partial<Record<LedgerKind, 'readersMicros' | 'sellersMicros' | 'transitMicros'>> = {
  'reader available': 'readersMicros',
  purse: 'readersMicros',
  'seller earned': 'sellersMicros',
  'payout in transit': 'transitMicros',
  'withdrawal in transit': 'transitMicros',
};

/** What is the operator's own of the money outside. */
export function leftMicros(float: Omit<Float, 'currency' | 'atSec'>): bigint {
  return float.outsideMicros - float.readersMicros - float.sellersMicros - float.transitMicros;
}

/** Of what purses hold, starter credit. */
async function starterInPurses(reading: Reading): Promise<Map<string, bigint>> {
  const rows = await reading
    .selectFrom('purse')
    .select(({ fn }) => ['currency', fn.sum<bigint>('starter_micros').as('sum')])
    .where('state', '=', indexed('open'))
    .groupBy('currency')
    .execute();
  return new Map(rows.map(({ currency, sum }) => [currency, sum]));
}

/** The float now, of each currency that there is. */
export async function floatNow(reading: Reading, atSec: number): Promise<Float[]> {
  const balances = await reading
    .selectFrom('ledger_account')
    .select(({ fn }) => ['currency', 'kind', fn.sum<bigint>('balance_micros').as('sum')])
    .groupBy(['currency', 'kind'])
    .orderBy('currency')
    .execute();
  const gifts = await starterInPurses(reading);
  return [...Map.groupBy(balances, ({ currency }) => currency)].map(([currency, rows]) => {
    const sums = {
      readersMicros: -(gifts.get(currency) ?? 0n),
      sellersMicros: 0n,
      transitMicros: 0n,
    };
    for (const { kind, sum } of rows) {
      const whose = OWED[kind];
      if (whose) sums[whose] += sum;
    }
    const outsideMicros = rows.find(({ kind }) => kind === 'outside money')?.sum ?? 0n;
    return { currency, atSec, outsideMicros, ...sums };
  });
}

function dayOf(atSec: number): string {
  return new Date(atSec * 1000).toISOString().slice(0, 10);
}

/**
 * Keeps the day's report, by whichever process comes first, and tells the operator where there is
 * less than is owed; answers whether it was kept now.
 */
export async function reportFloat(context: Context): Promise<boolean> {
  const atSec = nowSec(context);
  const day = dayOf(atSec);
  const { database } = context;
  const known = await database.selectFrom('float_report').select('day').where('day', '=', day);
  if (await known.executeTakeFirst()) return false;
  const floats = await readBooks(database, (books) => floatNow(books, atSec));
  if (floats.length === 0) return false;
  await context.changeBooks((books) =>
    books
      .insertInto('float_report')
      .values(floats.map((float) => rowOf(day, float)))
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
  for (const float of floats)
    if (leftMicros(float) < 0n)
      context.log(`float: ${leftMicros(float)} micros ${float.currency} less than is owed`);
  return true;
}

function rowOf(day: string, float: Float): Insertable<FloatRow> {
  return {
    day,
    currency: float.currency,
    at_sec: float.atSec,
    outside_micros: float.outsideMicros,
    readers_micros: float.readersMicros,
    sellers_micros: float.sellersMicros,
    transit_micros: float.transitMicros,
  };
}

function floatOf(row: Selectable<FloatRow>): Float {
  return {
    currency: row.currency,
    atSec: Number(row.at_sec),
    outsideMicros: row.outside_micros,
    readersMicros: row.readers_micros,
    sellersMicros: row.sellers_micros,
    transitMicros: row.transit_micros,
  };
}

const LISTED_COUNT = 60;

/**
 * The reports of the last days, the newest first, behind how it is now.
 * @throws FarthingError `database_foreign`, `database_newer`, `option_invalid` (no such file)
 */
export async function readFloats(place: string, atSec: number): Promise<Float[]> {
  const database = await openDatabase(place, 'read');
  try {
    return await readBooks(database, async (books) => {
      const rows = await books
        .selectFrom('float_report')
        .selectAll()
        .orderBy('day', 'desc')
        .orderBy('currency')
        .limit(LISTED_COUNT)
        .execute();
      return [...(await floatNow(books, atSec)), ...rows.map(floatOf)];
    });
  } finally {
    await database.destroy();
  }
}
