import { expect, test } from 'vitest';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import { payOut } from '../../../../src/provider/payouts/run.ts';
import { continueRun, sweep } from '../../../../src/provider/purses/sweep.ts';
import {
  askForPurse,
  balanceIn,
  chargeOf,
  collect,
  giveBack,
  noteOf,
  topUp,
} from '../../../support/account.ts';
import {
  availableOf,
  balances,
  type Market,
  statesIn,
  useMarket,
} from '../../../support/market.ts';
import { PAID_AT_ONCE, setBank } from '../../../support/till.ts';

test('a note that comes before its charge waits for it', async () => {
  const market = await useMarket();
  const note = await noteOf(market.seller, market.purse, { seq: 1, amt: 20_000n });
  expect(await market.undo(note)).toEqual(['pending']);
  expect(await availableOf(market.reader)).toBe(900_000n);
  await market.handIn(1, 20_000n);
  expect(await availableOf(market.reader)).toBe(920_000n);
  expect(await market.undo(note)).toEqual(['paid']);
  expect((await balances(market))['seller earned:news:USD']).toBe(0n);
});

test('a gift comes back as a gift, and never as money', async () => {
  const market = await useMarket('gift');
  expect((await topUp(market.reader, 1_000_000n)).status).toBe(200);
  await market.handIn(1, 60_000n);
  expect(await market.undo(await noteOf(market.seller, market.purse, { seq: 1, amt: 60_000n }))) //
    .toEqual(['paid']);
  const owner = Object.entries(await balances(market));
  const sumOf = (kind: string) =>
    owner.filter(([name]) => name.startsWith(`${kind}:`)).reduce((sum, [, it]) => sum + it, 0n);
  expect(sumOf('reader available')).toBe(1_000_000n);
  expect(sumOf('reader starter')).toBe(210_000n);
});

/** What its owners could withdraw, and what was paid in. */
async function moneyOf({ sandbox }: Pick<Market, 'sandbox'>) {
  const { findings, accounts } = await auditDatabase(sandbox.file);
  expect(findings).toEqual([]);
  const sumOf = (kind: string) =>
    accounts
      .filter(({ name }) => name.startsWith(`${kind}:`))
      .reduce((sum, { balanceMicros }) => sum + balanceMicros, 0n);
  const inPurses = await sandbox.context.database
    .selectFrom('purse')
    .select(['limit_micros', 'captured_micros', 'starter_micros'])
    .where('state', '=', 'open')
    .execute();
  const asideMicros = inPurses.reduce(
    (sum, purse) => sum + purse.limit_micros - purse.captured_micros - purse.starter_micros,
    0n,
  );
  const ownedMicros = sumOf('reader available') + sumOf('seller earned') + asideMicros;
  return { ownedMicros, paidInMicros: sumOf('outside money') };
}

test.for([[1, 2] as const, [2, 1] as const])(
  'what gift and money bought together is undone in any order: %i, then %i',
  async (order) => {
    const market = await useMarket('gift');
    const { reader, seller, payto } = market;
    await topUp(reader, 1_000_000n);
    const purse = await askForPurse(reader, { payto, amountMicros: 900_000n });
    const charges = [await chargeOf(purse, { seq: 2, tot: 900_000n })];
    await collect(seller, { payto, charges });
    for (const seq of order) {
      const amt = seq === 1 ? 150_000n : 750_000n;
      expect(await market.undo(await noteOf(seller, purse, { seq, amt }))).toEqual(['paid']);
    }
    expect(await balances(market)).toMatchObject({
      'seller earned:news:USD': 0n,
      'seller earned starter:news:USD': 0n,
      'provider fees:USD': 0n,
    });
    expect(await moneyOf(market)).toEqual({ ownedMicros: 1_000_000n, paidInMicros: 1_000_000n });
  },
);

