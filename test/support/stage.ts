/**
 * A browser with the built wallet, a provider and a shop: what a browser story needs, the same in
 * Chromium and Firefox, and how to end it.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { inject, vi } from 'vitest';
import type { Micros } from '../../src/protocol/money.ts';
import {
  type ProviderOptions,
  type RunningProvider,
  startProvider,
} from '../../src/provider/main.ts';
import { startChromium } from './chromium.ts';
import type { BrowserName, Build, Driver } from './driver.ts';
import { startFirefox } from './firefox.ts';
import { openPage, PATIENCE } from './patience.ts';
import { type RunningShop, type ShopOptions, startShop } from './shop.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly browser: BrowserName;
  }
}

export interface Stage extends Driver {
  readonly name: BrowserName;
  readonly provider: RunningProvider;
  readonly shop: RunningShop;
  close(): Promise<void>;
}

export interface StageOptions extends ShopOptions {
  /** `allowed`, unless the story is about permissions. */
  readonly build?: Build;
  /** What a new account is given; the provider's own default otherwise. */
  readonly starterMicros?: bigint;
  /** Cards that are paid on a page of their own; the sandbox's otherwise. */
  readonly stripe?: NonNullable<ProviderOptions['stripe']>;
}

/** Starts the browser of these stories, with an empty profile. */
export function startBrowser(build: Build): Promise<Driver> {
  return inject('browser') === 'chromium' ? startChromium(build) : startFirefox(build);
}

/** Starts everything; the reader has no wallet yet. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const { build = 'allowed', starterMicros, stripe, ...shop } = options;
  const name = inject('browser');
  const folder = await mkdtemp(join(tmpdir(), 'farthing-test-'));
  const provider = await startProvider({
    dataDir: folder,
    port: 0,
    ...(starterMicros !== undefined && { starterMicros: starterMicros as Micros }),
    ...(stripe && { stripe }),
  });
  const running = await startShop(provider.issuer, {
    host: 'news.localhost',
    refund: 'PT10M',
    ...shop,
  });
  const driver = await startBrowser(build);
  return {
    ...driver,
    name,
    provider,
    shop: running,
    async close() {
      await driver.browser.close();
      await running.close();
      await provider.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Opens the wallet as a reader would: by the one button of the first screen. */
export async function createWallet({ walletPage, provider }: Stage): Promise<void> {
  const page = await walletPage(`/welcome.html#provider=${new URL(provider.issuer).host}`);
  await page.waitForSelector('button.button-main:not([aria-disabled=true])');
  await page.click('button.button-main');
  await page.waitForSelector('[role=status]');
  await page.close();
}

/** A tab on the shop, in front. */
export async function visit({ browser, shop }: Stage, path = '/'): Promise<Page> {
  const page = await openPage(browser);
  await page.goto(shop.origin + path);
  await page.bringToFront();
  return page;
}

/** Says yes in the popup, after the half second in which it takes no input. */
export async function sayYes(popup: Page): Promise<void> {
  await popup.waitForSelector('.button-main:not([aria-disabled=true])');
  await popup.click('.button-main');
}

/** Presses `selector` and waits until the tab has gone where that leads. */
export async function follow(page: Page, selector: string): Promise<void> {
  await Promise.all([page.waitForNavigation(), page.click(selector)]);
}

/** The heading of the page that is there, or of the one that the tab is on its way to. */
export function headingOf(page: Page): Promise<string | null> {
  return page
    .locator('h1')
    .map((heading) => heading.textContent)
    .wait();
}

/** What the eye reads: without the words in which amounts are read out. */
export function shownIn(page: Page, selector: string): Promise<string> {
  return page.$eval(selector, (element) => {
    const copy = element.cloneNode(true) as Element;
    for (const said of copy.querySelectorAll('[aria-hidden] + .hidden')) said.remove();
    return copy.textContent ?? '';
  });
}

/** The words that a page of the shop's module shows, with what it costs. */
export function offerOn(page: Page): Promise<string> {
  return page.$eval('main', (main) => main.innerText);
}

/** The first purchase at the shop, with the box *Next time, don't ask* ticked. */
export async function allowOneClick(stage: Stage, selector: string): Promise<void> {
  const page = await visit(stage);
  await page.click(selector);
  const popup = await stage.question(page);
  await popup.waitForSelector('input[type=checkbox]');
  await popup.click('input[type=checkbox]');
  await Promise.all([page.waitForNavigation(), sayYes(popup)]);
  await closePopup(popup);
  await page.close();
}

/** A popup may be closed by its own button or by the browser before. */
export async function closePopup(popup: Page): Promise<void> {
  await popup.close().catch(() => undefined);
}

/** What the reader wished for and what is allowed by now, as the wallet's own pages can read it. */
interface Standing {
  readonly scripts: number;
  readonly wishes: number;
}

