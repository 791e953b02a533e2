/** When a seller is paid out, and how much (SPEC 10.7): the amount, or what it waits for. */
import type { Selectable } from 'kysely';
import type { PayoutWait } from '../../protocol/api.ts';
import { type Micros, wholeCents } from '../../protocol/money.ts';
import { type Context, CURRENCY, paytoOf, type Rules } from '../context.ts';
import type { Reading } from '../database/database.ts';
import type { SellerRow } from '../database/tables.ts';
import { isFrozen } from '../funding/standing.ts';
import { greater, lesser } from '../ledger/fee.ts';
import { balanceOf } from '../ledger/journal.ts';
import type { Earner } from '../refunds/tills.ts';
import { holdOf } from '../refunds/young.ts';
import { type Payable, payableOf } from './payable.ts';

export type Seller = Selectable<SellerRow>;

/** What is to be paid out, as soon as there is nothing that it waits for. */
export interface PayoutTerms {
  readonly payable: Payable;
  readonly amountMicros: Micros;
  /** The part of it that was earned of starter credit. */
  readonly starterMicros: Micros;
  readonly waits: readonly PayoutWait[];
}

/** The seller's earnings here. */
export function earnerOf(context: Pick<Context, 'issuer'>, handle: string): Earner {
  return { handle, payto: paytoOf(context, handle), currency: CURRENCY };
}

/** The row of a seller that there is. */
export async function requireRow(reading: Reading, handle: string): Promise<Seller> {
  return reading
    .selectFrom('seller')
    .selectAll()
    .where('handle', '=', handle)
    .executeTakeFirstOrThrow();
}

async function lastPayout(reading: Reading, handle: string) {
  return reading
    .selectFrom('payout')
    .select('made_at_sec')
    .where('handle', '=', handle)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/**
 * Whether an operator holds this seller back, or another one of its account; or that is frozen:
 * nobody is paid by whom it owes (SPEC 10.9).
 */
async function isHeld(reading: Reading, { account }: Seller): Promise<boolean> {
  if (await isFrozen(reading, account)) return true;
  const row = await reading
    .selectFrom('seller')
    .select('handle')
    .where('account', '=', account)
    .where('held_at_sec', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether money came back from the account that a seller has given. */
export async function hasBounced(reading: Reading, seller: Seller): Promise<boolean> {
  const row = await reading
    .selectFrom('payout')
    .select('id')
    .where('handle', '=', seller.handle)
    .where('bounced_at_sec', '>', seller.bank_at_sec ?? 0n)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

function until(code: PayoutWait['code'], untilSec: bigint | number, atSec: number): PayoutWait[] {
  return untilSec > atSec ? [{ code, until: Number(untilSec) }] : [];
}

/** What it waits for, whatever the amount. */
async function waitsOf(
  reading: Reading,
  seller: Seller,
  { rules, atSec }: { readonly rules: Rules; readonly atSec: number },
): Promise<PayoutWait[]> {
  const { bank_at_sec: bankAtSec, registered_at_sec: bornAtSec } = seller;
  const last = await lastPayout(reading, seller.handle);
  const waits: PayoutWait[] = (await isHeld(reading, seller)) ? [{ code: 'held' }] : [];
  if (bankAtSec === null) waits.push({ code: 'bank_missing' });
  else if (await hasBounced(reading, seller)) waits.push({ code: 'bank_bounced' });
  else waits.push(...until('bank_new', bankAtSec + BigInt(rules.bankHoldSec), atSec));
  waits.push(...until('seller_new', bornAtSec + BigInt(rules.firstPayoutHoldSec), atSec));
  if (last) waits.push(...until('period', last.made_at_sec + BigInt(rules.payoutPeriodSec), atSec));
  return waits;
}

/** Why there is too little, by what would make it enough. */
function littleOf(
  { earnedMicros, starterMicros, youngMicros, ripeAtSec }: Payable,
  thresholdMicros: Micros,
): PayoutWait {
  if (earnedMicros + starterMicros >= thresholdMicros) return { code: 'starter' };
  if (ripeAtSec !== undefined && earnedMicros + starterMicros + youngMicros >= thresholdMicros)
    return { code: 'young', until: ripeAtSec };
  return { code: 'threshold' };
}

/**
 * The operator's own money, less what stands in for what readers owe since a chargeback, and for
 * what the card's side has kept for itself.
 */
async function freeFunds(reading: Reading): Promise<Micros> {
  const own = { owner: '', currency: CURRENCY } as const;
  const fundsMicros = await balanceOf(reading, { kind: 'provider funds', ...own });
  const costsMicros = await balanceOf(reading, { kind: 'processing costs', ...own });
  const { owed } = await reading
    .selectFrom('ledger_account')
    .select(({ fn }) => fn.sum<bigint | null>('balance_micros').as('owed'))
    .where('kind', '=', 'chargeback receivable')
    .where('currency', '=', CURRENCY)
    .executeTakeFirstOrThrow();
  return greater(0n, fundsMicros - costsMicros - (owed ?? 0n)) as Micros;
}

/** What would be paid out to a seller, and what that waits for; nothing is changed. */
export async function payoutTerms(
  context: Context,
  reading: Reading,
  { seller, atSec }: { readonly seller: Seller; readonly atSec: number },
): Promise<PayoutTerms> {
  const { rules } = context;
  const payable = await payableOf(
    reading,
    earnerOf(context, seller.handle),
    holdOf(context, atSec),
  );
  const coveredMicros = lesser(payable.starterMicros, await freeFunds(reading));
  // Banks pay whole cents; what is left stays earned.
  const amountMicros = wholeCents(payable.earnedMicros + coveredMicros);
  // Money first: starter credit waits for funds again, money waits for nothing.
  const starterMicros = (amountMicros - lesser(amountMicros, payable.earnedMicros)) as Micros;
  const waits = await waitsOf(reading, seller, { rules, atSec });
  if (amountMicros < rules.payoutThresholdMicros || amountMicros === 0n)
    waits.push(littleOf(payable, rules.payoutThresholdMicros));
  return { payable, amountMicros, starterMicros, waits };
}

/** When the payout can be made at the earliest; undefined where that hangs on somebody. */
export function dueAtSec(waits: readonly PayoutWait[], atSec: number): number | undefined {
  let dueSec = atSec;
  for (const { until: untilSec } of waits) {
    if (untilSec === undefined) return undefined;
    dueSec = Math.max(dueSec, untilSec);
  }
  return dueSec;
}
