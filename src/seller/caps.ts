/**
 * Caps (SPEC 7.7): past so much in a period the rest of it is free. One row for each reader and
 * cap, in which a charge is counted before it is accepted: whatever a server dies in, nobody pays
 * more than the cap.
 */
import { encodeBase64url, sha256, utf8 } from '../protocol/base64url.ts';
import { canonicalJson } from '../protocol/json.ts';
import { MICROS_ZERO, type Micros, subtractMicros } from '../protocol/money.ts';
import type { Cap } from '../protocol/terms.ts';
import { nowSec, type SellerContext } from './context.ts';
import {
  type CapCount,
  countedMicros,
  currentCount,
  isCurrent,
  lastCount,
  NOTHING_COUNTED,
  type PurseCount,
  settledBefore,
  type Try,
  withoutTries,
  writeCount,
} from './counts.ts';

/** Whose count it is: a reader at this payto, and one cap. */
export interface CapOwner {
  readonly payto: string;
  readonly sub: string;
  readonly currency: string;
  readonly cap: Cap;
}

/** A charge as it is counted. */
export interface Counted extends Try {
  readonly purse: string;
}

/** More than the writers of one reader's purses. */
const ATTEMPT_COUNT = 16;

/** The key of a count: a hash, since a reader's name is of no length that a store could rely on. */
export async function capKey({ payto, sub, currency, cap }: CapOwner): Promise<string> {
  const name = [payto, sub, currency, cap.amountMicros, cap.periodSec];
  return `cap.${encodeBase64url(await sha256(utf8(canonicalJson(name))))}`;
}

function lesser(a: Micros, b: Micros): Micros {
  return a < b ? a : b;
}

/** What a charge of `priceMicros` comes to under a cap, and until when all is free after it. */
export interface CapShare {
  readonly dueMicros: Micros;
  readonly freeUntilSec: number | undefined;
}

/** `count` is without the charge itself, which another request may have counted before. */
function shareOf(count: CapCount, { cap }: CapOwner, priceMicros: Micros): CapShare {
  const counted = countedMicros(count);
  const { amountMicros } = cap;
  const leftMicros = counted >= amountMicros ? MICROS_ZERO : subtractMicros(amountMicros, counted);
  const dueMicros = lesser(priceMicros, leftMicros);
  return { dueMicros, freeUntilSec: dueMicros === leftMicros ? count.endSec : undefined };
}

function withPurse(count: CapCount, purse: string, entry: PurseCount): CapCount {
  return { ...count, purses: { ...count.purses, [purse]: entry } };
}

/** The count as it is now, or one that begins. */
async function countNow(seller: SellerContext, key: string, { cap }: CapOwner): Promise<CapCount> {
  const stored = await lastCount(seller, key);
  if (stored && isCurrent(seller, stored)) return stored;
  const startSec = nowSec(seller);
  const endSec = startSec + cap.periodSec;
  return { key, rev: stored?.rev ?? 0, startSec, endSec, purses: {} };
}

/**
 * Counts a charge under `mark`, if its amount is what the cap leaves of the price; else says what
 * that is. The same (purse, seq) again is counted once.
 */
export async function countCharge(
  seller: SellerContext,
  owner: CapOwner,
  {
    charge: { purse, seq, amt },
    priceMicros,
    mark,
  }: { readonly charge: Counted; readonly priceMicros: Micros; readonly mark: string },
): Promise<CapShare> {
  const key = await capKey(owner);
  for (let attempt = 0; attempt < ATTEMPT_COUNT; attempt++) {
    const count = await countNow(seller, key, owner);
    const known = settledBefore(count.purses[purse] ?? NOTHING_COUNTED, seq);
    const others = withPurse(
      count,
      purse,
      withoutTries(known, (one) => one.seq === seq),
    );
    const share = shareOf(others, owner, priceMicros);
    if (share.dueMicros !== amt || share.dueMicros === 0n) return share;
    const next = withPurse(count, purse, {
      ...known,
      tries: { ...known.tries, [mark]: { seq, amt } },
    });
    if (await seller.store.put(writeCount({ ...next, rev: count.rev + 1 }))) return share;
  }
  throw new Error('too much is going on under this cap: the charge is undecided');
}

/** Changes what is counted of one purse in the period that is now; false where `next` would not. */
async function change(
  seller: SellerContext,
  { owner, purse }: { readonly owner: CapOwner; readonly purse: string },
  next: (known: PurseCount, count: CapCount) => PurseCount | undefined,
): Promise<boolean> {
  const key = await capKey(owner);
  for (;;) {
    const count = await currentCount(seller, key);
    const known = count?.purses[purse];
    const entry = known && next(known, count);
    if (!entry) return false;
    const changed = withPurse(count, purse, entry);
    if (await seller.store.put(writeCount({ ...changed, rev: count.rev + 1 }))) return true;
  }
}

/** Takes off the count what was counted under `mark`: it was not accepted, or was taken back. */
export function uncountCharge(
  seller: SellerContext,
  owner: CapOwner,
  { purse, mark }: { readonly purse: string; readonly mark: string },
): Promise<boolean> {
  return change(seller, { owner, purse }, (known) =>
    mark in known.tries ? withoutTries(known, (_, name) => name === mark) : undefined,
  );
}

/**
 * Takes a charge that was undone off the count of the period in which it was accepted, once however
 * often it is asked.
 */
export function uncountRefund(
  seller: SellerContext,
  owner: CapOwner,
  { purse, seq, amt, atSec }: Counted & { readonly atSec: number },
): Promise<boolean> {
  return change(seller, { owner, purse }, (known, { startSec }) => {
    if (atSec < startSec || known.undone.includes(seq)) return undefined;
    const undone = [...known.undone, seq];
    const isLast = Object.values(known.tries).some((one) => one.seq === seq);
    if (isLast) return { ...withoutTries(known, (one) => one.seq === seq), undone };
    const { before } = known;
    return { ...known, undone, before: before < amt ? MICROS_ZERO : subtractMicros(before, amt) };
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
  seller: Pick<SellerContext, 'store'>,
  key: string,
  { capMicros, endSec }: { capMicros: Micros; endSec: number },
): Promise<boolean> {
  const count = await lastCount(seller, key);
  return count?.endSec === endSec && countedMicros(count) >= capMicros;
}
