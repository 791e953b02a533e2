import { expect, test } from 'vitest';
import {
  challengeIn,
  headerWithPrior,
  makeKey,
  pageChallenge,
  payChallenge,
  syncHeader,
  type TestCharge,
  type TestPurse,
} from '../../../support/payer.ts';
import {
  buy42,
  chargeFor42,
  codeOf,
  openShop,
  receiptOf,
  rowOf,
  type Shop,
  TERMS_42,
  URL_42,
} from '../shop.ts';

/** Another store of the same seller: what a backup, or a second server, has. */
async function openForgetful(shop: Shop): Promise<Shop> {
  const other = await openShop();
  other.provider.keys.push(...shop.provider.keys);
  return other;
}

async function asking(
  shop: Shop,
  purse: TestPurse,
  wrong: Parameters<typeof syncHeader>[2] = {},
): Promise<Response> {
  return shop.pay(await syncHeader(purse, challengeIn(await shop.visit()), wrong));
}

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

test('a server that lost its state adopts the charge that it is asked with', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const { token } = await buy42(shop, purse);
  const restored = await openForgetful(shop);
  const answer = await asking(restored, purse, { prior: token });
  expect(await answer.json()).toEqual({ seq: 1, tot: '20000', last: token });
  expect(await rowOf(restored, purse)).toMatchObject({ seq: 1, tot: 20_000n, firm: true });
});

test('a server that is ahead stays where it is', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const first = await buy42(shop, purse);
  const second = await buy42(shop, purse);
  const answer = await asking(shop, purse, { prior: first.token });
  expect(await answer.json()).toMatchObject({ seq: 2, tot: '40000', last: second.token });
});

test('a wallet restored from a backup hears what its key signed, with the receipt', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const charge = await chargeFor42(purse);
  const receipt = receiptOf(await shop.pay(charge.header)).token;
  // The backup is older than the first purchase: all that it has of the purse is the key.
  const answer = await asking(shop, purse);
  expect(await answer.json()).toEqual({ seq: 1, tot: '20000', last: charge.token, receipt });
});

test('a purse that was never used stands at nothing', async () => {
  const shop = await openShop();
  expect(await (await asking(shop, await shop.purse())).json()).toEqual({ seq: 0, tot: '0' });
});

/** What the provider of a purse has: a charge that was handed in, the certificate, no key. */
test.for<[string, string, (purse: TestPurse, shop: Shop) => Promise<string>]>([
  [
    'a proof by another key',
    'jws_signature',
    async (purse, shop) =>
      syncHeader(purse, challengeIn(await shop.visit()), { signer: await makeKey() }),
  ],
  [
    'a proof for a challenge of before',
    'sync_mismatch',
    async (purse, shop) => {
      const { id: cid } = challengeIn(await shop.visit());
      shop.world.nowMs += 1000;
      return syncHeader(purse, challengeIn(await shop.visit()), { claims: { cid } });
    },
  ],
  [
    'a proof for another purse',
    'sync_mismatch',
    async (purse, shop) => {
      const other = await shop.purse();
      const { token: prior } = await chargeFor42(purse);
      return syncHeader(other, challengeIn(await shop.visit()), { prior });
    },
  ],
  [
    'a challenge that a page could make',
    'challenge_unknown',
    async (purse) => syncHeader(purse, await pageChallenge(URL_42, TERMS_42)),
  ],
])('whoever asks with %s is refused with %s, and moves nothing', async ([, code, make]) => {
  const shop = await openShop();
  const purse = await shop.purse();
  const { token: prior } = await buy42(shop, purse);
  expect((await asking(shop, purse, { prior })).status).toBe(200);
  const second = await chargeFor42(purse);
  await shop.pay(second.header);
  const before = await rowOf(shop, purse);
  expect(before).toMatchObject({ seq: 2, firm: false });
  expect(await codeOf(await shop.pay(await make(purse, shop)))).toBe(code);
  expect(await rowOf(shop, purse)).toEqual(before);
});

test('a forged question makes no page that fails stand', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const started = Promise.withResolvers<void>();
  const failing = Promise.withResolvers<void>();
  shop.answerWith(async () => {
    started.resolve();
    await failing.promise;
    return new Response('no', { status: 500 });
  });
  const paying = shop.pay((await chargeFor42(purse)).header);
  await started.promise;
  const forged = await asking(shop, purse, { signer: await makeKey() });
  failing.resolve();
  expect(await codeOf(forged)).toBe('jws_signature');
  expect(await codeOf(await paying)).toBe('not_delivered');
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

test('two stores behind one payto: the second server asks for what it does not know', async () => {
  // What must not be run: the charge is refused there, nothing is sold twice for one total.
  const shop = await openShop();
  const second = await openForgetful(shop);
  const purse = await shop.purse();
  await buy42(shop, purse);
  expect(await codeOf(await second.pay((await chargeFor42(purse)).header))).toBe('out_of_sync');
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
