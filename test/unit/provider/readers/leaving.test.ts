import { expect, test } from 'vitest';
import type { Micros } from '../../../../src/protocol/money.ts';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import { sendBack } from '../../../../src/provider/funding/sendback.ts';
import {
  askForPurse,
  chargeOf,
  closePurse,
  finalOf,
  makeAccount,
  noteOf,
  openAccount,
  type TestAccount,
  topUp,
} from '../../../support/account.ts';
import { tamper } from '../../../support/books.ts';
import { balances, useMarket } from '../../../support/market.ts';
import { makeKey, randomId } from '../../../support/payer.ts';
import { ISSUER, registerSeller, type Sandbox, useSandbox } from '../../../support/sandbox.ts';
import { PAID_AT_ONCE, setBank, useTill } from '../../../support/till.ts';

const close = (account: TestAccount, id = randomId()) =>
  account.call('POST', '/v1/account/close', { id });

async function findingsOf({ file }: Sandbox): Promise<string[]> {
  return (await auditDatabase(file)).findings.map(({ row, detail }) => `${row}: ${detail}`);
}

/** A market whose reader has ended its purse and has nothing but a cent and starter credit. */
async function useEmptied() {
  const market = await useMarket('gift');
  const { reader, seller, purse } = market;
  const charge = await chargeOf(purse, { seq: 1, tot: 20_000n });
  const final = await finalOf(seller, purse, { seq: 1, tot: 20_000n });
  expect((await closePurse(reader, { purse: purse.id, final, charge })).status).toBe(200);
  return market;
}

test('starter credit goes back, and what is booked stays', async () => {
  const market = await useEmptied();
  expect((await balances(market))['provider expense:USD']).toBe(250_000n);
  expect(await close(market.reader)).toMatchObject({ status: 200, body: {} });
  const after = await balances(market);
  expect(after['provider expense:USD']).toBe(20_000n);
  const { body } = await market.seller.call('GET', '/v1/sellers/news/earnings');
  expect(body.collected).toBe('20000');
});

test('its keys are refused, new ones are not', async () => {
  const { sandbox, reader } = await useEmptied();
  const second = await makeKey();
  await reader.call('POST', '/v1/devices', { id: randomId(), key: second.jwk, name: 'Phone' });
  await close(reader);
  const phone = await makeAccount(ISSUER, sandbox.send, second);
  for (const device of [reader, phone])
    for (const path of ['/v1/account', '/v1/devices', '/v1/account/export'])
      expect((await device.call('GET', path)).code).toBe('account_closed');
  expect((await openAccount(reader)).code).toBe('account_closed');
  expect((await topUp(reader, 1_000_000n)).code).toBe('account_closed');
  expect((await registerSeller(sandbox, reader, 'daily')).reply.code).toBe('account_closed');
  const stranger = await sandbox.reader();
  const add = { id: randomId(), key: second.jwk, name: 'Phone' };
  expect((await stranger.call('POST', '/v1/devices', add)).code).toBe('account_exists');
});

test('the same write again is answered the same, another one not', async () => {
  const { reader, sandbox } = await useEmptied();
  const id = randomId();
  const first = await close(reader, id);
  const entries = (await auditDatabase(sandbox.file)).transactions;
  expect((await close(reader, id)).text).toBe(first.text);
  expect((await close(reader)).code).toBe('account_closed');
  expect((await auditDatabase(sandbox.file)).transactions).toBe(entries);
});

test('who it was is forgotten', async () => {
  const { sandbox, reader } = await useEmptied();
  const recovery = { kind: 'words', kid: randomId(32), sealed: 'A'.repeat(80) };
  await reader.call('POST', '/v1/recovery', { id: randomId(), ...recovery });
  await reader.call('POST', '/v1/history', { id: randomId(), place: 1, chunk: 'B'.repeat(64) });
  const { kid } = reader.device;
  await reader.call('POST', `/v1/devices/${kid}/name`, { id: randomId(), name: 'Anna’s laptop' });
  const { database } = sandbox.context;
  const before = await database.selectFrom('purse').select(['sub']).executeTakeFirstOrThrow();
  expect((await close(reader)).status).toBe(200);
  const tables = ['account', 'device', 'recovery_key', 'history_chunk', 'pseudonym'] as const;
  const more = ['purse', 'answered_write', 'seller'] as const;
  const rows = await Promise.all(
    [...tables, ...more].map((table) => database.selectFrom(table).selectAll().execute()),
  );
  const held = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
  for (const text of ['Anna', 'B'.repeat(64), recovery.kid, before.sub])
    expect(held).not.toContain(text);
  expect(await findingsOf(sandbox)).toEqual([]);
});

