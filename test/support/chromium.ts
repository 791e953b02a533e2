/**
 * Chromium with the built wallet, a provider and a shop: what a browser story needs, and how to end
 * it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { launchChromium, popupPage, requireChromium, welcomePage } from '../../src/cli/browser.ts';
import { type RunningProvider, startProvider } from '../../src/provider/main.ts';
import { type RunningShop, type ShopOptions, startShop } from './shop.ts';

const EXTENSION = resolve(import.meta.dirname, '../../.output/chrome-mv3');

export interface Stage {
  readonly browser: Browser;
  readonly provider: RunningProvider;
  readonly shop: RunningShop;
  close(): Promise<void>;
}

/** Starts everything; the reader has no wallet yet. */
export async function openStage(shopOptions: ShopOptions = {}): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'farthing-test-'));
  const provider = await startProvider({ dataDir: folder, port: 0, name: 'Sandbox Pay' });
  const shop = await startShop(provider.issuer, { host: 'news.localhost', ...shopOptions });
  const executable = await requireChromium(console.log);
  const browser = await launchChromium({ executable, extension: EXTENSION, headless: true });
  // It opens by itself and in front: a press on a tab that it covers would go nowhere.
  const welcome = await browser.waitForTarget((it) => it.url().includes('/welcome.html'));
  await (await welcome.asPage()).waitForSelector('main');
  return {
    browser,
    provider,
    shop,
    async close() {
      await browser.close();
      await shop.close();
      await provider.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The welcome page that opened by itself after the install, turned to the stage's provider. */
export async function openWelcome({ browser, provider }: Stage): Promise<Page> {
  return welcomePage(browser, new URL(provider.issuer).host);
}

/** Opens the wallet as a reader would: by the one button of the first screen. */
export async function createWallet(stage: Stage): Promise<void> {
  const page = await openWelcome(stage);
  await page.locator('button.button-main').click();
  await page.locator('[role=status]').wait();
  await page.close();
}

/** A tab on the shop, in front. */
export async function visit({ browser, shop }: Stage, path = '/'): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(shop.origin + path);
  await page.bringToFront();
  return page;
}

/** The popup that the wallet opened over the page. */
export async function awaitPopup({ browser }: Stage): Promise<Page> {
  return popupPage(browser);
}

/** Presses the toolbar icon over `page`, as a reader does. */
export async function pressIcon({ browser }: Stage, page: Page): Promise<Page> {
  const extensions = await browser.extensions();
  const [extension] = [...extensions.values()];
  if (!extension) throw new Error('the extension is not installed');
  await page.bringToFront();
  await extension.triggerAction(page);
  return popupPage(browser);
}

/** Says yes in the popup, after the half second in which it takes no input. */
export async function sayYes(popup: Page): Promise<void> {
  await popup.locator('.button-main:not([aria-disabled=true])').click();
}

/** Stops the extension's worker, as the browser does when it is idle. */
export async function stopWorker(page: Page): Promise<void> {
  const session = await page.createCDPSession();
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.stopAllWorkers');
  await session.detach();
}

/** The requests that the wallet's worker sends during `act`, as `POST /v1/purses`. */
export async function walletRequests(
  { browser }: Stage,
  act: () => Promise<unknown>,
): Promise<string[]> {
  const worker = await browser.waitForTarget((target) => target.type() === 'service_worker');
  const session = await worker.createCDPSession();
  const requests: string[] = [];
  session.on('Network.requestWillBeSent', ({ request }) => {
    requests.push(`${request.method} ${new URL(request.url).pathname}`);
  });
  await session.send('Network.enable');
  await act();
  // A worker under a debugger is not stopped like any other: the session ends with the act.
  await session.detach();
  return requests;
}
