import { expect, test } from 'vitest';
import type { Micros } from '../../../../src/protocol/money.ts';
import { createApp } from '../../../../src/provider/app.ts';
import { networkOf } from '../../../../src/provider/sellers/addresses.ts';
import {
  askForPurse,
  balanceIn,
  chargeOf,
  collect,
  giveBack,
  makeAccount,
  noteOf,
  openAccount,
  type Reply,
  readReply,
  type TestAccount,
  topUp,
} from '../../../support/account.ts';
import { makeKey, randomId } from '../../../support/payer.ts';
import { ISSUER, type Sandbox, useSandbox } from '../../../support/sandbox.ts';

const DAY_MS = 86_400_000;

/** Refused for now; answers when to come again. */
function expectForNow(reply: Reply, code: string): number {
  expect([reply.status, reply.code]).toEqual([429, code]);
  const waitSec = Number(reply.headers.get('Retry-After'));
  expect(waitSec).toBeGreaterThan(0);
  return waitSec;
}

function keptIn({ context }: Sandbox): Promise<unknown[]> {
  return context.database.selectFrom('answered_write').select('id').execute();
}

test('a key has so many requests in a minute, and the next one when that is over', async () => {
  const sandbox = await useSandbox({ keyMinuteCount: 5 });
  const [reader, other] = [await sandbox.reader(), await sandbox.reader()];
  for (let count = 0; count < 4; count++) await reader.call('GET', '/v1/account');
  const waitSec = expectForNow(await reader.call('GET', '/v1/account'), 'rate_limited');
  expect((await other.call('GET', '/v1/account')).status).toBe(200);
  sandbox.time.nowMs += waitSec * 1000;
  expect((await reader.call('GET', '/v1/account')).status).toBe(200);
});

test('an address has so many requests a minute, this machine as many as it likes', async () => {
  const { context } = await useSandbox({ addressMinuteCount: 2 });
  const app = createApp(context);
  const ask = async (remoteAddress: string) =>
    readReply(
      await app.request(`${ISSUER}/v1/account`, {}, { incoming: { socket: { remoteAddress } } }),
    );
  for (const last of ['1', '2'])
    expect((await ask(`2001:db8::${last}`)).code).toBe('proof_missing');
  expectForNow(await ask('2001:db8::3'), 'rate_limited');
  expect((await ask('2001:db8:0:1::1')).code).toBe('proof_missing');
  for (let count = 0; count < 4; count++)
    expect((await ask('127.0.0.1')).code).toBe('proof_missing');
});

test.for([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::ffff:127.0.0.1', undefined],
  ['127.1.2.3', undefined],
  ['::1', undefined],
  ['2001:DB8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['', undefined],
] as const)('%s is counted as %s', ([address, network]) => {
  expect(networkOf(address)).toBe(network);
});

test('an account has so many writes in a day that are kept', async () => {
  const sandbox = await useSandbox({ writeDayCount: 3 });
  const reader = await sandbox.reader();
  const id = randomId();
  const first = await topUp(reader, 1_000_000n, id);
  await topUp(reader, 1_000_000n);
  const waitSec = expectForNow(await topUp(reader, 1_000_000n), 'write_quota');
  expect((await topUp(reader, 1_000_000n, id)).text).toBe(first.text);
  sandbox.time.nowMs += waitSec * 1000;
  expect((await topUp(reader, 1_000_000n)).status).toBe(200);
});

test('starter credit has a measure for the day, past which accounts open without it', async () => {
  const sandbox = await useSandbox({ starterDayMicros: 500_000n as Micros });
  await Promise.all([sandbox.reader(), sandbox.reader()]);
  const late = await makeAccount(ISSUER, sandbox.send);
  const refused = await openAccount(late);
  const waitSec = expectForNow(refused, 'starter_limit');
  expect(refused.body.detail).toContain('"starter": "none"');
  const without = await late.call('POST', '/v1/accounts', { id: randomId(), starter: 'none' });
  expect(balanceIn(without)).toMatchObject({ available: 0n, starter: 0n });
  sandbox.time.nowMs += waitSec * 1000;
  const next = await makeAccount(ISSUER, sandbox.send);
  expect(balanceIn(await openAccount(next)).starter).toBe(250_000n);
  expect(waitSec * 1000).toBeLessThanOrEqual(DAY_MS);
});

test('a wish for another starter is malformed', async () => {
  const sandbox = await useSandbox();
  const account = await makeAccount(ISSUER, sandbox.send);
  const body = { id: randomId(), starter: 'double' };
  expect((await account.call('POST', '/v1/accounts', body)).code).toBe('body_malformed');
});

async function useJunk(sandbox: Sandbox) {
  const { account: seller, payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const purse = await askForPurse(reader, { payto, amountMicros: 100_000n });
  const stranger: TestAccount = { ...seller, device: await makeKey() };
  return { seller, payto, reader, purse, stranger };
}

test('nothing is kept of refunds and collections that changed nothing', async () => {
  const sandbox = await useSandbox();
  const { seller, payto, reader, purse, stranger } = await useJunk(sandbox);
  const before = await keptIn(sandbox);
  const notes = [
    await noteOf(stranger, purse, { seq: 1, amt: 1n }),
    await noteOf(seller, { id: randomId(), payto }, { seq: 1, amt: 1n }),
  ];
  const charges = [await chargeOf({ ...purse, key: await makeKey() }, { seq: 1, tot: 1n })];
  for (const account of [reader, seller])
    expect((await giveBack(account, { payto, notes })).status).toBe(200);
  expect((await collect(seller, { payto, charges })).status).toBe(200);
  expect(await keptIn(sandbox)).toEqual(before);
});
