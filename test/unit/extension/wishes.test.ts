/** What the reader wished for, and what became of it. */
import 'fake-indexeddb/auto';
import { Dexie } from 'dexie';
import { expect, it } from 'vitest';
import { openWishes } from '../../../src/extension/wishes.ts';

const NOW_MS = 1_800_000_000_000;
const PATTERN = 'https://daily.example/*';
const wish = { pattern: PATTERN, paymentId: 'p', atMs: NOW_MS };

let databases = 0;
const open = () => openWishes(`wishes-${++databases}`);

it('a wish is there for whoever comes after', async () => {
  const name = `wishes-${++databases}`;
  await openWishes(name).keep(wish);
  expect(await openWishes(name).current(NOW_MS + 1)).toEqual([wish]);
});

it('a wish that the browser said no to is forgotten', async () => {
  const wishes = open();
  await wishes.keep(wish);
  await wishes.drop(PATTERN);
  expect(await wishes.current(NOW_MS)).toEqual([]);
});

it.each([601_000, -601_000])('one without an answer is over, %i ms on', async (laterMs) => {
  const wishes = open();
  await wishes.keep(wish);
  expect(await wishes.current(NOW_MS + laterMs)).toEqual([]);
  expect(await wishes.current(NOW_MS)).toEqual([]);
});

it('what a former version kept goes on, and its list of hints is gone', async () => {
  const name = `wishes-${++databases}`;
  const former = new Dexie(name);
  former.version(1).stores({ wishes: 'pattern', hints: 'pattern', counts: 'name' });
  await former.table('wishes').put(wish);
  await former.table('counts').put({ name: 'notes', count: 3 });
  former.close();
  const wishes = openWishes(name);
  expect(await wishes.current(NOW_MS)).toEqual([wish]);
  expect(await wishes.countNote()).toBe(4);
  const now = await new Dexie(name).open();
  expect(now.tables.map((table) => table.name)).toEqual(['counts', 'wishes']);
  now.close();
});

it('notes are counted', async () => {
  const wishes = open();
  expect([await wishes.countNote(), await wishes.countNote()]).toEqual([1, 2]);
});
