import { expect, test } from 'vitest';
import { shareCommits } from '../../../src/provider/commits.ts';
import type { Books, Database } from '../../../src/provider/database.ts';
import { useSandbox } from '../../support/sandbox.ts';

const write = (name: string) => async (books: Books) => {
  await books.insertInto('setting').values({ name, value: '' }).execute();
  return name;
};

async function written(database: Database): Promise<string[]> {
  const rows = await database.selectFrom('setting').select('name').orderBy('name').execute();
  return rows.map(({ name }) => name).filter((name) => name.startsWith('test'));
}

const around = async (_: Books, work: () => Promise<void>) => work();

test('those who come while another is written share the next commit', async () => {
  const { database } = (await useSandbox()).context;
  let commits = 0;
  const change = shareCommits(database, async (_, work) => {
    commits += 1;
    await work();
  });
  const names = Array.from({ length: 20 }, (_, index) => `test ${index + 10}`);
  expect(await Promise.all(names.map((name) => change(write(name))))).toEqual(names);
  expect(await written(database)).toEqual(names);
  expect(commits).toBe(2);
});

test('one that is refused changes nothing for those that share its commit', async () => {
  const { database } = (await useSandbox()).context;
  const change = shareCommits(database, around);
  const outcomes = await Promise.allSettled([
    change(write('test 1')),
    change(write('test 2')),
    change(async (books) => {
      await write('test 3')(books);
      throw new Error('refused');
    }),
    // The database itself refuses this one, and goes on.
    change(async (books) => {
      await write('test 2')(books);
    }),
    change(write('test 4')),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
    'fulfilled',
  ]);
  expect(outcomes[2]).toMatchObject({ reason: { message: 'refused' } });
  expect(await written(database)).toEqual(['test 1', 'test 2', 'test 4']);
});

test('a commit that fails is told to all who shared it, and nobody was told anything', async () => {
  const { database } = (await useSandbox()).context;
  let isBroken = true;
  const change = shareCommits(database, async (_, work) => {
    await work();
    if (isBroken) throw new Error('no commit');
  });
  const refuse = async () => {
    throw new Error('refused');
  };
  const outcomes = await Promise.allSettled([
    change(write('test 1')),
    change(write('test 2')),
    change(refuse),
  ]);
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'no commit' } });
  expect(await written(database)).toEqual([]);
  isBroken = false;
  await change(write('test 3'));
  expect(await written(database)).toEqual(['test 3']);
});
