/** Firefox with the built wallet: what its stories need that Chromium's do not. */
import { resolve } from 'node:path';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { findProgram } from '../../src/cli/browser.ts';

const EXTENSION = resolve(import.meta.dirname, '../../.output/firefox-mv3');
/** Pinned, so that the extension's pages have an address that is known before. */
const EXTENSION_UUID = '3b1b1f50-6a0f-4d3c-9a55-0d6a6a5a4a11';
const EXTENSION_ID = 'wallet@farthing.example';
/** The load event of an extension page never reaches the driver, though the page is there. */
const GOTO_TIMEOUT_MS = 1500;

export async function launchFirefox(): Promise<Browser> {
  const executablePath = await findProgram(['firefox-esr', 'firefox']);
  if (!executablePath) throw new Error('Firefox is needed; npm test installs it where it may');
  const browser = await launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    args: ['--remote-allow-system-access'],
    extraPrefsFirefox: {
      'extensions.webextensions.uuids': JSON.stringify({ [EXTENSION_ID]: EXTENSION_UUID }),
    },
  });
  await browser.installExtension(EXTENSION);
  return browser;
}

/** Opens one of the wallet's own pages in a tab. */
export async function openWalletPage(browser: Browser, path: string): Promise<Page> {
  const page = await browser.newPage();
  const address = `moz-extension://${EXTENSION_UUID}${path}`;
  await page.goto(address, { timeout: GOTO_TIMEOUT_MS }).catch(() => undefined);
  return page;
}

/**
 * The wallet's question about the tab at `address`. Firefox shows it in the toolbar popup, which no
 * driver can press; the same page is opened in a tab, as the wallet does where the popup cannot
 * open.
 */
export async function openQuestion(
  browser: Browser,
  { walletPage, address }: { walletPage: Page; address: string },
): Promise<Page> {
  const tabId = await walletPage.evaluate(async (url) => {
    const { tabs } = (globalThis as unknown as { browser: { tabs: Tabs } }).browser;
    return (await tabs.query({})).find((tab) => tab.url === url)?.id;
  }, address);
  return openWalletPage(browser, `/popup.html?tab=${tabId}`);
}

interface Tabs {
  query(about: object): Promise<{ id: number; url: string }[]>;
}
