/** Pages where there is nothing for the wallet to do, or not yet. */
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPage } from '../../support/patience.ts';
import {
  badgeOf,
  createWallet,
  follow,
  openStage,
  type Stage,
  visit,
  walletRequests,
} from '../../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  await createWallet(stage);
});

afterAll(() => stage.close());

/** What a page can see of itself: its markup, its style sheets, what was said to it. */
async function traces(page: Page): Promise<unknown> {
  return page.evaluate(() => ({
    markup: document.documentElement.outerHTML,
    sheets: document.adoptedStyleSheets.length,
    globals: Object.keys(window).length,
    said: (globalThis as { said?: unknown[] }).said,
  }));
}

it('a page without fee markup gets no node, no style, no message and no request', async () => {
  const page = await openPage(stage.browser);
  const seen: string[] = [];
  page.on('request', (request) => seen.push(new URL(request.url()).pathname));
  const requests = await walletRequests(async () => {
    await page.goto(`${stage.shop.origin}/plain`);
    const { markup, sheets, said } = (await traces(page)) as Record<string, unknown>;
    expect(markup).toBe(
      '<html lang="en"><head><title>Nothing for sale</title>' +
        '<script>said=[];onmessage=(e)=>said.push(e.data)</script></head><body>' +
        '<h1>Nothing for sale</h1><p><a id="free" href="/free">Free</a></p></body></html>',
    );
    expect(sheets).toBe(0);
    expect(said).toEqual([]);
    await follow(page, '#free');
  });
  expect(seen.filter((path) => path !== '/favicon.ico')).toEqual(['/plain', '/free']);
  expect(requests).toEqual([]);
  await page.close();
});

it('a page that is for sale late lights the icon up, and puts it out again', async () => {
  const page = await visit(stage, '/free');
  await page.evaluate(() => {
    history.pushState(null, '', '/late');
    document.head.insertAdjacentHTML(
      'beforeend',
      '<meta name="fee:payto" content="a@b.example"><meta name="fee:price" content="0.02 USD">',
    );
  });
  await expect.poll(() => badgeOf(stage, page)).toBe('2¢');
  await page.evaluate(() => document.querySelector('meta[name="fee:price"]')?.remove());
  await expect.poll(() => badgeOf(stage, page)).toBe('');
  await page.close();
});
