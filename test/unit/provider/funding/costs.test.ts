/** What Stripe keeps for itself is the operator's cost, booked once, whoever hears of it. */
import { expect, onTestFinished, test } from 'vitest';
import type { Context } from '../../../../src/provider/context.ts';
import { floatNow, leftMicros, reportFloat } from '../../../../src/provider/float.ts';
import { hearCosts } from '../../../../src/provider/funding/costs.ts';
import type { Costs } from '../../../../src/provider/funding/funding.ts';
import { createSandboxCard } from '../../../../src/provider/funding/sandboxcard.ts';
import { settleFunding } from '../../../../src/provider/funding/settle.ts';
import { createStripe } from '../../../../src/provider/funding/stripe.ts';
import {
  accountOf,
  goodBalances,
  idIn,
  lastSession,
  moneyOf,
  paymentOf,
  returned,
  topUp,
  useShop,
  withdraw,
} from '../../../support/cardshop.ts';
import { randomId } from '../../../support/payer.ts';
import { ISSUER, openSandbox, type Sandbox, temporaryFolder } from '../../../support/sandbox.ts';
import { SECRET_KEY, useStripe, WEBHOOK_SECRET } from '../../../support/stripe.ts';
import { buy, fundWith, useTill } from '../../../support/till.ts';

const [OUTSIDE, COSTS, FUNDS] = ['outside money:USD', 'processing costs:USD', 'provider funds:USD'];
const LISTED = 'GET /v1/balance_transactions';
const INTENT = /^GET \/v1\/payment_intents\//;

/** Of five dollars: 2.9 % and 30 cents. */
const FEE = 450_000n;
const FIVE = 5_000_000n;

/** A reader who has put in 5 dollars, of which Stripe has kept something: nobody has heard yet. */
async function useKept() {
  const shop = await useShop();
  const { sandbox, stripe, reader, tell } = shop;
  stripe.account.takesFees = true;
  const id = randomId();
  await topUp(reader, id);
  const event = stripe.pay(lastSession(stripe));
  return {
    ...{ ...shop, id, event, payment: paymentOf(stripe) },
    tellPaid: () => tell(event),
    /** An hour goes by for us and for Stripe, and it is asked. */
    passHour: async () => {
      sandbox.time.nowMs += 3_600_000;
      stripe.account.atSec += 3600;
      await settleFunding(sandbox.context);
    },
    countOf: (line: string | RegExp) =>
      stripe.asked.filter((it) => (typeof line === 'string' ? it === line : line.test(it))).length,
    balances: () => goodBalances(sandbox),
  };
}

async function usePaid() {
  const kept = await useKept();
  expect(await kept.tellPaid()).toBe(200);
  return kept;
}

test('what is kept of a payment is booked once, though heard thrice, and no reader’s', async () => {
  const { sandbox, reader, passHour, countOf, balances } = await usePaid();
  for (let time = 0; time < 3; time++) await passHour();
  expect(countOf(LISTED)).toBe(3);
  expect(await balances()).toMatchObject({ [OUTSIDE]: FIVE - FEE, [COSTS]: FEE });
  expect(await moneyOf(reader)).toBe(FIVE);
  const rows = await sandbox.context.database.selectFrom('cost').selectAll().execute();
  expect(rows).toMatchObject([{ amount_micros: FEE, at_sec: expect.any(BigInt) }]);
  expect(sandbox.log).toEqual([]);
});

test('several that hear it at one moment book it once', async () => {
  const { sandbox, stripe, balances } = await usePaid();
  const { context } = sandbox;
  const keys = { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET };
  const options = { ...keys, issuer: ISSUER, name: 'Test money', api: stripe.api };
  const others: Context[] = [];
  for (let count = 0; count < 3; count++)
    others.push({ ...context, funding: await createStripe({ ...options, clock: context.clock }) });
  await Promise.all([context, ...others].map(hearCosts));
  expect(await balances()).toMatchObject({ [OUTSIDE]: FIVE - FEE, [COSTS]: FEE });
  expect(sandbox.log).toEqual([]);
});

