/** Chromium with the built wallet: what its stories need that Firefox's do not. */
import type { Browser, Page } from 'puppeteer-core';
import { vi } from 'vitest';
import { launchChromium, popupPage, pressIcon, requireChromium } from '../../src/cli/browser.ts';
import { buildFolder } from './builds.ts';
import type { Build, Driver } from './driver.ts';
import { openPage, PATIENCE } from './patience.ts';

async function stopWorker(page: Page): Promise<void> {
  const session = await page.createCDPSession();
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.stopAllWorkers');
  await session.detach();
}

/** What the browser's own page of extensions can do. */
interface ExtensionsPage {
  updateExtensionConfiguration(about: {
    extensionId: string;
    hostAccess?: string;
    incognitoAccess?: boolean;
  }): Promise<void>;
  updateProfileConfiguration(about: { inDeveloperMode: boolean }): Promise<void>;
  reload(extensionId: string, options: { failQuietly: boolean }): Promise<void>;
  addHostPermission(extensionId: string, pattern: string): Promise<void>;
  removeHostPermission(extensionId: string, pattern: string): Promise<void>;
}

/** The wallet's pages have one address, whether or not its worker runs. */
interface Wallet {
  readonly browser: Browser;
  readonly origin: string;
}

type Act = (api: ExtensionsPage, id: string, pattern: string) => Promise<void>;

/** Acts as the reader does on `chrome://extensions`. */
async function inSettings({ browser, origin }: Wallet, pattern: string, act: Act): Promise<void> {
  const { host } = new URL(origin);
  const page = await openPage(browser);
  await page.goto('chrome://extensions');
  const [id, site] = [host, pattern].map((text) => JSON.stringify(text));
  await page.evaluate(`(${act.toString()})(chrome.developerPrivate, ${id}, ${site})`);
  await page.close();
}

const withhold: Act = (api, extensionId) =>
  api.updateExtensionConfiguration({ extensionId, hostAccess: 'ON_SPECIFIC_SITES' });

/** It starts again for that, which it may only where extensions are being developed. */
const update: Act = async (api, extensionId) => {
  await api.updateProfileConfiguration({ inDeveloperMode: true });
  await api.reload(extensionId, { failQuietly: true });
};

/** For this too. */
const allowPrivate: Act = async (api, extensionId) => {
  await api.updateProfileConfiguration({ inDeveloperMode: true });
  await api.updateExtensionConfiguration({ extensionId, incognitoAccess: true });
};

/** A page in a private window, which one of the wallet's own pages opens. */
async function openPrivate({ browser, origin }: Wallet, address: string): Promise<Page> {
  const opener = await openPage(browser);
  const wallet = `${origin}/popup.html?tab=0`;
  await vi.waitUntil(() => opener.goto(wallet).catch(() => false), PATIENCE);
  const options = JSON.stringify({ incognito: true, url: `${address}#private` });
  await opener.evaluate(`chrome.windows.create(${options})`);
  const target = await browser.waitForTarget((it) => it.url().startsWith(`${address}#private`));
  await opener.close();
  const page = await target.asPage();
  // The wallet may have it load again meanwhile, which ends any wait inside the page.
  await vi.waitUntil(() => page.$('h1').catch(() => null), PATIENCE);
  return page;
}

/** Starts it. The first-run page opens by itself, and is closed again. */
export async function startChromium(build: Build): Promise<Driver> {
  const executable = await requireChromium(console.log);
  // Sites that are withheld are asked for like optional ones, and there the answer can be given.
  const extension = buildFolder('chromium', build === 'real' ? 'real' : 'allowed');
  const browser = await launchChromium({ executable, extension, headless: true });
  // It opens in front: a press on a tab that it covers would go nowhere.
  const welcome = await browser.waitForTarget((it) => it.url().includes('/welcome.html'));
  const firstPage = await welcome.asPage();
  await firstPage.waitForSelector('main');
  const origin = new URL('/', welcome.url()).href.slice(0, -1);
  const wallet: Wallet = { browser, origin };
  if (build === 'asked') await inSettings(wallet, '', withhold);
  return {
    browser,
    async walletPage(path) {
      const page = await openPage(browser);
      await page.goto(origin + path);
      return page;
    },
    pressIcon: (page) => pressIcon(browser, page),
    question: () => popupPage(browser),
    async elsewhere() {
      await inSettings(wallet, '', allowPrivate);
      return (address) => openPrivate(wallet, address);
    },
    answerYes: (pattern) =>
      inSettings(wallet, pattern, (api, id, site) => api.addHostPermission(id, site)),
    takeBack: (pattern) =>
      inSettings(wallet, pattern, (api, id, site) => api.removeHostPermission(id, site)),
    updateWallet: () => inSettings(wallet, '', update),
    removeWallet: () => browser.uninstallExtension(new URL(origin).host),
    async keepDownloadsIn(folder) {
      // It holds for as long as the session does.
      const session = await browser.target().createCDPSession();
      const behavior = { behavior: 'allow', downloadPath: folder } as const;
      await session.send('Browser.setDownloadBehavior', behavior);
    },
    stopWorker,
  };
}
