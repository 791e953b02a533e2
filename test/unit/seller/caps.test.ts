import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeOpaque } from '../../../src/protocol/challenge.ts';
import { micros } from '../../../src/protocol/money.ts';
import type { Row, SellerOptions } from '../../../src/seller/index.ts';
import {
  challengeIn,
  makePurse,
  payChallenge,
  randomId,
  settlePurse,
  showHeader,
  type TestPurse,
  undoHeader,
} from '../../support/payer.ts';
import {
  codeOf,
  cookieOf,
  gatedStore,
  isOfPurse,
  openShop,
  PAYTO,
  receiptOf,
  type Shop,
} from './shop.ts';

const HOUR_MS = 3_600_000;
const CAP = '0.05 USD/P1D';
const CAP_MICROS = 50_000n;

const urlOf = (item: number) => `https://news.example/articles/${item}`;

/** Buys at what the cap leaves, as the seller says it; undefined where nothing is due. */
async function buy(shop: Shop, purse: TestPurse, item: number, amt = 20_000n) {
  const challenge = challengeIn(await shop.visit({}, urlOf(item)));
  const charge = await payChallenge(purse, challenge, { opening: { amt: micros(amt) } });
  const answer = await shop.pay(charge.header, urlOf(item));
  const receipt = answer.headers.has('Payment-Receipt') ? receiptOf(answer) : undefined;
  if (answer.status === 200) settlePurse(purse, charge);
  return { charge, answer, receipt: receipt?.token ?? '', claims: receipt?.claims };
}

async function dueOf({ answer }: Awaited<ReturnType<typeof buy>>): Promise<string | undefined> {
  expect(await codeOf(answer)).toBe('amount_mismatch');
  return decodeOpaque(challengeIn(answer).opaque ?? '').due;
}

async function openCapped(options: Partial<SellerOptions> = {}) {
  const shop = await openShop({ cap: CAP }, options);
  const lim = micros(1_000_000n);
  return { shop, purse: await makePurse(shop.provider, PAYTO, { lim }) };
}

test('the charge that would pass the cap is for what is missing; then all is free', async () => {
  const { shop, purse } = await openCapped();
  expect((await buy(shop, purse, 1)).claims?.free).toBeUndefined();
  await buy(shop, purse, 2);
  expect(await dueOf(await buy(shop, purse, 3))).toBe('10000');
  const last = await buy(shop, purse, 3, 10_000n);
  const startSec = shop.world.nowMs / 1000;
  expect(last.claims).toMatchObject({ amt: 10_000n, tot: 50_000n, free: startSec + 86_400 });
  expect(await dueOf(await buy(shop, purse, 4, 20_000n))).toBe('0');
});

test('the day pass opens another item until the period ends', async () => {
  const { shop, purse } = await openCapped();
  for (const item of [1, 2]) await buy(shop, purse, item);
  const last = await buy(shop, purse, 3, 10_000n);
  const challenge = challengeIn(await shop.visit({}, urlOf(9)));
  const shown = await shop.pay(await showHeader(purse, last, challenge), urlOf(9));
  expect(shown.status).toBe(200);
  const Cookie = cookieOf(shown);
  expect((await shop.visit({ Cookie }, urlOf(9))).status).toBe(200);
  shop.world.nowMs += 24 * HOUR_MS;
  expect((await shop.visit({ Cookie }, urlOf(9))).status).toBe(402);
  const later = challengeIn(await shop.visit({}, urlOf(9)));
  expect(await codeOf(await shop.pay(await showHeader(purse, last, later), urlOf(9)))).toBe('used');
});

test('an ordinary receipt of the same cap opens its own item only', async () => {
  const { shop, purse } = await openCapped();
  const first = await buy(shop, purse, 1);
  const challenge = challengeIn(await shop.visit({}, urlOf(9)));
  const answer = await shop.pay(await showHeader(purse, first, challenge), urlOf(9));
  expect(await codeOf(answer)).toBe('used');
});

test('undo takes its amount off the count and ends what was free', async () => {
  const { shop, purse } = await openCapped();
  const first = await buy(shop, purse, 1);
  await buy(shop, purse, 2);
  const last = await buy(shop, purse, 3, 10_000n);
  const challenge = challengeIn(await shop.visit({}, urlOf(9)));
  const Cookie = cookieOf(await shop.pay(await showHeader(purse, last, challenge), urlOf(9)));
  expect((await shop.pay(await undoHeader(purse, first, { url: urlOf(1) }), urlOf(1))).status).toBe(
    200,
  );
  expect((await shop.visit({ Cookie }, urlOf(9))).status).toBe(402);
  expect((await buy(shop, purse, 4, 20_000n)).answer.status).toBe(200);
});

test('the count is the reader’s: another purse goes on with it, no other reader does', async () => {
  const { shop, purse } = await openCapped();
  for (const item of [1, 2]) await buy(shop, purse, item);
  const same = await makePurse(shop.provider, PAYTO, { sub: purse.claims.sub });
  expect(await dueOf(await buy(shop, same, 3))).toBe('10000');
  expect((await buy(shop, await shop.purse(), 3)).answer.status).toBe(200);
});

