import { expect, it } from 'vitest';
import { joined, renewed, replaced, spentIn } from '../../../../src/ui/page/days.ts';
import { entry } from './rows.ts';

const at = (id: string, day: string, atMs: number, rest = {}) => entry({ id, day, atMs, ...rest });
const MONDAY = '2026-11-23';
const TUESDAY = '2026-11-24';
const idsOf = (days: ReturnType<typeof joined>) =>
  days.map(({ day, entries }) => [day, entries.map(({ id }) => id)]);

it('a day goes on in the next screenful, and days before it stay the same objects', () => {
  const first = joined([], [at('d', TUESDAY, 4), at('c', MONDAY, 3)]);
  const both = joined(first, [at('b', MONDAY, 2), at('a', MONDAY, 1)]);
  expect(idsOf(both)).toEqual([
    [TUESDAY, ['d']],
    [MONDAY, ['c', 'b', 'a']],
  ]);
  expect(both[0]).toBe(first[0]);
  expect(idsOf(first)[1]).toEqual([MONDAY, ['c']]);
});

it('what is read again comes first, what is older stays, and nothing is there twice', () => {
  const before = joined([], [at('c', TUESDAY, 3), at('b', TUESDAY, 2), at('a', MONDAY, 1)]);
  const fresh = [at('d', TUESDAY, 4), at('c', TUESDAY, 3, { state: 'undone' })];
  const now = renewed(before, fresh);
  expect(idsOf(now)).toEqual([
    [TUESDAY, ['d', 'c', 'b']],
    [MONDAY, ['a']],
  ]);
  expect(now[0]?.entries[1]?.state).toBe('undone');
  expect(now[1]).toBe(before[1]);
});

it('one entry is replaced where it stands', () => {
  const before = joined([], [at('b', TUESDAY, 2), at('a', MONDAY, 1)]);
  const now = replaced(before, at('a', MONDAY, 1, { state: 'undone' }));
  expect(now[1]?.entries[0]?.state).toBe('undone');
  expect(now[0]).toBe(before[0]);
});

it('a day came to what was paid and what may still be taken, in one currency', () => {
  const [day] = joined(
    [],
    [
      at('e', MONDAY, 5),
      at('d', MONDAY, 4, { state: 'waiting' }),
      at('c', MONDAY, 3, { state: 'undone' }),
      at('b', MONDAY, 2, { state: 'refused' }),
      at('a', MONDAY, 1, { currency: 'EUR' }),
    ],
  );
  expect(day && spentIn(day, 'USD')).toBe(40_000n);
});
