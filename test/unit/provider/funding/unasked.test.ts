/** Money for one who has left goes back to the card it came from by itself, once. */
import { expect, test } from 'vitest';
import type { TestAccount } from '../../../support/account.ts';
import {
  goodBalances,
  idIn,
  lastSession,
  paymentOf,
  topUp,
  usePaid,
  useShop,
  withdraw,
} from '../../../support/cardshop.ts';
import { randomId } from '../../../support/payer.ts';
import type { StandIn } from '../../../support/stripe.ts';

async function leave(reader: TestAccount): Promise<void> {
  expect((await reader.call('POST', '/v1/account/close', { id: randomId() })).status).toBe(200);
}

/** A page that was over is paid after all. */
function payLate(stripe: StandIn) {
  Object.assign(stripe.sessions().at(-1) ?? {}, { status: 'open' });
  return stripe.pay(lastSession(stripe));
}

/** A reader who has left after the page to pay on was over. */
async function useLeft() {
  const shop = await useShop();
  await topUp(shop.reader);
  expect(await shop.tell(shop.stripe.expire(lastSession(shop.stripe)))).toBe(200);
  await leave(shop.reader);
  return shop;
}

test('what is paid after the account was closed goes back to its card, once', async () => {
  const { sandbox, stripe, tell, passMinute } = await useLeft();
  const event = payLate(stripe);
  for (let time = 0; time < 2; time++) expect(await tell(event)).toBe(200);
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': 5_000_000n });
  for (let minute = 0; minute < 2; minute++) await passMinute();
  expect(stripe.refunds()).toMatchObject([{ amount: 500, payment_intent: paymentOf(stripe) }]);
  expect(await tell(event)).toBe(200);
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': 0n });
  expect(sandbox.log).toEqual([]);
});

test('a clock that was put back since then changes nothing in that', async () => {
  const { sandbox, stripe, tell, passMinute } = await useLeft();
  sandbox.time.nowMs -= 86_400_000;
  expect(await tell(payLate(stripe))).toBe(200);
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': 5_000_000n });
  for (let minute = 0; minute < 2; minute++) await passMinute();
  expect(stripe.refunds()).toMatchObject([{ amount: 500, payment_intent: paymentOf(stripe) }]);
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': 0n });
});

test('what is paid late and disputed is its card’s already', async () => {
  const { sandbox, stripe, tell, passMinute } = await useLeft();
  payLate(stripe);
  const dispute = stripe.dispute(paymentOf(stripe), 500);
  expect(await tell(dispute)).toBe(200);
  await passMinute();
  expect(stripe.refunds()).toEqual([]);
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': 0n });
  // It is won; and now it is there, and goes back.
  expect(await tell(stripe.changeDispute(idIn(dispute), 'won', [500]))).toBe(200);
  await passMinute();
  expect(stripe.refunds()).toMatchObject([{ amount: 500 }]);
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': 0n });
});

test('what its card does not take stays, and is not sent again and again', async () => {
  const { sandbox, stripe, tell, passMinute } = await useLeft();
  await tell(payLate(stripe));
  await passMinute();
  expect(await tell(stripe.failRefund(String(stripe.refunds()[0]?.id)))).toBe(200);
  for (let hour = 0; hour < 2; hour++) {
    sandbox.time.nowMs += 3_600_000;
    await passMinute();
  }
  expect(stripe.refunds()).toHaveLength(1);
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': 5_000_000n });
});

test('a dispute that is lost for one who has left, and then won, goes back', async () => {
  const { sandbox, stripe, reader, tell, passMinute, payment } = await usePaid();
  const dispute = stripe.dispute(payment, 500);
  await tell(dispute);
  await tell(stripe.changeDispute(idIn(dispute), 'lost'));
  await leave(reader);
  await tell(stripe.changeDispute(idIn(dispute), 'won', [500]));
  await passMinute();
  expect(stripe.refunds()).toMatchObject([{ amount: 500, payment_intent: payment }]);
  expect(await goodBalances(sandbox)).toMatchObject({ 'outside money:USD': 0n });
});

test('what one who has left owes is paid first, and the rest goes back', async () => {
  const { sandbox, stripe, reader, tell, passMinute, payment } = await usePaid();
  await withdraw(reader);
  await passMinute();
  await topUp(reader);
  expect(await tell(stripe.expire(lastSession(stripe)))).toBe(200);
  await leave(reader);
  // Its card has that payment twice by now.
  expect(await tell(stripe.dispute(payment, 200))).toBe(200);
  expect(await tell(payLate(stripe))).toBe(200);
  await passMinute();
  expect(stripe.refunds()).toMatchObject([{ amount: 500 }, { amount: 300 }]);
  await goodBalances(sandbox);
});

test('of those who have not left nothing is sent that they did not ask for', async () => {
  const { sandbox, stripe, reader, tell, passMinute, payment } = await usePaid();
  const dispute = stripe.dispute(payment, 500);
  await tell(dispute);
  await tell(stripe.changeDispute(idIn(dispute), 'won', [500]));
  await passMinute();
  expect(stripe.refunds()).toEqual([]);
  expect((await withdraw(reader)).status).toBe(200);
  await goodBalances(sandbox);
});
