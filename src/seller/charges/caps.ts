/**
 * Caps (SPEC 7.7): past so much in a period the rest of it is free. One row for each reader and
 * cap, in which a charge is counted before it is accepted: whatever a server dies in, nobody pays
 * more than the cap.
 */
import { encodeBase64url, sha256, utf8 } from '../../protocol/base64url.ts';
import { canonicalJson } from '../../protocol/json.ts';
import { MICROS_ZERO, type Micros, subtractMicros } from '../../protocol/money.ts';
import type { Cap } from '../../protocol/terms.ts';
import { nowSec, type SellerContext } from '../context.ts';
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

/** A charge's place. */
interface Place {
  readonly purse: string;
  readonly seq: number;
}

/** A charge as it is counted. */
export interface Counted extends Place {
  readonly amt: Micros;
}

/** More than the writers of one reader's purses. */
const ATTEMPT_COUNT = 16;

/** The key of a count: a hash, since a reader's name is of no length that a store could rely on. */
export async function capKey({ payto, sub, currency, cap }: CapOwner): Promise<string> {
  const name = [payto, sub, currency, cap.amountMicros, cap.periodSec];
  return `cap.${encodeBase64url(await sha256(utf8(canonicalJson(name))))}`;
}

function placeName({ purse, seq }: Place): string {
  return `${purse}.${seq}`;
}

function lesser(a: Micros, b: Micros): Micros {
  return a < b ? a : b;
}

/** What a charge of `priceMicros` comes to under a cap, and until when all is free after it. */
export interface CapShare {
  readonly dueMicros: Micros;
  /** The end of the period. */
  readonly endSec: number;
  readonly freeUntilSec: number | undefined;
}

/** `count` is without the charge itself, which another request may have counted before. */
function shareOf(count: CapCount, { cap }: CapOwner, priceMicros: Micros): CapShare {
  const counted = countedMicros(count);
  const { amountMicros } = cap;
  const leftMicros = counted >= amountMicros ? MICROS_ZERO : subtractMicros(amountMicros, counted);
  const dueMicros = lesser(priceMicros, leftMicros);
  const { endSec } = count;
  return { dueMicros, endSec, freeUntilSec: dueMicros === leftMicros ? endSec : undefined };
}

function withPurse(count: CapCount, purse: string, entry: PurseCount): CapCount {
  return { ...count, purses: { ...count.purses, [purse]: entry } };
}

function withTry(known: PurseCount, mark: string, one: Try): PurseCount {
  return { ...known, tries: { ...known.tries, [mark]: one } };
}

/** The count as it is now, or one that begins. */
async function countNow(seller: SellerContext, key: string, { cap }: CapOwner): Promise<CapCount> {
  const stored = await lastCount(seller, key);
  if (stored && isCurrent(seller, stored)) return stored;
  const startSec = nowSec(seller);
  const endSec = startSec + cap.periodSec;
  return { key, rev: stored?.rev ?? 0, startSec, endSec, purses: {} };
}

/** Everything else that is counted stands from now on. */
function leanOn(count: CapCount, { purse, seq }: Place): CapCount['purses'] {
  const firm = ([id, entry]: [string, PurseCount]) => {
    const tries = Object.entries(entry.tries).map(([mark, one]) => {
      const isOwn = id === purse && one.seq === seq;
      return [mark, isOwn ? one : ({ ...one, isFirm: true } as const)] as const;
    });
    return [id, { ...entry, tries: Object.fromEntries(tries) }] as const;
  };
  return Object.fromEntries(Object.entries(count.purses).map(firm));
}

/** The count of a charge that brings it to the cap: what it leans on is fixed, its page is not. */
function reached(count: CapCount, { cap }: CapOwner, place: Place): CapCount {
  const isKnown = countedMicros(count) >= cap.amountMicros;
  const pending = isKnown ? count.pending : placeName(place);
  return { ...count, purses: leanOn(count, place), pending };
}

/**
 * Counts a charge under `mark`, if its amount is what the cap leaves of the price; else says what
 * that is. The same (purse, seq) again is counted once.
 */
export async function countCharge(
  seller: SellerContext,
  owner: CapOwner,
  {
    charge,
    priceMicros,
    mark,
  }: { readonly charge: Counted; readonly priceMicros: Micros; readonly mark: string },
): Promise<CapShare> {
  const key = await capKey(owner);
  const { purse, seq, amt } = charge;
  for (let attempt = 0; attempt < ATTEMPT_COUNT; attempt++) {
    const found = await countNow(seller, key, owner);
    const known = settledBefore(found.purses[purse] ?? NOTHING_COUNTED, seq);
    const others = withoutTries(known, (one) => one.seq === seq);
    const share = shareOf(withPurse(found, purse, others), owner, priceMicros);
    if (share.dueMicros !== amt || share.dueMicros === 0n) return share;
    const count = share.freeUntilSec === undefined ? found : reached(found, owner, charge);
    const next = withPurse(count, purse, withTry(known, mark, { seq, amt }));
    if (await seller.store.put(writeCount({ ...next, rev: count.rev + 1 }))) return share;
  }
  throw new Error('too much is going on under this cap: the charge is undecided');
}

