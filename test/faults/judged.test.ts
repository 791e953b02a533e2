/**
 * What the provider took back in a silent seller's name is told to it: it opens nothing any more,
 * and the seller's figures are right, whatever breaks off in between.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reportSales } from '../../src/cli/sales.ts';
import { signUndo } from '../../src/protocol/undo.ts';
import { auditDatabase } from '../../src/provider/audit.ts';
import { getPurse } from '../../src/seller/charges/purses.ts';
import { createSeller, memoryStore } from '../../src/seller/index.ts';
import { salesLog } from '../../src/seller/sales.ts';
import { makeSecret } from '../../src/seller/secret.ts';
import { askForPurse, held } from '../support/account.ts';
import {
  challengeIn,
  payChallenge,
  randomId,
  settlePurse,
  showHeader,
  type TestPurchase,
} from '../support/payer.ts';
import { ISSUER, temporaryFolder, useSandbox } from '../support/sandbox.ts';
import { codeOf, cookieOf, receiptOf } from '../unit/seller/shop.ts';

const ORIGIN = 'http://news.localhost:8080';
const PAYTO = `news@${new URL(ISSUER).host}`;
const urlOf = (item: number) => `${ORIGIN}/articles/${item}`;

interface Bought extends TestPurchase {
  readonly url: string;
  readonly cookie: string;
}

/** A shop whose server writes figures; requests to the provider break off when a test says so. */
async function openScene() {
  const sandbox = await useSandbox();
  const [store, sales] = [memoryStore(), join(temporaryFolder(), 'sales.jsonl')];
  const lost: { path?: string } = {};
  const seller = createSeller({
    ...{ payto: PAYTO, secret: await makeSecret(), store, allowInsecureLoopback: true },
    now: () => sandbox.time.nowMs,
    fetch: async (input, init = {}) => {
      const url = String(input);
      if (new URL(url).pathname !== lost.path) return sandbox.send(url, init);
      delete lost.path;
      throw new TypeError('fetch failed');
    },
    ...salesLog(sales),
  });
  const page = () => new Response('the article');
  const serve = seller.fetch({ price: '0.02 USD', refund: 'P30D' }, page);
  sandbox.origins.set(ORIGIN, await (await seller.proof()).json());
  await seller.register({ name: 'News', origins: [ORIGIN] });
  const visit = (url: string, headers = {}) => serve(new Request(url, { headers }));
  const send = (url: string, Authorization: string) => visit(url, { Authorization });
  const reader = await sandbox.reader();
  const purse = held(await askForPurse(reader, { payto: PAYTO, amountMicros: 200_000n }));
  const buy = async (item: number): Promise<Bought> => {
    const url = urlOf(item);
    const charge = await payChallenge(purse, challengeIn(await visit(url)));
    const answer = await send(url, charge.header);
    expect(answer.status).toBe(200);
    settlePurse(purse, charge);
    return { charge, url, receipt: receiptOf(answer).token, cookie: cookieOf(answer) };
  };
  /** Undoes where the seller is not asked. */
  const judge = async ({ charge, receipt }: Bought): Promise<void> => {
    const { seq, bnd } = charge.claims;
    const undo = await signUndo({ aud: PAYTO, pur: purse.id, seq, bnd }, purse.key.key);
    const body = { id: randomId(), payto: PAYTO, receipt, undo };
    expect((await reader.call('POST', '/v1/undos', body)).status).toBe(200);
  };
  return {
    ...{ seller, lost, buy, judge, visit, send, purse },
    show: async (bought: Bought) => showHeader(purse, bought, challengeIn(await visit(bought.url))),
    row: () => getPurse(store, purse.id),
    report: () => reportSales(sales, { by: 'item', sinceMs: 0 }),
    untold: async () => {
      const rows = await sandbox.context.database.selectFrom('untold_undo').selectAll().execute();
      return rows.map(({ seq }) => Number(seq));
    },
    holds: async () => expect((await auditDatabase(sandbox.file)).findings).toEqual([]),
  };
}

/** What the figures say, by item. */
async function figuresOf({ report }: Awaited<ReturnType<typeof openScene>>) {
  const { rows, unreadable, stray } = await report();
  expect([unreadable, stray]).toEqual([[], []]);
  return Object.fromEntries(
    rows.map(([item, figures]) => {
      const { sales, undone, netMicros } = figures.get('USD') ?? {};
      return [item, [sales, undone, netMicros]];
    }),
  );
}

test('the next collection tells: it is dead, counted as undone, and told no more', async () => {
  const scene = await openScene();
  const { seller, buy, judge, visit, send, show, row, untold, holds } = scene;
  const first = await buy(1);
  await buy(2);
  await seller.collect();
  await judge(first);
  expect(await untold()).toEqual([1]);
  expect((await visit(first.url, { Cookie: first.cookie })).status).toBe(200);
  expect(await figuresOf(scene)).toMatchObject({ '/articles/1': [1, 0, 20_000n] });

  await buy(3);
  expect(await seller.collect()).toMatchObject({ handed: 1, refused: [] });
  expect(await row()).toMatchObject({ refunds: [{ seq: 1, amt: 20_000n }], handedRefunds: 1 });
  expect(await untold()).toEqual([]);
  expect((await visit(first.url, { Cookie: first.cookie })).status).toBe(402);
  expect(await codeOf(await send(first.url, await show(first)))).toBe('refunded');
  expect(await figuresOf(scene)).toEqual({
    '/articles/1': [1, 1, 0n],
    '/articles/2': [1, 0, 20_000n],
    '/articles/3': [1, 0, 20_000n],
  });
  await holds();
});

test('before the charge is collected it is told with the collection', async () => {
  const scene = await openScene();
  const { seller, buy, judge, row, untold, holds } = scene;
  await judge(await buy(1));
  await seller.collect();
  expect((await row())?.refunds).toHaveLength(1);
  expect(await untold()).toEqual([]);
  expect(await figuresOf(scene)).toEqual({ '/articles/1': [1, 1, 0n] });
  await holds();
});

test('a shop that has nothing to hand in is told all the same', async () => {
  const scene = await openScene();
  const { seller, buy, judge, untold } = scene;
  const first = await buy(1);
  await seller.collect();
  await judge(first);
  expect(await seller.collect()).toMatchObject({ handed: 0, captured: [], refused: [] });
  expect(await untold()).toEqual([]);
  expect(await figuresOf(scene)).toEqual({ '/articles/1': [1, 1, 0n] });
});

test.for(['/v1/collections', '/v1/refunds'])(
  'a seller that breaks off at %s is told again, and counts it once',
  async (path) => {
    const scene = await openScene();
    const { seller, buy, judge, row, lost, untold, holds } = scene;
    const first = await buy(1);
    await seller.collect();
    await judge(first);
    await buy(2);
    lost.path = path;
    await expect(seller.collect()).rejects.toMatchObject({ code: 'provider_unreachable' });
    expect(await untold()).toEqual([1]);
    await buy(3);
    await seller.collect();
    expect(await untold()).toEqual([]);
    expect((await row())?.refunds).toHaveLength(1);
    expect(await figuresOf(scene)).toMatchObject({ '/articles/1': [1, 1, 0n] });
    await holds();
  },
);
