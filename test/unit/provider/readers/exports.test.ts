import { expect, test, vi } from 'vitest';
import { exportAccount, PARTS } from '../../../../src/provider/readers/exports.ts';
import { noteOf, type TestAccount, topUp } from '../../../support/account.ts';
import { useMarket } from '../../../support/market.ts';
import { randomId } from '../../../support/payer.ts';
import { useSandbox } from '../../../support/sandbox.ts';
import { setBank } from '../../../support/till.ts';

type Rows = Record<string, readonly Record<string, unknown>[]>;

async function exportOf(account: TestAccount): Promise<Rows> {
  const { status, body } = await account.call('GET', '/v1/account/export');
  expect(status).toBe(200);
  return body as unknown as Rows;
}

test('what is held about a reader is in it, and nothing of anybody else', async () => {
  const { sandbox, reader, seller, payto, purse, handIn, undo } = await useMarket();
  await handIn(1, 20_000n);
  await undo(await noteOf(seller, purse, { seq: 1, amt: 20_000n }));
  const withdrawal = { id: randomId(), currency: 'USD', amount: '500000' };
  await reader.call('POST', '/v1/withdrawals', withdrawal);
  await reader.call('POST', '/v1/history', { id: randomId(), place: 1, chunk: 'A'.repeat(64) });
  const other = await sandbox.reader();
  await topUp(other, 3_000_000n);
  const { body } = await reader.call('GET', '/v1/account');
  const held = await exportOf(reader);
  expect(held.account).toMatchObject([{ id: body.account, starter_micros: '0' }]);
  expect(held.device).toMatchObject([{ kid: reader.device.kid, place: 1 }]);
  expect(held.purse).toMatchObject([{ id: purse.id, payto, refunded_micros: '20000' }]);
  expect(held.capture).toMatchObject([{ purse: purse.id, seq: 1, amount_micros: '20000' }]);
  expect(held.refund).toMatchObject([{ purse: purse.id, state: 'paid' }]);
  expect(held.withdrawal).toMatchObject([{ id: withdrawal.id }]);
  expect(held.withdrawal_part).toMatchObject([{ amount_micros: '500000', number: 1 }]);
  expect(held.history_chunk).toMatchObject([{ chunk: 'A'.repeat(64) }]);
  expect(held.pseudonym).toMatchObject([{ payto }]);
  expect(held.topup).toMatchObject([{ amount_micros: '1000000' }]);
  expect(held.movements?.map(({ kind }) => kind)).toContain('given back');
  expect(held.answered_write?.map(({ id }) => id)).toContain(withdrawal.id);
  for (const rows of Object.values(held).filter(Array.isArray))
    for (const row of rows) expect(row.account ?? body.account).toBe(body.account);
  expect((await exportOf(other)).capture).toEqual([]);
});

test('what is held about a seller is in it', async () => {
  const { seller, handIn } = await useMarket();
  await setBank(seller);
  await handIn(1, 20_000n);
  const held = await exportOf(seller);
  expect(held.seller).toMatchObject([{ handle: 'news', bank: expect.stringContaining('Daily') }]);
  expect(held.earnings).toMatchObject([{ handle: 'news', collected_micros: '20000' }]);
  expect(held.origin_check).toMatchObject([{ handle: 'news' }]);
});

test('no table about people is left out', async () => {
  const { context } = await useSandbox();
  const tables = await context.database.introspection.getTables();
  const owned = tables.filter(({ columns }) =>
    columns.some(({ name }) => ['account', 'purse', 'handle'].includes(name)),
  );
  const names = [...owned.map(({ name }) => name), 'account'].filter((it) => it !== 'posting');
  expect(PARTS.map(({ table }) => table).toSorted()).toEqual(names.toSorted());
});

test('many rows come whole, in pieces that do not grow with them', async () => {
  const { context, ...sandbox } = await useSandbox();
  const reader = await sandbox.reader();
  const { account } = (await reader.call('GET', '/v1/account')).body as { account: string };
  const ids = Array.from({ length: 1_700 }, () => randomId());
  const write = { account, digest: '', status: 200, body: '{}', at_sec: 0 };
  await context.database
    .insertInto('answered_write')
    .values(ids.map((id) => ({ ...write, id })))
    .execute();
  const { body } = await exportAccount(context, reader.device.kid);
  if (typeof body === 'string') throw new TypeError('it is a stream');
  let text = '';
  let longest = 0;
  for await (const chunk of body) {
    const piece = new TextDecoder().decode(chunk);
    longest = Math.max(longest, piece.length);
    text += piece;
  }
  const told = new Set((JSON.parse(text) as Rows).answered_write?.map(({ id }) => id));
  expect(ids.filter((id) => !told.has(id))).toEqual([]);
  expect(told.size).toBe(ids.length + 1);
  expect(longest).toBeLessThan(text.length / 3);
});

test('a failure leaves no JSON, and is told to the operator', async () => {
  const sandbox = await useSandbox();
  const { kid } = (await sandbox.reader()).device;
  const { body } = await exportAccount(sandbox.context, kid);
  vi.spyOn(sandbox.context.database, 'transaction').mockImplementation(() => {
    throw new TypeError('the disk is gone');
  });
  await expect(new Response(body).text()).rejects.toThrow('the disk is gone');
  expect(sandbox.log).toEqual([expect.stringContaining('internal: export')]);
});
