/** Readers' money goes back to the cards it came from, once, or comes back to the reader. */
import { expect, test } from 'vitest';
import type { Micros } from '../../../../src/protocol/money.ts';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import type { Context } from '../../../../src/provider/context.ts';
import {
  type Funding,
  type Return,
  ReturnRefused,
} from '../../../../src/provider/funding/funding.ts';
import { bookNotices } from '../../../../src/provider/funding/notices.ts';
import type { CardWish } from '../../../../src/provider/funding/sandboxcard.ts';
import { sendBack } from '../../../../src/provider/funding/sendback.ts';
import { settleFunding } from '../../../../src/provider/funding/settle.ts';
import { balanceIn, type TestAccount } from '../../../support/account.ts';
import { randomId } from '../../../support/payer.ts';
import { type Sandbox, useSandbox } from '../../../support/sandbox.ts';
import { buy, PAID_AT_ONCE, useTill } from '../../../support/till.ts';

const DOLLAR = 1_000_000n;

/** Puts money in; answers the id. A second goes by, so that one is the newest. */
async function put(sandbox: Sandbox, reader: TestAccount, amount: bigint, card?: CardWish) {
  sandbox.time.nowMs += 1000;
  const id = randomId();
  const body = { id, amount: `${amount}`, currency: 'USD', ...(card && { card }) };
  expect((await reader.call('POST', '/v1/topups', body)).status).toBe(200);
  return id;
}

function withdraw(reader: TestAccount, amount?: bigint, id = randomId()) {
  const body = { id, currency: 'USD', ...(amount !== undefined && { amount: `${amount}` }) };
  return reader.call('POST', '/v1/withdrawals', body);
}

async function standing(reader: TestAccount, id: string) {
  const { amount, withdrawn, failed } = (await reader.call('GET', `/v1/withdrawals/${id}`)).body;
  return [amount, withdrawn, failed];
}

async function availableOf(reader: TestAccount): Promise<bigint> {
  const { available, starter } = balanceIn(await reader.call('GET', '/v1/account'));
  return available - starter;
}

async function passMinute({ time, context }: Sandbox): Promise<void> {
  time.nowMs += 60_000;
  await settleFunding(context);
}

async function balances({ file }: Sandbox) {
  const { findings, accounts } = await auditDatabase(file);
  expect(findings).toEqual([]);
  return Object.fromEntries(accounts.map(({ name, balanceMicros }) => [name, balanceMicros]));
}

/** Notes what is sent back, in the place of the sandbox's card. */
function noteReturns({ context }: Sandbox, sent: Return[], change: Partial<Funding> = {}) {
  const { funding } = context;
  Object.assign(context as { -readonly [K in keyof Context]: Context[K] }, {
    funding: {
      ...funding,
      sendBack: async (it: Return) => {
        sent.push(it);
        return funding.sendBack(it);
      },
      ...change,
    },
  });
}

test('what a clock that was ahead has written waits no longer once it is right', async () => {
  const sandbox = await useSandbox({ starterMicros: 0n as Micros });
  const reader = await sandbox.reader();
  const dayMs = 86_400_000;
  sandbox.time.nowMs += dayMs;
  await put(sandbox, reader, DOLLAR);
  const id = randomId();
  expect((await withdraw(reader, DOLLAR, id)).status).toBe(200);
  await put(sandbox, reader, 2n * DOLLAR, 'delay');
  sandbox.time.nowMs -= dayMs;
  for (let minute = 0; minute < 2; minute++) await passMinute(sandbox);
  expect(await standing(reader, id)).toEqual(['1000000', '1000000', '0']);
  expect(await availableOf(reader)).toBe(2n * DOLLAR);
  await balances(sandbox);
});

test('all that was put in and not spent goes back, and starter credit stays', async () => {
  const sandbox = await useSandbox();
  const { payto, account } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  await put(sandbox, reader, 5n * DOLLAR);
  await put(sandbox, reader, 2n * DOLLAR);
  // 25¢ of it are the starter credit.
  await buy(reader, { account, payto }, 755_000n);
  const id = randomId();
  const asked = await withdraw(reader, undefined, id);
  expect(asked.body).toMatchObject({ withdrawal: id, amount: '6490000', withdrawn: '0' });
  // Half a cent is no card's.
  expect(await availableOf(reader)).toBe(5_000n);
  expect(await standing(reader, id)).toEqual(['6490000', '0', '0']);
  await passMinute(sandbox);
  expect(await standing(reader, id)).toEqual(['6490000', '6490000', '0']);
  expect((await withdraw(reader, undefined, id)).text).toBe(asked.text);
  expect(await balances(sandbox)).toMatchObject({ 'outside money:USD': 510_000n });
});

