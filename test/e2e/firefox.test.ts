/** One story in Firefox, from the same source: the first purchase, then one click. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningProvider, startProvider } from '../../src/provider/main.ts';
import { launchFirefox, openQuestion, openWalletPage } from '../support/firefox.ts';
import { type RunningShop, startShop } from '../support/shop.ts';

let folder: string;
let provider: RunningProvider;
let shop: RunningShop;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farthing-test-'));
  provider = await startProvider({ dataDir: folder, port: 0 });
  shop = await startShop(provider.issuer, { host: 'news.localhost' });
  browser = await launchFirefox();
});

afterAll(async () => {
  await browser.close();
  await shop.close();
  await provider.close();
  await rm(folder, { recursive: true, force: true });
});

it('a reader creates a wallet, says yes once, and then pays by one click', async () => {
  const host = new URL(provider.issuer).host;
  const welcome = await openWalletPage(browser, `/welcome.html#provider=${host}`);
  await welcome.waitForSelector('button.button-main');
  await welcome.click('button.button-main');
  await welcome.waitForSelector('[role=status]');

  const page = await browser.newPage();
  await page.goto(shop.origin);
  await page.click('#tides');
  const address = `${shop.origin}/`;
  const ask = await openQuestion(browser, { walletPage: welcome, address });
  await ask.waitForSelector('input[type=checkbox]');
  await ask.click('input[type=checkbox]');
  await ask.waitForSelector('.button-main:not([aria-disabled=true])');
  // By the event: a question put to a page that is just being left is an error of the driver's.
  await Promise.all([page.waitForNavigation(), ask.click('.button-main')]);
  expect(new URL(page.url()).pathname).toBe('/articles/tides');
  expect(await page.$eval('h1', (heading) => heading.textContent)).toBe('The article tides');

  await page.goto(shop.origin);
  await Promise.all([page.waitForNavigation(), page.click('#reefs')]);
  expect(new URL(page.url()).pathname).toBe('/articles/reefs');
  expect(await page.$eval('h1', (heading) => heading.textContent)).toBe('The article reefs');
  expect(await shop.accepted()).toEqual({ charges: 2, totalMicros: 30_000n });
});
