import { expect, it } from 'vitest';
import { SERIES_MAX, topOf } from '../../../../src/design/chart.tsx';
import { dearestFirst, sharesIn, sharesOf, sumOf } from '../../../../src/ui/page/shares.ts';
import type { MonthView, SpendingView } from '../../../../src/wallet/history/historyview.ts';

const sum = (month: string, seller: number, spent: number): MonthView => {
  const name = `Seller ${seller}`;
  return { month, payto: `${name}@x`, sellerName: name, spent: `${spent}`, count: 1 };
};
const view = (sums: MonthView[]): SpendingView => ({
  currency: 'USD',
  months: ['2026-10', '2026-11'],
  sums,
  known: [],
  sellers: [],
});

it('the dearest six have a colour each, and all others share one', () => {
  const nine = view(Array.from({ length: 9 }, (_, index) => sum('2026-11', index, 10 + index)));
  const shares = sharesOf(nine, 'Others');
  expect(shares.map(({ name }) => name)).toEqual([
    ...['Seller 8', 'Seller 7', 'Seller 6', 'Seller 5', 'Seller 4', 'Seller 3'],
    'Others',
  ]);
  expect(shares.at(-1)).toMatchObject({ series: SERIES_MAX, spent: 33n, count: 3 });
  expect(sumOf(shares)).toBe(126n);
});

it('a seventh seller is named: it is no others', () => {
  const seven = view(Array.from({ length: 7 }, (_, index) => sum('2026-11', index, 10 + index)));
  expect(sharesOf(seven, 'Others').at(-1)).toMatchObject({ name: 'Seller 0', series: SERIES_MAX });
});

it('a seller keeps its colour in each month, and months without it leave it out', () => {
  const sums = [sum('2026-10', 1, 5), sum('2026-11', 1, 1), sum('2026-11', 2, 3)];
  const spending = view(sums);
  const shares = sharesOf(spending, 'Others');
  expect(shares.map(({ name, spent }) => [name, spent])).toEqual([
    ['Seller 1', 6n],
    ['Seller 2', 3n],
  ]);
  expect(sharesIn(spending, shares, '2026-10')).toEqual([{ ...shares[0], spent: 5n, count: 1 }]);
  expect(sumOf(sharesIn(spending, shares, '2026-11'))).toBe(4n);
});

it('of one month the dearest is first, and the others together are last', () => {
  const own = Array.from({ length: 8 }, (_, index) => sum('2026-10', index, 9000 - index * 1000));
  const spending = view([...own, sum('2026-11', 3, 2), sum('2026-11', 5, 3), sum('2026-11', 7, 9)]);
  const shares = sharesIn(spending, sharesOf(spending, 'Others'), '2026-11');
  expect(dearestFirst(shares).map(({ name }) => name)).toEqual(['Seller 5', 'Seller 3', 'Others']);
});

it.each([
  [1n, 1n],
  [3n, 5n],
  [1_615_000n, 2_000_000n],
  [5_000_001n, 10_000_000n],
])('a chart of %s reaches up to %s', (size, top) => expect(topOf(size)).toBe(top));