test('services on the same books hear it, each in its turn, and after a restart', async () => {
  const folder = temporaryFolder();
  const stripe = await useStripe();
  stripe.account.takesFees = true;
  const keys = { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET };
  const open = async (): Promise<Sandbox> => {
    const opened = await openSandbox(folder, {}, ({ clock }) =>
      createStripe({ ...keys, issuer: ISSUER, name: 'Test money', clock, api: stripe.api }),
    );
    onTestFinished(() => opened.close());
    return opened;
  };
  const [one, two] = [await open(), await open()];
  const reader = await one.reader();
  await topUp(reader);
  stripe.pay(lastSession(stripe));
  one.time.nowMs += 60_000;
  await settleFunding(one.context);
  await settleFunding(two.context);
  await settleFunding((await open()).context);
  expect(await goodBalances(one)).toMatchObject({ [OUTSIDE]: FIVE - FEE, [COSTS]: FEE });
});

test('nothing is kept of money that is not booked yet; its cost is heard again', async () => {
  const { sandbox, tellPaid, passHour, balances } = await useKept();
  await hearCosts(sandbox.context);
  expect(Object.keys(await balances())).not.toContain(COSTS);
  expect(await tellPaid()).toBe(200);
  await passHour();
  expect(await balances()).toMatchObject({ [OUTSIDE]: FIVE - FEE, [COSTS]: FEE });
  expect(await balances()).not.toHaveProperty(FUNDS);
});

test.for([
  ['lost', 15_450_000n, 0n],
  ['won', 450_000n, 20_000_000n],
] as const)('the fee of a dispute that is %s', async ([end, costs, outside]) => {
  const { stripe, tell, payment, passHour, balances } = await usePaid();
  await passHour();
  const event = stripe.dispute(payment, 500);
  expect(await tell(event)).toBe(200);
  await passHour();
  // It was not there: the operator's own money was.
  const short = { [OUTSIDE]: 0n, [COSTS]: 15_450_000n, [FUNDS]: 15_450_000n };
  expect(await balances()).toMatchObject(short);
  const moves = end === 'won' ? [500] : [];
  expect(await tell(stripe.changeDispute(idIn(event), end, moves))).toBe(200);
  await passHour();
  expect(await balances()).toMatchObject({
    ...{ [OUTSIDE]: outside, [COSTS]: costs, [FUNDS]: 15_450_000n },
  });
});

test('what was kept and given back meanwhile is heard in that order', async () => {
  const { stripe, tell, payment, passHour, balances } = await usePaid();
  const event = stripe.dispute(payment, 500);
  expect(await tell(stripe.changeDispute(idIn(event), 'won', [500]))).toBe(200);
  await passHour();
  expect(await balances()).toMatchObject({ [COSTS]: FEE });
});

test('what is given back and was never heard of is the operator’s own', async () => {
  const { stripe, tell, payment, passHour, balances } = await usePaid();
  await passHour();
  stripe.account.takesFees = false;
  const event = stripe.dispute(payment, 500);
  expect(await tell(event)).toBe(200);
  stripe.account.takesFees = true;
  expect(await tell(stripe.changeDispute(idIn(event), 'won', [500]))).toBe(200);
  await passHour();
  // A part of what was taken was not there, and so was put in.
  expect(await balances()).toMatchObject({
    [OUTSIDE]: 20_000_000n,
    [COSTS]: 0n,
    [FUNDS]: 15_000_000n,
  });
});

test('a reader takes back all that was paid in, and what was kept is put in', async () => {
  const { reader, passHour, balances } = await usePaid();
  await passHour();
  const id = randomId();
  await withdraw(reader, id);
  await passHour();
  expect(await returned(reader, id)).toEqual(['5000000', '0']);
  expect(await balances()).toMatchObject({ [OUTSIDE]: 0n, [COSTS]: FEE, [FUNDS]: FEE });
});