test('it goes to the newest payments first, and to none more than it brought', async () => {
  const sandbox = await useSandbox();
  const sent: Return[] = [];
  noteReturns(sandbox, sent);
  const reader = await sandbox.reader();
  const old = await put(sandbox, reader, 5n * DOLLAR);
  const late = await put(sandbox, reader, 2n * DOLLAR);
  await withdraw(reader, 3n * DOLLAR);
  await passMinute(sandbox);
  expect((await withdraw(reader, 5n * DOLLAR)).code).toBe('insufficient_funds');
  expect((await withdraw(reader, 4n * DOLLAR)).status).toBe(200);
  await passMinute(sandbox);
  const told = sent.map(({ payment, amountMicros }) => [payment.id, amountMicros]);
  expect(told).toEqual([
    [late, 2n * DOLLAR],
    [old, DOLLAR],
    [old, 4n * DOLLAR],
  ]);
  expect(new Set(sent.map(({ name }) => name)).size).toBe(3);
  expect(await balances(sandbox)).toMatchObject({ 'outside money:USD': 0n });
});

test('what is no money, no whole cents, or not there is refused, and nothing moves', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const id = randomId();
  expect((await withdraw(reader, undefined, id)).code).toBe('insufficient_funds');
  await put(sandbox, reader, DOLLAR);
  // That id has its answer.
  expect((await withdraw(reader, undefined, id)).code).toBe('insufficient_funds');
  expect((await withdraw(reader, DOLLAR, id)).code).toBe('id_reused');
  expect((await withdraw(reader, 10_001n)).code).toBe('withdrawal_refused');
  expect((await withdraw(reader, 0n)).code).toBe('withdrawal_refused');
  expect((await withdraw(reader, DOLLAR + 10_000n)).code).toBe('insufficient_funds');
  const other = await reader.call('POST', '/v1/withdrawals', { id: randomId(), currency: 'EUR' });
  expect(other.code).toBe('currency_unsupported');
  expect((await reader.call('GET', `/v1/withdrawals/${randomId()}`)).code).toBe('not_found');
  expect(await availableOf(reader)).toBe(DOLLAR);
  await balances(sandbox);
});

test('a withdrawal of another reader is not told', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  await put(sandbox, reader, DOLLAR);
  const id = randomId();
  await withdraw(reader, undefined, id);
  const other = await sandbox.reader();
  expect((await other.call('GET', `/v1/withdrawals/${id}`)).code).toBe('not_found');
});

test('nothing goes back while a card disputes a payment, and never to that payment', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  await put(sandbox, reader, 2n * DOLLAR);
  await put(sandbox, reader, 3n * DOLLAR, 'chargeback');
  await passMinute(sandbox);
  expect((await withdraw(reader)).code).toBe('account_frozen');
  await passMinute(sandbox);
  const id = randomId();
  await withdraw(reader, undefined, id);
  await passMinute(sandbox);
  expect(await standing(reader, id)).toEqual(['2000000', '2000000', '0']);
  expect(await balances(sandbox)).toMatchObject({ 'outside money:USD': 0n });
});

test('what a closed card does not take comes back, and can be asked for again', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  await put(sandbox, reader, DOLLAR, 'withdrawal failed');
  const id = randomId();
  await withdraw(reader, undefined, id);
  await passMinute(sandbox);
  expect(await standing(reader, id)).toEqual(['1000000', '1000000', '0']);
  await passMinute(sandbox);
  expect(await standing(reader, id)).toEqual(['1000000', '0', '1000000']);
  expect(await availableOf(reader)).toBe(DOLLAR);
  expect(await balances(sandbox)).toMatchObject({ 'outside money:USD': DOLLAR });
  expect((await withdraw(reader)).status).toBe(200);
});

test('what comes back pays what the account owes meanwhile', async () => {
  const sandbox = await useSandbox({ starterMicros: 0n as Micros });
  const { payto, account } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  await put(sandbox, reader, DOLLAR, 'withdrawal failed');
  await withdraw(reader);
  await put(sandbox, reader, DOLLAR, 'chargeback');
  await buy(reader, { account, payto }, 750_000n);
  for (let minute = 0; minute < 3; minute++) await passMinute(sandbox);
  expect(await availableOf(reader)).toBe(250_000n);
  expect((await withdraw(reader, 250_000n)).status).toBe(200);
  await balances(sandbox);
});

