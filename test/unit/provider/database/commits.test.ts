import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { shareCommits } from '../../../../src/provider/database/commits.ts';
import { type Books, type Database, isShared } from '../../../../src/provider/database/database.ts';
import { MIGRATIONS } from '../../../../src/provider/database/migrations.ts';
import { order } from '../../../support/databases.ts';
import { useSandbox } from '../../../support/sandbox.ts';

const write = (name: string) => async (books: Books) => {
  await books.insertInto('setting').values({ name, value: '' }).execute();
  return name;
};

async function written(database: Database): Promise<string[]> {
  const rows = await database.selectFrom('setting').select('name').orderBy('name').execute();
  return rows.map(({ name }) => name).filter((name) => name.startsWith('test'));
}

const around = async (_: Books, work: () => Promise<void>) => work();

test('those who come at one moment, or while others are written, share a commit', async () => {
  const { database } = (await useSandbox()).context;
  const begun = Promise.withResolvers<void>();
  let commits = 0;
  const change = shareCommits(database, async (_, work) => {
    commits += 1;
    begun.resolve();
    await work();
  });
  const names = Array.from({ length: 20 }, (_, index) => `test ${index + 10}`);
  const early = names.slice(0, 10).map((name) => change(write(name)));
  await begun.promise;
  const late = names.slice(10).map((name) => change(write(name)));
  expect(await Promise.all([...early, ...late])).toEqual(names);
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

test('books that a newer process has brought up to date are written by no older one', async () => {
  const { context, file } = await useSandbox();
  const { database } = context;
  const change = shareCommits(database, around);
  expect(await change(write('test 1'))).toBe('test 1');
  const shape = MIGRATIONS.length + 1;
  if (isShared(database)) {
    const mark = `Farthing, books of a wallet service, shape ${shape}`;
    await order(file, `comment on table setting is '${mark}'`);
  } else {
    const raw = new DatabaseSync(file);
    raw.exec(`pragma user_version = ${shape}`);
    raw.close();
  }
  await expect(change(write('test 2'))).rejects.toThrow(`The books have shape ${shape}`);
  expect(await written(database)).toEqual(['test 1']);
});

test('one that says nothing of what failed in it is not told that its rows are there', async () => {
  const { database } = (await useSandbox()).context;
  const change = shareCommits(database, around);
  const silent = async (books: Books) => {
    await write('test 2')(books);
    await write('test 1')(books).catch(() => undefined);
    return 'test 2';
  };
  const works = [write('test 1'), silent, write('test 3'), write('test 4')];
  const outcomes = await Promise.allSettled(works.map(change));
  const told = outcomes.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
  expect(await written(database)).toEqual(told);
  await change(write('test 5'));
  expect(await written(database)).toContain('test 5');
});
