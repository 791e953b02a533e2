/**
 * Undo, whenever it comes: shop, reader and provider end with the same books, the money is back
 * once, and what was undone opens nothing any more.
 */
import { expect, test } from 'vitest';
import { micros } from '../../src/protocol/money.ts';
import { auditDatabase } from '../../src/provider/audit.ts';
import { continueRun, sweep } from '../../src/provider/purses/sweep.ts';
import { createSeller, memoryStore } from '../../src/seller/index.ts';
import { makeSecret } from '../../src/seller/secret.ts';
import { askForPurse, balanceIn, closePurse, giveBack, held } from '../support/account.ts';
import {
  challengeIn,
  closeHeader,
  payChallenge,
  settlePurse,
  showHeader,
  type TestPurchase,
  undoHeader,
} from '../support/payer.ts';
import { ISSUER, useSandbox } from '../support/sandbox.ts';
import { codeOf, cookieOf, receiptOf } from '../unit/seller/shop.ts';

const ORIGIN = 'http://news.localhost:8080';
const PAYTO = `news@${new URL(ISSUER).host}`;
const STARTER_MICROS = 250_000n;
const PRICE_MICROS = 20_000n;
const DAY_MS = 86_400_000;
const urlOf = (item: number) => `${ORIGIN}/articles/${item}`;

interface Bought extends TestPurchase {
  readonly url: string;
  readonly cookie: string;
}

/** A shop of two servers on one store, whose purchases can be undone for a month. */
async function openShops(cap?: string) {
  const sandbox = await useSandbox();
  const [store, secret] = [memoryStore(), await makeSecret()];
  /** Runs before a request to the provider is sent. */
  const between: ((path: string) => Promise<unknown>)[] = [];
  const open = () => {
    const seller = createSeller({
      payto: PAYTO,
      secret,
      store,
      allowInsecureLoopback: true,
      now: () => sandbox.time.nowMs,
      fetch: async (input, init = {}) => {
        const url = String(input);
        await between.shift()?.(new URL(url).pathname);
        return sandbox.send(url, init);
      },
    });
    const page = () => new Response('the article');
    const serve = seller.fetch({ price: '0.02 USD', refund: 'P30D', cap }, page);
    const send = (url: string, Authorization: string) =>
      serve(new Request(url, { headers: { Authorization } }));
    const visit = (url: string, headers = {}) => serve(new Request(url, { headers }));
    return { seller, send, visit };
  };
  const shop = open();
  sandbox.origins.set(ORIGIN, await (await shop.seller.proof()).json());
  await shop.seller.register({ name: 'News', origins: [ORIGIN] });
  return { sandbox, between, shop, second: open() };
}

/** The reader's purse there. */
async function openScene(cap?: string) {
  const shops = await openShops(cap);
  const { sandbox, shop } = shops;
  const reader = await sandbox.reader();
  const purse = held(await askForPurse(reader, { payto: PAYTO, amountMicros: 200_000n }));
  const buy = async (item: number, amt = PRICE_MICROS): Promise<Bought> => {
    const url = urlOf(item);
    const opening = { amt: micros(amt) };
    const charge = await payChallenge(purse, challengeIn(await shop.visit(url)), { opening });
    const answer = await shop.send(url, charge.header);
    expect(answer.status).toBe(200);
    settlePurse(purse, charge);
    return { charge, url, receipt: receiptOf(answer).token, cookie: cookieOf(answer) };
  };
  /** Undoes at one of the two servers; answers the note. */
  const undo = async (bought: Bought, at = shop): Promise<string> => {
    const { url } = bought;
    const answer = await at.send(url, await undoHeader(purse, bought, { url }));
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { refund: string }).refund;
  };
  return { ...shops, reader, purse, buy, undo };
}
type Scene = Awaited<ReturnType<typeof openScene>>;

async function closeAtShop({ shop, purse }: Scene): Promise<string> {
  const header = await closeHeader(purse, challengeIn(await shop.visit(urlOf(9))));
  return ((await (await shop.send(urlOf(9), header)).json()) as { final: string }).final;
}

async function closeAtProvider({ reader, purse }: Scene, final: string, { charge }: Bought) {
  const body = { purse: purse.id, final, charge: charge.token };
  expect((await closePurse(reader, body)).status).toBe(200);
}

async function pass({ sandbox }: Scene, days: number): Promise<void> {
  sandbox.time.nowMs += days * DAY_MS;
  await continueRun(sandbox.context, sandbox.run);
  await sweep(sandbox.context);
}

async function paidBy({ reader }: Scene): Promise<bigint> {
  const { available, aside } = balanceIn(await reader.call('GET', '/v1/account'));
  return STARTER_MICROS - available - aside;
}

/** What the shop has of it, its provider's fee included; the books balance. */
async function earnedIn({ sandbox }: Scene): Promise<bigint> {
  const { findings, accounts } = await auditDatabase(sandbox.file);
  expect(findings).toEqual([]);
  const earned = accounts.filter(({ name }) => /^(seller earned|provider fees)/.test(name));
  return earned.reduce((sum, { balanceMicros }) => sum + balanceMicros, 0n);
}

