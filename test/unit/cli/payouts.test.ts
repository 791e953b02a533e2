import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { payouts } from '../../../src/cli/payouts.ts';
import { settingOf } from '../../../src/provider/database/database.ts';
import type { Bank } from '../../../src/provider/payouts/bank.ts';
import { ISSUER, temporaryFolder } from '../../support/sandbox.ts';
import { buy, IBAN, PAID_AT_ONCE, useTill } from '../../support/till.ts';

/** Takes everything and says nothing, as a folder of files does. */
const SILENT: Bank = {
  method: 'silent',
  handOver: async () => undefined,
  outcomeOf: async () => undefined,
};

/** A payout that was sent, and the command on its books: what it answered and said. */
async function useDesk() {
  const till = await useTill(PAID_AT_ONCE);
  const { context } = till.sandbox;
  Object.assign(context, { bank: SILENT });
  await settingOf(context.database, 'issuer', () => ISSUER);
  await buy(till.reader, till.seller, 3_210_000n);
  await till.pass(1);
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
    const code = await payouts(['--books', till.sandbox.file, ...args]);
    return { code, said: lines.join('\n') };
  };
  const [{ id = '' } = {}] = (await till.earnings()).payouts;
  return { ...till, id, run };
}

test('what was sent is listed with its account, and ended by the operator’s word', async () => {
  const { id, run, earnings, balances } = await useDesk();
  const listed = await run('list', 'sent');
  for (const text of [id, '3.210000', 'news', IBAN]) expect(listed.said).toContain(text);
  expect(await run('paid', id)).toEqual({ code: 0, said: `${id} booked` });
  expect(await run('paid', id)).toEqual({ code: 0, said: `${id} was booked before` });
  expect((await earnings()).payouts).toMatchObject([{ state: 'paid' }]);
  expect((await run('list', 'sent')).said).toBe('No payouts.');
  expect(await balances()).toMatchObject({ 'outside money:USD': 16_790_000n });
});

test('what comes back is the seller’s again, also after it was paid, and once', async () => {
  const { id, run, earnings, balances } = await useDesk();
  await run('paid', id);
  expect((await run('bounced', id)).code).toBe(0);
  expect((await run('bounced', id)).code).toBe(0);
  expect(await run('paid', id)).toMatchObject({ code: 1 });
  expect(await balances()).toMatchObject({
    ...{ 'seller earned:news:USD': 3_210_000n, 'outside money:USD': 20_000_000n },
  });
  expect(await earnings()).toMatchObject({ waits: [{ code: 'bank_bounced' }] });
});

test('of several ids each is said, and one that cannot be booked makes it 1', async () => {
  const { id, run } = await useDesk();
  const { code, said } = await run('paid', 'nothing', id);
  expect(code).toBe(1);
  expect(said.split('\n')).toEqual(['nothing is no payout of these books', `${id} booked`]);
});

test('a seller is held and let go', async () => {
  const { run, earnings } = await useDesk();
  expect((await run('hold', 'news')).code).toBe(0);
  expect((await earnings()).waits).toContainEqual({ code: 'held' });
  expect((await run('release', 'news')).code).toBe(0);
  expect((await earnings()).waits).not.toContainEqual({ code: 'held' });
});

test('the operator’s own money is booked once for each reference', async () => {
  const { run, balances } = await useDesk();
  for (const said of ['50.250000 USD booked.', '50.250000 USD was booked before.'])
    expect(await run('fund', '50.25', '2027-01-15.1')).toEqual({ code: 0, said });
  const another = expect.objectContaining({ code: 'id_reused' });
  await expect(run('fund', '50.26', '2027-01-15.1')).rejects.toThrow(another);
  expect(await balances()).toMatchObject({ 'provider funds:USD': 50_250_000n });
});

test.for([
  [['hold', 'nobody']],
  [['hold']],
  [['paid']],
  [['list', 'gone']],
  [['fund', '1.234', 'x']],
  [['fund', '0', 'x']],
  [['fund', '1', 'a:b']],
  [['burn']],
] as const)('misuse changes nothing: %s', async ([args]) => {
  const { run, balances } = await useDesk();
  const before = await balances();
  await expect(run(...args)).rejects.toMatchObject({ code: 'option_invalid' });
  expect(await balances()).toEqual(before);
});

test('books that are not there are not made', async () => {
  const file = join(temporaryFolder(), 'books.sqlite');
  const asked = payouts(['--books', file, 'list']);
  await expect(asked).rejects.toMatchObject({ code: 'option_invalid' });
  expect(existsSync(file)).toBe(false);
});
