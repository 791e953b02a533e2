/** Parts of withdrawals that no card's side takes, and an operator who gives them up. */
import { expect, onTestFinished, test } from 'vitest';
import { nowSec } from '../../../../src/provider/context.ts';
import { settingOf } from '../../../../src/provider/database/database.ts';
import { openWithdrawalDesk } from '../../../../src/provider/funding/desk.ts';
import type { Funding } from '../../../../src/provider/funding/funding.ts';
import { giveUp } from '../../../../src/provider/funding/giveup.ts';
import { createSandboxCard } from '../../../../src/provider/funding/sandboxcard.ts';
import { sendBack } from '../../../../src/provider/funding/sendback.ts';
import {
  accountOf,
  goodBalances,
  moneyOf,
  returned,
  stateOf,
  usePaid,
  withdraw,
} from '../../../support/cardshop.ts';
import { randomId } from '../../../support/payer.ts';
import { ISSUER } from '../../../support/sandbox.ts';

/** A withdrawal that Stripe refuses for good, and an operator's desk. */
async function useStuck(refusal = 'charge_not_refundable') {
  const shop = await usePaid();
  const { sandbox, stripe, reader, passMinute } = shop;
  await settingOf(sandbox.context.database, 'issuer', () => ISSUER);
  const withdrawal = randomId();
  await withdraw(reader, withdrawal);
  stripe.refusal = refusal;
  await passMinute();
  const desk = await openWithdrawalDesk(sandbox.file, {
    fund: async () => sandbox.context.funding,
    log: (line) => sandbox.log.push(line),
    clock: () => sandbox.time.nowMs,
  });
  onTestFinished(() => desk.close());
  sandbox.log.length = 0;
  return { ...shop, desk, withdrawal, part: `${await accountOf(reader)}.${withdrawal}.1` };
}

type Stuck = Awaited<ReturnType<typeof useStuck>>;

function passMinutes({ time }: { time: { nowMs: number } }, minutes: number): void {
  time.nowMs += minutes * 60_000;
}

/** Stripe takes it by now, and its answer is lost. */
async function sendUnheard({ sandbox, stripe }: Pick<Stuck, 'sandbox' | 'stripe'>): Promise<void> {
  stripe.refusal = undefined;
  stripe.lose('POST /v1/refunds');
  passMinutes(sandbox, 5);
  await sendBack(sandbox.context);
}

test('what waits is listed with its age and why', async () => {
  const { sandbox, desk, part, reader, passMinute, stripe, withdrawal } = await useStuck();
  passMinutes(sandbox, 120);
  const [waiting, ...more] = await desk.list();
  expect(more).toEqual([]);
  expect(waiting).toMatchObject({
    ...{ name: part, state: 'made', amountMicros: 5_000_000n, method: 'stripe checkout' },
    refusal: 'charge_not_refundable',
  });
  expect(sandbox.time.nowMs / 1000 - (waiting?.sinceSec ?? 0)).toBeGreaterThanOrEqual(7200);
  // It may yet be taken: then nothing is said of it any more.
  stripe.refusal = undefined;
  await passMinute();
  expect(await returned(reader, withdrawal)).toEqual(['5000000', '0']);
  expect(await desk.list()).toEqual([]);
});

test('what is given up is its reader’s again, once, and goes there no more', async () => {
  const { sandbox, stripe, desk, part, reader, passMinute, withdrawal } = await useStuck();
  passMinutes(sandbox, 5);
  expect(await desk.giveUp(part)).toBe('given up');
  expect(await desk.giveUp(part)).toBe('known');
  expect(await returned(reader, withdrawal)).toEqual(['0', '5000000']);
  expect(await moneyOf(reader)).toBe(5_000_000n);
  stripe.refusal = undefined;
  await passMinute();
  expect(stripe.refunds()).toEqual([]);
  expect((await withdraw(reader)).code).toBe('insufficient_funds');
  expect(await desk.list()).toEqual([]);
  expect(sandbox.log).toEqual([]);
  await goodBalances(sandbox);
});

