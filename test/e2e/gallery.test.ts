/** The gallery of components: every state in both themes and directions, and high contrast. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Browser, type CDPSession, launch, type Page } from 'puppeteer-core';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requireChromium } from '../../src/cli/browser.ts';
import { barriersIn, misfitsIn } from '../screens/flaws.ts';
import { setTheme, type Theme } from '../screens/theme.ts';
import { openPage } from '../support/patience.ts';

const FOLDER = resolve(import.meta.dirname, '../../.results/gallery');

let server: ViteDevServer;
let browser: Browser;
let page: Page;
let session: CDPSession;

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  server = await createServer({
    root: resolve(import.meta.dirname, '../gallery'),
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0 },
    // Nothing is prepared on the side, so that nothing loads again.
    optimizeDeps: { noDiscovery: true },
  });
  await server.listen();
  const executablePath = await requireChromium(console.log);
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser = await launch({ executablePath, args });
  page = await openPage(browser);
  session = await page.createCDPSession();
  await page.setViewport({ width: 1000, height: 1400 });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

const CASES: readonly (readonly [Theme, 'ltr' | 'rtl'])[] = [
  ['light', 'ltr'],
  ['dark', 'ltr'],
  ['light', 'rtl'],
  ['contrast', 'ltr'],
];

it.each(CASES)('every component in %s, %s, has its place and keeps nobody out', async (...how) => {
  const [theme, direction] = how;
  const [address = ''] = server.resolvedUrls?.local ?? [];
  await setTheme(session, theme);
  await page.goto(`${address}${direction === 'rtl' ? '?rtl' : ''}`);
  await page.waitForSelector('.gallery');
  expect(await misfitsIn(page)).toEqual([]);
  if (theme !== 'contrast') expect(await barriersIn(page, 'everything')).toEqual([]);
  await page.screenshot({ path: join(FOLDER, `${theme}-${direction}.png`) as `${string}.png` });
});

it('a dialog keeps the focus, and Escape gives it back', async () => {
  await setTheme(session, 'light');
  await page.click('.shelf:last-of-type .button');
  await page.waitForSelector('dialog[open]');
  expect(await misfitsIn(page)).toEqual([]);
  expect(await barriersIn(page, 'everything')).toEqual([]);
  await page.screenshot({ path: join(FOLDER, 'dialog.png') as `${string}.png` });
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { hidden: true });
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Open the dialog');
});
