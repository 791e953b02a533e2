import { expect, test } from 'vitest';
import type { Micros } from '../../../../src/protocol/money.ts';
import { nowSec } from '../../../../src/provider/context.ts';
import { settleFunding } from '../../../../src/provider/funding/settle.ts';
import { bookOutcome } from '../../../../src/provider/payouts/payout.ts';
import { payOut } from '../../../../src/provider/payouts/run.ts';
import { sweep } from '../../../../src/provider/purses/sweep.ts';
import {
  askForPurse,
  chargeOf,
  collect,
  giveBack,
  noteOf,
  topUp,
} from '../../../support/account.ts';
import { statesIn } from '../../../support/market.ts';
import { randomId } from '../../../support/payer.ts';
import { registerSeller } from '../../../support/sandbox.ts';
import { buy, DAY_MS, earningsOf, fundWith, setBank, useTill } from '../../../support/till.ts';

const EARNED = 'seller earned:news:USD';
const TRANSIT = 'payout in transit:news:USD';
const OUTSIDE = 'outside money:USD';
const GIFT = { starterMicros: 5_000_000n as Micros };

test('what is earned is paid out in whole cents once it is old enough, and once', async () => {
  const { sandbox, seller, reader, earnings, pass, balances } = await useTill();
  await buy(reader, seller, 7_123_456n);
  await pass(29.9);
  expect(await balances()).toMatchObject({ [EARNED]: 7_123_456n });
  await pass(0.1);
  await payOut(sandbox.context);
  // The first run told the bank, the second one heard of it.
  expect(await balances()).toMatchObject({
    ...{ [EARNED]: 3_456n, [TRANSIT]: 0n, [OUTSIDE]: 12_880_000n },
  });
  const { payouts, ...told } = await earnings();
  expect(told).toMatchObject({ earned: '3456', transit: '0', paid: '7120000', more: false });
  expect(payouts).toMatchObject([{ amount: '7120000', state: 'paid', account: '…3000' }]);
  await pass(30);
  expect((await earnings()).payouts).toHaveLength(1);
});

test('until the bank has spoken the money is on its way', async () => {
  const { seller, reader, earnings, pass, balances } = await useTill();
  await buy(reader, seller, 6_000_000n);
  await pass(30);
  expect(await balances()).toMatchObject({
    ...{ [EARNED]: 0n, [TRANSIT]: 6_000_000n, [OUTSIDE]: 20_000_000n },
  });
  expect(await earnings()).toMatchObject({ transit: '6000000', payouts: [{ state: 'sent' }] });
});

test('what was earned in the last two weeks waits', async () => {
  const { sandbox, seller, reader, earnings, pass } = await useTill();
  await buy(reader, seller, 6_000_000n);
  await pass(16.5);
  await buy(reader, seller, 5_500_000n);
  await pass(13.5);
  expect((await earnings()).payouts).toMatchObject([{ amount: '6000000' }]);
  const { waits, next } = await earnings();
  const ripe = Math.floor(sandbox.time.nowMs / 1000) + 43_200;
  expect(waits).toContainEqual({ code: 'young', until: ripe });
  await pass(7);
  expect(next).toBe(Math.floor(sandbox.time.nowMs / 1000));
  expect((await earnings()).payouts).toMatchObject([{ amount: '5500000' }, { state: 'paid' }]);
});

test('a payout says what it waits for, and goes when nothing is left of that', async () => {
  const { sandbox, seller, reader, earnings, pass } = await useTill();
  const codes = async () => (await earnings()).waits.map(({ code }) => code);
  expect(await codes()).toEqual(['bank_new', 'seller_new', 'threshold']);
  await buy(reader, seller, 4_990_000n);
  await pass(30);
  expect(await codes()).toEqual(['threshold']);
  expect((await earnings()).next).toBeUndefined();
  await buy(reader, seller, 10_000n);
  expect(await codes()).toEqual(['young']);
  await pass(14);
  expect((await earnings()).payouts).toMatchObject([{ amount: '5000000' }]);
  expect(await codes()).toEqual(['period', 'threshold']);
  const { next } = await earnings();
  expect(next).toBeUndefined();
  await sandbox.context.database.updateTable('seller').set({ held_at_sec: 1 }).execute();
  expect(await codes()).toEqual(['held', 'period', 'threshold']);
});