test('a gift does not become money when the fee was raised meanwhile', async () => {
  const market = await useMarket();
  const { sandbox, reader, seller, payto } = market;
  const purse = await askForPurse(reader, { payto, amountMicros: 800_000n });
  await collect(seller, { payto, charges: [await chargeOf(purse, { seq: 1, tot: 800_000n })] });
  Object.assign(sandbox.context.rules, { feeRateBasisPoints: 500, starterMicros: 250_000n });
  for (let count = 0; count < 4; count++) {
    const guest = await askForPurse(await sandbox.reader(), { payto, amountMicros: 250_000n });
    await collect(seller, { payto, charges: [await chargeOf(guest, { seq: 1, tot: 250_000n })] });
  }
  expect(await market.undo(await noteOf(seller, purse, { seq: 1, amt: 800_000n }))) //
    .toEqual(['paid']);
  expect(await moneyOf(market)).toEqual({ ownedMicros: 1_000_000n, paidInMicros: 1_000_000n });
});

test('the rounding of the fee turns no micro of a gift into money', async () => {
  const market = await useMarket();
  const { sandbox, seller, payto, purse } = market;
  Object.assign(sandbox.context.rules, { starterMicros: 250_000n });
  const guest = await askForPurse(await sandbox.reader(), { payto, amountMicros: 1_000n });
  let tot = 0n;
  for (let seq = 1; seq <= 5; seq++) {
    const amt = 39n - BigInt(seq - 1);
    tot += amt;
    await market.handIn(seq, tot);
    const gift = await chargeOf(guest, { seq, tot: BigInt(seq) });
    await collect(seller, { payto, charges: [gift] });
    expect(await market.undo(await noteOf(seller, purse, { seq, amt }))).toEqual(['paid']);
    const { ownedMicros, paidInMicros } = await moneyOf(market);
    expect(ownedMicros <= paidInMicros, `${ownedMicros} of ${paidInMicros}`).toBe(true);
  }
});

test('a note that waits for money holds up those that need money, and no gift', async () => {
  const market = await useMarket();
  const { sandbox, reader, seller, payto, purse, handIn } = market;
  await handIn(2, 60_000n);
  Object.assign(sandbox.context.rules, { starterMicros: 250_000n });
  const guest = await sandbox.reader();
  const gift = await askForPurse(guest, { payto, amountMicros: 40_000n });
  await collect(seller, { payto, charges: [await chargeOf(gift, { seq: 1, tot: 40_000n })] });
  Object.assign(sandbox.context.rules, PAID_AT_ONCE);
  await setBank(seller);
  await payOut(sandbox.context);
  expect((await balances(market))['seller earned:news:USD']).toBe(8_500n);
  const notes = [
    await noteOf(seller, purse, { seq: 1, amt: 40_000n }),
    await noteOf(seller, purse, { seq: 2, amt: 20_000n }),
    await noteOf(seller, gift, { seq: 1, amt: 40_000n }),
  ];
  expect(await market.undo(...notes)).toEqual(['pending', 'pending', 'paid']);
  expect(balanceIn(await guest.call('GET', '/v1/account')).starter).toBe(250_000n);
  const more = await askForPurse(reader, { payto, amountMicros: 50_000n });
  await collect(seller, { payto, charges: [await chargeOf(more, { seq: 1, tot: 40_000n })] });
  expect(await market.undo(...notes)).toEqual(['paid', 'pending', 'paid']);
});

test('one’s own shop brings nothing: buying and undoing ends where it began', async () => {
  const market = await useMarket('gift');
  for (let seq = 1; seq <= 4; seq++) {
    await market.handIn(seq, BigInt(seq) * 25_000n);
    await market.undo(await noteOf(market.seller, market.purse, { seq, amt: 25_000n }));
  }
  expect(await balances(market)).toMatchObject({
    'seller earned starter:news:USD': 0n,
    'provider fees:USD': 0n,
    'provider expense:USD': 250_000n,
  });
  expect(balanceIn(await market.reader.call('GET', '/v1/account'))).toMatchObject({
    available: 250_000n,
    starter: 250_000n,
  });
});