test('what is of other businesses, and of other wallet services, is none of ours', async () => {
  const { sandbox, stripe, passHour, countOf, balances } = await usePaid();
  const elsewhere = stripe.payElsewhere(90_000);
  stripe.dispute(elsewhere, 40_000);
  stripe.refundByHand(stripe.payElsewhere(700), 700);
  stripe.dispute(stripe.payElsewhere(800), 800);
  stripe.payElsewhere(500, { farthing_account: 'x', farthing_topup: 'y' });
  for (let time = 0; time < 3; time++) await passHour();
  expect(await balances()).toMatchObject({ [OUTSIDE]: FIVE - FEE, [COSTS]: FEE });
  // Of a payment of which only its dispute is listed it is asked once.
  expect([countOf(LISTED), countOf(INTENT)]).toEqual([3, 2]);
  expect(sandbox.log).toEqual([]);
});

test('no more is listed than what moved since a day before, after a restart either', async () => {
  const { sandbox, stripe, passHour, countOf, balances } = await usePaid();
  // What was before the first top-up is never asked for.
  stripe.account.atSec -= 10 * 86_400;
  for (let count = 0; count < 150; count++) stripe.payElsewhere(100);
  stripe.account.atSec += 10 * 86_400;
  for (let count = 0; count < 250; count++) stripe.payElsewhere(100);
  await passHour();
  expect(countOf(LISTED)).toBe(3);
  stripe.account.atSec += 86_400;
  stripe.payElsewhere(100);
  await passHour();
  expect(countOf(LISTED)).toBe(6);
  const { clock } = sandbox.context;
  const keys = { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET };
  const options = { ...keys, issuer: ISSUER, name: 'Test money', api: stripe.api };
  const funding = await createStripe({ ...options, clock });
  await hearCosts({ ...sandbox.context, funding });
  expect(countOf(LISTED)).toBe(7);
  expect(await balances()).toMatchObject({ [COSTS]: FEE });
});

test('where nobody has paid by Stripe it is not asked what it keeps', async () => {
  const { stripe, passMinute } = await useShop();
  stripe.payElsewhere(100);
  await passMinute();
  expect(stripe.asked).not.toContain(LISTED);
});

test('fees in another currency are not guessed: they are told of once', async () => {
  const { sandbox, stripe, passHour, balances } = await useKept();
  stripe.account.settlesIn = 'eur';
  await topUp(await sandbox.reader());
  stripe.pay(lastSession(stripe));
  for (let time = 0; time < 3; time++) await passHour();
  expect(await balances()).toMatchObject({ [OUTSIDE]: 2n * FIVE - FEE, [COSTS]: FEE });
  expect(sandbox.log).toEqual([
    expect.stringMatching(/^funding: Stripe keeps its fees in EUR \(txn_\w+ for one\): .* in USD/),
  ]);
});

