/** What the wallet shows on a page where it is let in: marks beside links, a note after a click. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  closePopup,
  createWallet,
  follow,
  headingOf,
  offerOn,
  openStage,
  type Stage,
  sayYes,
  visit,
} from '../../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  await createWallet(stage);
});

afterAll(() => stage.close());

it('a first purchase with the box ticked, then marks; nothing on the page has moved', async () => {
  const page = await visit(stage);
  const boxes = () =>
    page.$$eval('a', (links) => links.map((link) => JSON.stringify(link.getBoundingClientRect())));
  const before = await boxes();
  await page.click('#tides');
  const popup = await stage.question(page);
  await popup.waitForSelector('input[type=checkbox]');
  await popup.click('input[type=checkbox]');
  await Promise.all([page.waitForNavigation(), sayYes(popup)]);
  await closePopup(popup);
  await page.goto(stage.shop.origin);
  await page.waitForSelector('html > div[aria-hidden=true]');
  expect(await boxes()).toEqual(before);
  await page.screenshot({ path: '/tmp/shots/marks.png' });
  await page.close();
});

it('a click pays, and a note on the page says so', async () => {
  const page = await visit(stage);
  await follow(page, '#reefs');
  expect(await headingOf(page)).toBe('The article reefs');
  await page.waitForSelector('html > div');
  await new Promise((r) => setTimeout(r, 500));
  await page.screenshot({ path: '/tmp/shots/note.png' });
  expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true);
  void offerOn;
  await page.close();
});