test('a seller that is held is not paid until it is let go', async () => {
  const { sandbox, seller, reader, earnings, pass } = await useTill();
  const { database } = sandbox.context;
  await buy(reader, seller, 6_000_000n);
  await database.updateTable('seller').set({ held_at_sec: 1 }).execute();
  await pass(40);
  expect((await earnings()).payouts).toEqual([]);
  await database.updateTable('seller').set({ held_at_sec: null }).execute();
  await pass(1);
  expect((await earnings()).payouts).toMatchObject([{ amount: '6000000' }]);
});

test('a seller that is held is not paid under another name either', async () => {
  const { sandbox, seller, reader, pass } = await useTill();
  const { account } = seller;
  const { payto } = await registerSeller(sandbox, account, 'blog');
  await setBank(account, { handle: 'blog' });
  const hold = (held_at_sec: number | null) =>
    sandbox.context.database
      .updateTable('seller')
      .set({ held_at_sec })
      .where('handle', '=', 'news')
      .execute();
  await buy(reader, { account, payto }, 6_000_000n);
  await hold(1);
  await pass(30);
  const blog = await earningsOf(account, 'blog');
  expect([blog.payouts, blog.waits]).toEqual([[], [{ code: 'held' }]]);
  await hold(null);
  await pass(1);
  expect((await earningsOf(account, 'blog')).payouts).toMatchObject([{ amount: '6000000' }]);
});

test('a new bank account waits three days; the same one again waits for nothing', async () => {
  const { sandbox, seller, reader, earnings, pass } = await useTill();
  await buy(reader, seller, 6_000_000n);
  sandbox.time.nowMs += 29 * DAY_MS;
  expect((await setBank(seller.account)).body).toMatchObject({ number: '…3000' });
  expect((await earnings()).waits).toMatchObject([{ code: 'seller_new' }]);
  const { body } = await setBank(seller.account, { iban: 'GB29 NWBK 6016 1331 9268 19' });
  const from = Math.floor(sandbox.time.nowMs / 1000) + 3 * 86_400;
  expect(body).toEqual({ name: 'The Daily GmbH', number: '…6819', from });
  await pass(2.9);
  expect((await earnings()).payouts).toEqual([]);
  await pass(0.1);
  expect((await earnings()).payouts).toMatchObject([{ account: '…6819' }]);
});

test('what bounces goes back, and no more is sent there', async () => {
  const { seller, reader, earnings, pass, balances } = await useTill();
  await setBank(seller.account, { name: 'BOUNCE Ltd' });
  await buy(reader, seller, 6_000_000n);
  await pass(30);
  await pass(8);
  await pass(8);
  expect(await balances()).toMatchObject({ [EARNED]: 6_000_000n, [OUTSIDE]: 20_000_000n });
  expect(await earnings()).toMatchObject({
    waits: [{ code: 'bank_bounced' }],
    payouts: [{ state: 'bounced', name: 'BOUNCE Ltd' }],
  });
  await setBank(seller.account);
  await pass(3);
  expect((await earnings()).payouts).toMatchObject([{ state: 'sent' }, { state: 'bounced' }]);
});

test('what bounces after another one was sent there stops the next one, too', async () => {
  const { sandbox, seller, reader, earnings, pass } = await useTill();
  const { context } = sandbox;
  const { bank } = context;
  Object.assign(context, { bank: { ...bank, outcomeOf: async () => undefined } });
  await buy(reader, seller, 6_000_000n);
  await pass(30);
  await buy(reader, seller, 6_000_000n);
  await pass(15);
  const [, first] = (await earnings()).payouts;
  const said = { outcome: 'bounced', atSec: nowSec(context) } as const;
  await context.changeBooks((books) => bookOutcome(books, first?.id ?? '', said));
  await pass(8);
  expect((await earnings()).payouts).toHaveLength(2);
  expect((await earnings()).waits).toEqual([{ code: 'bank_bounced' }]);
});

test('refunds that wait come before payouts', async () => {
  const { sandbox, seller, reader, earnings, pass, balances } = await useTill();
  const first = await buy(reader, seller, 6_000_000n);
  await pass(30);
  await pass(0);
  // All is paid out: the undo waits for the next earnings, and never for the float.
  const notes = [await noteOf(seller.account, first, { seq: 1, amt: 6_000_000n })];
  const undo = async () => statesIn(await giveBack(seller.account, { payto: seller.payto, notes }));
  expect(await undo()).toEqual(['pending']);
  await buy(reader, seller, 5_000_000n);
  await pass(15);
  expect((await earnings()).payouts).toHaveLength(1);
  expect(await earnings()).toMatchObject({ pending: '6000000', payable: '0', earned: '5000000' });
  await buy(reader, seller, 1_000_000n);
  expect(await undo()).toEqual(['pending']);
  // What the last dollar is of may still be undone.
  await pass(14);
  await sweep(sandbox.context);
  expect(await undo()).toEqual(['paid']);
  expect(await balances()).toMatchObject({ [EARNED]: 0n, [OUTSIDE]: 14_000_000n });
});