test('a period begins with the first charge after the last one ended', async () => {
  const { shop, purse } = await openCapped();
  await buy(shop, purse, 1);
  shop.world.nowMs += 23 * HOUR_MS;
  for (const [item, amt] of [
    [2, 20_000n],
    [3, 10_000n],
  ] as const)
    await buy(shop, purse, item, amt);
  expect(await dueOf(await buy(shop, purse, 4))).toBe('0');
  shop.world.nowMs += HOUR_MS;
  expect((await buy(shop, purse, 4)).answer.status).toBe(200);
  // A clock that is put back goes on in the period that it finds.
  shop.world.nowMs -= 2 * HOUR_MS;
  await buy(shop, purse, 5);
  expect(await dueOf(await buy(shop, purse, 6))).toBe('10000');
});

test('a page that failed does not count', async () => {
  const { shop, purse } = await openCapped();
  shop.answerWith(() => new Response('no', { status: 500 }));
  expect(await codeOf((await buy(shop, purse, 1)).answer)).toBe('not_delivered');
  shop.answerWith(() => new Response('the article'));
  for (const item of [1, 2]) expect((await buy(shop, purse, item)).answer.status).toBe(200);
  expect((await buy(shop, purse, 3, 10_000n)).answer.status).toBe(200);
});

test('a charge that came twice is counted once', async () => {
  const { shop, purse } = await openCapped();
  const { charge } = await buy(shop, purse, 1);
  expect((await shop.pay(charge.header, urlOf(1))).status).toBe(200);
  await buy(shop, purse, 2);
  expect((await buy(shop, purse, 3, 10_000n)).answer.status).toBe(200);
});

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

/** A shop of dear things, and two purses of one reader. */
async function openDear(price = '0.19 USD') {
  const shop = await openShop({ cap: '0.20 USD/P1D', price });
  const sub = randomId();
  const lim = micros(5_000_000n);
  const first = await makePurse(shop.provider, PAYTO, { lim, sub });
  return { shop, first, second: await makePurse(shop.provider, PAYTO, { lim, sub }) };
}

/** Buys what takes its time to fail; `fail` lets it. */
async function buyFailing(shop: Shop, purse: TestPurse, amt: bigint) {
  const started = Promise.withResolvers<void>();
  const failing = Promise.withResolvers<void>();
  shop.answerWith(async ({ url }) => {
    if (!url.endsWith('/404')) return new Response('the article');
    started.resolve();
    await failing.promise;
    return new Response('no', { status: 404 });
  });
  const answer = buy(shop, purse, 404, amt);
  await started.promise;
  return {
    fail: async () => {
      failing.resolve();
      return (await answer).answer;
    },
  };
}

async function showAt(
  shop: Shop,
  purse: TestPurse,
  { item, bought }: { item: number; bought: Awaited<ReturnType<typeof buy>> },
) {
  const challenge = challengeIn(await shop.visit({}, urlOf(item)));
  return shop.pay(await showHeader(purse, bought, challenge), urlOf(item));
}

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

test('nothing is free while the page of the charge that reaches the cap may still fail', async () => {
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

test('the terms name the cap: a page without it is terms_changed', async () => {
  const capped = await openCapped();
  const other = await openShop();
  const challenge = challengeIn(await other.visit({}, urlOf(1)));
  const charge = await payChallenge(capped.purse, challenge);
  // Both shops have one secret: only the terms differ.
  const code = await codeOf(await capped.shop.pay(charge.header, urlOf(1)));
  expect(code).toBe('terms_changed');
});

/** Many purses of one reader, at once, with pages that fail and undos: never more than the cap. */
test('whatever happens, a reader pays the cap and no more in a period', async () => {
  const step = fc.record({
    purse: fc.nat(2),
    item: fc.nat(20),
    amt: fc.constantFrom(20_000n, 10_000n),
    fails: fc.boolean(),
    undoes: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { maxLength: 3 }), { maxLength: 8 }),
      async (rounds) => {
        const shop = await openShop({ cap: CAP });
        const sub = randomId();
        const purses = await Promise.all(
          [0, 1, 2].map(() => makePurse(shop.provider, PAYTO, { sub })),
        );
        let paid = 0n;
        let fails = false;
        shop.answerWith(() => new Response('…', { status: fails ? 503 : 200 }));
        for (const round of rounds) {
          fails = round.some((one) => one.fails);
          // One message is in flight per purse.
          const own = round.filter(
            ({ purse }, index) => round.findIndex((other) => other.purse === purse) === index,
          );
          const results = await Promise.all(
            own.map(async ({ purse, item, amt, undoes }) => {
              const it = purses[purse] as TestPurse;
              return { it, item, undoes, ...(await buy(shop, it, item, amt)) };
            }),
          );
          for (const { it, item, undoes, answer, charge, receipt } of results) {
            if (answer.status !== 200) continue;
            paid += charge.opening.amt;
            expect(paid <= CAP_MICROS).toBe(true);
            if (!undoes) continue;
            const header = await undoHeader(it, { charge, receipt }, { url: urlOf(item) });
            if ((await shop.pay(header, urlOf(item))).status === 200) paid -= charge.opening.amt;
          }
        }
      },
    ),
    { numRuns: 40 },
  );
}, 30_000);