test('a card’s side that does not answer is told again, under the same name', async () => {
  const sandbox = await useSandbox();
  const { sendBack: send } = sandbox.context.funding;
  const sent: Return[] = [];
  const down = async (it: Return) => {
    sent.push(it);
    if (sent.length < 3) throw new Error('the card’s side does not answer');
    return send(it);
  };
  noteReturns(sandbox, [], { sendBack: down });
  const reader = await sandbox.reader();
  await put(sandbox, reader, DOLLAR);
  const id = randomId();
  await withdraw(reader, undefined, id);
  for (let minute = 0; minute < 2; minute++) await passMinute(sandbox);
  expect(await standing(reader, id)).toEqual(['1000000', '0', '0']);
  const line = expect.stringContaining(`.${id}.1: the card’s side does not answer`);
  expect(sandbox.log).toEqual([line, line]);
  await passMinute(sandbox);
  expect(await standing(reader, id)).toEqual(['1000000', '1000000', '0']);
  expect(new Set(sent.map(({ name }) => name)).size).toBe(1);
  await balances(sandbox);
});

test('what another has been refused meanwhile is not sent by who had read it before', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const [old, late] = [await put(sandbox, reader, DOLLAR), await put(sandbox, reader, DOLLAR)];
  const sent: string[] = [];
  const { sendBack: send } = sandbox.context.funding;
  const other = async (it: Return) => {
    sent.push(`${it.payment.id} ${it.refusalCount}`);
    if (it.payment.id === late && sent.length === 1) {
      sandbox.time.nowMs += 1000;
      await sendBack(sandbox.context);
    }
    if (it.payment.id === old && it.refusalCount === 0) throw new ReturnRefused('not now');
    return send(it);
  };
  noteReturns(sandbox, [], { sendBack: other });
  const id = randomId();
  await withdraw(reader, 2n * DOLLAR, id);
  await sendBack(sandbox.context);
  expect(sent.toSorted()).toEqual([`${late} 0`, `${late} 0`, `${old} 0`].toSorted());
  sandbox.time.nowMs += 240_000;
  await sendBack(sandbox.context);
  expect(sent).toHaveLength(3);
  sandbox.time.nowMs += 60_000;
  await sendBack(sandbox.context);
  expect(sent.slice(3)).toEqual([`${old} 1`]);
  expect(await standing(reader, id)).toEqual(['2000000', '2000000', '0']);
});

test('of which no word comes is asked about, an hour later and no sooner', async () => {
  const sandbox = await useSandbox();
  const asked: Return[] = [];
  const { askBack: ask } = sandbox.context.funding;
  noteReturns(sandbox, [], {
    sendBack: async () => ({ reference: 're_1', notices: [] }),
    askBack: async (it) => {
      asked.push(it);
      return ask(it);
    },
  });
  const reader = await sandbox.reader();
  await put(sandbox, reader, DOLLAR);
  const id = randomId();
  await withdraw(reader, undefined, id);
  for (let minute = 0; minute < 3; minute++) await passMinute(sandbox);
  expect(asked).toEqual([]);
  sandbox.time.nowMs += 3_600_000;
  await settleFunding(sandbox.context);
  expect(asked).toMatchObject([{ reference: 're_1', amountMicros: DOLLAR }]);
  expect(await standing(reader, id)).toEqual(['1000000', '1000000', '0']);
  await balances(sandbox);
});

test('two processes that send at once, and words that come twice, move it once', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const topup = await put(sandbox, reader, DOLLAR);
  const id = randomId();
  const account = String((await withdraw(reader, undefined, id)).body.account);
  await Promise.all([sendBack(sandbox.context), sendBack(sandbox.context)]);
  const told = { account, id: topup, name: `${account}.${id}.1`, amountMicros: DOLLAR as Micros };
  await bookNotices(sandbox.context, [
    { kind: 'withdrawn', ...told },
    { kind: 'withdrawal failed', ...told },
    { kind: 'withdrawal failed', ...told },
  ]);
  expect(await standing(reader, id)).toEqual(['1000000', '0', '1000000']);
  expect(sandbox.log).toEqual([]);
  expect(await balances(sandbox)).toMatchObject({ 'outside money:USD': DOLLAR });
});

test('what fails before it has left never was outside', async () => {
  const sandbox = await useSandbox();
  noteReturns(sandbox, [], { sendBack: async () => ({ reference: 're_1', notices: [] }) });
  const reader = await sandbox.reader();
  const topup = await put(sandbox, reader, DOLLAR);
  const id = randomId();
  const account = String((await withdraw(reader, undefined, id)).body.account);
  await passMinute(sandbox);
  const told = { account, id: topup, name: `${account}.${id}.1`, amountMicros: DOLLAR as Micros };
  await bookNotices(sandbox.context, [{ kind: 'withdrawal failed', ...told }]);
  expect(await availableOf(reader)).toBe(DOLLAR);
  await balances(sandbox);
});

