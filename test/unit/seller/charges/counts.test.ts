import { expect, test } from 'vitest';
import { micros } from '../../../../src/protocol/money.ts';
import { memoryStore, type Row } from '../../../../src/seller/index.ts';
import { challengeIn, payChallenge, settlePurse, undoHeader } from '../../../support/payer.ts';
import { buy, buyFailing, dueOf, HOUR_MS, openCapped, openDear, showAt, urlOf } from '../capped.ts';
import { codeOf, gatedStore, isOfPurse, receiptOf } from '../shop.ts';

test('a charge that comes twice at one moment is counted once, whichever is first', async () => {
  const { store, hold } = gatedStore();
  const { shop, purse } = await openCapped({ store });
  const challenge = challengeIn(await shop.visit({}, urlOf(1)));
  const charge = await payChallenge(purse, challenge);
  const gate = hold(isOfPurse);
  const slow = shop.pay(charge.header, urlOf(1));
  await gate.reached;
  expect((await shop.pay(charge.header, urlOf(1))).status).toBe(200);
  gate.release();
  expect((await slow).status).toBe(200);
  settlePurse(purse, charge);
  await buy(shop, purse, 2);
  expect(await dueOf(await buy(shop, purse, 3))).toBe('10000');
});

test('an undo beside the next charge takes off its own amount, and not that one’s', async () => {
  const { store, hold } = gatedStore();
  const { shop, purse } = await openCapped({ store });
  const first = await buy(shop, purse, 1);
  const gate = hold(isOfPurse);
  const second = buy(shop, purse, 2);
  await gate.reached;
  const undoing = await undoHeader(purse, first, { url: urlOf(1) });
  expect((await shop.pay(undoing, urlOf(1))).status).toBe(200);
  gate.release();
  expect((await second).answer.status).toBe(200);
  expect((await buy(shop, purse, 3)).claims).toMatchObject({ seq: 3, amt: 20_000n });
  expect(await dueOf(await buy(shop, purse, 4))).toBe('10000');
});

test('an undo whose server died half-way is off the count when it is asked again', async () => {
  const { store, hold } = gatedStore();
  const { shop, purse } = await openCapped({ store });
  const bought = await buy(shop, purse, 1);
  await buy(shop, purse, 2);
  const undoing = await undoHeader(purse, bought, { url: urlOf(1) });
  const died = hold((row) => !isOfPurse(row));
  const lost = shop.pay(undoing, urlOf(1));
  await died.reached;
  for (let time = 0; time < 3; time++) expect((await shop.pay(undoing, urlOf(1))).status).toBe(200);
  expect((await buy(shop, purse, 3)).claims).toMatchObject({ seq: 3, amt: 20_000n });
  expect(await dueOf(await buy(shop, purse, 4))).toBe('10000');
  died.release();
  await lost;
});

test('a purse whose every page failed leaves nothing in the count', async () => {
  const rows: Row[] = [];
  const { store } = gatedStore();
  const put = (row: Row) => {
    rows.push(row);
    return store.put(row);
  };
  const { shop, purse } = await openCapped({ store: { ...store, put } });
  shop.answerWith(() => new Response('no', { status: 500 }));
  await buy(shop, purse, 1);
  expect(rows.filter((row) => !isOfPurse(row)).at(-1)?.text).not.toContain(purse.id);
});

test('a retry frees the rest where the server died that had delivered it', async () => {
  const { store, hold } = gatedStore();
  const { shop, purse } = await openCapped({ store });
  for (const item of [1, 2]) await buy(shop, purse, item);
  const challenge = challengeIn(await shop.visit({}, urlOf(3)));
  const opening = { amt: micros(10_000n) };
  const charge = await payChallenge(purse, challenge, { opening });
  const served = Promise.withResolvers<void>();
  shop.answerWith(() => {
    served.resolve();
    return new Response('the article');
  });
  const counted = hold((row) => !isOfPurse(row) && !row.text.includes('pending'));
  const lost = shop.pay(charge.header, urlOf(3));
  await served.promise;
  await counted.reached;
  const receipt = receiptOf(await shop.pay(charge.header, urlOf(3))).token;
  const bought = { charge, receipt, answer: new Response(), claims: undefined };
  expect((await showAt(shop, purse, { item: 9, bought })).status).toBe(200);
  counted.release();
  await lost;
});

test('a charge that another one leans on at the cap stands, although its page fails', async () => {
  const { shop, first, second } = await openDear();
  const { fail } = await buyFailing(shop, first, 190_000n);
  const cheap = await buy(shop, second, 1, 10_000n);
  expect(cheap.claims?.free).toBeDefined();
  expect((await showAt(shop, second, { item: 7, bought: cheap })).status).toBe(200);
  const failed = await fail();
  expect([failed.status, receiptOf(failed).claims.amt]).toEqual([404, 190_000n]);
  expect(await dueOf(await buy(shop, second, 8, 190_000n))).toBe('0');
});

test('a charge that no other one leans on goes back, however many were counted since', async () => {
  const { shop, first, second } = await openDear('0.05 USD');
  const { fail } = await buyFailing(shop, first, 50_000n);
  for (const item of [1, 2])
    expect((await buy(shop, second, item, 50_000n)).answer.status).toBe(200);
  expect(await codeOf(await fail())).toBe('not_delivered');
  expect((await buy(shop, second, 3, 50_000n)).claims).toMatchObject({ amt: 50_000n });
  expect((await buy(shop, second, 4, 50_000n)).claims?.free).toBeDefined();
});

