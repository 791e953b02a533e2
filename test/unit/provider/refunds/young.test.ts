/**
 * What readers bought lately is there for their undos: a seller that was paid out gives nothing
 * older back out of it, to whomever it may be in league with (SPEC 10.6).
 */
import { expect, test } from 'vitest';
import type { Micros } from '../../../../src/protocol/money.ts';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import type { ChangeBooks } from '../../../../src/provider/database/commits.ts';
import { sweep } from '../../../../src/provider/purses/sweep.ts';
import {
  type AskedPurse,
  askForPurse,
  balanceIn,
  chargeOf,
  collect,
  giveBack,
  noteOf,
  type TestAccount,
  topUp,
} from '../../../support/account.ts';
import { tamper } from '../../../support/books.ts';
import { availableOf, statesIn } from '../../../support/market.ts';
import type { Sandbox } from '../../../support/sandbox.ts';
import { buy, DAY_MS, fundWith, setBank, type Till, useTill } from '../../../support/till.ts';

const PRICE_MICROS = 6_000_000n;

interface Shop extends Till {
  /** In league with the seller. */
  readonly friend: TestAccount;
  /** Bought by the friend and paid out to the seller. */
  readonly old: AskedPurse;
}

/** A seller that was paid what its friend bought for. */
async function useShop(rules: Parameters<typeof useTill>[0] = {}): Promise<Shop> {
  const till = await useTill(rules);
  const { sandbox, seller, pass } = till;
  const friend = await sandbox.reader();
  await topUp(friend, PRICE_MICROS);
  const old = await buy(friend, seller, PRICE_MICROS);
  await pass(30);
  await pass(0);
  return { ...till, friend, old };
}

/** Hands in the seller's note for one charge of a purse; answers its state. */
async function undo({ seller }: Till, purse: AskedPurse, amt: bigint, seq = 1): Promise<string> {
  const notes = [await noteOf(seller.account, purse, { seq, amt })];
  const [state] = statesIn(await giveBack(seller.account, { payto: seller.payto, notes }));
  return state ?? '';
}

/** How often all that is young of a seller is summed up from now on. */
function countSums({ context }: Sandbox): () => number {
  let count = 0;
  const { changeBooks } = context;
  const counting: ChangeBooks = (work) =>
    changeBooks((books) =>
      work(
        books.withPlugin({
          transformQuery: ({ node, queryId }) => {
            const { sql } = books.getExecutor().compileQuery(node, queryId);
            if (sql.includes('min("at_sec")')) count += 1;
            return node;
          },
          transformResult: async ({ result }) => result,
        }),
      ),
    );
  Object.assign(context, { changeBooks: counting });
  return () => count;
}

const FEES = [0, 250, 1_000];

test.for(FEES)(
  'what was paid out does not come out of what others paid since, at %i',
  async (feeRateBasisPoints) => {
    const shop = await useShop({ feeRateBasisPoints });
    const { reader, seller, friend, old, balances } = shop;
    const first = await buy(reader, seller, 1_234_567n);
    const second = await buy(reader, seller, PRICE_MICROS);
    expect(await undo(shop, old, PRICE_MICROS)).toBe('pending');
    // Those who come after it are not held up.
    expect(await undo(shop, second, PRICE_MICROS)).toBe('paid');
    expect(await undo(shop, first, 1_234_567n)).toBe('paid');
    expect(await availableOf(reader)).toBe(20_000_000n);
    await sweep(shop.sandbox.context);
    expect(await availableOf(friend)).toBe(0n);
    expect((await balances())['seller earned:news:USD']).toBeLessThan(10_000n);
  },
);

test('it comes out of what has become old since, and before any payout', async () => {
  const shop = await useShop();
  const { sandbox, reader, seller, friend, old, pass, earnings } = shop;
  await buy(reader, seller, PRICE_MICROS - 1n);
  expect(await undo(shop, old, PRICE_MICROS)).toBe('pending');
  await pass(15);
  await sweep(sandbox.context);
  expect(await availableOf(friend)).toBe(0n);
  await buy(reader, seller, 1n);
  await sweep(sandbox.context);
  expect(await availableOf(friend)).toBe(0n);
  expect(await earnings()).toMatchObject({ payable: '0', pending: `${PRICE_MICROS}` });
  await pass(14);
  await sweep(sandbox.context);
  expect(await availableOf(friend)).toBe(PRICE_MICROS);
  expect(await earnings()).toMatchObject({ earned: '0', payouts: [{ state: 'paid' }] });
});

