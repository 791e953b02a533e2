/** The account at the wallet service: files of it, and its end, in a real browser. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { PATIENCE } from '../../support/patience.ts';
import { allowOneClick, createWallet, openStage, type Stage, visit } from '../../support/stage.ts';

let stage: Stage;
let page: Page;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farthing-test-'));
  stage = await openStage();
  await createWallet(stage);
  await allowOneClick(stage, '#tides');
  page = await stage.walletPage('/page.html#settings');
  await page.bringToFront();
  await stage.keepDownloadsIn(folder);
});

afterAll(async () => {
  await stage.close();
  await rm(folder, { recursive: true, force: true });
});

const ACCOUNT = '.setting:nth-child(4)';

/** A file that the browser has saved, once all of it is there. */
function saved(name: string): Promise<string> {
  return vi.waitFor(async () => {
    const text = await readFile(join(folder, name), 'utf8');
    if (!/\n$/.test(text)) throw new Error('it is still being written');
    return text;
  }, PATIENCE);
}

it('a statement and all that is held are saved as files', async () => {
  await page.waitForSelector(`${ACCOUNT} .limit .button`);
  await page.click(`${ACCOUNT} .limit .button`);
  const statement = await saved('farthing-statement.csv');
  expect(statement).toMatch(/"starter","","0.25","USD","0.25","0.25"\r\n/);
  expect(statement).toMatch(/"set aside","daily@/);
  await page.click(`${ACCOUNT} > p .button:not(.button-danger)`);
  const held = JSON.parse(await saved('farthing-account.json'));
  expect(held.movements).toHaveLength(2);
  expect(held.purse).toHaveLength(1);
});

it('closed, the browser is as it was before its first wallet', async () => {
  await page.click(`${ACCOUNT} .button-danger`);
  await page.waitForSelector('::-p-text(This has to end before:)');
  await page.click('.dialog .button');
  await page.waitForSelector('.choice input');
  await page.click('.choice label:last-of-type input');
  // What it asked before has to be answered.
  await page.waitForSelector('.dialog .button-danger[aria-disabled=false]');
  await page.click('.dialog .button-danger');
  // Each time anew: the driver remembers what a heading said before.
  const heading = () => page.$eval('h1', (it) => it.textContent);
  await expect.poll(heading).toBe('This wallet was closed. You can set up a new one.');
  const popup = await stage.walletPage('/popup.html?tab=0');
  await popup.waitForSelector('::-p-text(Your wallet is not set up yet)');
  await popup.close();
  const shop = await visit(stage);
  const before = await stage.shop.accepted();
  await Promise.all([shop.waitForNavigation(), shop.click('#tides')]);
  expect(await stage.shop.accepted()).toEqual(before);
  await shop.close();
  await createWallet(stage);
  const anew = await stage.walletPage('/page.html');
  await anew.waitForSelector('::-p-text(Nothing bought yet)');
});