test('what is there, set aside or on its way comes first', async () => {
  const { sandbox, reader, seller, purse } = await useMarket();
  const refusal = async () => {
    const { code, body } = await close(reader);
    return [code, body.detail];
  };
  expect(await refusal()).toEqual(['account_not_empty', expect.stringContaining('withdraw')]);
  // Less than a cent stays behind: no card takes it.
  const charge = await chargeOf(purse, { seq: 1, tot: 97_500n });
  const withdrawal = { id: randomId(), currency: 'USD' };
  expect((await reader.call('POST', '/v1/withdrawals', withdrawal)).status).toBe(200);
  expect(await refusal()).toEqual(['account_not_empty', expect.stringContaining('arrived')]);
  await sendBack(sandbox.context);
  expect(await refusal()).toEqual(['account_not_empty', expect.stringContaining('purse')]);
  const final = await finalOf(seller, purse, { seq: 1, tot: 97_500n });
  await closePurse(reader, { purse: purse.id, final, charge });
  expect((await close(reader)).status).toBe(200);
  const left = (await auditDatabase(sandbox.file)).accounts;
  const available = left.find(({ name }) => name.startsWith('reader available:'));
  expect(available?.balanceMicros).toBe(2_500n);
});

test('so does a payment that was begun, and a dispute', async () => {
  const sandbox = await useSandbox({ starterMicros: 0n as Micros });
  const [slow, sorry] = [await sandbox.reader(), await sandbox.reader()];
  const pay = { amount: '1000000', currency: 'USD' };
  await slow.call('POST', '/v1/topups', { id: randomId(), ...pay, card: 'delay' });
  const { code, body } = await close(slow);
  expect([code, body.detail]).toEqual(['account_not_empty', expect.stringContaining('begun')]);
  const account = String((await sorry.call('GET', '/v1/account')).body.account);
  await sandbox.context.database
    .updateTable('account')
    .set({ frozen_at_sec: 1 })
    .where('id', '=', account)
    .execute();
  expect((await close(sorry)).code).toBe('account_frozen');
});

test('a seller is paid first, and gives back what it owes', async () => {
  const { sandbox, seller, reader, pass } = await useTill(PAID_AT_ONCE);
  const purse = await askForPurse(reader, { payto: seller.payto, amountMicros: 50_000n });
  const detail = async () => (await close(seller.account)).body.detail;
  expect(await detail()).toMatch(/set aside for news/);
  const final = await finalOf(seller.account, purse, { seq: 0, tot: 0n });
  await closePurse(reader, { purse: purse.id, final });
  const bought = await askForPurse(reader, { payto: seller.payto, amountMicros: 1_000_000n });
  const claims = { seq: 1, tot: 1_000_000n };
  await closePurse(reader, {
    purse: bought.id,
    final: await finalOf(seller.account, bought, claims),
    charge: await chargeOf(bought, claims),
  });
  expect(await detail()).toMatch(/paid what it earned/);
  await pass(1);
  await pass(1);
  const notes = [await noteOf(seller.account, bought, { seq: 1, amt: 1_000_000n })];
  const refund = { id: randomId(), payto: seller.payto, notes };
  await seller.account.call('POST', '/v1/refunds', refund);
  expect(await detail()).toMatch(/owes readers/);
  expect(await findingsOf(sandbox)).toEqual([]);
});

test('of a seller nothing is left but its handle, which nobody gets again', async () => {
  const { sandbox, seller, payto } = await useMarket();
  await setBank(seller);
  const [reader, stranger] = [await sandbox.reader(), await sandbox.reader()];
  const { account: closed, payto: closedPayto } = await sandbox.seller('weekly');
  await setBank(closed, { handle: 'weekly' });
  expect((await close(closed)).status).toBe(200);
  const record = await sandbox.send(`${ISSUER}/v1/sellers/weekly`, {});
  expect(record.status).toBe(404);
  const { reply } = await askForPurse(reader, { payto: closedPayto, amountMicros: 0n });
  expect(reply.code).toBe('seller_unknown');
  expect((await registerSeller(sandbox, stranger, 'weekly')).reply.code).toBe('handle_taken');
  const rows = sandbox.context.database.selectFrom('seller').selectAll();
  const row = await rows.where('handle', '=', 'weekly').executeTakeFirstOrThrow();
  expect(row).toMatchObject({ name: '', bank: null, origins: '[]', keys: '[]' });
  const other = await rows.where('handle', '=', 'news').executeTakeFirstOrThrow();
  expect(other.bank).not.toBeNull();
  expect((await askForPurse(reader, { payto, amountMicros: 0n })).reply.status).toBe(200);
  expect(await findingsOf(sandbox)).toEqual([]);
});

test.for([
  [
    'a name that is back',
    "update device set name = 'Anna'",
    /is closed, and has a name of a device/,
  ],
  ['a purse that says whose it was', "update purse set sub = 'x'", /says who its reader was/],
  [
    'another time of closing',
    'update account set closed_at_sec = closed_at_sec + 1 where closed_at_sec is not null',
    /was closed at/,
  ],
] as const)('the audit finds %s', async ([, statement, finding]) => {
  const { sandbox, reader } = await useEmptied();
  expect((await close(reader)).status).toBe(200);
  expect(await findingsOf(sandbox)).toEqual([]);
  await tamper(sandbox.file, statement);
  expect(await findingsOf(sandbox)).toContainEqual(expect.stringMatching(finding));
});
