import nodeCrypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { RefundResult } from '../../../src/protocol/api.ts';
import { readCertificate } from '../../../src/protocol/certificate.ts';
import { auditDatabase } from '../../../src/provider/audit.ts';
import { postEntry } from '../../../src/provider/ledger/journal.ts';
import { continueRun, sweep } from '../../../src/provider/sweep.ts';
import {
  type AskedPurse,
  askForPurse,
  balanceIn,
  chargeOf,
  closePurse,
  collect,
  finalOf,
  giveBack,
  makeAccount,
  noteOf,
  type Reply,
  type TestAccount,
  topUp,
} from '../../support/account.ts';
import { makeKey, randomId, twinOf } from '../../support/payer.ts';
import { ISSUER, type Sandbox, tamper, useSandbox } from '../../support/sandbox.ts';

interface Market {
  readonly sandbox: Sandbox;
  readonly reader: TestAccount;
  readonly seller: TestAccount;
  readonly payto: string;
  readonly purse: AskedPurse;
  /** Hands in one charge. */
  handIn(seq: number, tot: bigint): Promise<Reply>;
  /** Hands in notes; answers each one's state, or the code of its refusal. */
  undo(...notes: string[]): Promise<string[]>;
}

function statesIn({ body }: Reply): string[] {
  return (body.results as RefundResult[]).map(({ code, state }) => code ?? state);
}

