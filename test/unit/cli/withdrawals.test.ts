import { expect, onTestFinished, test, vi } from 'vitest';
import { withdrawals } from '../../../src/cli/withdrawals.ts';
import { settingOf } from '../../../src/provider/database/database.ts';
import { balanceIn, topUp } from '../../support/account.ts';
import { goodBalances } from '../../support/cardshop.ts';
import { randomId } from '../../support/payer.ts';
import { ISSUER, useSandbox } from '../../support/sandbox.ts';

/** A withdrawal that waits since two days ago, and the command: what it answered and said. */
async function useDesk() {
  const sandbox = await useSandbox();
  await settingOf(sandbox.context.database, 'issuer', () => ISSUER);
  sandbox.time.nowMs = Date.now() - 2 * 86_400_000 - 60_000;
  const reader = await sandbox.reader();
  await topUp(reader, 1_000_000n);
  const id = randomId();
  const { account } = (await reader.call('POST', '/v1/withdrawals', { id, currency: 'USD' })).body;
  const lines: string[] = [];
  const hear = (line: string) => void lines.push(line);
  const spies = (['log', 'error'] as const).map((it) =>
    vi.spyOn(console, it).mockImplementation(hear),
  );
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
  });
  const run = async (...args: string[]) => {
    lines.length = 0;
    const code = await withdrawals(['--books', sandbox.file, ...args]);
    return { code, said: lines.join('\n') };
  };
  return { sandbox, reader, run, part: `${account}.${id}.1` };
}

test('what waits is listed, given up, and listed no more', async () => {
  const { sandbox, reader, run, part } = await useDesk();
  const { code, said } = await run('list');
  expect(code).toBe(0);
  expect(said).toContain(part);
  for (const text of ['2 d', '1.000000', 'made', 'sandbox card']) expect(said).toContain(text);
  const given = await run('give-up', '--', part);
  expect(given).toEqual({ code: 0, said: `${part} is given up; its reader has the money` });
  expect(await run('give-up', '--', part)).toMatchObject({ code: 0 });
  expect((await run('list')).said).toBe('Nothing waits.');
  const { available, starter } = balanceIn(await reader.call('GET', '/v1/account'));
  expect(available - starter).toBe(1_000_000n);
  await goodBalances(sandbox);
});

test('of several names each is said, and one that cannot be given up makes it 1', async () => {
  const { run, part } = await useDesk();
  const { code, said } = await run('give-up', '--', 'nothing', part);
  expect(code).toBe(1);
  expect(said.split('\n')).toEqual([
    'nothing is no part of a withdrawal in these books',
    `${part} is given up; its reader has the money`,
  ]);
});

test('what is misused is said, and books that are not there are not made', async () => {
  const { run } = await useDesk();
  for (const args of [[], ['list', 'x'], ['give-up'], ['paid']])
    await expect(run(...args)).rejects.toMatchObject({ code: 'option_invalid' });
  const missing = withdrawals(['--books', '/nowhere/books.sqlite', 'list']);
  await expect(missing).rejects.toMatchObject({ code: 'option_invalid' });
});
