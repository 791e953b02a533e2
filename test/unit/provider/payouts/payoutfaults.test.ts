/** Payouts where something is wrong: with a row, with the bank, with the clock. */
import { expect, test } from 'vitest';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import { settleFunding } from '../../../../src/provider/funding/settle.ts';
import {
  changeMethod,
  claimMethod,
  storedMethod,
} from '../../../../src/provider/payouts/method.ts';
import { payOut } from '../../../../src/provider/payouts/run.ts';
import { randomId } from '../../../support/payer.ts';
import { buy, earningsOf, setBank, type Till, useTill } from '../../../support/till.ts';

/** Another seller, which is looked at first. */
async function useBlog({ sandbox, reader }: Till) {
  const blog = await sandbox.seller('blog');
  await setBank(blog.account, { handle: 'blog' });
  await buy(reader, blog, 6_000_000n);
  return blog;
}

test('a seller whose account cannot be read keeps no other seller waiting', async () => {
  const till = await useTill();
  const { database } = till.sandbox.context;
  const blog = await useBlog(till);
  await buy(till.reader, till.seller, 6_000_000n);
  const bank = { bank: '{"name":"X","iban":"DE00"}' };
  await database.updateTable('seller').set(bank).where('handle', '=', 'blog').execute();
  await expect(till.pass(30)).rejects.toThrow('blog: ');
  expect((await till.earnings()).payouts).toMatchObject([{ state: 'sent' }]);
  const { accounts, findings } = await auditDatabase(till.sandbox.file);
  expect(findings.map(({ row }) => row)).toEqual(['seller blog']);
  const name = 'seller earned:blog:USD';
  expect(accounts).toContainEqual({ name, balanceMicros: 6_000_000n });
  // It is right again, and paid with the next look.
  await setBank(blog.account, { handle: 'blog' });
  await till.pass(3);
  const { payouts } = await earningsOf(blog.account, 'blog');
  expect(payouts).toMatchObject([{ amount: '6000000', state: 'sent' }]);
  await till.balances();
});

test('a seller whose account owes what a card took back is paid once it owes nothing', async () => {
  const till = await useTill();
  const { account } = till.seller;
  const pay = (card: string) =>
    account.call('POST', '/v1/topups', {
      ...{ id: randomId(), amount: '6000000', currency: 'USD' },
      card,
    });
  await pay('chargeback');
  await buy(account, await useBlog(till), 6_000_000n);
  for (let minute = 0; minute < 2; minute++) await settleFunding(till.sandbox.context);
  await buy(till.reader, till.seller, 6_000_000n);
  await till.pass(30);
  const { payouts, waits } = await till.earnings();
  expect([payouts, waits]).toEqual([[], [{ code: 'held' }]]);
  expect((await pay('success')).status).toBe(200);
  await till.pass(1);
  expect((await till.earnings()).payouts).toMatchObject([{ amount: '6000000' }]);
  await till.balances();
});

test.for(['made', 'sent'] as const)(
  'a payout that is changed once it is %s goes nowhere, and holds up no other run',
  async (state) => {
    const till = await useTill();
    const { context } = till.sandbox;
    await useBlog(till);
    const { bank } = context;
    const silent = { ...bank, handOver: () => Promise.reject(new Error('the bank is closed')) };
    if (state === 'made') Object.assign(context, { bank: silent });
    await till.pass(30).catch(() => undefined);
    Object.assign(context, { bank });
    expect(await context.database.selectFrom('payout').select('state').execute()).toEqual([
      { state },
    ]);
    await context.database.updateTable('payout').set({ currency: 'EUR' }).execute();
    await buy(till.reader, till.seller, 6_000_000n);
    await expect(till.pass(15)).rejects.toThrow('was booked otherwise');
    await expect(payOut(context)).rejects.toThrow('was booked otherwise');
    expect((await till.earnings()).payouts).toMatchObject([{ state: 'paid' }]);
  },
);

test('a clock that was years ahead for a while forgets no seller', async () => {
  const till = await useTill();
  const { time } = till.sandbox;
  await buy(till.reader, till.seller, 6_000_000n);
  const rightMs = time.nowMs;
  await till.sandbox.context.database.updateTable('seller').set({ held_at_sec: 1 }).execute();
  await till.pass(3650);
  await till.sandbox.context.database.updateTable('seller').set({ held_at_sec: null }).execute();
  time.nowMs = rightMs;
  await till.pass(30);
  expect((await till.earnings()).payouts).toMatchObject([{ amount: '6000000' }]);
});

test('a process that runs on when its books pay by another way makes no payout', async () => {
  const till = await useTill();
  const { context } = till.sandbox;
  await till.pass(1);
  await context.changeBooks((books) => changeMethod(books, 'pain.001'));
  await buy(till.reader, till.seller, 6_000_000n);
  await expect(till.pass(30)).rejects.toThrow('these books pay sellers by pain.001');
  expect((await till.earnings()).payouts).toEqual([]);
  await context.changeBooks((books) => changeMethod(books, 'sandbox'));
  await till.pass(1);
  expect((await till.earnings()).payouts).toMatchObject([{ amount: '6000000' }]);
});

test('books from before they kept a way pay by that of their last payout', async () => {
  const till = await useTill();
  const { context } = till.sandbox;
  await buy(till.reader, till.seller, 6_000_000n);
  await till.pass(30);
  const { database, changeBooks } = context;
  await database.deleteFrom('setting').where('name', '=', 'payout_method').execute();
  const other = changeBooks((books) => claimMethod(books, 'pain.001'));
  await expect(other).rejects.toMatchObject({ code: 'option_invalid' });
  await till.pass(1);
  expect(await storedMethod(database)).toBe('sandbox');
  const late = changeBooks((books) => changeMethod(books, 'pain.001'));
  await expect(late).rejects.toMatchObject({ code: 'option_invalid' });
});
