/** Firefox with the built wallet: what its stories need that Chromium's do not. */
import { type Browser, type Connection, launch, type Page } from 'puppeteer-core';
import { vi } from 'vitest';
import { findProgram } from '../../src/cli/browser.ts';
import { buildFolder } from './builds.ts';
import type { Build, Driver } from './driver.ts';
import { openPage, PATIENCE } from './patience.ts';

/** Pinned, so that the extension's pages have an address that is known before. */
const EXTENSION_UUID = '3b1b1f50-6a0f-4d3c-9a55-0d6a6a5a4a11';
const EXTENSION_ID = 'wallet@farthing.example';

async function launchFirefox(build: Build): Promise<Browser> {
  const executablePath = await findProgram(['firefox-esr', 'firefox']);
  if (!executablePath) throw new Error('Firefox is needed; npm test installs it where it may');
  const browser = await launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    args: ['--remote-allow-system-access'],
    extraPrefsFirefox: {
      'extensions.webextensions.uuids': JSON.stringify({ [EXTENSION_ID]: EXTENSION_UUID }),
      // The browser's own question, which no driver can press, is answered with yes.
      'extensions.webextOptionalPermissionPrompts': false,
    },
  });
  await browser.installExtension(buildFolder('firefox', build === 'allowed' ? 'allowed' : 'real'));
  // The first-run page opens by itself and in front: a tab that it covers would get no keys.
  const isThere = `const windows = [...Services.wm.getEnumerator('navigator:browser')];
    return windows.some(({ gBrowser }) =>
      gBrowser.tabs.some(({ linkedBrowser: { currentURI } }) =>
        currentURI.spec.endsWith('/welcome.html')));`;
  await vi.waitUntil(() => runInChrome(browser, isThere), PATIENCE);
  return browser;
}

/** What of BiDi reaches the browser's own window. */
interface Bidi {
  send(method: string, parameters: object): Promise<{ result?: object } & object>;
}

/**
 * Opens one of the wallet's own pages in a tab. Its load event never reaches the driver, so nothing
 * waits for that: it is there when its document says so.
 */
async function walletPage(browser: Browser, path: string): Promise<Page> {
  const page = await openPage(browser);
  const url = `moz-extension://${EXTENSION_UUID}${path}`;
  const { connection } = browser as unknown as { connection: Bidi };
  const context = (page.mainFrame() as unknown as { _id: string })._id;
  await connection.send('browsingContext.navigate', { context, url, wait: 'none' });
  await page.waitForFunction(
    (there) => location.href === there && document.readyState === 'complete',
    {},
    url,
  );
  return page;
}

/** Runs `expression` in the browser's own window, with `extension` for ours. */
export async function runInChrome(browser: Browser, expression: string): Promise<unknown> {
  const { connection } = browser as unknown as { connection: Connection & Bidi };
  const tree = (await connection.send('browsingContext.getTree', { 'moz:scope': 'chrome' })) as {
    result: { contexts: { context: string; url: string }[] };
  };
  const window = tree.result.contexts.find(({ url }) => url.includes('browser.xhtml'));
  const answer = (await connection.send('script.evaluate', {
    target: { context: window?.context },
    awaitPromise: true,
    expression: `(async () => {
      const { extension } = WebExtensionPolicy.getByID('${EXTENSION_ID}');
      ${expression}
    })()`,
  })) as { result: { type: string; result?: { value?: unknown }; exceptionDetails?: object } };
  if (answer.result.type === 'exception')
    throw new Error(JSON.stringify(answer.result.exceptionDetails));
  return answer.result.result?.value;
}

/** Finds the tab of `page`, in whichever window: `tab` and `window` of the browser's own. */
async function findingTab(page: Page): Promise<string> {
  const address = await page.evaluate(() => location.href);
  return `let window, tab;
    for (const each of Services.wm.getEnumerator('navigator:browser')) {
      const found = each.gBrowser.tabs.find(
        (it) => it.linkedBrowser.currentURI.spec === ${JSON.stringify(address)});
      if (found) [window, tab] = [each, found];
    }`;
}

/** A popup in the toolbar takes the keys from the tab in which the same page is used. */
const HIDING = `const hide = () => {
  for (const open of window.document.querySelectorAll('panel')) open.hidePopup();
};`;

/**
 * The wallet's popup about the tab of `page`. Firefox shows it in the toolbar, where no driver can
 * press it; the same page is opened in a tab, as the wallet does where the popup cannot open.
 */
async function popupAbout(browser: Browser, page: Page): Promise<Page> {
  const tabId = await runInChrome(
    browser,
    `${await findingTab(page)} return extension.apiManager.global.tabTracker.getId(tab);`,
  );
  return walletPage(browser, `/popup.html?tab=${tabId}`);
}

/** Hides the popup that opens by itself, at any moment after a press in `page`. */
async function hideOwn(browser: Browser, page: Page): Promise<void> {
  await runInChrome(
    browser,
    `${await findingTab(page)}
     ${HIDING}
     const panels = [...window.document.querySelectorAll('panel')];
     if (!panels.some(({ state }) => state === 'open'))
       await new Promise((done) => window.addEventListener('popupshown', done, { once: true }));
     hide();`,
  );
}

/** Starts it. */
export async function startFirefox(build: Build): Promise<Driver> {
  const browser = await launchFirefox(build);
  return {
    browser,
    walletPage: (path) => walletPage(browser, path),
    async pressIcon(page) {
      await page.bringToFront();
      // As the toolbar's button does it: the wallet may now read this one page.
      await runInChrome(
        browser,
        `${await findingTab(page)}
         window.gBrowser.selectedTab = tab;
         ${HIDING}
         // One that is still open would only be closed by the press.
         hide();
         const shown = new Promise((done) =>
           window.addEventListener('popupshown', done, { once: true }));
         const { browserActionFor } = extension.apiManager.global;
         browserActionFor(extension).triggerAction(window);
         await shown;
         hide();`,
      );
      return popupAbout(browser, page);
    },
    async question(page) {
      await hideOwn(browser, page);
      return popupAbout(browser, page);
    },
    async elsewhere() {
      const container = await browser.createBrowserContext();
      return async (address) => {
        const page = await openPage(container);
        await page.goto(address);
        await page.bringToFront();
        return page;
      };
    },
    // A preference answers it at once.
    answerYes: async () => undefined,
    async takeBack(pattern) {
      await runInChrome(
        browser,
        `const { ExtensionPermissions } = ChromeUtils.importESModule(
           'resource://gre/modules/ExtensionPermissions.sys.mjs');
         const site = { permissions: [], origins: [${JSON.stringify(pattern)}] };
         await ExtensionPermissions.remove(extension.id, site, extension);`,
      );
    },
    async updateWallet() {
      await runInChrome(
        browser,
        `const { AddonManager } = ChromeUtils.importESModule(
           'resource://gre/modules/AddonManager.sys.mjs');
         await (await AddonManager.getAddonByID(extension.id)).reload();`,
      );
    },
    removeWallet: () => browser.uninstallExtension(EXTENSION_ID),
    async keepDownloadsIn(folder) {
      const { connection } = browser as unknown as { connection: Bidi };
      const downloadBehavior = { type: 'allowed', destinationFolder: folder };
      await connection.send('browser.setDownloadBehavior', { downloadBehavior });
    },
    async stopWorker() {
      await runInChrome(
        browser,
        'await extension.terminateBackground({ ignoreDevToolsAttached: true });',
      );
    },
  };
}