test('what cannot be right is booked by nobody, and the operator is told', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const topup = await put(sandbox, reader, DOLLAR, 'withdrawal failed');
  const id = randomId();
  const account = String((await withdraw(reader, undefined, id)).body.account);
  for (let minute = 0; minute < 2; minute++) await passMinute(sandbox);
  const told = { account, id: topup, name: `${account}.${id}.1`, amountMicros: DOLLAR as Micros };
  await bookNotices(sandbox.context, [
    { kind: 'withdrawn', ...told, name: `${account}.${id}.2` },
    { kind: 'withdrawn', ...told, name: `${account}.${id}.01` },
    { kind: 'withdrawn', ...told, id: randomId() },
    { kind: 'withdrawal failed', ...told, amountMicros: 1n as Micros },
    { kind: 'withdrawn', ...told },
  ]);
  expect(sandbox.log).toHaveLength(5);
  expect(await standing(reader, id)).toEqual(['1000000', '0', '1000000']);
  await balances(sandbox);
});

test('what a card took of others is missing to nobody: the operator stands for it', async () => {
  const { sandbox, seller, reader, pass, balances: held } = await useTill(PAID_AT_ONCE);
  const thief = await sandbox.reader();
  await put(sandbox, thief, 20n * DOLLAR, 'chargeback');
  await buy(thief, seller, 6n * DOLLAR);
  await settleFunding(sandbox.context);
  await pass(1);
  await pass(1);
  expect(await held()).toMatchObject({ 'outside money:USD': 14n * DOLLAR });
  const id = randomId();
  await withdraw(reader, undefined, id);
  await passMinute(sandbox);
  expect(await standing(reader, id)).toEqual(['20000000', '20000000', '0']);
  expect(await held()).toMatchObject({
    'outside money:USD': 0n,
    'provider funds:USD': 6n * DOLLAR,
  });
});

test('nothing goes back to what was never paid', async () => {
  const sandbox = await useSandbox();
  const sent: Return[] = [];
  noteReturns(sandbox, sent);
  const reader = await sandbox.reader();
  const paid = await put(sandbox, reader, 2n * DOLLAR);
  await put(sandbox, reader, 5n * DOLLAR, 'delay');
  expect((await withdraw(reader)).body.amount).toBe('2000000');
  await sendBack(sandbox.context);
  expect(sent.map(({ payment }) => payment.id)).toEqual([paid]);
});

test('a payment of which its card took a part back takes the rest, and no more', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const id = await put(sandbox, reader, 5n * DOLLAR);
  const account = String((await reader.call('GET', '/v1/account')).body.account);
  const amountMicros = (2n * DOLLAR) as Micros;
  const told = { account, id, payment: `${account}.${id}`, dispute: 'dp_1', amountMicros };
  await bookNotices(sandbox.context, [{ kind: 'dispute lost', ...told }]);
  expect(await availableOf(reader)).toBe(3n * DOLLAR);
  const sent: Return[] = [];
  noteReturns(sandbox, sent);
  const later = await put(sandbox, reader, DOLLAR);
  expect((await withdraw(reader)).body.amount).toBe('4000000');
  await passMinute(sandbox);
  expect(sent.map((it) => [it.payment.id, it.amountMicros])).toEqual([
    [later, DOLLAR],
    [id, 3n * DOLLAR],
  ]);
  expect(await balances(sandbox)).toMatchObject({ 'outside money:USD': 0n });
});

test('a payment that went back whole, and that its card took as well, has no room', async () => {
  const sandbox = await useSandbox();
  const reader = await sandbox.reader();
  const id = await put(sandbox, reader, 2n * DOLLAR);
  const account = String((await reader.call('GET', '/v1/account')).body.account);
  await withdraw(reader);
  await passMinute(sandbox);
  const told = { account, id, payment: `${account}.${id}`, dispute: 'dp_1' };
  const amountMicros = (2n * DOLLAR) as Micros;
  await bookNotices(sandbox.context, [{ kind: 'dispute lost', ...told, amountMicros }]);
  const other = await put(sandbox, reader, 5n * DOLLAR);
  // Two of five dollars have paid what was owed.
  expect((await withdraw(reader)).body.amount).toBe('3000000');
  expect(other).not.toBe(id);
  await passMinute(sandbox);
  expect(await balances(sandbox)).toMatchObject({ 'outside money:USD': 2n * DOLLAR });
});