/** No pass, no receipt and no second sending opens it. */
async function expectDead({ shop, purse }: Scene, bought: Bought): Promise<void> {
  const { url, cookie: Cookie, charge } = bought;
  expect((await shop.visit(url, { Cookie })).status).toBe(402);
  const shown = await showHeader(purse, bought, challengeIn(await shop.visit(url)));
  expect(await codeOf(await shop.send(url, shown))).toBe('refunded');
  expect(await codeOf(await shop.send(url, charge.header))).toBe('refunded');
}

/** Undoes `bought` at its moment; answers what the reader has paid in the end. */
type Moment = (scene: Scene, bought: Bought) => Promise<bigint>;

const MOMENTS: Record<string, Moment> = {
  'before anything is collected': async ({ shop, undo }, bought) => {
    await undo(bought);
    await shop.seller.collect();
    return PRICE_MICROS;
  },
  'while its charge is on the way to the provider': async (scene, bought) => {
    const { shop, between, undo } = scene;
    between.push(async (path) => {
      expect(path).toBe('/v1/collections');
      await undo(bought);
    });
    await shop.seller.collect();
    await shop.seller.collect();
    return PRICE_MICROS;
  },
  'after its charge was collected': async ({ shop, undo }, bought) => {
    await shop.seller.collect();
    await undo(bought);
    await shop.seller.collect();
    return PRICE_MICROS;
  },
  'after the shop closed the purse': async (scene, bought) => {
    const final = await closeAtShop(scene);
    await scene.undo(bought);
    await closeAtProvider(scene, final, bought);
    await scene.shop.seller.collect();
    return PRICE_MICROS;
  },
  'after the provider closed the purse': async (scene, bought) => {
    await closeAtProvider(scene, await closeAtShop(scene), bought);
    await scene.undo(bought);
    await scene.shop.seller.collect();
    return PRICE_MICROS;
  },
  'after the purse expired, before it is collected': async (scene, bought) => {
    await pass(scene, 8);
    await scene.undo(bought);
    await scene.shop.seller.collect();
    return PRICE_MICROS;
  },
  'after the purse was released': async (scene, bought) => {
    await scene.shop.seller.collect();
    await pass(scene, 12);
    await scene.undo(bought);
    await scene.shop.seller.collect();
    return PRICE_MICROS;
  },
  'after the purse was released and nothing was collected': async (scene, bought) => {
    await pass(scene, 12);
    await scene.undo(bought);
    const { refused } = await scene.shop.seller.collect();
    expect(refused.map(({ code }) => code)).toEqual(['purse_expired', 'refund_excess']);
    return 0n;
  },
  'at two servers at once, while each collects': async ({ shop, second, undo }, bought) => {
    const [one, other] = await Promise.all([
      undo(bought),
      undo(bought, second),
      shop.seller.collect(),
      second.seller.collect(),
    ]);
    expect(other).toBe(one);
    await second.seller.collect();
    return PRICE_MICROS;
  },
  'and handed in by the reader, who was quicker': async ({ shop, undo, reader }, bought) => {
    const notes = [await undo(bought)];
    const handed = await giveBack(reader, { payto: PAYTO, notes });
    expect(handed.body.results).toMatchObject([{ state: 'pending' }]);
    await shop.seller.collect();
    return PRICE_MICROS;
  },
};

test.for(Object.entries(MOMENTS))('undone %s: back once, and gone', async ([, undoIn]) => {
  const scene = await openScene();
  await scene.buy(1);
  const bought = await scene.buy(2);
  expect(await undoIn(scene, bought)).toBe(await paidBy(scene));
  expect(await earnedIn(scene)).toBe(await paidBy(scene));
  await expectDead(scene, bought);
  expect(await scene.undo(bought, scene.second)).toBe(await scene.undo(bought));
  await scene.shop.seller.collect();
  expect(await earnedIn(scene)).toBe(await paidBy(scene));
});

test('undone inside a cap period: what went back is paid again, up to the cap', async () => {
  const scene = await openScene('0.05 USD/P1D');
  const { buy, undo, shop } = scene;
  const first = await buy(1);
  await buy(2);
  const last = await buy(3, 10_000n);
  await undo(first);
  await shop.seller.collect();
  expect(await paidBy(scene)).toBe(30_000n);
  const again = await buy(4);
  expect((await shop.visit(again.url, { Cookie: again.cookie })).status).toBe(200);
  await undo(last);
  await buy(5, 10_000n);
  await shop.seller.collect();
  expect(await paidBy(scene)).toBe(50_000n);
  expect(await earnedIn(scene)).toBe(50_000n);
});

test('everything undone: what went back is what was charged, and the quota ends it', async () => {
  const scene = await openScene();
  const { shop, purse } = scene;
  const all: Bought[] = [];
  for (let item = 1; item <= 6; item++) all.push(await scene.buy(item));
  await shop.seller.collect();
  for (const bought of all.slice(0, 5)) await scene.undo(bought);
  const sixth = all[5] as Bought;
  const header = await undoHeader(purse, sixth, { url: sixth.url });
  expect(await codeOf(await shop.send(sixth.url, header))).toBe('undo_quota');
  await shop.seller.collect();
  expect(await paidBy(scene)).toBe(PRICE_MICROS);
  expect(await earnedIn(scene)).toBe(PRICE_MICROS);
});
