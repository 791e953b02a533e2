/** The `farthing` command where its reader leaves, or the machine refuses a file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/provider/database/database.ts';
import { order } from '../support/databases.ts';
import { serverUser, startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/sandbox.ts';

const COMMAND = resolve(import.meta.dirname, '../../src/cli/main.ts');

function start(...args: string[]) {
  return startAs(undefined, ...args);
}

function startAs(
  user: { readonly uid: number; readonly gid: number } | undefined,
  ...args: string[]
) {
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: [...stdio], ...user });
  return { child, errors: text(child.stderr), ended: once(child, 'close') };
}

test('a service goes on when nobody reads what it says, and stops when it is told', async () => {
  const { child, errors, ended } = start('provider', '--data', temporaryFolder());
  // The address is said first, and where the books are after it.
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.kill('SIGTERM');
  const [code, signal] = await ended;
  expect({ code, signal, errors: await errors }).toEqual({ code: 0, signal: null, errors: '' });
});

test('what the machine refuses is said in one line, as misuse', async () => {
  const file = join(temporaryFolder(), 'sales.jsonl');
  symlinkSync(file, file);
  const { child, errors, ended } = start('sales', file);
  child.stdout.resume();
  expect(await ended).toEqual([2, null]);
  expect(await errors).toMatch(/^farthing sales: ELOOP: .+\n$/);
});

test('books that the disk has damaged are no misbalance, and no trace', async () => {
  const file = join(temporaryFolder(), 'books.sqlite');
  await (await openDatabase(file, 'write')).destroy();
  // All but its first page, which says whose it is.
  writeFileSync(file, readFileSync(file).fill(0xff, 4096));
  const { child, errors, ended } = start('audit', file);
  child.stdout.resume();
  expect(await ended).toEqual([2, null]);
  expect(await errors).toBe('farthing audit: database disk image is malformed\n');
});

test('a folder that this user may not look into is not said to be empty', async () => {
  const folder = temporaryFolder();
  symlinkSync('books.sqlite', join(folder, 'books.sqlite'));
  const { child, errors, ended } = start('audit', folder);
  child.stdout.resume();
  expect(await ended).toEqual([2, null]);
  expect(await errors).toMatch(/^farthing audit: ELOOP: .+\n$/);
});

test('books whose folder this user may not write to are named', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'books.sqlite');
  await (await openDatabase(file, 'write')).destroy();
  // Root may everything: nobody else's rights are taken from it.
  const user = await serverUser();
  if (user) for (const path of [file, folder]) chownSync(path, user.uid, user.gid);
  chmodSync(folder, 0o500);
  onTestFinished(() => chmodSync(folder, 0o700));
  const { child, errors, ended } = startAs(user, 'provider', '--data', folder);
  child.stdout.resume();
  expect(await ended).toEqual([2, null]);
  expect(await errors).toContain(`${file}, or its folder, cannot be opened: attempt to write`);
});

test('what PostgreSQL refuses is said in one line, too', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  await order(server.url, 'create role guest login');
  const guest = server.url.replace('farthing@', 'guest@');
  const { child, errors, ended } = start('provider', '--database', guest);
  child.stdout.resume();
  expect(await ended).toEqual([2, null]);
  expect(await errors).toBe('farthing provider: permission denied for schema public\n');
});

test('a demonstration that is stopped while it begins leaves no folder behind', async () => {
  const [TMPDIR, FARTHING_OUTPUT] = [temporaryFolder(), temporaryFolder()];
  const env = { ...process.env, TMPDIR, FARTHING_OUTPUT };
  // A group of its own, as a terminal makes: Ctrl-C reaches the build as well.
  const child = spawn(process.execPath, [COMMAND, 'demo', '--once'], { env, detached: true });
  const ended = once(child, 'close');
  await once(child.stdout, 'data');
  expect(readdirSync(TMPDIR)).toHaveLength(1);
  process.kill(-(child.pid ?? 0), 'SIGINT');
  expect(await ended).toEqual([130, null]);
  expect(readdirSync(TMPDIR)).toEqual([]);
});

test('a program that is no Chromium is named', async () => {
  const FARTHING_OUTPUT = temporaryFolder();
  const env = { ...process.env, FARTHING_OUTPUT, FARTHING_CHROMIUM: '/bin/true' };
  const child = spawn(process.execPath, [COMMAND, 'demo', '--once'], { env });
  child.stdout.resume();
  const errors = text(child.stderr);
  expect(await once(child, 'close')).toEqual([2, null]);
  expect(await errors).toMatch(/^farthing demo: .+: \/bin\/true does not start: .+\n$/);
});

test('help of a command is that command’s own', async () => {
  const said = ['help payouts', 'payouts --help'].map((line) => start(...line.split(' ')));
  const [one, other] = await Promise.all(said.map(({ child }) => text(child.stdout)));
  expect(one).toBe(other);
  expect(await Promise.all(said.map(({ ended }) => ended))).toEqual([
    [0, null],
    [0, null],
  ]);
});
