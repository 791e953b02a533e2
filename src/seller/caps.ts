/**
 * Caps (SPEC 7.7): past so much in a period the rest of it is free. One row for each reader and
 * cap, in which a charge is counted before it is accepted: whatever a server dies in, nobody pays
 * more than the cap.
 */
import { encodeBase64url, sha256, utf8 } from '../protocol/base64url.ts';
import { canonicalJson } from '../protocol/json.ts';
import { addMicros, MICROS_ZERO, type Micros, micros, subtractMicros } from '../protocol/money.ts';
import type { Cap } from '../protocol/terms.ts';
import { nowSec, type SellerContext } from './context.ts';
import type { Row, Store } from './store.ts';

/** Whose count it is: a reader at this payto, and one cap. */
export interface CapOwner {
  readonly payto: string;
  readonly sub: string;
  readonly currency: string;
  readonly cap: Cap;
}

/** A charge as it is counted. */
export interface Counted {
  readonly purse: string;
  readonly seq: number;
  readonly amt: Micros;
}

/** What one purse adds to the count: its charges before the last one, and that one. */
interface PurseCount {
  readonly before: Micros;
  readonly seq: number;
  readonly amt: Micros;
}

/** The count of one period. */
export interface CapCount {
  readonly key: string;
  readonly rev: number;
  /** Seconds since 1970, by this seller's clock. */
  readonly startSec: number;
  readonly endSec: number;
  readonly purses: Readonly<Record<string, PurseCount>>;
}

/** More than the writers of one reader's purses. */
const ATTEMPT_COUNT = 16;

/** The key of a count: a hash, since a reader's name is of no length that a store could rely on. */
export async function capKey({ payto, sub, currency, cap }: CapOwner): Promise<string> {
  const name = [payto, sub, currency, cap.amountMicros, cap.periodSec];
  return `cap.${encodeBase64url(await sha256(utf8(canonicalJson(name))))}`;
}

function readCount({ key, rev, text }: Row): CapCount {
  const stored = JSON.parse(text) as Omit<CapCount, 'key' | 'rev'>;
  const purses = Object.entries(stored.purses).map(([purse, { before, seq, amt }]) => {
    const amounts = { before: micros(BigInt(before)), amt: micros(BigInt(amt)) };
    return [purse, { seq, ...amounts }] as const;
  });
  return { ...stored, key, rev, purses: Object.fromEntries(purses) };
}

