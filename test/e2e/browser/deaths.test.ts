/** The background is killed in the middle of a payment: paid once, and opened. */
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningShop, startShop } from '../../support/shop.ts';
import {
  allowOneClick,
  closePopup,
  createWallet,
  killWorkerAt,
  openStage,
  type Stage,
  sayYes,
  visit,
} from '../../support/stage.ts';

/** One for each part: more than five purchases in ten seconds would be asked about. */
let stage: Stage;
/** Closed when the browser has let go of them. */
const shops: RunningShop[] = [];

async function openWithWallet(): Promise<void> {
  stage = await openStage();
  await createWallet(stage);
}

afterAll(async () => {
  await stage.close();
  for (const shop of shops) await shop.close();
});

/**
 * A death between opening the page and writing it down opens it once more, and not again. A worker
 * goes on for a moment after it was told to stop, whenever that was.
 */
function expectOpened(shop: RunningShop, path: string): void {
  const times = shop.log.filter((line) => line === `GET ${path} 200`).length;
  expect([1, 2]).toContain(times);
}

/**
 * It opens, whatever the tab was on its way to when the worker died. Where the browser does not
 * tell the popup of the death, an alarm ends it in half a minute.
 */
async function expectArticle(page: Page, name: string): Promise<void> {
  // In the middle of a navigation there is no page to read.
  const heading = () => page.$eval('h1', (h1) => h1.textContent).catch(String);
  await expect.poll(heading).toBe(`The article ${name}`);
}

const STEPS = [
  ['as the purse is asked for', 'request', 'POST /v1/purses'],
  ['after the purse was answered', 'response', 'POST /v1/purses'],
  ['as the charge arrives', 'request', 'GET /articles/'],
  ['after the charge was answered', 'response', 'GET /articles/'],
] as const;

describe('in a first purchase at a seller', () => {
  beforeAll(openWithWallet);

  it.each(STEPS)('%s', async (_, moment, line) => {
    const handle = `first-${STEPS.findIndex(([, m, l]) => m === moment && l === line)}`;
    const issuer = stage.provider.issuer;
    const shop = await startShop(issuer, { host: 'news.localhost', handle, refund: 'PT10M' });
    shops.push(shop);
    const page = await visit({ ...stage, shop }, '/articles/moon');
    const popup = await stage.pressIcon(page);
    await popup.waitForSelector('.ask-what');
    const killed = killWorkerAt(stage, { page, moment, line });
    await sayYes(popup);
    await killed;
    await expectArticle(page, 'moon');
    expect(await shop.accepted()).toEqual({ charges: 1, totalMicros: 20_000n });
    expectOpened(shop, '/articles/moon');
    await closePopup(popup);
    await page.close();
  });
});

describe('in a click that pays', () => {
  beforeAll(async () => {
    await stage.close();
    await openWithWallet();
    await allowOneClick(stage, '#tides');
  });

  it.each([
    ['as the charge arrives', 'request', 'reefs'],
    ['after the charge was answered', 'response', 'kelp'],
  ] as const)('%s', async (_, moment, name) => {
    const before = await stage.shop.accepted();
    const page = await visit(stage);
    const killed = killWorkerAt(stage, { page, moment, line: `GET /articles/${name}` });
    await page.click(`#${name}`);
    await killed;
    await expectArticle(page, name);
    expect((await stage.shop.accepted()).charges - before.charges).toBe(1);
    expectOpened(stage.shop, `/articles/${name}`);
    await page.close();
  });
});
