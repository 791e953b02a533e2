/**
 * Money that leaves a payment beside us, by disputes at Stripe and by refunds that somebody makes
 * in Stripe's own pages: it is booked by itself, once, and as it stands at last.
 */
import { expect, test } from 'vitest';
import {
  goodBalances,
  idIn,
  moneyOf,
  returned,
  stateOf,
  topUp,
  usePaid,
  withdraw,
} from '../../../support/cardshop.ts';
import { randomId } from '../../../support/payer.ts';
import type { Sandbox } from '../../../support/sandbox.ts';
import { buy } from '../../../support/till.ts';

const CENT = 10_000n;

async function standing({ reader, id }: Awaited<ReturnType<typeof usePaid>>) {
  return [await stateOf(reader, id), await moneyOf(reader)];
}

test('a refund by hand is taken from what is there; what is left can be withdrawn', async () => {
  const shop = await usePaid();
  const { sandbox, stripe, reader, tell, passMinute, payment } = shop;
  const event = stripe.refundByHand(payment, 200);
  for (let time = 0; time < 2; time++) expect(await tell(event)).toBe(200);
  expect(await standing(shop)).toEqual(['charged back', 300n * CENT]);
  expect((await topUp(reader)).status).toBe(200);
  expect((await withdraw(reader)).status).toBe(200);
  await passMinute();
  expect(stripe.refunds()).toMatchObject([{ amount: 200 }, { amount: 300 }]);
  expect(await moneyOf(reader)).toBe(0n);
  expect(sandbox.log).toEqual([]);
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': 0n });
});

test('a refund by hand of which no webhook came is found within the hour', async () => {
  const shop = await usePaid();
  const { sandbox, stripe, passMinute, payment } = shop;
  await passMinute();
  stripe.refundByHand(payment, 500);
  sandbox.time.nowMs += 3_600_000;
  await passMinute();
  expect(await standing(shop)).toEqual(['charged back', 0n]);
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': 0n });
  const rows = () => sandbox.context.database.selectFrom('dispute').selectAll().execute();
  const before = await rows();
  sandbox.time.nowMs += 3_600_000;
  await passMinute();
  expect(await rows()).toEqual(before);
});

test('and so it is by a clock that was ahead until now', async () => {
  const shop = await usePaid();
  const { sandbox, stripe, passMinute, payment } = shop;
  const dayMs = 86_400_000;
  sandbox.time.nowMs += dayMs;
  await passMinute();
  sandbox.time.nowMs -= dayMs;
  stripe.refundByHand(payment, 500);
  await passMinute();
  expect(await standing(shop)).toEqual(['charged back', 0n]);
  await goodBalances(sandbox);
});

test('a refund by hand of what is spent is owed, as what a card takes back is', async () => {
  const shop = await usePaid();
  const { sandbox, stripe, reader, tell, payment } = shop;
  const { payto, account } = await sandbox.seller('news');
  // A quarter of a dollar is starter credit.
  await buy(reader, { account, payto }, 125n * CENT);
  await tell(stripe.refundByHand(payment, 500));
  expect(await standing(shop)).toEqual(['charged back', 0n]);
  expect((await withdraw(reader)).code).toBe('account_frozen');
  expect((await topUp(reader)).status).toBe(200);
  await tell(stripe.pay(String(stripe.sessions().at(-1)?.id)));
  expect(await moneyOf(reader)).toBe(400n * CENT);
  await goodBalances(sandbox);
});

test('a refund by hand that a bank sends back is the reader’s again', async () => {
  const shop = await usePaid();
  const { sandbox, stripe, tell, passMinute, payment } = shop;
  const refund = idIn(stripe.refundByHand(payment, 500));
  const made = stripe.refunds()[0];
  sandbox.time.nowMs += 3_600_000;
  await passMinute();
  expect(made?.id).toBe(refund);
  expect(await standing(shop)).toEqual(['charged back', 0n]);
  const event = stripe.failRefund(refund);
  for (let time = 0; time < 2; time++) expect(await tell(event)).toBe(200);
  expect(await standing(shop)).toEqual(['paid', 500n * CENT]);
  await goodBalances(sandbox);
});

