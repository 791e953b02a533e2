/** What the wallet shows on a page where it is let in: marks beside links, a note after a click. */
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  badgeOf,
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

/** What they hang in: the note is fixed to the window, the marks to the page. */
const NOTE = 'html > div[style*="fixed"]';
const LAYER = 'html > div[style*="absolute"]';

/** What screen readers are told of the marks on a page that runs that way, and where they are. */
async function marksOn(page: Page, direction: 'ltr' | 'rtl') {
  await page.evaluate((dir) => {
    document.documentElement.dir = dir;
    window.dispatchEvent(new Event('resize'));
    return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  }, direction);
  if (stage.name === 'firefox') return [];
  const session = await page.createCDPSession();
  await session.send('DOM.enable');
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  const pictures = nodes.filter(({ role }) => role?.value === 'image');
  const marks = pictures.map(async ({ name, backendDOMNodeId: backendNodeId = 0 }) => {
    const { model } = await session.send('DOM.getBoxModel', { backendNodeId });
    const xs = model.border.filter((_, index) => index % 2 === 0);
    return { name: name?.value as string, left: Math.min(...xs), right: Math.max(...xs) };
  });
  return Promise.all(marks).finally(() => session.detach());
}

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
  await page.waitForSelector(LAYER);
  expect(await boxes()).toEqual(before);
  await page.close();
});

it('screen readers are told each mark with its link; it stands beside it both ways', async () => {
  const page = await visit(stage);
  await page.waitForSelector(LAYER);
  const names = (await marksOn(page, 'ltr')).map(({ name }) => name);
  const [yours] = await marksOn(page, 'rtl');
  const end = await page.$eval('#tides', (link) => link.getBoundingClientRect().left);
  if (stage.name === 'chromium') {
    expect(names).toContain('Already yours: Article tides');
    expect(names).toContain('One click pays: Article reefs');
    expect(yours?.right).toBeCloseTo(end - 3, 0);
  }
  await page.close();
});

it('no mark covers a price that the page draws behind its link, both ways', async () => {
  const page = await visit(stage);
  const content = 'a::after { content: " " attr(data-fee-price); border: 1px solid }';
  await page.addStyleTag({ content });
  await page.waitForSelector(LAYER);
  for (const direction of ['ltr', 'rtl'] as const) {
    const marks = await marksOn(page, direction);
    if (stage.name === 'firefox') continue;
    for (const id of ['tides', 'reefs']) {
      const mark = marks.find(({ name }) => name.endsWith(id));
      const { left, right } = await page.$eval(`#${id}`, (link) => {
        const box = link.getBoundingClientRect();
        return { left: box.left, right: box.right };
      });
      if (direction === 'ltr') expect(mark?.left).toBeCloseTo(right + 3, 0);
      else expect(mark?.right).toBeCloseTo(left - 3, 0);
    }
  }
  await page.close();
});

it('a click pays, and a note on the page says so: it takes no focus and undoes', async () => {
  const page = await visit(stage);
  await follow(page, '#reefs');
  expect(await headingOf(page)).toBe('The article reefs');
  await page.waitForSelector(NOTE);
  expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true);
  // Nobody looks into a closed root, a driver neither: its button is where readers see it.
  const { x, y } = await page.$eval(NOTE, (host) => {
    const { right, top, bottom } = host.getBoundingClientRect();
    return { x: right - 80, y: (top + bottom) / 2 };
  });
  await expect
    .poll(async () => {
      await page.mouse.click(x, y);
      return (await stage.shop.seller.collect()).refunds;
    })
    .toBe(1);
  await page.reload();
  expect(await offerOn(page)).toContain('1¢');
  await page.close();
});

it('the note can be reached by keys, and leaves on Escape', async () => {
  const page = await visit(stage);
  await follow(page, '#kelp');
  await page.waitForSelector(NOTE);
  await page.keyboard.press('Tab');
  await expect.poll(() => page.evaluate(() => document.activeElement?.localName)).toBe('div');
  await page.keyboard.press('Escape');
  expect(await page.$(NOTE)).toBeNull();
  await page.close();
});

it('readers who have seen ten notes are told by the icon alone', async () => {
  const screen = await stage.walletPage('/popup.html?tab=0');
  await screen.evaluate(async () => {
    const opening = indexedDB.open('farthing-sites');
    const { result } = await new Promise<typeof opening>((opened) => {
      opening.onsuccess = () => opened(opening);
    });
    const counts = result.transaction('counts', 'readwrite').objectStore('counts');
    counts.put({ name: 'notes', count: 10 });
    await new Promise((done) => counts.transaction.addEventListener('complete', done));
    result.close();
  });
  await screen.close();
  const page = await visit(stage);
  await follow(page, '#dunes');
  expect(await headingOf(page)).toBe('The article dunes');
  await expect.poll(() => badgeOf(stage, page)).toBe('✓1¢');
  expect(await page.$(NOTE)).toBeNull();
  await page.close();
});
