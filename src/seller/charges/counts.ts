/**
 * The row in which a reader's charges under one cap are counted (SPEC 7.7), and its sums. What is
 * counted and when is `caps.ts`.
 */
import { addMicros, MICROS_ZERO, type Micros, micros } from '../../protocol/money.ts';
import { nowSec, type SellerContext } from '../context.ts';
import type { Row } from '../store.ts';

/** One request's charge, counted before it is accepted. */
export interface Try {
  readonly seq: number;
  readonly amt: Micros;
  /** A later charge has reached the cap on top of it: it stands, also if its page fails. */
  readonly isFirm?: true;
  /** Its row is about to go back. Should that stand all the same, it is counted again. */
  readonly isGone?: true;
}

/** What one purse adds to the count. */
export interface PurseCount {
  /** Its charges before those in `tries`. */
  readonly before: Micros;
  /**
   * By a random name each, so that a request takes off what it put there itself, and nothing that
   * another request of the same charge did. Of those with one `seq` at most one is accepted.
   */
  readonly tries: Readonly<Record<string, Try>>;
  /** The charges that were undone, and are off the count. */
  readonly undone: readonly number[];
}

/** The count of one period. */
export interface CapCount {
  readonly key: string;
  readonly rev: number;
  /** Seconds since 1970, by this seller's clock. */
  readonly startSec: number;
  readonly endSec: number;
  readonly purses: Readonly<Record<string, PurseCount>>;
  /** `PURSE.SEQ` that has reached the cap, while its page is still being made. */
  readonly pending?: string | undefined;
}

/** A purse of which nothing is counted. */
export const NOTHING_COUNTED: PurseCount = { before: MICROS_ZERO, tries: {}, undone: [] };

/** The count in a row of a store. */
export function readCount({ key, rev, text }: Row): CapCount {
  const stored = JSON.parse(text, (name, value: unknown) =>
    name === 'before' || name === 'amt' ? micros(BigInt(String(value))) : value,
  ) as Omit<CapCount, 'key' | 'rev'>;
  return { ...stored, key, rev };
}

function isEmpty({ before, tries, undone }: PurseCount): boolean {
  return before === 0n && undone.length === 0 && Object.keys(tries).length === 0;
}

/** The row of a store. Purses of which nothing is left are left out. */
export function writeCount({ key, rev, purses, ...rest }: CapCount): Row {
  const kept = Object.entries(purses).filter(([, purse]) => !isEmpty(purse));
  const stored = { ...rest, purses: Object.fromEntries(kept) };
  const text = JSON.stringify(stored, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
  return { key, rev, isDue: false, text };
}

/** The count of the last period that there was one in. */
export async function lastCount(
  { store }: Pick<SellerContext, 'store'>,
  key: string,
): Promise<CapCount | undefined> {
  const row = await store.get(key);
  return row && readCount(row);
}

/** A clock that was put back goes on in the period that it finds, unless that is far ahead. */
export function isCurrent(seller: SellerContext, { startSec, endSec }: CapCount): boolean {
  const atSec = nowSec(seller);
  return atSec < endSec && endSec - atSec <= 2 * (endSec - startSec);
}

/** The count of the period that is now; one that is over counts nothing. */
export async function currentCount(
  seller: SellerContext,
  key: string,
): Promise<CapCount | undefined> {
  const count = await lastCount(seller, key);
  return count && isCurrent(seller, count) ? count : undefined;
}

/** What `tries` come to: of those at one place in the purse the highest, whichever is accepted. */
function sumOf(tries: readonly Try[]): Micros {
  const highest = new Map<number, Micros>();
  for (const { seq, amt, isGone } of tries)
    if (!isGone && amt > (highest.get(seq) ?? MICROS_ZERO)) highest.set(seq, amt);
  return [...highest.values()].reduce(addMicros, MICROS_ZERO);
}

/** What a count comes to. */
export function countedMicros({ purses }: Pick<CapCount, 'purses'>): Micros {
  return Object.values(purses).reduce(
    (sum, { before, tries }) => addMicros(sum, addMicros(before, sumOf(Object.values(tries)))),
    MICROS_ZERO,
  );
}

/** A purse without the tries that `isGone` picks. */
export function withoutTries(
  purse: PurseCount,
  isGone: (one: Try, mark: string) => boolean,
): PurseCount {
  const left = Object.entries(purse.tries).filter(([mark, one]) => !isGone(one, mark));
  return { ...purse, tries: Object.fromEntries(left) };
}

/** A purse whose charge `seq` is next: what was before it stands by now, if it was not undone. */
export function settledBefore(purse: PurseCount, seq: number): PurseCount {
  const earlier = Object.values(purse.tries).filter(
    (one) => one.seq < seq && !purse.undone.includes(one.seq),
  );
  const before = addMicros(purse.before, sumOf(earlier));
  return { ...withoutTries(purse, (one) => one.seq < seq && !one.isGone), before };
}