test.for([
  ['all of it', 500, 0n],
  ['a part of it', 200, 300n],
] as const)('what was asked back and is refunded by hand, %s, fails', async ([, cents, left]) => {
  const shop = await usePaid();
  const { sandbox, stripe, reader, passMinute, payment } = shop;
  const id = randomId();
  await withdraw(reader, id);
  stripe.refundByHand(payment, cents);
  await passMinute();
  expect(await returned(reader, id)).toEqual(['0', '5000000']);
  expect(await standing(shop)).toEqual(['charged back', left * CENT]);
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': left * CENT });
  await withdraw(reader);
  await passMinute();
  expect(await moneyOf(reader)).toBe(0n);
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': 0n });
});

test('a refund by hand that comes just before ours has ours fail, and is booked', async () => {
  const shop = await usePaid();
  const { sandbox, stripe, reader, passMinute, payment } = shop;
  const id = randomId();
  await withdraw(reader, id);
  stripe.before('POST /v1/refunds', () => stripe.refundByHand(payment, 500));
  await passMinute();
  expect(await returned(reader, id)).toEqual(['0', '5000000']);
  expect(await standing(shop)).toEqual(['charged back', 0n]);
  await goodBalances(sandbox);
});

test('what Stripe calls refunded and nobody has refunded is not asked for again', async () => {
  const { sandbox, stripe, reader, passMinute } = await usePaid();
  const id = randomId();
  await withdraw(reader, id);
  stripe.refusal = 'charge_already_refunded';
  await passMinute();
  expect(await returned(reader, id)).toEqual(['0', '5000000']);
  expect((await withdraw(reader)).code).toBe('insufficient_funds');
  expect(await moneyOf(reader)).toBe(500n * CENT);
  await goodBalances(sandbox);
});

/** Its money has left once: nobody owes anything, and the operator has put nothing in. */
async function expectOnce(sandbox: Sandbox): Promise<void> {
  const held = Object.entries(await goodBalances(sandbox)).filter(([, micros]) => micros > 0n);
  const kinds = held.map(([name]) => name.split(':')[0]);
  expect(kinds.toSorted()).toEqual(['provider expense', 'reader starter']);
}

test('an inquiry that is answered by a refund is counted once, though it escalates', async () => {
  const shop = await usePaid();
  const { sandbox, stripe, tell, payment } = shop;
  const inquiry = stripe.dispute(payment, 500, { status: 'warning_needs_response', moves: [] });
  expect(await tell(inquiry)).toBe(200);
  expect(await tell(stripe.refundByHand(payment, 500))).toBe(200);
  for (const status of ['warning_closed', 'needs_response', 'lost'])
    expect(await tell(stripe.changeDispute(idIn(inquiry), status))).toBe(200);
  expect(await standing(shop)).toEqual(['charged back', 0n]);
  await expectOnce(sandbox);
});

const PREVENTED = { status: 'prevented', caseType: 'resolution' };

test.for([
  ['by a movement of its own', [-500], 0],
  ['by a refund', [], 500],
] as const)('a dispute that is prevented %s takes its money once', async ([, moves, cents]) => {
  const shop = await usePaid();
  const { sandbox, stripe, tell, payment } = shop;
  if (cents > 0) expect(await tell(stripe.refundByHand(payment, cents))).toBe(200);
  expect(await tell(stripe.dispute(payment, 500, { ...PREVENTED, moves }))).toBe(200);
  expect(await standing(shop)).toEqual(['charged back', 0n]);
  await expectOnce(sandbox);
});

test('a dispute that was told of first, and turns out to be a refund, is none', async () => {
  const shop = await usePaid();
  const { sandbox, stripe, tell, passMinute, payment } = shop;
  const dispute = stripe.dispute(payment, 500, { ...PREVENTED, status: 'lost', moves: [] });
  expect(await tell(dispute)).toBe(200);
  expect(await standing(shop)).toEqual(['charged back', 0n]);
  stripe.changeDispute(idIn(dispute), 'warning_closed');
  expect(await tell(stripe.refundByHand(payment, 500))).toBe(200);
  stripe.changeDispute(idIn(dispute), 'lost');
  sandbox.time.nowMs += 3_600_000;
  await passMinute();
  expect(await standing(shop)).toEqual(['charged back', 0n]);
  await expectOnce(sandbox);
});

