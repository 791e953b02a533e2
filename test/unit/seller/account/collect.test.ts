/** Handing in (SPEC 9.11): every batch can be sent again, whenever the process dies. */

import { expect, it } from 'vitest';
import type { CollectBody, CollectResult } from '../../../../src/protocol/api.ts';
import { readCharge } from '../../../../src/protocol/charge.ts';
import { checkJws } from '../../../../src/protocol/jws.ts';
import { importPublicKey } from '../../../../src/protocol/key.ts';
import { bodyDigest, readProof } from '../../../../src/protocol/proof.ts';
import { getPurse } from '../../../../src/seller/charges/purses.ts';
import type { SellerOptions, Store } from '../../../../src/seller/index.ts';
import { createSeller, memoryStore } from '../../../../src/seller/index.ts';
import { makeSecret } from '../../../../src/seller/secret.ts';
import { settlePurse, type TestPurse } from '../../../support/payer.ts';
import { chargeFor42, codeOf, openShop, PAYTO, receiptOf, rowOf } from '../shop.ts';

const PROBLEM = { 'Content-Type': 'application/problem+json' };

/** Checks proofs as a provider does, and books totals. */
function makeBank(keys: typeof fetch) {
  const bank = {
    nonce: 'nonce-1',
    isUp: true,
    /** The next answer is lost on its way. */
    losesAnswer: false,
    refuses: new Map<string, string>(),
    booked: new Map<string, { seq: number; tot: bigint }>(),
    bodies: [] as CollectBody[],
    proofs: new Set<string>(),
    beforeAnswer: async () => {},
    fetch: (async (input, init) => {
      const url = String(input);
      if (!url.includes('/v1/')) return keys(input, init);
      if (!bank.isUp) throw new TypeError('fetch failed');
      const text = String(init?.body);
      const proof = readProof(new Headers(init?.headers).get('DPoP') ?? '');
      await checkJws(proof.jws, await importPublicKey(proof.jwk));
      expect(proof.claims).toMatchObject({ htm: 'POST', htu: url, dig: await bodyDigest(text) });
      expect(bank.proofs.has(proof.claims.jti)).toBe(false);
      bank.proofs.add(proof.claims.jti);
      const headers = { 'DPoP-Nonce': bank.nonce };
      if (proof.claims.nonce !== bank.nonce)
        return new Response(JSON.stringify({ farthing: 'proof_nonce', detail: 'once more' }), {
          status: 401,
          headers: { ...headers, ...PROBLEM },
        });
      const body: CollectBody = JSON.parse(text);
      // Where there is nothing to hand in it is asked all the same what it has to say.
      if (body.charges.length > 0) bank.bodies.push(body);
      const results = body.charges.map(book);
      await bank.beforeAnswer();
      if (bank.losesAnswer) throw new TypeError('connection reset');
      return Response.json({ results }, { headers });
    }) as typeof fetch,
  };
  const book = (token: string): CollectResult => {
    const { pur, seq, tot } = readCharge(token).claims;
    const code = bank.refuses.get(pur);
    const before = bank.booked.get(pur) ?? { seq: 0, tot: 0n };
    if (code) return { pur, state: 'refused', code, seq: before.seq, tot: `${before.tot}` };
    const state = tot > before.tot ? 'captured' : 'known';
    const after = tot > before.tot ? { seq, tot } : before;
    bank.booked.set(pur, after);
    return { pur, state, seq: after.seq, tot: `${after.tot}` };
  };
  return bank;
}

async function openBank(options: Partial<SellerOptions> = {}) {
  const bank = makeBank((...args) => shop.provider.fetch(...args));
  const shop = await openShop({}, { fetch: bank.fetch, ...options });
  const buy = async (purse: TestPurse) => {
    const charge = await chargeFor42(purse);
    const answer = await shop.pay(charge.header);
    if (answer.status === 200) settlePurse(purse, charge);
    return answer;
  };
  return { bank, shop, buy };
}
const usd = (amountMicros: bigint) => [{ amountMicros, currency: 'USD' }];