test('what the account itself is billed is of no payment: it is told of once', async () => {
  const { sandbox, stripe, passHour, balances } = await usePaid();
  stripe.bill(2500);
  for (let time = 0; time < 3; time++) await passHour();
  expect(await balances()).toMatchObject({ [COSTS]: FEE });
  expect(sandbox.log).toEqual([
    expect.stringMatching(/bills the account itself \(stripe_fee, txn_/),
  ]);
});

test('what is billed by itself for a dispute of ours is kept of its payment', async () => {
  const { sandbox, stripe, tell, payment, passHour, balances } = await usePaid();
  const event = stripe.dispute(payment, 500);
  expect(await tell(event)).toBe(200);
  stripe.bill(1500, idIn(event));
  await passHour();
  expect(await balances()).toMatchObject({ [COSTS]: FEE + 30_000_000n });
  expect(sandbox.log).toEqual([]);
});

test('what is billed for a refund that was made there is kept of its payment', async () => {
  const { sandbox, stripe, tell, payment, passHour, balances } = await usePaid();
  const event = stripe.refundByHand(payment, 100);
  expect(await tell(event)).toBe(200);
  stripe.bill(25, idIn(event));
  await passHour();
  expect(await balances()).toMatchObject({ [COSTS]: FEE + 250_000n });
  expect(sandbox.log).toEqual([]);
});

/** Books what a card's side says at one time; answers since when it was asked for. */
async function hear({ context }: Sandbox, heard: Omit<Costs, 'remarks'>) {
  let asked: number | undefined;
  const costs = async (since: () => Promise<number | undefined>) => {
    asked = await since();
    return { ...heard, remarks: [] };
  };
  await hearCosts({ ...context, funding: { ...context.funding, costs } });
  return asked;
}

test('however many are heard of at one time, each is booked', async () => {
  const { sandbox, reader, id, balances } = await usePaid();
  const place = { account: await accountOf(reader), id };
  const costs = Array.from({ length: 201 }, (_, index) => ({
    ...{ ...place, reference: `txn_many_${index}`, amountMicros: 10_000n },
  }));
  await hear(sandbox, { costs, untilSec: undefined });
  expect(await balances()).toMatchObject({ [COSTS]: 2_010_000n });
});

test('who has heard less, and ends later, has nothing listed twice for it', async () => {
  const { sandbox } = await usePaid();
  for (const untilSec of [2_000_000, 1_000_000]) await hear(sandbox, { costs: [], untilSec });
  expect(await hear(sandbox, { costs: [], untilSec: undefined })).toBe(2_000_000 - 86_400);
});

test('what could not be asked is asked a minute later, and told', async () => {
  const { sandbox, stripe, passMinute, balances } = await usePaid();
  stripe.lose(LISTED);
  await passMinute();
  expect(await balances()).not.toHaveProperty(COSTS);
  expect(sandbox.log).toEqual([expect.stringMatching(/^funding: /)]);
  await passMinute();
  expect(await balances()).toMatchObject({ [COSTS]: FEE });
});

test('a clock that was far ahead, or is put back, keeps nothing from being heard', async () => {
  const { sandbox, stripe, passMinute, balances } = await usePaid();
  sandbox.time.nowMs += 400 * 86_400_000;
  await passMinute();
  sandbox.time.nowMs -= 401 * 86_400_000;
  await topUp(await sandbox.reader());
  stripe.account.atSec += 60;
  stripe.pay(lastSession(stripe));
  await passMinute();
  expect(await balances()).toMatchObject({ [OUTSIDE]: 2n * (FIVE - FEE), [COSTS]: 2n * FEE });
});

test('an operator is told that the float is short, and makes it good', async () => {
  const { sandbox, passHour } = await usePaid();
  const { context } = sandbox;
  await passHour();
  const left = async () => (await floatNow(context.database, 0)).map(leftMicros);
  expect(await left()).toEqual([-FEE]);
  await reportFloat(context);
  expect(sandbox.log).toEqual(['float: -450000 micros USD less than is owed']);
  await fundWith(sandbox, FEE);
  expect(await left()).toEqual([0n]);
});

test('starter credit is paid out of no money that makes good what was kept', async () => {
  const till = await useTill({ starterMicros: FIVE as never });
  const { sandbox, seller, reader, earnings, pass, balances } = till;
  const { topup } = (await topUp(reader)).body;
  const place = { account: await accountOf(reader), id: String(topup) };
  const cost = { ...place, reference: 'txn_1', amountMicros: 1_000_000n };
  const heard = { costs: [cost], untilSec: undefined, remarks: [] };
  const funding = { ...createSandboxCard(), costs: async () => heard };
  await hearCosts({ ...sandbox.context, funding });
  await fundWith(sandbox, 3_000_000n);
  await buy(reader, seller, 5_000_000n);
  await buy(reader, seller, 4_000_000n);
  await pass(30);
  await pass(0);
  expect((await earnings()).payouts).toMatchObject([{ amount: '6000000' }]);
  expect(await balances()).toMatchObject({ [FUNDS]: 1_000_000n, [COSTS]: 1_000_000n });
  const [float] = await floatNow(sandbox.context.database, 0);
  expect(float && leftMicros(float)).toBe(0n);
});