/** A purse of 10¢: of real money, unless its reader has none. */
async function useMarket(money: 'real' | 'gift' = 'real'): Promise<Market> {
  const sandbox = await useSandbox(money === 'real' ? { starterMicros: 0n as never } : {});
  const { account: seller, payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  if (money === 'real') await topUp(reader, 1_000_000n);
  const purse = await askForPurse(reader, { payto, amountMicros: 100_000n });
  const handIn = async (seq: number, tot: bigint) =>
    collect(seller, { payto, charges: [await chargeOf(purse, { seq, tot })] });
  const undo = async (...notes: string[]) => statesIn(await giveBack(seller, { payto, notes }));
  return { sandbox, reader, seller, payto, purse, handIn, undo };
}

async function availableOf(account: TestAccount): Promise<bigint> {
  return balanceIn(await account.call('GET', '/v1/account')).available;
}

async function balances({ sandbox }: Market): Promise<Record<string, bigint>> {
  const report = await auditDatabase(sandbox.file);
  expect(report.findings).toEqual([]);
  return Object.fromEntries(
    report.accounts.map(({ name, balanceMicros }) => [name, balanceMicros]),
  );
}

test('a refund goes back to the balance, with the fee that was on it', async () => {
  const market = await useMarket();
  await market.handIn(2, 60_000n);
  expect(await market.undo(await noteOf(market.seller, market.purse, { seq: 2, amt: 20_000n }))) //
    .toEqual(['paid']);
  expect(await availableOf(market.reader)).toBe(920_000n);
  expect(await balances(market)).toMatchObject({
    'seller earned:news:USD': 39_000n,
    'provider fees:USD': 1_000n,
    [`purse:${market.purse.id}:USD`]: 40_000n,
  });
});

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

test('each charge goes back once, whatever is sent and by whom', async () => {
  const market = await useMarket();
  await market.handIn(1, 20_000n);
  const note = await noteOf(market.seller, market.purse, { seq: 1, amt: 20_000n });
  const wish = { payto: market.payto, notes: [note], id: randomId() };
  const first = await giveBack(market.seller, wish);
  expect((await giveBack(market.seller, wish)).text).toBe(first.text);
  expect(await market.undo(note, twinOf(note))).toEqual(['paid', 'paid']);
  expect(statesIn(await giveBack(market.reader, { payto: market.payto, notes: [note] }))) //
    .toEqual(['paid']);
  const other = await noteOf(market.seller, market.purse, { seq: 1, amt: 10_000n });
  expect(await market.undo(other)).toEqual(['refund_conflict']);
  expect(await availableOf(market.reader)).toBe(920_000n);
});

test('a reader hands in the note that the seller keeps to itself', async () => {
  const market = await useMarket();
  await market.handIn(1, 20_000n);
  const notes = [await noteOf(market.seller, market.purse, { seq: 1, amt: 20_000n })];
  const stranger = await market.sandbox.reader();
  expect(statesIn(await giveBack(stranger, { payto: market.payto, notes }))).toEqual([
    'purse_not_found',
  ]);
  expect(statesIn(await giveBack(market.reader, { payto: market.payto, notes }))).toEqual(['paid']);
});

test('what the seller has not got is never taken from anybody else', async () => {
  const market = await useMarket();
  await market.handIn(1, 20_000n);
  // The seller has been paid out meanwhile: this version has no payouts yet, so by hand.
  const others = await market.sandbox.seller('music');
  const more = await askForPurse(market.reader, { payto: others.payto, amountMicros: 50_000n });
  const charges = [await chargeOf(more, { seq: 1, tot: 50_000n })];
  await collect(others.account, { payto: others.payto, charges });
  const big = await noteOf(market.seller, market.purse, { seq: 1, amt: 20_000n });
  const larger = await noteOf(market.seller, market.purse, { seq: 2, amt: 60_000n });
  expect(await market.undo(larger, big)).toEqual(['pending', 'paid']);
  const before = await availableOf(market.reader);
  await market.handIn(2, 80_000n);
  // The second charge brought 6¢, all of which the waiting note takes.
  expect(await availableOf(market.reader)).toBe(before + 60_000n);
  expect(await balances(market)).toMatchObject({ 'seller earned:news:USD': 0n });
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
  // The seller was paid out meanwhile: this version has no payouts yet, so by hand.
  const out = { kind: 'outside money', owner: '', currency: 'USD' } as const;
  const earned = { kind: 'seller earned', owner: 'news', currency: 'USD' } as const;
  await sandbox.context.database.transaction().execute((books) =>
    postEntry(books, {
      id: 'payout:1',
      kind: 'release',
      atSec: 1,
      postings: [
        { account: earned, amountMicros: -30_000n },
        { account: out, amountMicros: 30_000n },
      ],
    }),
  );
  const notes = [
    await noteOf(seller, purse, { seq: 1, amt: 40_000n }),
    await noteOf(seller, purse, { seq: 2, amt: 20_000n }),
    await noteOf(seller, gift, { seq: 1, amt: 40_000n }),
  ];
  expect(await market.undo(...notes)).toEqual(['pending', 'pending', 'paid']);
  expect(balanceIn(await guest.call('GET', '/v1/account')).starter).toBe(250_000n);
  const more = await askForPurse(reader, { payto, amountMicros: 50_000n });
  await collect(seller, { payto, charges: [await chargeOf(more, { seq: 1, tot: 20_000n })] });
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

test.for<[string, string, (market: Market) => Promise<string>]>([
  [
    'by another key',
    'jws_key_unknown',
    async ({ seller, purse }) =>
      noteOf({ ...seller, device: await makeKey() }, purse, { seq: 1, amt: 1n }),
  ],
  [
    'of another purse',
    'purse_not_found',
    ({ seller, payto }) => noteOf(seller, { id: randomId(), payto }, { seq: 1, amt: 1n }),
  ],
  [
    'for another seller',
    'purse_audience',
    ({ seller, purse: { id } }) =>
      noteOf(seller, { id, payto: 'music@localhost:4270' }, { seq: 1, amt: 1n }),
  ],
  [
    'of nothing',
    'refund_excess',
    ({ seller, purse }) => noteOf(seller, purse, { seq: 1, amt: 0n }),
  ],
  [
    'of more than was set aside',
    'refund_excess',
    ({ seller, purse }) => noteOf(seller, purse, { seq: 1, amt: 100_001n }),
  ],
])('a note %s is refused with %s', async ([, code, make]) => {
  const market = await useMarket();
  await market.handIn(1, 20_000n);
  const before = await balances(market);
  expect(await market.undo(await make(market))).toEqual([code]);
  expect(await balances(market)).toEqual(before);
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

test('of early notes that promise more than came, those that fit are paid in their order', async () => {
  const market = await useMarket();
  const notes = await Promise.all(
    [50_000n, 30_000n, 10_000n].map((amt, index) =>
      noteOf(market.seller, market.purse, { seq: index + 1, amt }),
    ),
  );
  expect(await market.undo(...notes)).toEqual(['pending', 'pending', 'pending']);
  await market.handIn(3, 40_000n);
  expect(await market.undo(...notes)).toEqual(['refund_excess', 'paid', 'paid']);
  expect(await availableOf(market.reader)).toBe(940_000n);
  await balances(market);
});

test('a purse holds few notes of charges to come, and its reader has places of its own', async () => {
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

test('a charge is undone after its purse was released', async () => {
  const market = await useMarket();
  await market.handIn(1, 20_000n);
  market.sandbox.time.nowMs += 11 * 86_400_000;
  await continueRun(market.sandbox.context, market.sandbox.run);
  await sweep(market.sandbox.context);
  const note = await noteOf(market.seller, market.purse, { seq: 1, amt: 20_000n });
  expect(await market.undo(note)).toEqual(['paid']);
  expect(await availableOf(market.reader)).toBe(1_000_000n);
  await balances(market);
});

test('a new purse has as many undos as are left of five a week', async () => {
  const { reader, seller, payto, purse, handIn, undo, sandbox } = await useMarket();
  const undosOf = ({ reply }: AskedPurse) =>
    readCertificate(String(reply.body.certificate)).claims.undo;
  expect(undosOf(purse)).toBe(5);
  await handIn(2, 20_000n);
  for (const seq of [1, 2]) await undo(await noteOf(seller, purse, { seq, amt: 10_000n }));
  expect(undosOf(await askForPurse(reader, { payto, amountMicros: 50_000n }))).toBe(3);
  sandbox.time.nowMs += 8 * 86_400_000;
  expect(undosOf(await askForPurse(reader, { payto, amountMicros: 50_000n }))).toBe(5);
});

test('closing captures the last charge and gives the rest back at once', async () => {
  const market = await useMarket();
  const charge = await chargeOf(market.purse, { seq: 3, tot: 60_000n });
  const final = await finalOf(market.seller, market.purse, { seq: 3, tot: 60_000n });
  const wish = { purse: market.purse.id, final, charge, id: randomId() };
  const reply = await closePurse(market.reader, wish);
  expect(balanceIn(reply)).toMatchObject({ available: 940_000n, aside: 0n });
  expect((await closePurse(market.reader, wish)).text).toBe(reply.text);
  expect((await closePurse(market.reader, { ...wish, id: randomId() })).status).toBe(200);
  expect((await market.handIn(4, 70_000n)).body.results).toMatchObject([
    { state: 'refused', code: 'purse_expired' },
  ]);
  expect(await balances(market)).toMatchObject({ 'seller earned:news:USD': 58_500n });
});

test('what was closed may be set aside again on the same day', async () => {
  const market = await useMarket();
  const { reader, seller, payto } = market;
  await topUp(reader, 5_000_000n);
  const purse = await askForPurse(reader, { payto, amountMicros: 1_900_000n });
  expect((await askForPurse(reader, { payto, amountMicros: 50_000n })).reply.code).toBe(
    'aside_limit',
  );
  const final = await finalOf(seller, purse, { seq: 0, tot: 0n });
  expect((await closePurse(reader, { purse: purse.id, final })).status).toBe(200);
  expect((await askForPurse(reader, { payto, amountMicros: 50_000n })).reply.status).toBe(200);
  await balances(market);
});

test.for<[string, string, (market: Market) => Promise<{ final: string; charge?: string }>]>([
  [
    'another seller’s word',
    'jws_key_unknown',
    async ({ sandbox, purse }) => {
      const { account } = await sandbox.seller('music');
      return { final: await finalOf(account, purse, { seq: 0, tot: 0n }) };
    },
  ],
  [
    'a total without its charge',
    'final_mismatch',
    async ({ seller, purse }) => ({ final: await finalOf(seller, purse, { seq: 1, tot: 5n }) }),
  ],
  [
    'another charge than the statement names',
    'final_mismatch',
    async ({ seller, purse }) => ({
      final: await finalOf(seller, purse, { seq: 1, tot: 20_000n }),
      charge: await chargeOf(purse, { seq: 1, tot: 19_999n }),
    }),
  ],
  [
    'less than was collected',
    'final_mismatch',
    async ({ seller, purse, handIn }) => {
      await handIn(2, 40_000n);
      const charge = await chargeOf(purse, { seq: 1, tot: 20_000n });
      return { final: await finalOf(seller, purse, { seq: 1, tot: 20_000n }), charge };
    },
  ],
  [
    'a charge of nothing',
    'charge_conflict',
    async ({ seller, purse }) => ({
      final: await finalOf(seller, purse, { seq: 1, tot: 0n }),
      charge: await chargeOf(purse, { seq: 1, tot: 0n }),
    }),
  ],
  [
    'a charge at no place',
    'charge_conflict',
    async ({ seller, purse }) => ({
      final: await finalOf(seller, purse, { seq: 0, tot: 20_000n }),
      charge: await chargeOf(purse, { seq: 0, tot: 20_000n }),
    }),
  ],
  [
    'a charge that the purse key did not sign',
    'jws_signature',
    async ({ seller, purse }) => ({
      final: await finalOf(seller, purse, { seq: 1, tot: 20_000n }),
      charge: await chargeOf({ ...purse, key: await makeKey() }, { seq: 1, tot: 20_000n }),
    }),
  ],
])('closing with %s is refused with %s', async ([, code, make]) => {
  const market = await useMarket();
  const body = await make(market);
  const before = await balances(market);
  expect((await closePurse(market.reader, { purse: market.purse.id, ...body })).code).toBe(code);
  expect(await balances(market)).toEqual(before);
});

test('what was booked and closed stays so when the seller changes its keys', async () => {
  const { sandbox, reader, seller, payto, purse, handIn, undo } = await useMarket();
  await handIn(1, 20_000n);
  const note = await noteOf(seller, purse, { seq: 1, amt: 20_000n });
  expect(await undo(note)).toEqual(['paid']);
  const { jwk } = await makeKey();
  const origins = ['http://news.localhost:8080'];
  const record = { id: randomId(), handle: 'news', name: 'News', origins, keys: [jwk] };
  const empty = await askForPurse(reader, { payto, amountMicros: 50_000n });
  const last = { purse: empty.id, final: await finalOf(seller, empty, { seq: 0, tot: 0n }) };
  expect((await closePurse(reader, last)).status).toBe(200);
  expect((await seller.call('POST', '/v1/sellers', record)).status).toBe(200);
  expect(statesIn(await giveBack(reader, { payto, notes: [note] }))).toEqual(['paid']);
  expect((await closePurse(reader, last)).status).toBe(200);
  expect(await undo(await noteOf(seller, purse, { seq: 1, amt: 1n }))).toEqual(['jws_key_unknown']);
  expect(sandbox.log).toEqual([]);
});

test('nobody has signatures checked that are none of theirs, or the same one twice', async () => {
  const { sandbox, seller, payto, purse, undo } = await useMarket();
  const notes = await Promise.all([1, 2, 3].map((seq) => noteOf(seller, purse, { seq, amt: 1n })));
  const charges = [await chargeOf(purse, { seq: 1, tot: 1n })];
  const final = await finalOf(seller, purse, { seq: 0, tot: 0n });
  const strangers = [await makeAccount(ISSUER, sandbox.send), await sandbox.reader()];
  for (const stranger of strangers) await stranger.call('GET', '/v1/account');
  const check = vi.spyOn(nodeCrypto, 'verify');
  syncBuiltinESMExports();
  onTestFinished(() => {
    check.mockRestore();
    syncBuiltinESMExports();
  });
  const checksOf = async (work: () => Promise<unknown>) => {
    check.mockClear();
    await work();
    return check.mock.calls.length;
  };
  for (const stranger of strangers) {
    // Each request costs the check of its own proof.
    expect(await checksOf(() => giveBack(stranger, { payto, notes }))).toBe(1);
    expect(await checksOf(() => collect(stranger, { payto, charges }))).toBe(1);
  }
  const [keyless] = strangers;
  if (keyless)
    expect(await checksOf(() => closePurse(keyless, { purse: purse.id, final }))).toBe(1);
  expect(await checksOf(() => undo(...notes, ...notes, ...notes))).toBe(1 + 3);
  const twice = [...charges, ...charges];
  expect(await checksOf(() => collect(seller, { payto, charges: twice }))).toBe(1 + 1);
});

test('a stranger closes nobody’s purse', async () => {
  const { sandbox, seller, purse } = await useMarket();
  const final = await finalOf(seller, purse, { seq: 0, tot: 0n });
  const stranger = await sandbox.reader();
  expect((await closePurse(stranger, { purse: purse.id, final })).code).toBe('purse_not_found');
});

test.for([
  ['a refund whose money did not move', "update refund set state = 'paid' where seq = 2"],
  ['a note of something else', 'update refund set amount_micros = 7 where seq = 1'],
  ['a purse that got less back', 'update purse set refunded_micros = 1'],
  ['earnings that gave less back', 'update earnings set refunded_micros = 1'],
  ['a refund without its note', 'delete from refund where seq = 1'],
] as const)('the audit finds %s', async ([, statement]) => {
  const market = await useMarket();
  await market.handIn(1, 20_000n);
  const note = (seq: number) => noteOf(market.seller, market.purse, { seq, amt: 20_000n });
  expect(await market.undo(await note(1), await note(2))).toEqual(['paid', 'pending']);
  expect((await auditDatabase(market.sandbox.file)).pendingRefunds).toHaveLength(1);
  await balances(market);
  tamper(market.sandbox.file, statement);
  const { findings } = await auditDatabase(market.sandbox.file);
  expect(findings.map(({ invariant }) => invariant)).toContain('T4');
});