/** Changes the count of the last period, be it over by now; false where `next` would not. */
async function change(
  seller: SellerContext,
  owner: CapOwner,
  next: (count: CapCount) => CapCount | undefined,
): Promise<boolean> {
  const key = await capKey(owner);
  for (;;) {
    const count = await lastCount(seller, key);
    const changed = count && next(count);
    if (!changed) return false;
    const isReached = countedMicros(changed) >= owner.cap.amountMicros;
    const pending = isReached ? changed.pending : undefined;
    if (await seller.store.put(writeCount({ ...changed, pending, rev: count.rev + 1 })))
      return true;
  }
}

/** Changes what is counted of one purse. */
function changePurse(
  seller: SellerContext,
  { owner, purse }: { readonly owner: CapOwner; readonly purse: string },
  next: (known: PurseCount, count: CapCount) => PurseCount | undefined,
): Promise<boolean> {
  return change(seller, owner, (count) => {
    const known = count.purses[purse];
    const entry = known && next(known, count);
    return entry && withPurse(count, purse, entry);
  });
}

/** Takes off the count what was counted under `mark` and not accepted. */
export function uncountCharge(
  seller: SellerContext,
  owner: CapOwner,
  { purse, mark }: { readonly purse: string; readonly mark: string },
): Promise<boolean> {
  return changePurse(seller, { owner, purse }, (known) =>
    withoutTries(known, (_, name) => name === mark),
  );
}

/**
 * Takes a charge out of the sum whose page failed, if nothing leans on it in its period: the next
 * charge of its purse, or one that has reached the cap; false where something does (SPEC 7.7).
 */
export async function withdrawCharge(
  seller: SellerContext,
  owner: CapOwner,
  {
    purse,
    mark,
    endSec,
  }: { readonly purse: string; readonly mark: string; readonly endSec: number },
): Promise<boolean> {
  let isPast = true;
  const isOff = await change(seller, owner, (count) => {
    isPast = count.endSec !== endSec;
    const known = count.purses[purse];
    const one = known?.tries[mark];
    if (isPast || !one || one.isFirm) return undefined;
    return withPurse(count, purse, withTry(known, mark, { ...one, isGone: true }));
  });
  return isOff || isPast;
}

/**
 * A charge stands: where it has reached the cap, the rest is free from now on; where it was about
 * to go back, whatever stopped that, it is counted again.
 */
export function settleCharge(
  seller: SellerContext,
  owner: CapOwner,
  charge: Counted,
): Promise<boolean> {
  return change(seller, owner, (count) => {
    const { purse, seq, amt } = charge;
    const known = count.purses[purse] ?? NOTHING_COUNTED;
    // Of another amount is one that did go back, whose place this one has taken.
    const isGone = ([, one]: [string, Try]) => one.isGone && one.seq === seq && one.amt === amt;
    const [mark] = Object.entries(known.tries).find(isGone) ?? [];
    if (mark) return withPurse(count, purse, withTry(known, mark, { seq, amt }));
    return count.pending === placeName(charge) ? { ...count, pending: undefined } : undefined;
  });
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
  return changePurse(seller, { owner, purse }, (known, { startSec }) => {
    if (atSec < startSec || known.undone.includes(seq)) return undefined;
    const undone = [...known.undone, seq];
    const isLast = Object.values(known.tries).some((one) => one.seq === seq && !one.isGone);
    if (isLast) return { ...withoutTries(known, (one) => one.seq === seq), undone };
    const { before } = known;
    return { ...known, undone, before: before < amt ? MICROS_ZERO : subtractMicros(before, amt) };
  });
}

/** Whether nothing is missing to the cap, and the charge that brought it there was delivered. */
function isFull(count: CapCount, capMicros: Micros): boolean {
  return count.pending === undefined && countedMicros(count) >= capMicros;
}

/** Until when the rest is free for this reader; undefined where something is missing to the cap. */
export async function freeUntil(
  seller: SellerContext,
  key: string,
  cap: Cap,
): Promise<number | undefined> {
  const count = await currentCount(seller, key);
  return count && isFull(count, cap.amountMicros) ? count.endSec : undefined;
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
  return count?.endSec === endSec && isFull(count, capMicros);
}
