import { expect, test } from 'vitest';
import {
  askForPurse,
  balanceIn,
  chargeOf,
  closePurse,
  finalOf,
  topUp,
} from '../../../support/account.ts';
import { balances, type Market, useMarket } from '../../../support/market.ts';
import { makeKey, randomId } from '../../../support/payer.ts';

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

test('a stranger closes nobody’s purse', async () => {
  const { sandbox, seller, purse } = await useMarket();
  const final = await finalOf(seller, purse, { seq: 0, tot: 0n });
  const stranger = await sandbox.reader();
  expect((await closePurse(stranger, { purse: purse.id, final })).code).toBe('purse_not_found');
});
