import { expect, test } from 'vitest';
import { readFinal } from '../../../src/protocol/close.ts';
import {
  challengeIn,
  closeHeader,
  headerWithPrior,
  makeKey,
  payChallenge,
  settlePurse,
  syncHeader,
  type TestCharge,
  type TestPurse,
  undoHeader,
} from '../../support/payer.ts';
import { chargeFor42, codeOf, openShop, PAYTO, receiptOf, rowOf, type Shop } from './shop.ts';

async function buy42(shop: Shop, purse: TestPurse): Promise<TestCharge> {
  const charge = await chargeFor42(purse);
  expect((await shop.pay(charge.header)).status).toBe(200);
  settlePurse(purse, charge);
  return charge;
}

async function closing(
  shop: Shop,
  purse: TestPurse,
  wrong: Parameters<typeof closeHeader>[2] = {},
) {
  return shop.pay(await closeHeader(purse, challengeIn(await shop.visit()), wrong));
}

async function finalIn(answer: Response): Promise<string> {
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { final: string }).final;
}

/** Another store of the same seller: what a backup, or a second server, has. */
async function openForgetful(shop: Shop): Promise<Shop> {
  const other = await openShop();
  other.provider.keys.push(...shop.provider.keys);
  return other;
}

test('a closed purse is stated at what was accepted, and pays nothing more', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  await buy42(shop, purse);
  const final = await finalIn(await closing(shop, purse));
  const claims = { aud: PAYTO, pur: purse.id, seq: 1, tot: 20_000n };
  expect(readFinal(final).claims).toEqual(claims);
  expect(await finalIn(await closing(shop, purse))).toBe(final);
  expect(await codeOf(await shop.pay((await chargeFor42(purse)).header))).toBe('purse_closed');
});

test('a purse that was never used is closed at nothing', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const final = await finalIn(await closing(shop, purse));
  expect(readFinal(final).claims).toMatchObject({ seq: 0, tot: 0n });
  expect(await codeOf(await shop.pay((await chargeFor42(purse)).header))).toBe('purse_closed');
});

test('a closed purse’s last charge is still known, and can be undone', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const charge = await buy42(shop, purse);
  await closing(shop, purse);
  const again = await shop.pay(charge.header);
  expect(again.status).toBe(200);
  const receipt = receiptOf(again).token;
  expect((await shop.pay(await undoHeader(purse, { charge, receipt }))).status).toBe(200);
  expect(await shop.store.due({ limit: 10 })).toHaveLength(1);
});

test('close and charge together: one is first, and the other is told', async () => {
  for (let round = 0; round < 20; round++) {
    const shop = await openShop();
    const purse = await shop.purse();
    await buy42(shop, purse);
    const charge = await chargeFor42(purse);
    const wish = await closeHeader(purse, challengeIn(await shop.visit()));
    const order = round % 2 ? [wish, charge.header] : [charge.header, wish];
    const answers = await Promise.all(order.map((header) => shop.pay(header)));
    const codes = await Promise.all(answers.map(codeOf));
    const row = await rowOf(shop, purse);
    const isClosed = row?.final !== undefined;
    expect(codes.toSorted()).toEqual(
      isClosed ? ['purse_closed', 'status 200'] : ['out_of_sync', 'status 200'],
    );
    expect(row?.seq).toBe(isClosed ? 1 : 2);
  }
});

test.for([
  ['at another place', 'out_of_sync', { claims: { seq: 2 } }],
  ['at another total', 'out_of_sync', { claims: { tot: 20_001n } }],
  ['of another purse', 'purse_unknown', { claims: { pur: 'AAAAAAAAAAAAAAAAAAAAAA' } }],
  ['at another seller', 'purse_audience', { claims: { aud: 'else@pay.example' } }],
  ['by another key', 'jws_signature', { signer: await makeKey() }],
] as const)('closing %s is refused with %s', async ([, code, wrong]) => {
  const shop = await openShop();
  const purse = await shop.purse();
  await buy42(shop, purse);
  const before = await rowOf(shop, purse);
  expect(await codeOf(await closing(shop, purse, wrong as never))).toBe(code);
  expect(await rowOf(shop, purse)).toEqual(before);
});

