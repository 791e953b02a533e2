/** A reader without a mouse: from the first run to a purchase, its receipt, and the rules. */
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { focusOf, tabTo } from '../../support/keyboard.ts';
import { closePopup, headingOf, openStage, type Stage, visit } from '../../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

const statusOf = (page: Page) => page.$$eval('[role=status]', (all) => all[0]?.textContent ?? '');

it('opens a wallet', async () => {
  const host = new URL(stage.provider.issuer).host;
  const page = await stage.walletPage(`/welcome.html#provider=${host}`);
  await page.waitForSelector('button.button-main:not([aria-disabled=true])');
  await tabTo(page, /^Start with .* free$/);
  await page.keyboard.press('Enter');
  await page.waitForSelector('[role=status]');
  expect(await statusOf(page)).toContain('to spend');
  await page.close();
});

it('buys what is for sale: the focus is on the question, Enter on its answer pays', async () => {
  const page = await visit(stage, '/articles/tides');
  const popup = await stage.pressIcon(page);
  await popup.waitForSelector('.ask-what');
  expect((await focusOf(popup)).name).toContain('The Daily');
  await popup.waitForSelector('.button-main:not([aria-disabled=true])');
  await tabTo(popup, 'Pay 2 cents');
  await popup.keyboard.press('Enter');
  // The page is another one from moment to moment.
  const heading = () => headingOf(page).catch(() => null);
  await expect.poll(heading).toBe('The article tides');
  await closePopup(popup);
  await page.close();
});

it('Enter on a fee link asks as a press does; once a click may pay, it pays', async () => {
  const page = await visit(stage);
  await tabTo(page, 'Article reefs');
  await page.keyboard.press('Enter');
  const popup = await stage.question(page);
  await popup.waitForSelector('.ask-what');
  await tabTo(popup, /^Next time, don’t ask/);
  await popup.keyboard.press(' ');
  await popup.waitForSelector('.button-main:not([aria-disabled=true])');
  await tabTo(popup, 'Pay 1 cent');
  await popup.keyboard.press('Enter');
  const heading = () => headingOf(page).catch(() => null);
  await expect.poll(heading).toBe('The article reefs');
  await closePopup(popup);
  const { charges } = await stage.shop.accepted();
  await page.goto(stage.shop.origin);
  await page.bringToFront();
  await tabTo(page, 'Article kelp');
  await page.keyboard.press('Enter');
  await expect.poll(heading).toBe('The article kelp');
  expect((await stage.shop.accepted()).charges).toBe(charges + 1);
  await page.close();
});

it('finds it in the history, reads its receipt, and is back where it was', async () => {
  const page = await stage.walletPage('/page.html');
  await page.waitForSelector('.entry-title');
  const title = await page.$eval('.entry-title', (it) => it.textContent ?? '');
  await tabTo(page, 'Search');
  await page.keyboard.type(title.slice(0, 5));
  await page.waitForSelector('section[aria-busy=false] .entry-title');
  await tabTo(page, title);
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog[open]');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { hidden: true });
  expect((await focusOf(page)).name).toBe(title);
  await page.close();
});

it('blocks a seller, and sets the limit for a day, which is announced', async () => {
  const page = await stage.walletPage('/page.html');
  await page.waitForSelector('.entry-title');
  await tabTo(page, 'Sellers');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.rule');
  await tabTo(page, /^One click pays/);
  await page.keyboard.press('ArrowDown');
  await page.waitForSelector('.rule input:checked');
  expect((await focusOf(page)).name).toContain('Block');
  await page.goto(page.url().replace('#sellers', '#settings'));
  await page.waitForSelector('.limit');
  await tabTo(page, /^Most in one day/);
  await page.keyboard.type('5');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() =>
    [...document.querySelectorAll('[role=status]')].some((it) => it.textContent === 'Saved.'),
  );
  await page.close();
});

it('writes the twelve words down, and is asked for two of them', async () => {
  const page = await stage.walletPage('/recovery.html');
  await page.waitForSelector('.buttons');
  await tabTo(page, 'Write down twelve words');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.words');
  const words = await page.$$eval('.words li', (all) => all.map((it) => it.textContent ?? ''));
  expect(words).toHaveLength(12);
  await tabTo(page, 'I have written them down');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.two');
  for (let count = 0; count < 2; count++) {
    const [passed] = (await tabTo(page, /^Word \d+$/)).slice(-1);
    await page.keyboard.type(words[Number(passed?.replace(/\D/g, '')) - 1] ?? '');
  }
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => /twelve words open/.test(document.body.textContent ?? ''));
  await page.close();
});