it('the last charge of each purse is handed in, once', async () => {
  const { bank, shop, buy } = await openBank();
  const purses = [await shop.purse(), await shop.purse()];
  for (const purse of [...purses, ...purses.slice(0, 1)]) await buy(purse);
  expect(await shop.seller.collect()).toEqual({
    handed: 2,
    captured: usd(60_000n),
    refunds: 0,
    refused: [],
  });
  expect(bank.bodies.map(({ charges }) => charges.length)).toEqual([2]);
  expect(await shop.seller.collect()).toEqual({ handed: 0, captured: [], refunds: 0, refused: [] });
  for (const purse of purses) await buy(purse);
  expect(await shop.seller.collect()).toMatchObject({ handed: 2, captured: usd(40_000n) });
  expect(bank.bodies).toHaveLength(2);
});

it('a provider that is down: a clear error, nothing lost, the next one repeats', async () => {
  const { bank, shop, buy } = await openBank();
  await buy(await shop.purse());
  bank.isUp = false;
  await expect(shop.seller.collect()).rejects.toMatchObject({ code: 'provider_unreachable' });
  bank.isUp = true;
  expect(await shop.seller.collect()).toMatchObject({ handed: 1, captured: usd(20_000n) });
});

it('an answer that is lost: the same id and body again, and the sum is right', async () => {
  const { bank, shop, buy } = await openBank();
  await buy(await shop.purse());
  await buy(await shop.purse());
  bank.losesAnswer = true;
  await expect(shop.seller.collect()).rejects.toMatchObject({ code: 'provider_unreachable' });
  bank.losesAnswer = false;
  expect(await shop.seller.collect()).toMatchObject({ handed: 2, captured: usd(40_000n) });
  const [first, second] = bank.bodies;
  expect(second).toEqual(first);
});

it('a new nonce is used within the same call', async () => {
  const { bank, shop, buy } = await openBank();
  const purse = await shop.purse();
  await buy(purse);
  await shop.seller.collect();
  bank.nonce = 'nonce-2';
  await buy(purse);
  expect(await shop.seller.collect()).toMatchObject({ handed: 1 });
});

it('a refused purse is reported, does not hold up others, and is handed in again', async () => {
  const { bank, shop, buy } = await openBank();
  const [good, bad] = [await shop.purse(), await shop.purse()];
  await buy(good);
  await buy(bad);
  bank.refuses.set(bad.id, 'charge_conflict');
  expect(await shop.seller.collect()).toEqual({
    handed: 1,
    captured: usd(20_000n),
    refunds: 0,
    refused: [{ purse: bad.id, code: 'charge_conflict' }],
  });
  bank.refuses.clear();
  expect(await shop.seller.collect()).toMatchObject({ handed: 1, captured: usd(20_000n) });
});

it('a charge on its way to the provider is not taken back', async () => {
  const { bank, shop } = await openBank();
  const purse = await shop.purse();
  const slow = Promise.withResolvers<Response>();
  const running = Promise.withResolvers<void>();
  shop.answerWith(() => {
    running.resolve();
    return slow.promise;
  });
  const paying = shop.pay((await chargeFor42(purse)).header);
  await running.promise;
  await shop.seller.collect();
  slow.resolve(new Response(null, { status: 500 }));
  const answer = await paying;
  expect(answer.status).toBe(500);
  expect(receiptOf(answer).claims.tot).toBe(20_000n);
  expect(bank.booked.get(purse.id)?.tot).toBe(20_000n);
  expect(await rowOf(shop, purse)).toMatchObject({ seq: 1, handedSeq: 1 });
});

it('a collector of another payto in the same store fences nothing', async () => {
  const { bank, shop } = await openBank();
  const purse = await shop.purse();
  const secret = await makeSecret();
  const common = { store: shop.store, secret, fetch: bank.fetch };
  const neighbour = createSeller({ ...common, payto: 'weekly@pay.example' });
  shop.answerWith(async () => {
    expect(await neighbour.collect()).toMatchObject({ handed: 0 });
    return new Response(null, { status: 500 });
  });
  expect(await codeOf(await shop.pay((await chargeFor42(purse)).header))).toBe('not_delivered');
  expect(await rowOf(shop, purse)).toMatchObject({ seq: 0, handingSeq: 0 });
});