test('a server that lost its state adopts the charge before the one that it is sent', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const first = await buy42(shop, purse);
  const restored = await openForgetful(shop);
  const second = await chargeFor42(purse);
  expect(await codeOf(await restored.pay(second.header))).toBe('out_of_sync');
  const header = headerWithPrior(purse, second, first.token);
  const answer = await restored.pay(header);
  expect(receiptOf(answer).claims).toMatchObject({ seq: 2, tot: 40_000n });
  expect(await rowOf(restored, purse)).toMatchObject({ seq: 2, tot: 40_000n });
});

test('a server that is ahead stays where it is', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const first = await buy42(shop, purse);
  const second = await buy42(shop, purse);
  const answer = await shop.pay(syncHeader(purse, challengeIn(await shop.visit()), first.token));
  expect(await answer.json()).toMatchObject({ seq: 2, tot: '40000', last: second.token });
});

test('a wallet restored from a backup hears what its key signed, with the receipt', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const first = await buy42(shop, purse);
  const charge = await chargeFor42(purse);
  const receipt = receiptOf(await shop.pay(charge.header)).token;
  const answer = await shop.pay(syncHeader(purse, challengeIn(await shop.visit()), first.token));
  expect(await answer.json()).toEqual({ seq: 2, tot: '40000', last: charge.token, receipt });
});

test.for<[string, string, (purse: TestPurse, first: TestCharge) => Promise<string>]>([
  [
    'that another key signed',
    'jws_signature',
    async (purse, first) => {
      const signer = await makeKey();
      const crooked = { signer, charge: first.claims };
      return (await payChallenge(purse, first.challenge, crooked)).token;
    },
  ],
  [
    'of another place',
    'out_of_sync',
    async (purse, first) =>
      (await payChallenge(purse, first.challenge, { charge: { ...first.claims, seq: 7 } })).token,
  ],
  [
    'with another total',
    'out_of_sync',
    async (purse, first) =>
      (
        await payChallenge(purse, first.challenge, {
          charge: { ...first.claims, tot: 1n as never },
        })
      ).token,
  ],
])('a charge before it %s is refused with %s', async ([, code, make]) => {
  const shop = await openShop();
  const purse = await shop.purse();
  const first = await buy42(shop, purse);
  const restored = await openForgetful(shop);
  const second = await chargeFor42(purse);
  const header = headerWithPrior(purse, second, await make(purse, first));
  expect(await codeOf(await restored.pay(header))).toBe(code);
  expect(await rowOf(restored, purse)).toBeUndefined();
});

test('a charge that is refused has the shop adopt nothing of what came before it', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const first = await buy42(shop, purse);
  const restored = await openForgetful(shop);
  restored.world.price = '0.03 USD';
  const header = headerWithPrior(purse, await chargeFor42(purse), first.token);
  expect(await codeOf(await restored.pay(header))).toBe('terms_changed');
  expect(await rowOf(restored, purse)).toBeUndefined();
});

test('who knows nothing of a purse hears nothing of it', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const first = await buy42(shop, purse);
  const signer = await makeKey();
  const forged = await payChallenge(purse, first.challenge, { signer, charge: first.claims });
  const answer = await shop.pay(syncHeader(purse, challengeIn(await shop.visit()), forged.token));
  expect(await codeOf(answer)).toBe('jws_signature');
});

test('two stores behind one payto: the second server asks for what it does not know', async () => {
  // What must not be run: the charge is refused there, nothing is sold twice for one total.
  const shop = await openShop();
  const second = await openForgetful(shop);
  const purse = await shop.purse();
  await buy42(shop, purse);
  expect(await codeOf(await second.pay((await chargeFor42(purse)).header))).toBe('out_of_sync');
});