async function standing(page: Page): Promise<Standing> {
  return page.evaluate(async () => {
    const world = globalThis as unknown as { browser?: typeof chrome };
    const { scripting } = world.browser ?? chrome;
    const scripts = (await scripting.getRegisteredContentScripts()).length;
    // To open what is not there would make it, and keep the wallet from making it rightly.
    const isThere = (await indexedDB.databases()).some(({ name }) => name === 'farthing-sites');
    if (!isThere) return { scripts, wishes: 0 };
    const wishes = await new Promise<number>((resolve) => {
      const opening = indexedDB.open('farthing-sites');
      opening.onsuccess = () => {
        const { result } = opening;
        const counting = result.transaction('wishes').objectStore('wishes').count();
        counting.onsuccess = () => resolve(counting.result);
        result.close();
      };
    });
    return { scripts, wishes };
  });
}

declare const chrome: {
  readonly scripting: { getRegisteredContentScripts(): Promise<unknown[]> };
  readonly tabs: { query(about: object): Promise<{ id: number; url?: string }[]> };
  readonly action: { getBadgeText(about: { tabId: number }): Promise<string> };
};

/** What the icon says over `page`. */
export async function badgeOf({ walletPage }: Stage, page: Page): Promise<string> {
  const screen = await walletPage('/popup.html?tab=0');
  const address = await page.evaluate(() => location.href);
  const text = await screen.evaluate(async (url) => {
    const { tabs, action } =
      (globalThis as unknown as { browser?: typeof chrome }).browser ?? chrome;
    const tab = (await tabs.query({})).find((it) => it.url === url);
    return action.getBadgeText({ tabId: tab?.id ?? 0 });
  }, address);
  await screen.close();
  return text;
}

/** Resolves when the wallet stands as `isIt` says. */
async function untilStanding(
  { walletPage }: Stage,
  isIt: (now: Standing) => boolean,
): Promise<void> {
  const page = await walletPage('/popup.html?tab=0');
  await page.waitForSelector('main');
  await vi.waitUntil(async () => isIt(await standing(page)), PATIENCE);
  await page.close();
}

/**
 * Resolves when a wish is kept, or has come to pass already, as a page of the wallet's sees it that
 * was there before: a new one would take the place of the popup.
 */
export async function wished(screen: Page): Promise<void> {
  const isWished = async () => {
    const { scripts, wishes } = await standing(screen);
    return scripts + wishes > 0;
  };
  await vi.waitUntil(isWished, PATIENCE);
  await screen.close();
}

/** Resolves when what was wished for has come to pass. */
export function settled(stage: Stage): Promise<void> {
  return untilStanding(stage, ({ scripts, wishes }) => scripts > 0 && wishes === 0);
}

/** Resolves when nothing runs anywhere. */
export function shutOut(stage: Stage): Promise<void> {
  return untilStanding(stage, ({ scripts }) => scripts === 0);
}

/** All passes are lost: the reader has cleared the cookies. */
export async function clearCookies({ browser }: Stage): Promise<void> {
  const context = browser.defaultBrowserContext();
  await context.deleteCookie(...(await context.cookies()));
}

/** `request`: as it arrives, before anything is done; `response`: when it has been answered. */
const MOMENTS = { request: 'http.server.request.start', response: 'http.server.response.finish' };

interface Death {
  readonly page: Page;
  readonly moment: keyof typeof MOMENTS;
  /** How the line of the request begins: `GET /articles/reefs`. */
  readonly line: string;
}

/** Kills the background at the next such request of the wallet's; resolves when it is dead. */
export function killWorkerAt({ stopWorker }: Stage, { page, moment, line }: Death): Promise<void> {
  const channel = MOMENTS[moment];
  return new Promise((resolve, reject) => {
    const note = (message: unknown) => {
      const { request } = message as { request: IncomingMessage };
      if (!isWallets(request) || !`${request.method} ${request.url}`.startsWith(line)) return;
      unsubscribe(channel, note);
      stopWorker(page).then(resolve, reject);
    };
    subscribe(channel, note);
  });
}

/** A navigation, a picture, or a question of the browser's own is not the wallet's. */
function isWallets({ method, url, headers }: IncomingMessage): boolean {
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': dest, 'user-agent': agent } = headers;
  const isBrowsers = mode === 'navigate' || dest === 'image' || method === 'OPTIONS';
  // A popup that opens asks for the balance, whatever is bought.
  if (url === '/v1/account') return false;
  return !isBrowsers && /^Mozilla/.test(agent ?? '');
}

/**
 * The requests that the wallet sends during `act`, from its worker or from a tab, as `POST
 * /v1/purses`: counted where they arrive, which is this process.
 */
export async function walletRequests(act: () => Promise<unknown>): Promise<string[]> {
  const requests: string[] = [];
  const note = (message: unknown) => {
    const { request } = message as { request: IncomingMessage };
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    if (isWallets(request)) requests.push(`${request.method} ${pathname}`);
  };
  subscribe('http.server.request.start', note);
  await act();
  unsubscribe('http.server.request.start', note);
  return requests;
}