test('a page that fails after its period goes back', async () => {
  const { shop, first, second } = await openDear();
  const { fail } = await buyFailing(shop, first, 190_000n);
  shop.world.nowMs += 24 * HOUR_MS;
  await buy(shop, second, 1, 190_000n);
  expect(await codeOf(await fail())).toBe('not_delivered');
});

test('nothing is free while the page that reaches the cap may still fail', async () => {
  const { shop, first, second } = await openDear();
  const before = await buy(shop, second, 1, 190_000n);
  const last = await buy(shop, second, 2, 10_000n);
  await shop.pay(await undoHeader(second, before, { url: urlOf(1) }), urlOf(1));
  const { fail } = await buyFailing(shop, first, 190_000n);
  expect(await codeOf(await showAt(shop, second, { item: 7, bought: last }))).toBe('used');
  expect(await codeOf(await fail())).toBe('not_delivered');
  shop.answerWith(() => new Response('the article'));
  await buy(shop, first, 3, 190_000n);
  expect((await showAt(shop, second, { item: 7, bought: last })).status).toBe(200);
});

test('a charge that stands, since its server died in taking it back, is counted', async () => {
  const inner = memoryStore();
  let isUp = true;
  const put = async (row: Row) => {
    if (!isUp && isOfPurse(row)) throw new Error('connection lost');
    return inner.put(row);
  };
  const { shop, purse } = await openCapped({ store: { ...inner, put } });
  shop.answerWith(() => {
    isUp = false;
    return new Response('no', { status: 500 });
  });
  const charge = await payChallenge(purse, challengeIn(await shop.visit({}, urlOf(1))));
  await expect(shop.pay(charge.header, urlOf(1))).rejects.toThrow('connection lost');
  isUp = true;
  shop.answerWith(() => new Response('the article'));
  expect((await shop.pay(charge.header, urlOf(1))).status).toBe(200);
  settlePurse(purse, charge);
  expect((await buy(shop, purse, 2)).answer.status).toBe(200);
  expect(await dueOf(await buy(shop, purse, 3))).toBe('10000');
});

test('a charge that the next one was put on, as it was about to go back, is counted', async () => {
  const { store, hold } = gatedStore();
  const { shop, purse } = await openCapped({ store });
  const about = Promise.withResolvers<ReturnType<typeof hold>>();
  shop.answerWith(({ url }) => {
    if (!url.endsWith('/1')) return new Response('the article');
    about.resolve(hold(isOfPurse));
    return new Response('no', { status: 500 });
  });
  const charge = await payChallenge(purse, challengeIn(await shop.visit({}, urlOf(1))));
  const failing = shop.pay(charge.header, urlOf(1));
  const gate = await about.promise;
  await gate.reached;
  settlePurse(purse, charge);
  expect((await buy(shop, purse, 2)).answer.status).toBe(200);
  gate.release();
  expect((await failing).headers.has('Payment-Receipt')).toBe(true);
  expect(await dueOf(await buy(shop, purse, 3))).toBe('10000');
});

/** A shop whose server died when a charge of 0.02 had gone back, and was not off the count yet. */
async function openDied() {
  const inner = memoryStore();
  let lostAt = Number.POSITIVE_INFINITY;
  const put = async (row: Row) => {
    if (!isOfPurse(row) && lostAt-- <= 0) throw new Error('connection lost');
    return inner.put(row);
  };
  const opened = await openCapped({ store: { ...inner, put } });
  const { shop, purse } = opened;
  shop.answerWith(() => {
    // It is marked as gone, and its row goes back.
    lostAt = 1;
    return new Response('no', { status: 500 });
  });
  const charge = await payChallenge(purse, challengeIn(await shop.visit({}, urlOf(1))));
  await expect(shop.pay(charge.header, urlOf(1))).rejects.toThrow('connection lost');
  lostAt = Number.POSITIVE_INFINITY;
  shop.answerWith(() => new Response('the article'));
  shop.world.price = '0.01 USD';
  return opened;
}

test('what went back as its server died is not counted for what took its place', async () => {
  const { shop, purse } = await openDied();
  const cheap = await buy(shop, purse, 2, 10_000n);
  expect((await shop.pay(cheap.charge.header, urlOf(2))).status).toBe(200);
  shop.world.price = '0.05 USD';
  expect(await dueOf(await buy(shop, purse, 3, 50_000n))).toBe('40000');
});

test('what went back as its server died is not undone for what took its place', async () => {
  const { shop, purse } = await openDied();
  const cheap = await buy(shop, purse, 2, 10_000n);
  expect((await buy(shop, purse, 3, 10_000n)).answer.status).toBe(200);
  const undoing = await undoHeader(purse, cheap, { url: urlOf(2) });
  expect((await shop.pay(undoing, urlOf(2))).status).toBe(200);
  shop.world.price = '0.05 USD';
  expect(await dueOf(await buy(shop, purse, 4, 50_000n))).toBe('40000');
});
