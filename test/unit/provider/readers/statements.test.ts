import { expect, test } from 'vitest';
import { readStatement } from '../../../../src/protocol/statement.ts';
import { askForPurse, chargeOf, collect, topUp } from '../../../support/account.ts';
import { useSandbox } from '../../../support/sandbox.ts';

test('the statement of a purse says what was collected of it, and with which charge', async () => {
  const sandbox = await useSandbox();
  const { account: seller, payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  await topUp(reader, 1_000_000n);
  const purse = await askForPurse(reader, { payto, amountMicros: 100_000n });
  const path = `/v1/purses/${purse.id}`;
  const before = await reader.call('GET', path);
  expect(readStatement(String(before.body.statement)).claims).toMatchObject({
    pur: purse.id,
    aud: payto,
    state: 'open',
    seq: 0,
    tot: 0n,
    lim: 100_000n,
  });
  expect(before.body.last).toBeUndefined();
  const charge = await chargeOf(purse, { seq: 2, tot: 30_000n });
  await collect(seller, { payto, charges: [charge] });
  const after = await reader.call('GET', path);
  expect(readStatement(String(after.body.statement)).claims).toMatchObject({
    seq: 2,
    tot: 30_000n,
  });
  expect(after.body.last).toBe(charge);
  expect(after.body.certificate).toBe(before.body.certificate);
});

test('nobody reads the statement of another reader’s purse', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const purse = await askForPurse(await sandbox.reader(), { payto, amountMicros: 100_000n });
  const other = await sandbox.reader();
  expect((await other.call('GET', `/v1/purses/${purse.id}`)).code).toBe('purse_not_found');
});