test('a seller whose refunds cannot be booked keeps no other’s readers waiting', async () => {
  const shop = await useShop();
  const { sandbox, reader, seller, friend, old, pass } = shop;
  const acme = await sandbox.seller('acme');
  expect((await setBank(acme.account, { handle: 'acme' })).status).toBe(200);
  const other = await buy(reader, acme, PRICE_MICROS);
  await pass(30);
  await pass(0);
  for (const each of [acme, seller]) await buy(reader, each, PRICE_MICROS);
  expect(await undo({ ...shop, seller: acme }, other, PRICE_MICROS)).toBe('pending');
  expect(await undo(shop, old, PRICE_MICROS)).toBe('pending');
  sandbox.time.nowMs += 15 * DAY_MS;
  await tamper(sandbox.file, "delete from earnings where handle = 'acme'");
  await sweep(sandbox.context);
  expect(await availableOf(friend)).toBe(PRICE_MICROS);
  expect(sandbox.log).toEqual([expect.stringContaining('acme@')]);
});

test('what is older goes back at once where nothing was paid out', async () => {
  const shop = await useTill({ feeRateBasisPoints: 250 });
  const { sandbox, reader, seller } = shop;
  const old = await buy(reader, seller, PRICE_MICROS);
  sandbox.time.nowMs += 29 * DAY_MS;
  const young = await buy(reader, seller, PRICE_MICROS);
  expect(await undo(shop, old, PRICE_MICROS)).toBe('paid');
  expect(await undo(shop, young, PRICE_MICROS)).toBe('paid');
  expect(await availableOf(reader)).toBe(20_000_000n);
});

test('what was undone lately keeps nothing older waiting', async () => {
  const shop = await useShop();
  const { sandbox, reader, seller, old } = shop;
  await buy(reader, seller, PRICE_MICROS);
  sandbox.time.nowMs += 15 * DAY_MS;
  expect(await undo(shop, await buy(reader, seller, PRICE_MICROS), PRICE_MICROS)).toBe('paid');
  expect(await undo(shop, old, PRICE_MICROS)).toBe('paid');
});

test('old and young notes by turns: what is young is looked up once for all of them', async () => {
  const shop = await useTill();
  const { sandbox, reader, seller } = shop;
  const { account, payto } = seller;
  const olds = [1_000n, 2_000n, 3_000n];
  const youngs = [10_000n, 20_000n, 30_000n];
  const bought: [AskedPurse, bigint][] = [];
  for (const amount of olds) bought.push([await buy(reader, seller, amount), amount]);
  sandbox.time.nowMs += 15 * DAY_MS;
  for (const [index, amount] of youngs.entries())
    bought.splice(2 * index + 1, 0, [await buy(reader, seller, amount), amount]);
  const notes = await Promise.all(
    bought.map(([purse, amt]) => noteOf(account, purse, { seq: 1, amt })),
  );
  const sums = countSums(sandbox);
  const states = statesIn(await giveBack(account, { payto, notes }));
  expect(states).toEqual(notes.map(() => 'paid'));
  expect(sums()).toBe(1);
});

test('who hands in what is known or refused has nothing looked up', async () => {
  const shop = await useShop();
  const { account, payto } = shop.seller;
  await buy(shop.reader, shop.seller, PRICE_MICROS);
  expect(await undo(shop, shop.old, PRICE_MICROS)).toBe('pending');
  const sums = countSums(shop.sandbox);
  expect(await undo(shop, shop.old, PRICE_MICROS)).toBe('pending');
  const charges = [await chargeOf(shop.old, { seq: 2, tot: 2n * PRICE_MICROS })];
  const { body } = await collect(account, { payto, charges });
  expect(body.results).toMatchObject([{ state: 'refused' }]);
  expect(sums()).toBe(0);
});

test('while an old note waits, collections do not have all summed up that is young', async () => {
  const shop = await useShop();
  const { sandbox, reader, seller, old } = shop;
  await buy(reader, seller, PRICE_MICROS);
  expect(await undo(shop, old, PRICE_MICROS)).toBe('pending');
  const sums = countSums(sandbox);
  const young = await buy(reader, seller, PRICE_MICROS);
  expect(sums()).toBe(0);
  // What is young is given back all the same, and what is older has its turn.
  expect(await undo(shop, young, PRICE_MICROS)).toBe('paid');
  const before = sums();
  await sweep(sandbox.context);
  expect(sums()).toBeGreaterThan(before);
});

