/** What went where: the dearest sellers of a year, all others as one, by month. Pure. */
import { SERIES_MAX } from '../../design/chart.tsx';
import type { MonthView, SpendingView } from '../../wallet/history/historyview.ts';

/** One seller, or with no payto all those that have no colour of their own. */
export interface Share {
  readonly payto: string | undefined;
  readonly name: string;
  /** Its colour. */
  readonly series: number;
  readonly spent: bigint;
  readonly count: number;
}

function total(sums: readonly MonthView[], share: Omit<Share, 'spent' | 'count'>): Share {
  return {
    ...share,
    spent: sums.reduce((sum, { spent }) => sum + BigInt(spent), 0n),
    count: sums.reduce((sum, { count }) => sum + count, 0),
  };
}

/** The dearest first; what stands for several comes last. */
export function dearestFirst(shares: readonly Share[]): Share[] {
  const rank = ({ payto, spent }: Share) => (payto === undefined ? -1n : spent);
  return shares.toSorted((a, b) =>
    rank(a) === rank(b) ? (a.name < b.name ? -1 : 1) : rank(a) > rank(b) ? -1 : 1,
  );
}

/** The sellers of the whole time, the dearest first; `others` names the rest. */
export function sharesOf({ sums }: SpendingView, others: string): Share[] {
  const byPayto = Map.groupBy(sums, ({ payto }) => payto);
  const all = dearestFirst(
    [...byPayto].map(([payto, own]) =>
      total(own, { payto, name: own.at(-1)?.sellerName ?? payto, series: 0 }),
    ),
  );
  // A colour of its own is no dearer than one for "others" that stands for a single seller.
  const count = all.length === SERIES_MAX + 1 ? all.length : SERIES_MAX;
  const named = all.slice(0, count).map((share, series) => ({ ...share, series }));
  const rest = new Set(all.slice(count).map(({ payto }) => payto));
  if (rest.size === 0) return named;
  const left = sums.filter(({ payto }) => rest.has(payto));
  return [...named, total(left, { payto: undefined, name: others, series: SERIES_MAX })];
}

/** The same sellers, with what each took in one month; those without are left out. */
export function sharesIn({ sums }: SpendingView, shares: readonly Share[], month: string): Share[] {
  const inMonth = sums.filter((sum) => sum.month === month);
  const named = new Set(shares.map(({ payto }) => payto));
  return shares
    .map((share) => {
      const isOwn = ({ payto }: MonthView) =>
        share.payto === undefined ? !named.has(payto) : payto === share.payto;
      return total(inMonth.filter(isOwn), share);
    })
    .filter(({ count }) => count > 0);
}

export function sumOf(shares: readonly Share[]): bigint {
  return shares.reduce((sum, { spent }) => sum + spent, 0n);
}
