/** The page of history, sellers and settings, after two purchases. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { PATIENCE } from '../../support/patience.ts';
import {
  allowOneClick,
  createWallet,
  follow,
  openStage,
  type Stage,
  shownIn,
  visit,
} from '../../support/stage.ts';

let stage: Stage;
let page: Page;

beforeAll(async () => {
  stage = await openStage();
  await createWallet(stage);
  await allowOneClick(stage, '#tides');
  const shop = await visit(stage);
  await follow(shop, '#reefs');
  await shop.close();
});

afterAll(() => stage.close());

/** The titles that the list shows, in its order. */
const titles = () =>
  page.$$eval('.entry-title', (all) => all.map((title) => title.textContent ?? ''));

const untilTitles = (expected: string[]) => expect.poll(titles).toEqual(expected);

/** The page is opened from the popup, in a tab of its own. */
async function openFromPopup(): Promise<Page> {
  const popup = await stage.walletPage('/popup.html?tab=0');
  await popup.waitForSelector('.latest-head button');
  // The popup closes itself under the press.
  popup.click('.latest-head button').catch(() => undefined);
  return vi.waitUntil(async () => {
    const pages = await stage.browser.pages();
    const told = pages.find((it) => it.url().endsWith('/page.html'));
    if (told || stage.name === 'chromium') return told;
    const addresses = await Promise.all(pages.map(addressOf));
    return pages[addresses.findIndex((address) => address.endsWith('/page.html'))];
  }, PATIENCE);
}

/** By the page's own word: Firefox's driver is not told where an extension's page is. */
function addressOf(it: Page): Promise<string> {
  // A popup that closes meanwhile is not the one that is looked for.
  return it.evaluate(() => location.href).catch(() => '');
}

it('opens from the popup, and names what was bought with what the day came to', async () => {
  page = await openFromPopup();
  await page.bringToFront();
  await page.waitForSelector('.entry');
  await untilTitles(['Article reefs', 'Article tides']);
  expect(await shownIn(page, '.day-head')).toBe('Today3¢');
});

it('finds one by a word', async () => {
  await page.type('input[type=search]', 'tides');
  await untilTitles(['Article tides']);
  await page.click('.find > .button-link');
  await untilTitles(['Article reefs', 'Article tides']);
});

it('shows what went to a seller in a month, in two presses', async () => {
  await page.click('.column:last-of-type');
  await page.waitForSelector('.column[aria-pressed=true]');
  expect(await shownIn(page, '.shares tbody')).toBe('The Daily2 ×3¢');
  await page.click('.shares button');
  await page.waitForSelector('.shares button[aria-pressed=true]');
  await untilTitles(['Article reefs', 'Article tides']);
  await page.click('.find > .button-link');
  await page.waitForSelector('.shares button[aria-pressed=false]');
});

it('takes a purchase back, and its seller hears of it', async () => {
  await page.click('.entry .small-button');
  await page.waitForSelector('.entry-state[data-state=undone]');
  expect(await shownIn(page, '.day-sum')).toBe('2¢');
  expect(await stage.shop.seller.collect()).toMatchObject({ refunds: 1 });
});

it('saves all of it as a table', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'farthing-test-'));
  await stage.keepDownloadsIn(folder);
  await page.click('.exports button');
  const file = join(folder, 'farthing-history.csv');
  const text = await vi.waitFor(async () => {
    const read = await readFile(file, 'utf8');
    if (!read.endsWith('\r\n')) throw new Error('it is still being written');
    return read;
  }, PATIENCE);
  const lines = text.trimEnd().split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/"Article tides","The Daily",.*"0.02","USD","paid"/);
  expect(lines[2]).toMatch(/"Article reefs","The Daily",.*"0.01","USD","undone"/);
  await rm(folder, { recursive: true, force: true });
});

it('takes back what is set aside at the seller, and blocks it', async () => {
  await page.click('.views a[href="#sellers"]');
  await page.waitForSelector('.seller');
  await page.click('.seller-acts .button');
  await page.waitForSelector('::-p-text(is back.)');
  await page.click('.rule .check:last-of-type input');
  await page.waitForSelector('::-p-text(What you bought stays open.)');
  const shop = await visit(stage);
  const before = await stage.shop.accepted();
  await follow(shop, '#kelp');
  expect(await stage.shop.accepted()).toEqual(before);
  await shop.close();
});
