/**
 * The provider is killed at each named moment of what leaves a payment beside it, or comes late,
 * and an operator's command at each of giving up: it is booked once, and no money moves twice.
 */
import { expect, test } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import { STRIPE_HOOK } from '../../src/provider/funding/stripe.ts';
import { type CardScene, openCardScene, withdraw } from '../support/cardscene.ts';
import { accountOf, goodBalances, moneyOf, returned, stateOf } from '../support/cardshop.ts';
import { startDoomed } from '../support/doomed.ts';
import type { DoomOrder, Moment } from '../support/doomed-provider.ts';
import { randomId } from '../support/payer.ts';

const nobody = () => Promise.reject(new TypeError('nobody asks'));

/** It is done, and killed at that moment, twice, as after a day; then somebody else goes on. */
async function dieTwice(scene: CardScene, order: Pick<DoomOrder, 'moment' | 'giveUp' | 'cards'>) {
  const { file, stripe } = scene;
  await scene.goTo(nobody);
  for (let time = 0; time < 2; time++) {
    const { ended } = await startDoomed({ file, path: 'none', ...order });
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect((await auditDatabase(file)).findings).toEqual([]);
    stripe.forgetIds();
  }
  await scene.restart();
}

const HEARING: readonly Moment[] = [
  ...(['asked', 'before dispute', 'after posting', 'before dispute_move'] as const),
  ...(['after dispute_move'] as const),
];

test.for(HEARING)('a refund by hand, and killed at %s: it is taken once', async (moment) => {
  const scene = await openCardScene();
  const { stripe, reader, topup, file } = scene;
  stripe.refundByHand(String(stripe.sessions()[0]?.payment_intent), 200);
  await dieTwice(scene, { moment, cards: { api: stripe.api, settle: true } });
  await scene.settle();
  expect([await stateOf(reader, topup), await moneyOf(reader)]).toEqual([
    'charged back',
    3_000_000n,
  ]);
  expect(await goodBalances({ file })).toMatchObject({ 'outside money:USD': 3_000_000n });
});

const REFUSING: readonly Moment[] = [
  ...(['asked', 'booked', 'told', 'after ledger_transaction', 'after posting'] as const),
];

test.for(REFUSING)('refused, and killed at %s: it comes back once', async (moment) => {
  const scene = await openCardScene();
  const { stripe, reader, file } = scene;
  const id = randomId();
  await withdraw(reader, id, '5000000');
  const payment = String(stripe.sessions()[0]?.payment_intent);
  // The card has a part of it, and Stripe takes no refund of the rest.
  stripe.dispute(payment, 200, { status: 'lost' });
  await dieTwice(scene, { moment, cards: { api: stripe.api, settle: true } });
  await scene.settle();
  expect(await returned(reader, id)).toEqual(['0', '5000000']);
  expect(await moneyOf(reader)).toBe(3_000_000n);
  expect(stripe.refunds()).toEqual([]);
  expect(await goodBalances({ file })).toMatchObject({ 'outside money:USD': 3_000_000n });
});

const COMING: readonly Moment[] = [
  ...(['asked', 'after posting', 'before withdrawal', 'after withdrawal_part'] as const),
  ...(['committed', 'answered'] as const),
];

test.for(COMING)('paid late, and killed at %s: it goes back once', async (moment) => {
  const scene = await openCardScene();
  const { stripe, reader, file, tell } = scene;
  await withdraw(reader, randomId(), '5000000');
  await scene.settle();
  await reader.call('POST', '/v1/topups', { id: randomId(), amount: '7000000', currency: 'USD' });
  const session = stripe.sessions()[1] ?? { id: '' };
  expect(await tell(stripe.expire(session.id))).toBe(200);
  expect((await reader.call('POST', '/v1/account/close', { id: randomId() })).status).toBe(200);
  Object.assign(session, { status: 'open' });
  const event = stripe.pay(session.id);
  const order = { file, path: STRIPE_HOOK, moment, cards: { api: stripe.api } };
  const { send, ended } = await startDoomed(order);
  await scene.goTo(send);
  await tell(event).catch(() => undefined);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect((await auditDatabase(file)).findings).toEqual([]);
  await scene.restart();
  // Stripe tells it again until it is answered, and may tell it once more.
  expect(await tell(event)).toBe(200);
  for (let time = 0; time < 2; time++) await scene.settle();
  expect(stripe.refunds()).toMatchObject([{ amount: 500 }, { amount: 700 }]);
  expect(await goodBalances({ file })).toMatchObject({ 'outside money:USD': 0n });
});

const GIVING: readonly Moment[] = [
  ...(['asked', 'booked', 'told', 'after ledger_transaction', 'after posting'] as const),
  ...(['committed'] as const),
];

test.for(GIVING)('given up, and killed at %s: it is its reader’s once', async (moment) => {
  const scene = await openCardScene();
  const { stripe, reader, file } = scene;
  const id = randomId();
  await withdraw(reader, id, '5000000');
  const part = `${await accountOf(reader)}.${id}.1`;
  await scene.goTo(nobody);
  const order = { file, path: 'none', moment, giveUp: part, cards: { api: stripe.api } };
  const { ended } = await startDoomed(order);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect((await auditDatabase(file)).findings).toEqual([]);
  await scene.restart();
  // What was held back by it is not sent meanwhile.
  if (moment !== 'asked') await scene.settle();
  expect(stripe.refunds()).toEqual([]);
  expect(await scene.giveUp(part)).toBe(moment === 'committed' ? 'known' : 'given up');
  expect(await scene.giveUp(part)).toBe('known');
  expect(await returned(reader, id)).toEqual(['0', '5000000']);
  expect(await goodBalances({ file })).toMatchObject({ 'outside money:USD': 5_000_000n });
});

const KEEPING: readonly Moment[] = [
  ...(['asked', 'before ledger_transaction', 'after ledger_transaction', 'after posting'] as const),
  ...(['before cost', 'after cost', 'before setting', 'after setting', 'committed'] as const),
];

/** Stripe has kept 45 cents of a payment, and 15 dollars for a dispute of that. */
async function openCosts() {
  const scene = await openCardScene((stripe) => {
    stripe.account.takesFees = true;
  });
  const { stripe, file, tell } = scene;
  const payment = String(stripe.sessions()[0]?.payment_intent);
  // What it has taken is booked: from here on all is about what was kept.
  await tell(stripe.dispute(payment, 500, { status: 'lost' }));
  const [outside, costs] = ['outside money:USD', 'processing costs:USD'];
  const kept = { [outside]: 0n, [costs]: 15_450_000n, 'provider funds:USD': 15_450_000n };
  const expectKept = async () => expect(await goodBalances({ file })).toMatchObject(kept);
  return { ...scene, expectKept };
}

test.for(KEEPING)('killed at %s of what was kept: it is booked once', async (moment) => {
  const scene = await openCosts();
  await dieTwice(scene, { moment, cards: { api: scene.stripe.api, settle: true } });
  for (let time = 0; time < 2; time++) {
    await scene.settle();
    await scene.expectKept();
  }
});

test('two processes that hear at one moment what was kept book it once', async () => {
  const { stripe, file, goTo, expectKept } = await openCosts();
  await goTo(nobody);
  const order = { file, path: 'none', moment: 'committed' } as const;
  const cards = { api: stripe.api, settle: true };
  const doomed = [startDoomed({ ...order, cards }), startDoomed({ ...order, cards })];
  for (const { ended } of await Promise.all(doomed)) expect(await ended).toEqual([null, 'SIGKILL']);
  await expectKept();
});