test('a note for a charge that is never collected ends with its purse', async () => {
  const market = await useMarket();
  const note = await noteOf(market.seller, market.purse, { seq: 1, amt: 20_000n });
  expect(await market.undo(note)).toEqual(['pending']);
  market.sandbox.time.nowMs += 11 * 86_400_000;
  await continueRun(market.sandbox.context, market.sandbox.run);
  expect(await sweep(market.sandbox.context)).toBe(1);
  expect(await market.undo(note)).toEqual(['refund_excess']);
  expect(await availableOf(market.reader)).toBe(1_000_000n);
  await balances(market);
});

test('notes of charges that never come take nothing from a note that is good', async () => {
  const market = await useMarket();
  const { reader, seller, payto, purse, sandbox } = market;
  const honest = await noteOf(seller, purse, { seq: 1, amt: 20_000n });
  const bogus = [
    await noteOf(seller, purse, { seq: 999, amt: 100_000n }),
    await noteOf(seller, purse, { seq: 998, amt: 100_000n }),
  ];
  expect(await market.undo(...bogus)).toEqual(['pending', 'pending']);
  expect(statesIn(await giveBack(reader, { payto, notes: [honest] }))).toEqual(['pending']);
  await market.handIn(1, 20_000n);
  expect(statesIn(await giveBack(reader, { payto, notes: [honest] }))).toEqual(['paid']);
  await market.handIn(2, 30_000n);
  sandbox.time.nowMs += 11 * 86_400_000;
  await continueRun(sandbox.context, sandbox.run);
  await sweep(sandbox.context);
  expect(await market.undo(...bogus)).toEqual(['refund_excess', 'refund_excess']);
  const late = await noteOf(seller, purse, { seq: 2, amt: 10_000n });
  expect(statesIn(await giveBack(reader, { payto, notes: [late] }))).toEqual(['paid']);
  await balances(market);
});

test('early notes that promise more than came are paid as far as they fit', async () => {
  const market = await useMarket();
  const notes = await Promise.all(
    [50_000n, 30_000n, 10_000n].map((amt, index) =>
      noteOf(market.seller, market.purse, { seq: index + 1, amt }),
    ),
  );
  expect(await market.undo(...notes)).toEqual(['pending', 'pending', 'pending']);
  await market.handIn(3, 40_000n);
  expect(await market.undo(...notes)).toEqual(['pending', 'paid', 'paid']);
  expect(await availableOf(market.reader)).toBe(940_000n);
  await balances(market);
});

test('a purse holds few early notes, and its reader has places of its own', async () => {
  const { reader, seller, payto, purse, undo } = await useMarket();
  const notesFrom = (first: number, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, at) => noteOf(seller, purse, { seq: first + at, amt: 1n })),
    );
  const states = await undo(...(await notesFrom(1, 20)));
  expect(states).toEqual([...Array(16).fill('pending'), ...Array(4).fill('refund_count')]);
  const own = await giveBack(reader, { payto, notes: await notesFrom(101, 20) });
  expect(statesIn(own)).toEqual([...Array(16).fill('pending'), ...Array(4).fill('refund_count')]);
});

test('one collection pays fifty refunds at most, and the sweep the rest', async () => {
  const market = await useMarket();
  const { sandbox, reader, seller, payto, undo } = market;
  const others = await sandbox.reader();
  await topUp(others, 1_000_000n);
  const readers = [reader, reader, others, others];
  const charges: string[] = [];
  for (const account of readers) {
    const purse = await askForPurse(account, { payto, amountMicros: 1_000n });
    const seqs = Array.from({ length: 16 }, (_, index) => index + 1);
    await undo(...(await Promise.all(seqs.map((seq) => noteOf(seller, purse, { seq, amt: 1n })))));
    charges.push(await chargeOf(purse, { seq: 16, tot: 16n }));
  }
  await collect(seller, { payto, charges });
  const pending = async () => (await auditDatabase(sandbox.file)).pendingRefunds.length;
  expect(await pending()).toBe(64 - 50);
  await sweep(sandbox.context);
  expect(await pending()).toBe(0);
  expect(await balances(market)).toMatchObject({ 'seller earned:news:USD': 0n });
});
