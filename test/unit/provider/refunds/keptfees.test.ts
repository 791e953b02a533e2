/** Starter credit never takes the place of fees that were taken of money (SPEC 10.5). */
import { expect, test } from 'vitest';
import { sweep } from '../../../../src/provider/purses/sweep.ts';
import { giveBack, noteOf, type TestAccount, topUp } from '../../../support/account.ts';
import { expectFound, rechained } from '../../../support/falsify.ts';
import { availableOf, statesIn } from '../../../support/market.ts';
import { buy, type Till, useTill } from '../../../support/till.ts';

const GIFT_MICROS = 250_000n;

/** A shop where somebody bought for 10 dollars of money; and from now on there are gifts. */
async function useShop(): Promise<Till> {
  const till = await useTill({ feeRateBasisPoints: 250 });
  await buy(till.reader, till.seller, 10_000_000n);
  Object.assign(till.sandbox.context.rules, { starterMicros: GIFT_MICROS });
  return till;
}

/** So many readers, each of whom spends what it was given. */
async function greet({ sandbox, seller }: Till, count: number): Promise<void> {
  for (let place = 0; place < count; place++)
    await buy(await sandbox.reader(), seller, GIFT_MICROS);
}

/** Buys for a gift, and hands in the shop's note for it. */
async function undoGift({ seller }: Till, friend: TestAccount): Promise<string[]> {
  const bought = await buy(friend, seller, GIFT_MICROS);
  const notes = [await noteOf(seller.account, bought, { seq: 1, amt: GIFT_MICROS })];
  return statesIn(await giveBack(seller.account, { payto: seller.payto, notes }));
}

/** What the shop has got of money: here, on its way, at its bank. */
async function moneyOf({ balances, earnings }: Till): Promise<bigint> {
  const { 'seller earned:news:USD': here = 0n } = await balances();
  const { transit, paid } = await earnings();
  return here + BigInt(transit) + BigInt(paid);
}

test('whoever is in league with a shop that was paid out gets no fees for its guests', async () => {
  const till = await useShop();
  const { sandbox, seller, reader, pass } = till;
  const { account, payto } = seller;
  const bought = await buy(reader, seller, 200_000n);
  await pass(30);
  await pass(0);
  await greet(till, 4);
  const before = await availableOf(reader);
  const notes = [await noteOf(account, bought, { seq: 1, amt: 200_000n })];
  expect(statesIn(await giveBack(account, { payto, notes }))).toEqual(['pending']);
  await pass(30);
  await sweep(sandbox.context);
  expect(await availableOf(reader)).toBe(before);
  expect(await moneyOf(till)).toBe(9_945_000n);
});

test('gifts that are bought and undone over and over bring their shop no fees', async () => {
  const till = await useShop();
  await greet(till, 8);
  for (let count = 0; count < 3; count++) {
    const friend = await till.sandbox.reader();
    for (let round = 0; round < 3; round++) expect(await undoGift(till, friend)).toEqual(['paid']);
  }
  expect(await moneyOf(till)).toBe(9_750_000n);
  await till.pass(30);
  await till.pass(0);
  expect(await till.earnings()).toMatchObject({ paid: '9750000', earned: '1950000' });
});

test('what a reader bought with gift and money goes back whole, guests or not', async () => {
  const till = await useShop();
  const { sandbox, seller } = till;
  const { account, payto } = seller;
  await greet(till, 2);
  const friend = await sandbox.reader();
  await topUp(friend, 1_000_000n);
  const bought = await buy(friend, seller, GIFT_MICROS + 1_000_000n);
  const notes = [await noteOf(account, bought, { seq: 1, amt: GIFT_MICROS + 1_000_000n })];
  expect(statesIn(await giveBack(account, { payto, notes }))).toEqual(['paid']);
  expect(await availableOf(friend)).toBe(GIFT_MICROS + 1_000_000n);
  expect(await moneyOf(till)).toBe(9_750_000n);
});

test('the audit finds a refund that put starter credit in the place of fees', async () => {
  const till = await useShop();
  await greet(till, 2);
  expect(await undoGift(till, await till.sandbox.reader())).toEqual(['paid']);
  await till.balances();
  const refund = "(select max(number) from ledger_transaction where kind = 'refund')";
  // As an earlier checkout split it: the fee out of what was taken of money, for its seller.
  await rechained(
    `update posting set amount_micros = -250000
       where number = ${refund} and account = 'seller earned starter:news:USD';
     delete from posting where number = ${refund} and account = 'seller earned:news:USD';
     insert into posting values (${refund}, 9, 'seller earned:news:USD', 6250)`,
  )(till.sandbox.file, {});
  await expectFound(till.sandbox.file, 'ledger_transaction ');
});