test('starter credit is paid out of the provider’s funds, as far as they go', async () => {
  const till = await useTill(GIFT);
  const { sandbox, seller, reader, earnings, pass, balances } = till;
  await buy(reader, seller, 5_000_000n);
  await pass(30);
  expect(await earnings()).toMatchObject({ waits: [{ code: 'starter' }], payouts: [] });
  await fundWith(sandbox, 4_000_000n);
  await buy(reader, seller, 2_000_000n);
  await pass(15);
  await pass(0);
  expect((await earnings()).payouts).toMatchObject([{ amount: '6000000', state: 'paid' }]);
  expect(await balances()).toMatchObject({
    [EARNED]: 0n,
    'seller earned starter:news:USD': 1_000_000n,
    'starter paid out:news:USD': 4_000_000n,
    'provider funds:USD': 0n,
    [OUTSIDE]: 18_000_000n,
  });
});

test('starter credit of readers who never put money in is not paid out', async () => {
  const { sandbox, seller, earnings, pass } = await useTill(GIFT);
  await fundWith(sandbox, 100_000_000n);
  const guest = await sandbox.reader();
  await buy(guest, seller, 5_000_000n);
  await pass(60);
  expect(await earnings()).toMatchObject({ earned: '5000000', payable: '0' });
  await topUp(guest, 1_000_000n);
  await pass(13);
  expect(await earnings()).toMatchObject({ payable: '0' });
  await pass(1);
  expect((await earnings()).payouts).toMatchObject([{ amount: '5000000' }]);
});

test('starter credit of a reader whose card took the money back is not paid out', async () => {
  const { sandbox, seller, earnings, pass } = await useTill(GIFT);
  await fundWith(sandbox, 100_000_000n);
  const guest = await sandbox.reader();
  await buy(guest, seller, 5_000_000n);
  const body = { id: randomId(), amount: '1000000', currency: 'USD', card: 'chargeback' };
  expect((await guest.call('POST', '/v1/topups', body)).body.state).toBe('paid');
  await settleFunding(sandbox.context);
  await pass(60);
  expect(await earnings()).toMatchObject({ payable: '0', payouts: [] });
});

test('starter credit of a reader who took money back is not paid out', async () => {
  const { sandbox, seller, earnings, pass } = await useTill(GIFT);
  await fundWith(sandbox, 100_000_000n);
  const guest = await sandbox.reader();
  await topUp(guest, 1_000_000n);
  await buy(guest, seller, 5_000_000n);
  const body = { id: randomId(), currency: 'USD', amount: '10000' };
  expect((await guest.call('POST', '/v1/withdrawals', body)).status).toBe(200);
  await pass(60);
  expect(await earnings()).toMatchObject({ payable: '0', payouts: [] });
});

test('starter credit that was paid out is given back in the seller’s money', async () => {
  const { sandbox, seller, reader, pass, balances } = await useTill({
    ...GIFT,
    feeRateBasisPoints: 250,
  });
  const { payto, account } = seller;
  await fundWith(sandbox, 10_000_000n);
  const gift = await buy(reader, seller, 5_000_000n);
  await buy(reader, seller, 2_000_000n);
  await pass(30);
  await pass(0);
  await buy(reader, seller, 6_000_000n);
  sandbox.time.nowMs += 14 * DAY_MS;
  const notes = [await noteOf(account, gift, { seq: 1, amt: 5_000_000n })];
  expect(statesIn(await giveBack(account, { payto, notes }))).toEqual(['paid']);
  const { 'provider funds:USD': funds, ...books } = await balances();
  expect(books).toMatchObject({ 'starter paid out:news:USD': 0n });
  expect(funds).toBe(10_000_000n);
});

test('what bounces after its starter credit was given back in money is money', async () => {
  const { sandbox, seller, reader, pass, balances } = await useTill(GIFT);
  const { payto, account } = seller;
  await fundWith(sandbox, 10_000_000n);
  await setBank(account, { name: 'BOUNCE Ltd' });
  const gift = await buy(reader, seller, 5_000_000n);
  await pass(30);
  await buy(reader, seller, 4_000_000n);
  sandbox.time.nowMs += 14 * DAY_MS;
  const notes = [await noteOf(account, gift, { seq: 1, amt: 3_000_000n })];
  expect(statesIn(await giveBack(account, { payto, notes }))).toEqual(['paid']);
  await pass(1);
  expect(await balances()).toMatchObject({
    [EARNED]: 4_000_000n,
    'seller earned starter:news:USD': 2_000_000n,
    'starter paid out:news:USD': 0n,
    'provider funds:USD': 10_000_000n,
  });
});

