import { expect, test } from 'vitest';
import type { CollectResult } from '../../../../src/protocol/api.ts';
import type { Micros } from '../../../../src/protocol/money.ts';
import { auditDatabase } from '../../../../src/provider/audit.ts';
import {
  type AskedPurse,
  askForPurse,
  balanceIn,
  chargeOf,
  collect,
  type Reply,
  type TestAccount,
  topUp,
} from '../../../support/account.ts';
import { makeKey, randomId, twinOf } from '../../../support/payer.ts';
import { type Sandbox, useSandbox } from '../../../support/sandbox.ts';

interface Market {
  readonly sandbox: Sandbox;
  readonly reader: TestAccount;
  readonly seller: TestAccount;
  readonly payto: string;
  readonly purse: AskedPurse;
  /** Hands in charges; answers each one's state, or the code of its refusal. */
  handIn(...charges: string[]): Promise<string[]>;
}

function resultsIn({ body }: Reply): CollectResult[] {
  return body.results as CollectResult[];
}

async function useMarket(rules: Parameters<typeof useSandbox>[0] = {}): Promise<Market> {
  const sandbox = await useSandbox(rules);
  const { account: seller, payto } = await sandbox.seller('news');
  const reader = await sandbox.reader();
  const purse = await askForPurse(reader, { payto, amountMicros: 100_000n });
  const handIn = async (...charges: string[]) =>
    resultsIn(await collect(seller, { payto, charges })).map(({ code, state }) => code ?? state);
  return { sandbox, reader, seller, payto, purse, handIn };
}

async function balances({ sandbox }: Market): Promise<Record<string, bigint>> {
  const report = await auditDatabase(sandbox.file);
  expect(report.findings).toEqual([]);
  return Object.fromEntries(
    report.accounts.map((account) => [account.name, account.balanceMicros]),
  );
}

test('the last charge of a purse moves its total to the seller, less the fee', async () => {
  const market = await useMarket();
  const charge = await chargeOf(market.purse, { seq: 3, tot: 60_000n });
  const { seller, payto, purse, reader } = market;
  const [result] = resultsIn(await collect(seller, { payto, charges: [charge] }));
  expect(result).toEqual({ pur: purse.id, state: 'captured', seq: 3, tot: '60000' });
  expect(await balances(market)).toMatchObject({
    'seller earned starter:news:USD': 58_500n,
    'provider fees:USD': 1_500n,
    [`purse:${purse.id}:USD`]: 40_000n,
  });
  expect(balanceIn(await reader.call('GET', '/v1/account')).aside).toBe(40_000n);
});

test('only what is new is taken: a total counts once however often it comes', async () => {
  const market = await useMarket();
  const first = await chargeOf(market.purse, { seq: 1, tot: 20_000n });
  const second = await chargeOf(market.purse, { seq: 2, tot: 30_000n });
  expect(await market.handIn(first)).toEqual(['captured']);
  expect(await market.handIn(first)).toEqual(['known']);
  expect(await market.handIn(second, first)).toEqual(['captured', 'known']);
  expect(await market.handIn(first, second)).toEqual(['known', 'known']);
  expect(await market.handIn(twinOf(second))).toEqual(['known']);
  expect((await balances(market))[`purse:${market.purse.id}:USD`]).toBe(70_000n);
});

test('of several charges of one purse the highest is captured', async () => {
  const market = await useMarket();
  const charges = await Promise.all(
    [2, 5, 1].map((seq) => chargeOf(market.purse, { seq, tot: BigInt(seq) * 10_000n })),
  );
  expect(await market.handIn(...charges)).toEqual(['known', 'captured', 'known']);
  expect((await balances(market))[`purse:${market.purse.id}:USD`]).toBe(50_000n);
});

test('the same batch again is the same answer; another batch under its id is refused', async () => {
  const { seller, payto, purse } = await useMarket();
  const id = randomId();
  const charges = [await chargeOf(purse, { seq: 1, tot: 20_000n })];
  const first = await collect(seller, { payto, charges, id });
  expect((await collect(seller, { payto, charges, id })).text).toBe(first.text);
  expect((await collect(seller, { payto, charges: [], id })).code).toBe('id_reused');
});

test('two different charges at one place: a conflict, and nothing is captured', async () => {
  const market = await useMarket();
  const one = await chargeOf(market.purse, { seq: 1, tot: 20_000n });
  const other = await chargeOf(market.purse, { seq: 1, tot: 30_000n });
  expect(await market.handIn(one, other)).toEqual(['charge_conflict', 'charge_conflict']);
  expect((await balances(market))[`purse:${market.purse.id}:USD`]).toBe(100_000n);
  expect(await market.handIn(one)).toEqual(['captured']);
  expect(await market.handIn(other)).toEqual(['charge_conflict']);
  const sameTotal = await chargeOf(market.purse, { seq: 1, tot: 20_000n });
  expect(await market.handIn(sameTotal)).toEqual(['charge_conflict']);
});

