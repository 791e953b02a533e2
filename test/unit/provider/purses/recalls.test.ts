import { beforeEach, expect, test } from 'vitest';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import {
  type AskedPurse,
  askForPurse,
  balanceIn,
  chargeOf,
  collect,
  finalOf,
  type TestAccount,
} from '../../../support/account.ts';
import { addDevice, listDevices, revoke } from '../../../support/devices.ts';
import { randomId } from '../../../support/payer.ts';
import { type Sandbox, useSandbox } from '../../../support/sandbox.ts';

let sandbox: Sandbox;
let seller: TestAccount;
let payto: string;
let reader: TestAccount;
let lost: TestAccount;
let purse: AskedPurse;

beforeEach(async () => {
  sandbox = await useSandbox();
  ({ account: seller, payto } = await sandbox.seller('news'));
  reader = await sandbox.reader();
  lost = (await addDevice(sandbox, reader)).device;
  purse = await askForPurse(lost, { payto, amountMicros: 100_000n });
});

type Handed = { readonly final: string; readonly charge?: string };

function closeAll(closings: readonly Handed[], account = seller, at = payto) {
  return account.call('POST', '/v1/closings', { id: randomId(), payto: at, closings });
}

test('the seller is asked for what a lost device set aside, with its next collection', async () => {
  const charges = [await chargeOf(purse, { seq: 1, tot: 20_000n })];
  expect((await collect(seller, { payto, charges })).body.asked).toBeUndefined();
  await revoke(reader, lost);
  const { body } = await collect(seller, { payto, charges });
  expect(body.asked).toEqual([purse.reply.body.certificate]);
});

test('other sellers and other devices are asked for nothing', async () => {
  const other = await sandbox.seller('tunes');
  await askForPurse(reader, { payto, amountMicros: 50_000n });
  await revoke(reader, lost);
  const { body } = await collect(other.account, { payto: other.payto, charges: [] });
  expect(body.asked).toBeUndefined();
  expect((await collect(seller, { payto, charges: [] })).body.asked).toHaveLength(1);
});

test('the seller’s word closes it: what was spent is captured, the rest is back', async () => {
  await revoke(reader, lost);
  const charge = await chargeOf(purse, { seq: 2, tot: 30_000n });
  const final = await finalOf(seller, purse, { seq: 2, tot: 30_000n });
  const { body } = await closeAll([{ final, charge }]);
  expect(body.results).toEqual([{ pur: purse.id, state: 'closed' }]);
  expect(balanceIn(await reader.call('GET', '/v1/account'))).toMatchObject({
    available: 220_000n,
    aside: 0n,
  });
  const { devices } = await listDevices(reader);
  expect(devices.map(({ aside, back }) => [aside, back])).toEqual([
    ['0', 0],
    ['0', 0],
  ]);
  expect((await collect(seller, { payto, charges: [] })).body.asked).toBeUndefined();
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});

test('one that was never used goes back whole, and again is the same', async () => {
  await revoke(reader, lost);
  const final = await finalOf(seller, purse, { seq: 0, tot: 0n });
  for (const _ of [1, 2])
    expect((await closeAll([{ final }])).body.results).toEqual([
      { pur: purse.id, state: 'closed' },
    ]);
  expect(balanceIn(await reader.call('GET', '/v1/account')).available).toBe(250_000n);
  expect((await auditDatabase(sandbox.file)).findings).toEqual([]);
});

test('a statement that proves nothing is refused by itself, the others are taken', async () => {
  const second = await askForPurse(lost, { payto, amountMicros: 50_000n });
  await revoke(reader, lost);
  const forged = await finalOf(reader, purse, { seq: 0, tot: 0n });
  const good = await finalOf(seller, second, { seq: 0, tot: 0n });
  expect((await closeAll([{ final: forged }, { final: good }])).body.results).toEqual([
    { pur: purse.id, state: 'refused', code: 'jws_key_unknown' },
    { pur: second.id, state: 'closed' },
  ]);
});

test('a statement without its charge, or below what was collected, is refused', async () => {
  await revoke(reader, lost);
  const charges = [await chargeOf(purse, { seq: 3, tot: 30_000n })];
  await collect(seller, { payto, charges });
  const handed = [
    { final: await finalOf(seller, purse, { seq: 3, tot: 30_000n }) },
    { final: await finalOf(seller, purse, { seq: 0, tot: 0n }) },
  ];
  for (const closing of handed)
    expect((await closeAll([closing])).body.results).toMatchObject([
      { state: 'refused', code: 'final_mismatch' },
    ]);
});

test('only the seller itself closes, and only its own', async () => {
  const other = await sandbox.seller('tunes');
  await revoke(reader, lost);
  const final = await finalOf(seller, purse, { seq: 0, tot: 0n });
  expect((await closeAll([{ final }], other.account)).code).toBe('handle_taken');
  expect((await closeAll([{ final }], reader)).code).toBe('handle_taken');
  expect((await closeAll([{ final }], other.account, other.payto)).body.results).toMatchObject([
    { state: 'refused', code: 'purse_audience' },
  ]);
});