test('a card that disputes what was refunded, and gets it, has it twice: it is owed', async () => {
  const { sandbox, stripe, reader, tell, passMinute, payment } = await usePaid();
  await withdraw(reader);
  await passMinute();
  expect(await tell(stripe.dispute(payment, 500))).toBe(200);
  const held = await goodBalances(sandbox);
  const owed = Object.entries(held).find(([name]) => name.startsWith('chargeback receivable'));
  expect(owed?.[1]).toBe(500n * CENT);
  expect(held['provider funds:USD']).toBe(500n * CENT);
});

test('a dispute that is won in part has the rest', async () => {
  const shop = await usePaid();
  const { sandbox, stripe, reader, tell, passMinute, payment } = shop;
  const dispute = stripe.dispute(payment, 500);
  await tell(dispute);
  expect(await standing(shop)).toEqual(['disputed', 0n]);
  await tell(stripe.changeDispute(idIn(dispute), 'lost', [200]));
  expect(await standing(shop)).toEqual(['charged back', 200n * CENT]);
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': 200n * CENT });
  // Stripe takes no refund of what was disputed and lost: that is tried once.
  const id = randomId();
  await withdraw(reader, id);
  await passMinute();
  expect(await returned(reader, id)).toEqual(['0', '2000000']);
  expect((await withdraw(reader)).code).toBe('insufficient_funds');
  expect(await moneyOf(reader)).toBe(200n * CENT);
  await tell(stripe.changeDispute(idIn(dispute), 'won', [300]));
  await withdraw(reader);
  await passMinute();
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': 0n });
});

test('what was won is lost after all, and won, as often as Stripe says so', async () => {
  const shop = await usePaid();
  const { sandbox, stripe, tell, payment } = shop;
  const dispute = stripe.dispute(payment, 500);
  await tell(dispute);
  for (const [status, moves, left] of [
    ['won', [500], 500n],
    ['lost', [-500], 0n],
    ['appeal_under_review', [], 0n],
    ['won', [500], 500n],
    ['needs_response', [-500], 0n],
  ] as const) {
    const event = stripe.changeDispute(idIn(dispute), status, moves);
    for (let time = 0; time < 2; time++) expect(await tell(event)).toBe(200);
    const isOpen = status === 'needs_response';
    const state = left > 0n ? 'paid' : isOpen ? 'disputed' : 'charged back';
    expect(await standing(shop)).toEqual([state, left * CENT]);
    expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': left * CENT });
  }
  expect(sandbox.log).toEqual([]);
});

test('an event that comes late says nothing: what is so now is asked for', async () => {
  const shop = await usePaid();
  const { sandbox, stripe, tell, payment } = shop;
  const made = stripe.dispute(payment, 500);
  const won = stripe.changeDispute(idIn(made), 'won', [500]);
  for (const event of [won, made]) expect(await tell(event)).toBe(200);
  expect(await standing(shop)).toEqual(['paid', 500n * CENT]);
  expect((await goodBalances(sandbox))['outside money:USD']).toBe(500n * CENT);
});

test('where one dispute is told of, the others are looked for at once', async () => {
  const shop = await usePaid();
  const { stripe, reader, tell, passMinute, payment } = shop;
  const second = randomId();
  await topUp(reader, second);
  const session = String(stripe.sessions().at(-1)?.id);
  expect(await tell(stripe.pay(session))).toBe(200);
  await passMinute();
  stripe.dispute(payment, 500);
  const other = String(stripe.sessions().at(-1)?.payment_intent);
  expect(await tell(stripe.dispute(other, 500))).toBe(200);
  expect([await stateOf(reader, shop.id), await stateOf(reader, second)]).toEqual([
    'disputed',
    'disputed',
  ]);
});