test('totals that do not grow with their place are a conflict', async () => {
  const market = await useMarket();
  expect(await market.handIn(await chargeOf(market.purse, { seq: 5, tot: 50_000n }))).toEqual([
    'captured',
  ]);
  for (const [seq, tot] of [
    [6, 40_000n],
    [6, 50_000n],
    [4, 60_000n],
  ] as const)
    expect(await market.handIn(await chargeOf(market.purse, { seq, tot }))).toEqual([
      'charge_conflict',
    ]);
});

test('a charge of nothing, or at no place, is a conflict; those beside it are taken', async () => {
  const market = await useMarket();
  const { reader, payto, purse } = market;
  const beside = await askForPurse(reader, { payto, amountMicros: 1_000n });
  const sound = await chargeOf(beside, { seq: 1, tot: 1_000n });
  const nothing = await chargeOf(purse, { seq: 1, tot: 0n });
  expect(await market.handIn(nothing, sound)).toEqual(['charge_conflict', 'captured']);
  expect(await market.handIn(await chargeOf(purse, { seq: 0, tot: 7_000n }))).toEqual([
    'charge_conflict',
  ]);
  expect((await balances(market))[`purse:${purse.id}:USD`]).toBe(100_000n);
  expect(market.sandbox.log).toEqual([]);
});

test('a charge beyond the limit is refused and a sound one beside it captured', async () => {
  const market = await useMarket();
  const beyond = await chargeOf(market.purse, { seq: 2, tot: 100_001n });
  const sound = await chargeOf(market.purse, { seq: 1, tot: 100_000n });
  expect(await market.handIn(beyond, sound)).toEqual(['over_limit', 'captured']);
});

test('a charge that the purse’s key did not sign is refused', async () => {
  const market = await useMarket();
  const purse = { ...market.purse, key: await makeKey() };
  expect(await market.handIn(await chargeOf(purse, { seq: 1, tot: 1n }))).toEqual([
    'jws_signature',
  ]);
});

test('unknown purses, other sellers’ purses and other currencies are refused', async () => {
  const market = await useMarket();
  const { sandbox, reader, purse } = market;
  const { payto: elsewhere } = await sandbox.seller('music');
  const theirs = await askForPurse(reader, { payto: elsewhere, amountMicros: 1_000n });
  expect(
    await market.handIn(
      await chargeOf({ ...purse, id: randomId() }, { seq: 1, tot: 1n }),
      await chargeOf(theirs, { seq: 1, tot: 1n }),
      await chargeOf(purse, { seq: 1, tot: 1n, aud: elsewhere }),
      await chargeOf(purse, { seq: 1, tot: 1n, cur: 'EUR' }),
    ),
  ).toEqual(['purse_not_found', 'purse_audience', 'purse_audience', 'purse_currency']);
});

test('nobody but the seller’s own account collects', async () => {
  const { sandbox, payto, purse } = await useMarket();
  const { account: other } = await sandbox.seller('music');
  const charges = [await chargeOf(purse, { seq: 1, tot: 1n })];
  expect((await collect(other, { payto, charges })).code).toBe('handle_taken');
  const unknown = { payto: 'nobody@localhost:4270', charges };
  expect((await collect(other, unknown)).code).toBe('seller_unknown');
});

test('a batch with something unreadable in it is malformed as a whole', async () => {
  const { seller, payto, purse } = await useMarket();
  const charges = [await chargeOf(purse, { seq: 1, tot: 1n }), 'a.b.c'];
  expect((await collect(seller, { payto, charges })).code).toBe('body_malformed');
});

test('a charge is good after the purse’s end, for as long as the money waits', async () => {
  const market = await useMarket();
  market.sandbox.time.nowMs += 9 * 86_400_000;
  expect(await market.handIn(await chargeOf(market.purse, { seq: 1, tot: 20_000n }))).toEqual([
    'captured',
  ]);
});

test('starter credit is earned apart from money', async () => {
  const market = await useMarket({ starterMicros: 30_000n as Micros, feeRateBasisPoints: 0 });
  const { reader, payto } = market;
  expect(market.purse.reply.code).toBe('insufficient_funds');
  await topUp(reader, 1_000_000n);
  const purse = await askForPurse(reader, { payto, amountMicros: 100_000n });
  await market.handIn(await chargeOf(purse, { seq: 1, tot: 20_000n }));
  await market.handIn(await chargeOf(purse, { seq: 2, tot: 50_000n }));
  expect(await balances(market)).toMatchObject({
    'seller earned:news:USD': 20_000n,
    'seller earned starter:news:USD': 30_000n,
  });
});

test('a hundred small collections pay the fee of one', async () => {
  const market = await useMarket({ feeRateBasisPoints: 250 });
  for (let seq = 1; seq <= 100; seq++)
    await market.handIn(await chargeOf(market.purse, { seq, tot: BigInt(seq) * 39n }));
  expect((await balances(market))['provider fees:USD']).toBe((3_900n * 250n) / 10_000n);
});

test('collections of one purse at the same time take its total once', async () => {
  const market = await useMarket();
  const charges = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      chargeOf(market.purse, { seq: index + 1, tot: BigInt(index + 1) * 1_000n }),
    ),
  );
  await Promise.all(charges.map((charge) => market.handIn(charge)));
  expect((await balances(market))[`purse:${market.purse.id}:USD`]).toBe(70_000n);
});
