/** A reader of five years: where the money went, in two clicks, and how it is forgotten. */
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { bundleInPage } from '../../support/detection.ts';
import type {} from '../../support/filled-in-page.ts';
import { PATIENCE } from '../../support/patience.ts';
import { createWallet, openStage, type Stage } from '../../support/stage.ts';

const COUNT = 2000;

let stage: Stage;
let page: Page;

beforeAll(async () => {
  stage = await openStage();
  await createWallet(stage);
  const filling = await stage.walletPage('/popup.html?tab=0');
  await filling.waitForSelector('main');
  await filling.evaluate(await bundleInPage('filled-in-page.ts'));
  await filling.evaluate((count) => void filled.fillHistory(count), COUNT);
  await vi.waitUntil(() => filling.evaluate((count) => filled.count === count, COUNT), PATIENCE);
  await filling.close();
});

afterAll(() => stage.close());

function textsOf(selector: string): Promise<string[]> {
  return page.$$eval(selector, (all) => all.map((it) => it.textContent ?? ''));
}

it('answers where the money went last month, and on which pages at one seller', async () => {
  const popup = await stage.walletPage('/popup.html?tab=0');
  await popup.waitForSelector('.latest-head');
  const known = new Set(await stage.browser.pages());
  let clicks = 0;

  clicks += 1;
  popup.click('.latest-head button:last-of-type').catch(() => undefined);
  page = await vi.waitUntil(async () => {
    const opened = (await stage.browser.pages()).filter((it) => !known.has(it));
    return opened[0];
  }, PATIENCE);
  await page.waitForSelector('.column[aria-pressed=true]');
  await page.waitForSelector('.shares button');
  const shares = await textsOf('.shares tbody tr');
  expect(shares.length).toBeGreaterThan(5);
  const name = await page.$eval('.shares button', (it) => it.textContent ?? '');

  clicks += 1;
  await page.click('.shares button');
  await page.waitForSelector('.shares button[aria-pressed=true]');
  await vi.waitUntil(async () => {
    const lines = await textsOf('.entry-what .soft');
    return lines.length > 0 && lines.every((line) => line.startsWith(name));
  }, PATIENCE);
  const count = Number(/(\d+) ×/.exec(shares[0] ?? '')?.[1]);
  expect(await textsOf('.entry-title')).toHaveLength(count);
  expect(clicks).toBe(2);
});

it('begins the list on the first screen of a laptop, with all the sellers', async () => {
  await page.setViewport({ width: 1280, height: 800 });
  expect(await page.$$eval('.shares tbody tr', (all) => all.length)).toBe(7);
  const bottom = await page.$eval('.entry', (it) => it.getBoundingClientRect().bottom);
  // There is room for three more below it.
  expect(bottom).toBeLessThan(630);
});

it('finds one of all by a word, whenever that was', async () => {
  await page.click('.find > .button-link');
  await page.type('input[type=search]', 'ZANZIBAR');
  await expect.poll(() => textsOf('.entry-title'), PATIENCE).toEqual(['The zanzibar letters']);
});

it('opens all of it in the tab that has the history already', async () => {
  const popup = await stage.walletPage('/popup.html?tab=0');
  await popup.waitForSelector('.latest-head');
  const known = await stage.browser.pages();
  popup.click('.latest-head button').catch(() => undefined);
  await page.waitForFunction(() => location.search === '');
  await page.waitForSelector('.entry-title');
  expect((await stage.browser.pages()).length).toBeLessThanOrEqual(known.length);
});

it('forgets everything after it was said what goes, and not a cent is gone', async () => {
  const balance = await page.$eval('.page-balance', (it) => it.textContent);
  await page.click('.views a[href="#settings"]');
  await page.waitForSelector('.setting:last-of-type .button-danger');
  await page.click('.setting:last-of-type .button-danger');
  await page.waitForSelector('dialog[open] .button-danger');
  expect(await page.$eval('dialog', (it) => it.textContent)).toMatch(/deleted now: (1,9|2,0)\d\d/);
  await page.click('dialog .button-danger');
  await page.waitForSelector('dialog', { hidden: true });
  await page.click('.views a[href="#history"]');
  await vi.waitUntil(async () => (await textsOf('.entry')).length < 10, PATIENCE);
  expect(await page.$eval('.page-balance', (it) => it.textContent)).toBe(balance);
});
