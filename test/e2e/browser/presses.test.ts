/** Presses that keep their own meaning, or are not what they seem. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  allowOneClick,
  createWallet,
  follow,
  headingOf,
  offerOn,
  openStage,
  type Stage,
  visit,
} from '../../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  await createWallet(stage);
  await allowOneClick(stage, '#tides');
});

afterAll(() => stage.close());

let before: Awaited<ReturnType<Stage['shop']['accepted']>>;

beforeEach(async () => {
  before = await stage.shop.accepted();
});

/** The tab that opens on `path`. */
function tabOn(path: string) {
  return stage.browser.waitForTarget((target) => target.url().endsWith(path));
}

it('with Ctrl opens a new tab and pays nothing', async () => {
  const page = await visit(stage);
  const tab = tabOn('/articles/tab');
  await page.keyboard.down('Control');
  await page.click('#tab');
  await page.keyboard.up('Control');
  await (await (await tab).asPage()).close();
  expect(await stage.shop.accepted()).toEqual(before);
  await page.close();
});

it('with the middle button opens a new tab and pays nothing', async () => {
  const page = await visit(stage);
  const tab = tabOn('/articles/kelp');
  await page.click('#kelp', { button: 'middle' });
  await (await (await tab).asPage()).close();
  expect(await stage.shop.accepted()).toEqual(before);
  await page.close();
});

it('of Enter on a focused link is a press like any other', async () => {
  const page = await visit(stage);
  await page.focus('#reefs');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  expect(await headingOf(page)).toBe('The article reefs');
  expect((await stage.shop.accepted()).charges).toBe(before.charges + 1);
  await page.close();
});

it('a hundred by a program pay nothing', async () => {
  const page = await visit(stage);
  await page.evaluate(() => {
    const first = document.querySelector<HTMLAnchorElement>('#kelp');
    for (let n = 0; n < 100; n++) {
      const link = first?.cloneNode(true) as HTMLAnchorElement;
      link.href = `/articles/program-${n}`;
      document.body.append(link);
      link.addEventListener('click', (event) => event.preventDefault());
      link.click();
      link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
    }
  });
  await Promise.all([
    page.waitForNavigation(),
    page.evaluate(() => document.querySelector<HTMLAnchorElement>('#kelp')?.click()),
  ]);
  expect(await offerOn(page)).toContain('1¢');
  expect(await stage.shop.accepted()).toEqual(before);
  await page.close();
});

it('on a page that has given itself another address opens what it paid for', async () => {
  const page = await visit(stage);
  await page.evaluate(() => history.pushState({}, '', '/section'));
  await follow(page, '#kelp');
  expect(await headingOf(page)).toBe('The article kelp');
  await page.close();
});

it('on a sandboxed page of the same site is an ordinary press', async () => {
  const page = await visit(stage, '/sandboxed');
  await follow(page, '#mist');
  expect(await offerOn(page)).toContain('2¢');
  expect(await stage.shop.accepted()).toEqual(before);
  await page.close();
});

it('twice in one double click opens one tab', async () => {
  const page = await visit(stage);
  const count = (await stage.browser.pages()).length;
  const tab = tabOn('/articles/tab');
  await page.click('#tab', { count: 2 });
  const opened = await (await tab).asPage();
  await opened.waitForSelector('h1');
  await page.bringToFront();
  expect((await stage.browser.pages()).length).toBe(count + 1);
  expect((await stage.shop.accepted()).charges).toBe(before.charges + 1);
  await opened.close();
  await page.close();
});

it('on a link to another site gives that site no hold on this tab', async () => {
  const page = await visit(stage);
  const elsewhere = `http://other.localhost:${new URL(stage.shop.origin).port}/free`;
  await page.$eval('#tab', (link, href) => link.setAttribute('href', href), elsewhere);
  const tab = stage.browser.waitForTarget((target) => target.url() === elsewhere);
  await page.click('#tab');
  const opened = await (await tab).asPage();
  expect(await opened.evaluate(() => window.opener === null)).toBe(true);
  await opened.close();
  await page.close();
});
