/** Money that comes in by a card, and goes back the same way when the card says so. */
import { expect, test } from 'vitest';
import type { Micros } from '../../../../src/protocol/money.ts';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import type { Notice } from '../../../../src/provider/funding/funding.ts';
import { bookNotices } from '../../../../src/provider/funding/notices.ts';
import type { CardWish } from '../../../../src/provider/funding/sandboxcard.ts';
import { settleFunding } from '../../../../src/provider/funding/settle.ts';
import {
  askForPurse,
  balanceIn,
  chargeOf,
  collect,
  giveBack,
  noteOf,
  openAccount,
  type Reply,
  raisePurse,
  type TestAccount,
  topUp,
} from '../../../support/account.ts';
import { randomId } from '../../../support/payer.ts';
import { type Sandbox, useSandbox } from '../../../support/sandbox.ts';

function payBy(reader: TestAccount, card: CardWish, id = randomId(), amount = '5000000') {
  return reader.call('POST', '/v1/topups', { id, amount, currency: 'USD', card });
}

function retryAfter({ headers }: Reply): number {
  return Number(headers.get('Retry-After'));
}

async function stateOf(reader: TestAccount, id: string) {
  return (await reader.call('GET', `/v1/topups/${id}`)).body.state;
}

async function availableOf(reader: TestAccount) {
  return balanceIn(await reader.call('GET', '/v1/account')).available;
}

async function passMinute(sandbox: Sandbox): Promise<void> {
  sandbox.time.nowMs += 60_000;
  await settleFunding(sandbox.context);
}

async function findings({ file }: Sandbox) {
  return (await auditDatabase(file)).findings;
}

test('a card that declines is refused, under its id for ever, and another id may pay', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const id = randomId();
  expect((await payBy(reader, 'decline', id)).code).toBe('topup_refused');
  expect((await payBy(reader, 'decline', id)).code).toBe('topup_refused');
  expect(await stateOf(reader, id)).toBe('failed');
  expect((await topUp(reader, 5_000_000n)).status).toBe(200);
  expect(await availableOf(reader)).toBe(5_250_000n);
  expect(await findings(sandbox)).toEqual([]);
});

test('the id of a top-up is its own, also where the card declines or takes its time', async () => {
  const sandbox = await useSandbox();
  const { account: seller, payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  for (const card of ['decline', 'delay'] as const) {
    const id = randomId();
    const first = await payBy(reader, card, id);
    const { reply } = await askForPurse(reader, { id, payto, amountMicros: 50_000n });
    expect(reply.code).toBe('id_reused');
    expect((await openAccount(reader, id)).code).toBe('id_reused');
    expect((await payBy(reader, card, id, '6000000')).code).toBe('id_reused');
    const again = await payBy(reader, card, id);
    expect([again.status, again.code]).toEqual([first.status, first.code]);
    // Of another account it is another id.
    expect((await collect(seller, { id, payto, charges: [] })).status).toBe(200);
  }
  expect(await findings(sandbox)).toEqual([]);
});

test('a payment that takes its time is begun, and paid when it is asked about', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const id = randomId();
  const begun = await payBy(reader, 'delay', id);
  expect(begun.body).toMatchObject({ topup: id, state: 'begun', amount: '5000000' });
  expect(await stateOf(reader, id)).toBe('begun');
  await passMinute(sandbox);
  const now = await reader.call('GET', `/v1/topups/${id}`);
  expect([now.body.state, balanceIn(now).available]).toEqual(['paid', 5_250_000n]);
  expect((await payBy(reader, 'delay', id)).text).toBe(begun.text);
  expect(await findings(sandbox)).toEqual([]);
});

test('a reader who asks is enough for a payment to be asked about', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const id = randomId();
  await payBy(reader, 'delay', id);
  sandbox.time.nowMs += 10_000;
  expect(await stateOf(reader, id)).toBe('paid');
});

test('what is told twice is booked once', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  await payBy(reader, 'duplicate');
  await passMinute(sandbox);
  expect(await availableOf(reader)).toBe(5_250_000n);
  expect(await findings(sandbox)).toEqual([]);
});

