import fc from 'fast-check';
import { expect, test } from 'vitest';
import { micros } from '../../../../src/protocol/money.ts';
import {
  challengeIn,
  makePurse,
  payChallenge,
  randomId,
  showHeader,
  type TestPurse,
  undoHeader,
} from '../../../support/payer.ts';
import {
  buy,
  CAP,
  CAP_MICROS,
  dueOf,
  HOUR_MS,
  openCapped,
  openDear,
  showAt,
  urlOf,
} from '../capped.ts';
import { codeOf, cookieOf, openShop, PAYTO } from '../shop.ts';

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

test.for(['PT0S', 'PT1H'])(
  'whoever has reached the cap goes on with a thing of %s',
  async (duration) => {
    const shop = await openShop({ cap: CAP, duration, refund: 'none' });
    const purse = await makePurse(shop.provider, PAYTO, { lim: micros(1_000_000n) });
    let last = await buy(shop, purse, 1);
    for (const amt of [20_000n, 10_000n]) last = await buy(shop, purse, 1, amt);
    shop.world.nowMs += 2 * HOUR_MS;
    expect(await dueOf(await buy(shop, purse, 1))).toBe('0');
    for (let time = 0; time < 2; time++)
      expect((await showAt(shop, purse, { item: 1, bought: last })).status).toBe(200);
    shop.world.nowMs += 22 * HOUR_MS;
    expect(await codeOf(await showAt(shop, purse, { item: 1, bought: last }))).toBe('used');
  },
);

test('what cost less than its price is open while nothing is missing to the cap', async () => {
  const { shop, first, second } = await openDear();
  const dear = await buy(shop, first, 1, 190_000n);
  const cheap = await buy(shop, second, 2, 10_000n);
  const endSec = shop.world.nowMs / 1000 + 86_400;
  expect(cheap.claims).toMatchObject({ until: endSec, free: endSec });
  expect(dear.claims?.until).toBeGreaterThan(endSec);
  const Cookie = cookieOf(cheap.answer);
  /** With the pass, with the receipt, with the charge again. */
  const openings = async () => [
    (await shop.visit({ Cookie }, urlOf(2))).status,
    (await showAt(shop, second, { item: 2, bought: cheap })).status,
    (await shop.pay(cheap.charge.header, urlOf(2))).status,
  ];
  expect(await openings()).toEqual([200, 200, 200]);
  await shop.pay(await undoHeader(first, dear, { url: urlOf(1) }), urlOf(1));
  expect(await openings()).toEqual([402, 402, 402]);
  await buy(shop, first, 3, 190_000n);
  expect(await openings()).toEqual([200, 200, 200]);
  shop.world.nowMs += 24 * HOUR_MS;
  expect(await openings()).toEqual([402, 402, 402]);
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