test('what may be under way is held back first, and is asked for after that', async () => {
  const { sandbox, stripe, desk, part, reader, withdrawal } = await useStuck();
  expect(await desk.giveUp(part)).toBe('being sent');
  // The service sends nothing of it meanwhile.
  stripe.refusal = undefined;
  passMinutes(sandbox, 5);
  await sendBack(sandbox.context);
  expect(stripe.refunds()).toEqual([]);
  expect(await desk.giveUp(part)).toBe('given up');
  expect(await returned(reader, withdrawal)).toEqual(['0', '5000000']);
});

test('an operator who does not come back holds nothing up', async () => {
  const { sandbox, stripe, desk, part, reader, withdrawal } = await useStuck();
  expect(await desk.giveUp(part)).toBe('being sent');
  stripe.refusal = undefined;
  passMinutes(sandbox, 59);
  await sendBack(sandbox.context);
  expect(stripe.refunds()).toEqual([]);
  passMinutes(sandbox, 1);
  await sendBack(sandbox.context);
  expect(await returned(reader, withdrawal)).toEqual(['5000000', '0']);
  expect(await desk.giveUp(part)).toBe('withdrawn');
  await goodBalances(sandbox);
});

test('what Stripe has after all is not given up, and booked', async () => {
  const { sandbox, stripe, desk, part, reader, withdrawal } = await useStuck();
  await sendUnheard({ sandbox, stripe });
  expect(stripe.refunds()).toHaveLength(1);
  passMinutes(sandbox, 5);
  expect(await desk.giveUp(part)).toBe('withdrawn');
  expect(await returned(reader, withdrawal)).toEqual(['5000000', '0']);
  expect(await moneyOf(reader)).toBe(0n);
  await goodBalances(sandbox);
});

test('what is on its way at Stripe goes on', async () => {
  const { sandbox, stripe, desk, part, reader, withdrawal } = await useStuck();
  await sendUnheard({ sandbox, stripe });
  const refund = stripe.refunds()[0] ?? { id: '' };
  Object.assign(refund, { status: 'pending' });
  passMinutes(sandbox, 5);
  expect(await desk.giveUp(part)).toBe('there');
  Object.assign(refund, { status: 'succeeded' });
  passMinutes(sandbox, 60);
  await sendBack(sandbox.context);
  expect(await returned(reader, withdrawal)).toEqual(['5000000', '0']);
});

test('of a payment that Stripe does not know it is given up by who has looked', async () => {
  const { sandbox, stripe, desk, part, reader, payment } = await useStuck('resource_missing');
  stripe.forget(payment);
  passMinutes(sandbox, 5);
  expect(await desk.giveUp(part)).toBe('no payment');
  expect(await moneyOf(reader)).toBe(0n);
  expect(await desk.giveUp(part, 'has looked')).toBe('given up');
  expect(await moneyOf(reader)).toBe(5_000_000n);
  await goodBalances(sandbox);
});

test('what Stripe has had, and does not find any more, is given up by who has looked', async () => {
  const { sandbox, stripe, desk, part, reader } = await useStuck();
  await sendUnheard({ sandbox, stripe });
  const [refund = { id: '' }] = stripe.refunds();
  Object.assign(refund, { status: 'pending' });
  passMinutes(sandbox, 5);
  await sendBack(sandbox.context);
  stripe.forget(refund.id);
  expect(await desk.giveUp(part)).toBe('no payment');
  expect(await moneyOf(reader)).toBe(0n);
  expect(await desk.giveUp(part, 'has looked')).toBe('given up');
  expect(await moneyOf(reader)).toBe(5_000_000n);
  await goodBalances(sandbox);
});

test('what somebody has sent while Stripe was asked is not given up', async () => {
  const { sandbox, part, reader, withdrawal } = await useStuck();
  passMinutes(sandbox, 5);
  const { database, changeBooks, log } = sandbox.context;
  const atSec = nowSec(sandbox.context);
  const funding: Funding = {
    ...createSandboxCard(),
    method: sandbox.context.funding.method,
    seek: async () => {
      const asked = { asked_at_sec: atSec };
      await changeBooks((books) => books.updateTable('withdrawal_part').set(asked).execute());
      return 'no return';
    },
  };
  const giving = { database, changeBooks, funding, atSec, log };
  expect(await giveUp(giving, part, undefined)).toBe('being sent');
  expect(await returned(reader, withdrawal)).toEqual(['0', '0']);
});