test('a top-up of another reader is not told', async () => {
  const sandbox = await useSandbox();
  const id = randomId();
  await topUp(await sandbox.reader(), 1_000_000n, id);
  expect((await (await sandbox.reader()).call('GET', `/v1/topups/${id}`)).code).toBe('not_found');
});

test('parts of a cent, and wishes that no card knows, are refused', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  expect((await topUp(reader, 1_000_001n)).code).toBe('topup_refused');
  expect((await payBy(reader, 'luck' as CardWish)).code).toBe('body_malformed');
});

test('what a card takes back is taken from what is there, and freezes the account', async () => {
  const sandbox = await useSandbox();
  const { payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  await topUp(reader, 1_000_000n);
  const purse = await askForPurse(reader, { payto, amountMicros: 50_000n });
  const id = randomId();
  await payBy(reader, 'chargeback', id);
  await passMinute(sandbox);
  expect(await stateOf(reader, id)).toBe('disputed');
  // Set aside was starter credit, so all that was paid in is there but for what the card took.
  expect(await availableOf(reader)).toBe(1_200_000n);
  const raise = { purse: purse.id, amountMicros: 80_000n };
  const refused = await Promise.all([
    askForPurse(reader, { payto, amountMicros: 50_000n }).then(({ reply }) => reply),
    raisePurse(reader, raise),
    topUp(reader, 1_000_000n),
  ]);
  expect(refused.map(({ code }) => code)).toEqual(Array(3).fill('account_frozen'));
  await passMinute(sandbox);
  expect(await stateOf(reader, id)).toBe('charged back');
  expect((await raisePurse(reader, raise)).status).toBe(200);
  expect(await findings(sandbox)).toEqual([]);
});

/** A reader who has spent half of what its card then takes back. */
async function indebted(sandbox: Sandbox, wish: CardWish) {
  const { account: seller, payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const id = randomId();
  await payBy(reader, wish, id, '1000000');
  const purse = await askForPurse(reader, { payto, amountMicros: 750_000n });
  const charges = [await chargeOf(purse, { seq: 1, tot: 750_000n })];
  await collect(seller, { payto, charges });
  await passMinute(sandbox);
  await passMinute(sandbox);
  return { reader, id, seller, payto, purse };
}

test('what is not there any more is owed, and the next top-up pays that first', async () => {
  const sandbox = await useSandbox();
  const { reader, id } = await indebted(sandbox, 'chargeback');
  expect([await stateOf(reader, id), await availableOf(reader)]).toEqual(['charged back', 0n]);
  const { accounts } = await auditDatabase(sandbox.file);
  const debt = accounts.find(({ name }) => name.startsWith('chargeback receivable'));
  expect(debt?.balanceMicros).toBe(500_000n);
  expect(await findings(sandbox)).toEqual([]);
  expect(balanceIn(await topUp(reader, 2_000_000n)).available).toBe(1_500_000n);
  expect((await topUp(reader, 1_000_000n)).status).toBe(200);
  expect(await findings(sandbox)).toEqual([]);
});

test('a dispute that is won brings the money back, what is owed first', async () => {
  const sandbox = await useSandbox();
  const { reader, id } = await indebted(sandbox, 'chargeback won');
  expect([await stateOf(reader, id), await availableOf(reader)]).toEqual(['paid', 500_000n]);
  expect((await topUp(reader, 1_000_000n)).status).toBe(200);
  expect(await findings(sandbox)).toEqual([]);
});

test('what a seller gives back to an account that owes pays what it owes', async () => {
  const sandbox = await useSandbox();
  const { reader, seller, payto, purse } = await indebted(sandbox, 'chargeback');
  const notes = [await noteOf(seller, purse, { seq: 1, amt: 750_000n })];
  await giveBack(seller, { payto, notes });
  expect(await availableOf(reader)).toBe(750_000n);
  await settleFunding(sandbox.context);
  // The starter credit stays what it was: it pays nothing that is owed.
  expect(balanceIn(await reader.call('GET', '/v1/account'))).toMatchObject({
    available: 250_000n,
    starter: 250_000n,
  });
  expect((await topUp(reader, 1_000_000n)).status).toBe(200);
  expect(await findings(sandbox)).toEqual([]);
});

async function accountOf(reader: TestAccount): Promise<string> {
  return String((await reader.call('GET', '/v1/account')).body.account);
}

test('in whatever order it is told, and however often, the end is the same', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const account = await accountOf(reader);
  const id = randomId();
  await payBy(reader, 'delay', id);
  const amountMicros = 5_000_000n as Extract<Notice, { kind: 'paid' }>['amountMicros'];
  const told = { account, id, payment: 'pi_1', amountMicros };
  const dispute = { ...told, dispute: 'dp_1' };
  const notices: Notice[] = [
    { kind: 'dispute won', ...dispute },
    { kind: 'disputed', ...dispute },
    { kind: 'paid', ...told },
    { kind: 'dispute lost', ...dispute },
    { kind: 'failed', account, id },
    { kind: 'dispute won', ...dispute },
  ];
  for (const notice of notices) await bookNotices(sandbox.context, [notice]);
  expect([await stateOf(reader, id), await availableOf(reader)]).toEqual(['paid', 5_250_000n]);
  expect((await topUp(reader, 1_000_000n)).status).toBe(200);
  expect(sandbox.log).toEqual([]);
  expect(await findings(sandbox)).toEqual([]);
});

test('what cannot be right is booked by nobody, and the operator is told', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const account = await accountOf(reader);
  const id = randomId();
  await payBy(reader, 'success', id);
  const micros = (amount: bigint) => amount as Extract<Notice, { kind: 'paid' }>['amountMicros'];
  const told = { kind: 'paid', account, id } as const;
  await bookNotices(sandbox.context, [
    { ...told, id: randomId(), payment: 'pi_1', amountMicros: micros(5_000_000n) },
    { ...told, payment: 'pi_2', amountMicros: micros(5_000_000n) },
    { ...told, payment: `${account}.${id}`, amountMicros: micros(4_000_000n) },
  ]);
  expect(sandbox.log).toHaveLength(3);
  expect(await availableOf(reader)).toBe(5_250_000n);
});