function writeCount({ key, rev, ...rest }: CapCount): Row {
  const text = JSON.stringify(rest, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
  return { key, rev, isDue: false, text };
}

/** A clock that was put back goes on in the period that it finds, unless that is far ahead. */
function isCurrent({ startSec, endSec }: CapCount, atSec: number): boolean {
  return atSec < endSec && endSec - atSec <= 2 * (endSec - startSec);
}

/** The count of the period that is now; one that is over counts nothing. */
async function currentCount(seller: SellerContext, key: string): Promise<CapCount | undefined> {
  const row = await seller.store.get(key);
  const count = row && readCount(row);
  return count && isCurrent(count, nowSec(seller)) ? count : undefined;
}

function countedMicros({ purses }: Pick<CapCount, 'purses'>): Micros {
  return Object.values(purses).reduce(
    (sum, { before, amt }) => addMicros(sum, addMicros(before, amt)),
    MICROS_ZERO,
  );
}

function lesser(a: Micros, b: Micros): Micros {
  return a < b ? a : b;
}

/** What a charge of `priceMicros` comes to under a cap, and until when all is free after it. */
export interface CapShare {
  readonly dueMicros: Micros;
  readonly freeUntilSec: number | undefined;
}

function without({ purses }: Pick<CapCount, 'purses'>, purse: string, seq: number) {
  const known = purses[purse];
  if (known?.seq !== seq) return purses;
  return { ...purses, [purse]: { before: known.before, seq: seq - 1, amt: MICROS_ZERO } };
}

function shareOf(purses: CapCount['purses'], owner: CapOwner, of: { price: Micros; end: number }) {
  const counted = countedMicros({ purses });
  const { amountMicros } = owner.cap;
  const leftMicros = counted >= amountMicros ? MICROS_ZERO : subtractMicros(amountMicros, counted);
  const dueMicros = lesser(of.price, leftMicros);
  return { dueMicros, freeUntilSec: dueMicros === leftMicros ? of.end : undefined };
}

/**
 * Counts a charge, if its amount is what the cap leaves of the price; else says what that is. The
 * same (purse, seq) again is counted once.
 */
export async function countCharge(
  seller: SellerContext,
  owner: CapOwner,
  { charge, priceMicros }: { readonly charge: Counted; readonly priceMicros: Micros },
): Promise<CapShare> {
  const key = await capKey(owner);
  for (let attempt = 0; attempt < ATTEMPT_COUNT; attempt++) {
    const stored = await seller.store.get(key);
    const startSec = nowSec(seller);
    const fresh = { startSec, endSec: startSec + owner.cap.periodSec, purses: {} };
    const count = (await currentCount(seller, key)) ?? fresh;
    const others = without(count, charge.purse, charge.seq);
    const share = shareOf(others, owner, { price: priceMicros, end: count.endSec });
    if (share.dueMicros !== charge.amt || share.dueMicros === 0n) return share;
    const { before = MICROS_ZERO, amt = MICROS_ZERO } = others[charge.purse] ?? {};
    const entry = { before: addMicros(before, amt), seq: charge.seq, amt: charge.amt };
    const purses = { ...others, [charge.purse]: entry };
    const next = { ...count, key, rev: (stored?.rev ?? 0) + 1, purses };
    if (await seller.store.put(writeCount(next))) return share;
  }
  throw new Error('too much is going on under this cap: the charge is undecided');
}

async function change(
  seller: SellerContext,
  key: string,
  next: (count: CapCount) => CapCount['purses'] | undefined,
): Promise<void> {
  for (;;) {
    const count = await currentCount(seller, key);
    const purses = count && next(count);
    if (!purses) return;
    if (await seller.store.put(writeCount({ ...count, rev: count.rev + 1, purses }))) return;
  }
}

/** Takes a charge off the count that was not accepted, or was taken back. */
export async function uncountCharge(
  seller: SellerContext,
  owner: CapOwner,
  { purse, seq }: Pick<Counted, 'purse' | 'seq'>,
): Promise<void> {
  await change(seller, await capKey(owner), (count) =>
    count.purses[purse]?.seq === seq ? without(count, purse, seq) : undefined,
  );
}

/** Takes a charge that was undone off the count of the period in which it was accepted. */
export async function uncountRefund(
  seller: SellerContext,
  owner: CapOwner,
  { purse, amt, atSec }: { purse: string; amt: Micros; atSec: number },
): Promise<void> {
  await change(seller, await capKey(owner), (count) => {
    const known = count.purses[purse];
    if (!known || atSec < count.startSec) return undefined;
    const leftMicros = addMicros(known.before, known.amt) - amt;
    const before = leftMicros < 0n ? MICROS_ZERO : (leftMicros as Micros);
    return { ...count.purses, [purse]: { before, seq: known.seq, amt: MICROS_ZERO } };
  });
}

/** Until when the rest is free for this reader; undefined where something is missing to the cap. */
export async function freeUntil(
  seller: SellerContext,
  key: string,
  cap: Cap,
): Promise<number | undefined> {
  const count = await currentCount(seller, key);
  return count && countedMicros(count) >= cap.amountMicros ? count.endSec : undefined;
}

/**
 * `freeUntil` for a pass, which names the key only: the period has to be the one it was made in.
 */
export async function isStillFree(
  store: Store,
  key: string,
  { capMicros, endSec }: { capMicros: Micros; endSec: number },
): Promise<boolean> {
  const row = await store.get(key);
  const count = row && readCount(row);
  return count?.endSec === endSec && countedMicros(count) >= capMicros;
}
