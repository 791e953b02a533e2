/**
 * Books are paid from by one way, whoever starts on them: the command as processes of their own, on
 * the same books.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import { isPostgresAddress } from '../../src/provider/database/postgres.ts';
import { payOut } from '../../src/provider/payouts/run.ts';
import { topUp } from '../support/account.ts';
import { booksOf } from '../support/books.ts';
import { ISSUER, openSandbox, temporaryFolder } from '../support/sandbox.ts';
import { freePort } from '../support/server.ts';
import { buy, IBAN, PAID_AT_ONCE, setBank } from '../support/till.ts';

const COMMAND = resolve(import.meta.dirname, '../../src/cli/main.ts');

/** What a command came to: up, or ended with a code; and what it said. */
interface Ran {
  readonly code: number | 'up';
  readonly said: string;
  stop(): Promise<void>;
}

async function run(...args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [COMMAND, ...args]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  const ended = once(child, 'close').then(([code]) => code as number);
  const isUp = new Promise<'up'>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface(stream).on('line', (line) => {
        said.push(line);
        if (line.includes('Ctrl-C stops')) resolve('up');
      });
  });
  const code = await Promise.race([isUp, ended]);
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { code, said: said.join('\n'), stop };
}

/** New books, a folder for payouts, and the commands on them. */
async function useBooks() {
  const folder = temporaryFolder();
  const place = await booksOf(folder);
  const files = join(temporaryFolder(), 'payouts');
  mkdirSync(files);
  const port = await freePort();
  const where = isPostgresAddress(place)
    ? ['--database', place, '--address', ISSUER]
    : ['--data', dirname(place), '--port', `${port}`];
  const toFiles = ['--payout-dir', files, '--payout-iban', IBAN];
  return {
    folder,
    place,
    start: (...args: readonly string[]) => run('provider', ...where, ...args),
    startWithFiles: () => run('provider', ...where, ...toFiles),
    pay: (method: string) => run('payouts', '--books', place, 'method', method),
  };
}

test('a process without the folder does not start on books that pay by files', async () => {
  const { start, startWithFiles } = await useBooks();
  const first = await startWithFiles();
  expect(first.code).toBe('up');
  await first.stop();
  const second = await start();
  expect(second.code).toBe(2);
  expect(second.said).toContain('option_invalid');
  expect(second.said).toContain('these books pay sellers by pain.001, not by sandbox');
  const third = await startWithFiles();
  expect(third.code).toBe('up');
  await third.stop();
});

test('before the first payout the way is changed by the operator’s word alone', async () => {
  const { start, startWithFiles, pay } = await useBooks();
  await (await start()).stop();
  const early = await startWithFiles();
  expect(early).toMatchObject({ code: 2 });
  expect(early.said).toContain('farthing payouts --books BOOKS method pain.001');
  expect((await pay('pigeon')).code).toBe(2);
  expect((await pay('pain.001')).code).toBe(0);
  expect((await start()).code).toBe(2);
  const late = await startWithFiles();
  expect(late.code).toBe('up');
  await late.stop();
});

test('books that have paid play money out never pay by files', async () => {
  const { folder, place, start, startWithFiles, pay } = await useBooks();
  await (await start()).stop();
  const sandbox = await openSandbox(folder, { ...PAID_AT_ONCE, feeRateBasisPoints: 0 });
  const { account, payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  await topUp(reader, 1_000_000n);
  await setBank(account);
  await buy(reader, { account, payto }, 750_000n);
  await payOut(sandbox.context);
  await sandbox.close();
  const changed = await pay('pain.001');
  expect(changed.code).toBe(2);
  expect(changed.said).toContain('these books have paid by sandbox');
  expect((await startWithFiles()).code).toBe(2);
  expect((await auditDatabase(place)).findings).toEqual([]);
});