it('a later charge is taken back although the earlier one is being handed in', async () => {
  const { bank, shop, buy } = await openBank();
  const purse = await shop.purse();
  await buy(purse);
  const reported = Promise.withResolvers<void>();
  let failing: Promise<Response> | undefined;
  bank.beforeAnswer = async () => {
    const running = Promise.withResolvers<void>();
    shop.answerWith(async () => {
      running.resolve();
      await reported.promise;
      return new Response(null, { status: 500 });
    });
    failing = shop.pay((await chargeFor42(purse)).header);
    await running.promise;
  };
  expect(await shop.seller.collect()).toMatchObject({ handed: 1 });
  reported.resolve();
  if (!failing) throw new Error('nothing was bought');
  expect(await codeOf(await failing)).toBe('not_delivered');
  expect(await rowOf(shop, purse)).toMatchObject({ seq: 1, tot: 20_000n, handedSeq: 1 });
});

it('what was bought while a batch was under way is handed in by the next', async () => {
  const { bank, shop, buy } = await openBank();
  const purse = await shop.purse();
  await buy(purse);
  bank.beforeAnswer = async () => {
    bank.beforeAnswer = async () => {};
    await buy(purse);
  };
  await shop.seller.collect();
  expect(await shop.seller.collect()).toMatchObject({ handed: 1, captured: usd(20_000n) });
  expect(bank.booked.get(purse.id)).toEqual({ seq: 2, tot: 40_000n });
});

it('the provider’s figures change no total: only a purse key does', async () => {
  const { bank, shop, buy } = await openBank();
  const purse = await shop.purse();
  await buy(purse);
  bank.booked.set(purse.id, { seq: 7, tot: 90_000n });
  await shop.seller.collect();
  expect(await rowOf(shop, purse)).toMatchObject({ seq: 1, tot: 20_000n, capturedTot: 90_000n });
});

/** Lets the `call`th call of the store be the last thing that the process does. */
function dyingStore(inner: Store, call: number): Store {
  let calls = 0;
  const live = async <T>(run: () => Promise<T>): Promise<T> => {
    calls += 1;
    if (calls > call) throw new Error('killed');
    return run();
  };
  return {
    get: (purse) => live(() => inner.get(purse)),
    put: (row) => live(() => inner.put(row)),
    due: (page) => live(() => inner.due(page)),
  };
}

it.each(Array.from({ length: 8 }, (_, call) => call))(
  'a collector killed after %i calls of its store: the next one ends with the same books',
  async (call) => {
    const store = memoryStore();
    const { bank, shop, buy } = await openBank({ store });
    const purses = [await shop.purse(), await shop.purse()];
    for (const purse of purses) await buy(purse);
    const secret = await makeSecret();
    const common = { payto: PAYTO, secret, fetch: bank.fetch };
    const dying = createSeller({ ...common, store: dyingStore(store, call) });
    await dying.collect().catch((error) => expect(error.message).toBe('killed'));
    await createSeller({ ...common, store }).collect();
    for (const { id } of purses) {
      expect(bank.booked.get(id)).toEqual({ seq: 1, tot: 20_000n });
      const row = await getPurse(store, id);
      expect(row).toMatchObject({ seq: 1, handedSeq: 1, handingSeq: 1, capturedTot: 20_000n });
    }
  },
);

it('a provider that answers nonsense is unreachable, not an empty success', async () => {
  const { bank, shop, buy } = await openBank();
  await buy(await shop.purse());
  bank.beforeAnswer = async () => {
    throw new SyntaxError('half an answer');
  };
  await expect(shop.seller.collect()).rejects.toMatchObject({ code: 'provider_unreachable' });
});