test('only a seller’s own account sees its earnings and says where it is paid', async () => {
  const { sandbox, seller, reader } = await useTill();
  const other = await sandbox.seller('blog');
  for (const [account, handle, code] of [
    [reader, 'news', 'handle_taken'],
    [other.account, 'news', 'handle_taken'],
    [seller.account, 'nobody', 'seller_unknown'],
    [seller.account, 'No-Handle', 'seller_unknown'],
  ] as const) {
    const path = `/v1/sellers/${handle}/earnings`;
    expect((await account.call('GET', path)).code).toBe(code);
    expect((await setBank(account, { handle })).code).toBe(code);
  }
});

test.for([
  ['an IBAN with a wrong digit', { iban: 'DE89370400440532013001' }],
  ['an IBAN that is cut short', { iban: 'DE8937040044053201300' }],
  ['a holder in letters that no bank writes', { name: '每日新闻' }],
  ['no name', { name: ' \n' }],
  ['two numbers', { account: '12345678' }],
  ['a number that is none', { iban: undefined, account: '12 34/56' }],
  ['no number', { iban: undefined }],
] as const)('%s is malformed', async ([, bank]) => {
  const { seller } = await useTill();
  expect((await setBank(seller.account, bank as never)).code).toBe('body_malformed');
});

test('a bank account without an IBAN is one, too', async () => {
  const { seller } = await useTill();
  const bank = { iban: undefined, account: '021000021-12345678' };
  expect((await setBank(seller.account, bank as never)).body).toMatchObject({ number: '…5678' });
});

test('earnings by day and by country, for sixty days', async () => {
  const { sandbox, seller, reader, earnings } = await useTill({ feeRateBasisPoints: 1000 });
  const account = String((await reader.call('GET', '/v1/account')).body.account);
  const first = await buy(reader, seller, 1_000_000n);
  await sandbox.context.database
    .updateTable('account')
    .set({ country: 'PT' })
    .where('id', '=', account)
    .execute();
  sandbox.time.nowMs += DAY_MS;
  await buy(reader, seller, 2_000_000n);
  const notes = [await noteOf(seller.account, first, { seq: 1, amt: 500_000n })];
  await giveBack(seller.account, { payto: seller.payto, notes });
  expect(await earnings()).toMatchObject({
    ...{ collected: '3000000', refunded: '500000', fees: '250000', earned: '2250000' },
    days: [
      { day: '2027-01-15', collected: '1000000', earned: '900000', refunded: '0' },
      { day: '2027-01-16', collected: '2000000', earned: '1800000', refunded: '500000' },
    ],
    countries: [
      { country: 'PT', collected: '2000000', earned: '1800000' },
      { collected: '1000000', earned: '900000' },
    ],
  });
  sandbox.time.nowMs += 59 * DAY_MS;
  expect((await earnings()).days.map(({ day }) => day)).toEqual(['2027-01-16']);
});

test('payouts are listed newest first, a page at a time', async () => {
  const rules = { payoutThresholdMicros: 10_000n as Micros, payoutPeriodSec: 0, payoutHoldSec: 0 };
  const { seller, reader, earnings, pass } = await useTill(rules);
  const { account, payto } = seller;
  await pass(31);
  const purse = await askForPurse(reader, { payto, amountMicros: 15_000_000n });
  for (let seq = 1, tot = 0n; seq <= 51; seq++) {
    tot += BigInt(seq) * 10_000n;
    await collect(account, { payto, charges: [await chargeOf(purse, { seq, tot })] });
    await pass(1 / 24);
  }
  const first = await earnings();
  expect([first.payouts.length, first.more]).toEqual([50, true]);
  expect(first.payouts[0]).toMatchObject({ amount: '510000', state: 'sent' });
  const { number } = first.payouts.at(-1) ?? {};
  const rest = await earningsOf(account, 'news', `?before=${number}`);
  expect([rest.payouts, rest.more]).toMatchObject([[{ amount: '10000', state: 'paid' }], false]);
  const path = '/v1/sellers/news/earnings?before=x';
  expect((await account.call('GET', path)).code).toBe('body_malformed');
});