test('ten attempts in a day are enough, also where cards said no', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  for (let time = 0; time < 10; time++) {
    sandbox.time.nowMs += 60_000;
    expect((await payBy(reader, 'decline')).code).toBe('topup_refused');
  }
  const refused = await payBy(reader, 'success');
  // The first of the ten was nine minutes ago.
  expect([refused.code, retryAfter(refused)]).toEqual(['topup_limit', 86_400 - 540]);
  sandbox.time.nowMs += 1000 * retryAfter(refused);
  expect((await payBy(reader, 'success')).status).toBe(200);
  expect((await payBy(reader, 'success')).code).toBe('topup_limit');
  expect((await topUp(await sandbox.reader(), 1_000_000n)).status).toBe(200);
});

test('sixty dollars a day are enough, and cards that said no gave nothing', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  await payBy(reader, 'decline', randomId(), '20000000');
  for (let time = 0; time < 3; time++) {
    sandbox.time.nowMs += 60_000;
    expect((await topUp(reader, 19_000_000n)).status).toBe(200);
  }
  expect((await topUp(reader, 3_000_000n)).status).toBe(200);
  const refused = await topUp(reader, 20_000_000n);
  // As much is free again when the second of nineteen is a day old.
  expect([refused.code, retryAfter(refused)]).toEqual(['topup_limit', 86_400 - 60]);
  sandbox.time.nowMs += 1000 * retryAfter(refused);
  expect((await topUp(reader, 20_000_000n)).status).toBe(200);
});

test('a notice that cannot be booked keeps no other waiting', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const id = randomId();
  const account = String((await payBy(reader, 'success', id)).body.account);
  const dispute: Notice = {
    ...{ kind: 'disputed', account, id, payment: `${account}.${id}` },
    ...{ dispute: 'dp_1', amountMicros: 5_000_000n as Micros },
  };
  const settle = async () => [{ ...dispute, dispute: '', amountMicros: -1n as Micros }, dispute];
  const funding = { ...sandbox.context.funding, settle };
  Object.assign(sandbox.context, { funding });
  await passMinute(sandbox);
  expect(await stateOf(reader, id)).toBe('disputed');
  expect(sandbox.log).toHaveLength(1);
  expect(await findings(sandbox)).toEqual([]);
});
