/**
 * What the card's side keeps for itself of payments (SPEC 10.13): the operator's cost, and never a
 * reader's or a seller's. Each movement is booked once, by the name that it has there, however
 * often it is heard and by whom.
 */
import type { Selectable } from 'kysely';
import { type Context, CURRENCY, nowSec } from '../context.ts';
import { type Books, type Reading, readSetting } from '../database/database.ts';
import { coverShortage } from '../ledger/cover.ts';
import { lesser } from '../ledger/fee.ts';
import { balanceOf, postEntry } from '../ledger/journal.ts';
import type { Cost } from './funding.ts';
import { findTopUp, noteSilence } from './notices.ts';
import type { CostRow } from './rows.ts';
import { OUTSIDE } from './standing.ts';

/** By when the newest movement was that all before it are booked with. */
const SETTING = 'costs_heard_sec';
/** What is listed late, or whose payment is booked late, is heard for so long. */
const AGAIN_SEC = 86_400;
/** In one transaction: others write in between. */
const COUNT_MAX = 100;

const OWN = { owner: '', currency: CURRENCY } as const;
const KEPT = { kind: 'processing costs', ...OWN } as const;
const FUNDS = { kind: 'provider funds', ...OWN } as const;

type Row = Selectable<CostRow>;

/** The journal entry of a cost. */
export function costEntryId({ reference, amount_micros: amount }: Omit<Row, 'at_sec'>): string {
  return `${amount > 0n ? 'cost' : 'cost returned'}:${reference}`;
}

async function postKept(books: Books, row: Row, atSec: number): Promise<void> {
  const { reference, amount_micros: amountMicros } = row;
  const leaving = { currency: CURRENCY, amountMicros, name: `cost.${reference}`, atSec };
  await coverShortage(books, leaving);
  await postEntry(books, {
    id: costEntryId(row),
    kind: 'cost',
    atSec,
    postings: [
      { account: KEPT, amountMicros: -amountMicros },
      { account: OUTSIDE, amountMicros },
    ],
  });
}

/** What comes back of costs that these books never had is the operator's own. */
async function postReturned(books: Books, row: Row, atSec: number): Promise<void> {
  const backMicros = -row.amount_micros;
  const keptMicros = lesser<bigint>(await balanceOf(books, KEPT), backMicros);
  await postEntry(books, {
    id: costEntryId(row),
    kind: 'cost returned',
    atSec,
    postings: [
      { account: OUTSIDE, amountMicros: -backMicros },
      { account: KEPT, amountMicros: keptMicros },
      { account: FUNDS, amountMicros: backMicros - keptMicros },
    ],
  });
}

/** Those that are booked, of these. */
async function knownOf(reading: Reading, costs: readonly Cost[]): Promise<Set<string>> {
  const names = costs.map(({ reference }) => reference);
  const rows = await reading
    .selectFrom('cost')
    .select('reference')
    .where('reference', 'in', names)
    .execute();
  return new Set(rows.map(({ reference }) => reference));
}

/** Whether its money is in these books: that of another service is not, or not yet. */
async function isPaidHere(books: Books, cost: Cost): Promise<boolean> {
  const topUp = await findTopUp(books, cost);
  return topUp !== undefined && topUp.state !== 'begun' && topUp.state !== 'failed';
}

/** Books what was not booked before. */
async function bookCosts(books: Books, costs: readonly Cost[], atSec: number): Promise<void> {
  const known = await knownOf(books, costs);
  for (const cost of costs) {
    const { reference, amountMicros } = cost;
    if (known.has(reference) || !(await isPaidHere(books, cost))) continue;
    const row = { reference, amount_micros: amountMicros, at_sec: BigInt(atSec) };
    await (amountMicros > 0n ? postKept : postReturned)(books, row, atSec);
    await books.insertInto('cost').values(row).execute();
  }
}

/**
 * Since when all is to be told, by the clock of the card's side: what was before the first top-up
 * is none of these books. Undefined where there was none.
 */
async function toldSince({ database, funding }: Context): Promise<number | undefined> {
  const heard = await readSetting(database, SETTING);
  if (heard !== undefined) return Number(heard) - AGAIN_SEC;
  const { first } = await database
    .selectFrom('topup')
    .select(({ fn }) => fn.min<bigint | null>('begun_at_sec').as('first'))
    .where('method', '=', funding.method)
    .executeTakeFirstOrThrow();
  return first === null ? undefined : Number(first) - AGAIN_SEC;
}

/** Another process may have heard more by now. */
async function noteHeard(books: Books, untilSec: number): Promise<void> {
  const value = `${untilSec}`;
  if (Number(await readSetting(books, SETTING)) >= untilSec) return;
  await books
    .insertInto('setting')
    .values({ name: SETTING, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}

async function hearAll(context: Context): Promise<void> {
  const { funding, database, changeBooks, log } = context;
  const heard = await funding.costs?.(() => toldSince(context));
  for (const remark of heard?.remarks ?? []) log(`funding: ${remark}`);
  const costs = heard?.costs ?? [];
  for (let at = 0; at < costs.length; at += COUNT_MAX) {
    const some = costs.slice(at, at + COUNT_MAX);
    const known = await knownOf(database, some);
    if (some.some(({ reference }) => !known.has(reference)))
      await changeBooks((books) => bookCosts(books, some, nowSec(context)));
  }
  const untilSec = heard?.untilSec;
  if (untilSec !== undefined) await changeBooks((books) => noteHeard(books, untilSec));
}

/** Hears what payments have cost, and books it; what failed is heard again. */
export async function hearCosts(context: Context): Promise<void> {
  await hearAll(context).catch((error) => noteSilence(context, error));
}