test('what is sent by another way, and what is none, is left as it is', async () => {
  const { sandbox, desk, part, reader, withdrawal } = await useStuck();
  passMinutes(sandbox, 5);
  const other = await openWithdrawalDesk(sandbox.file, {
    fund: async () => createSandboxCard(),
    log: () => undefined,
    clock: () => sandbox.time.nowMs,
  });
  onTestFinished(() => other.close());
  expect(await other.giveUp(part)).toBe('another way');
  for (const name of ['x', `${part}1`, part.replace(/1$/, '01'), `${part}.1`])
    expect(await desk.giveUp(name)).toBe('unknown');
  expect(await returned(reader, withdrawal)).toEqual(['0', '0']);
});

test('Stripe has to answer, or nothing is given up', async () => {
  const { sandbox, stripe, desk, part, reader, withdrawal } = await useStuck();
  passMinutes(sandbox, 5);
  stripe.down = true;
  await expect(desk.giveUp(part)).rejects.toThrow();
  expect(await returned(reader, withdrawal)).toEqual(['0', '0']);
  stripe.down = false;
  expect(await desk.giveUp(part)).toBe('given up');
});

test('what was given up and refunded all the same is taken; it is back if that fails', async () => {
  const { sandbox, stripe, desk, part, reader, tell, id, payment } = await useStuck();
  passMinutes(sandbox, 5);
  expect(await desk.giveUp(part)).toBe('given up');
  const event = stripe.refundByHand(payment, 500);
  const account = await accountOf(reader);
  const ours = { farthing_account: account, farthing_topup: id, farthing_part: part };
  Object.assign(stripe.refunds()[0] ?? {}, { metadata: ours });
  for (let time = 0; time < 2; time++) expect(await tell(event)).toBe(200);
  expect([await moneyOf(reader), await stateOf(reader, id)]).toEqual([0n, 'charged back']);
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': 0n });
  await tell(stripe.failRefund(String(stripe.refunds()[0]?.id)));
  expect([await moneyOf(reader), await stateOf(reader, id)]).toEqual([5_000_000n, 'paid']);
  expect(sandbox.log).toEqual([]);
  await goodBalances(sandbox);
});

test('what Stripe has had, and was given up, is taken where it was made after all', async () => {
  const { sandbox, stripe, desk, part, reader, tell, id } = await useStuck();
  await sendUnheard({ sandbox, stripe });
  const [refund = { id: '' }] = stripe.refunds();
  Object.assign(refund, { status: 'pending' });
  passMinutes(sandbox, 5);
  expect(await desk.giveUp(part)).toBe('there');
  const { database, changeBooks, log, funding } = sandbox.context;
  const strange: Funding = {
    ...createSandboxCard(),
    method: funding.method,
    seek: async () => 'no payment',
  };
  const giving = { database, changeBooks, log, funding: strange, atSec: nowSec(sandbox.context) };
  expect(await giveUp(giving, part, 'has looked')).toBe('given up');
  expect(await moneyOf(reader)).toBe(5_000_000n);
  Object.assign(refund, { status: 'succeeded' });
  const event = { id: 'evt_late', type: 'refund.updated', data: { object: refund } };
  for (let time = 0; time < 2; time++) expect(await tell(event)).toBe(200);
  expect([await moneyOf(reader), await stateOf(reader, id)]).toEqual([0n, 'charged back']);
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': 0n });
  await tell(stripe.failRefund(refund.id));
  expect(await moneyOf(reader)).toBe(5_000_000n);
  await goodBalances(sandbox);
});

test('and is found within the hour where no webhook came', async () => {
  const { sandbox, stripe, desk, part, reader, id, payment, passMinute } = await useStuck();
  passMinutes(sandbox, 5);
  expect(await desk.giveUp(part)).toBe('given up');
  stripe.refusal = undefined;
  stripe.refundByHand(payment, 500);
  const account = await accountOf(reader);
  const ours = { farthing_account: account, farthing_topup: id, farthing_part: part };
  Object.assign(stripe.refunds()[0] ?? {}, { metadata: ours });
  passMinutes(sandbox, 60);
  await passMinute();
  expect([await moneyOf(reader), await stateOf(reader, id)]).toEqual([0n, 'charged back']);
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': 0n });
  expect(sandbox.log).toEqual([]);
});