test('a note for a young charge that says what an old one cost is one for the old', async () => {
  const shop = await useTill({ firstPayoutHoldSec: 0 });
  const { sandbox, reader, seller, pass, balances } = shop;
  const { account, payto } = seller;
  const friend = await sandbox.reader();
  await topUp(friend, 7_000_000n);
  const purse = await askForPurse(friend, { payto, amountMicros: 7_000_000n });
  const handIn = async (seq: number, tot: bigint) =>
    collect(account, { payto, charges: [await chargeOf(purse, { seq, tot })] });
  await handIn(1, PRICE_MICROS);
  sandbox.time.nowMs += 6 * DAY_MS;
  await handIn(2, PRICE_MICROS + 10_000n);
  await pass(9);
  await pass(0);
  const others = await buy(reader, seller, PRICE_MICROS);
  expect(await undo(shop, purse, PRICE_MICROS, 2)).toBe('pending');
  expect(await undo(shop, others, PRICE_MICROS)).toBe('paid');
  expect(await balances()).toMatchObject({ 'seller earned:news:USD': 10_000n });
});

test('a gift that was paid out does not go back out of what others paid since', async () => {
  const shop = await useTill({ starterMicros: PRICE_MICROS as Micros });
  const { sandbox, reader, seller, pass, balances } = shop;
  await fundWith(sandbox, PRICE_MICROS);
  const old = await buy(reader, seller, PRICE_MICROS);
  await pass(30);
  await pass(0);
  const friend = await sandbox.reader();
  await topUp(friend, PRICE_MICROS);
  const young = await buy(friend, seller, 2n * PRICE_MICROS);
  const guest = await sandbox.reader();
  const gift = await buy(guest, seller, PRICE_MICROS);
  expect(await undo(shop, old, PRICE_MICROS)).toBe('pending');
  expect(await undo(shop, gift, PRICE_MICROS)).toBe('paid');
  expect(balanceIn(await guest.call('GET', '/v1/account')).starter).toBe(PRICE_MICROS);
  expect(await undo(shop, young, 2n * PRICE_MICROS)).toBe('paid');
  expect(await availableOf(friend)).toBe(2n * PRICE_MICROS);
  expect(await balances()).toMatchObject({ 'provider funds:USD': 0n });
});

test('a payout of starter credit takes none of the money that young gifts will need', async () => {
  const shop = await useTill({ feeRateBasisPoints: 1_000, starterMicros: 5_000_000n as Micros });
  const { sandbox, reader, seller, pass, earnings } = shop;
  await fundWith(sandbox, 20_000_000n);
  await buy(reader, seller, 10_000_000n);
  sandbox.time.nowMs += 29 * DAY_MS;
  const guest = await sandbox.reader();
  const gift = await buy(guest, seller, 5_000_000n);
  const money = await buy(reader, seller, 5_000_000n);
  await pass(1);
  expect(await earnings()).toMatchObject({ transit: '9000000' });
  expect(await undo(shop, gift, 5_000_000n)).toBe('paid');
  expect(await undo(shop, money, 5_000_000n)).toBe('paid');
});

test('charges that were collected together go back one by one, whoever waits', async () => {
  const shop = await useShop({ feeRateBasisPoints: 250 });
  const { reader, seller, old } = shop;
  const { account, payto } = seller;
  expect(await undo(shop, old, PRICE_MICROS)).toBe('pending');
  const purse = await askForPurse(reader, { payto, amountMicros: 100_000n });
  await collect(account, { payto, charges: [await chargeOf(purse, { seq: 3, tot: 77_777n })] });
  for (const [seq, amt] of [
    [2, 33_333n],
    [1, 22_222n],
    [3, 22_222n],
  ] as const)
    expect(await undo(shop, purse, amt, seq)).toBe('paid');
});

test.for([
  ['less than it was', 'refunded_micros - 1'],
  ['more than it was', 'refunded_micros + 1'],
] as const)('the audit finds %s called given back of a capture', async ([, value]) => {
  const shop = await useTill();
  const purse = await buy(shop.reader, shop.seller, PRICE_MICROS);
  expect(await undo(shop, purse, 1_000_000n)).toBe('paid');
  await shop.balances();
  await tamper(shop.sandbox.file, `update capture set refunded_micros = ${value}`);
  const { findings } = await auditDatabase(shop.sandbox.file);
  const found = findings.filter(({ invariant }) => invariant === 'T4');
  expect(found).toMatchObject([{ row: `purse ${purse.id}` }]);
});
