/** Firefox with the built wallet: what its stories need that Chromium's do not. */
import { type Browser, type Connection, launch, type Page } from 'puppeteer-core';
import { findProgram } from '../../src/cli/browser.ts';
import { buildFolder } from './builds.ts';
import type { Build, Driver } from './driver.ts';

/** Pinned, so that the extension's pages have an address that is known before. */
const EXTENSION_UUID = '3b1b1f50-6a0f-4d3c-9a55-0d6a6a5a4a11';
const EXTENSION_ID = 'wallet@farthing.example';
/** The load event of an extension page never reaches the driver, though the page is there. */
const GOTO_TIMEOUT_MS = 1500;

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
  return browser;
}

/** Opens one of the wallet's own pages in a tab. */
async function walletPage(browser: Browser, path: string): Promise<Page> {
  const page = await browser.newPage();
  const address = `moz-extension://${EXTENSION_UUID}${path}`;
  await page.goto(address, { timeout: GOTO_TIMEOUT_MS }).catch(() => undefined);
  return page;
}

/** What of BiDi reaches the browser's own window. */
interface Bidi {
  send(method: string, parameters: object): Promise<{ result?: object } & object>;
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
         // A popup that is still open would only be closed by the press.
         for (const open of window.document.querySelectorAll('panel')) open.hidePopup();
         const { browserActionFor } = extension.apiManager.global;
         browserActionFor(extension).triggerAction(window);`,
      );
      return popupAbout(browser, page);
    },
    question: (page) => popupAbout(browser, page),
    async elsewhere() {
      const container = await browser.createBrowserContext();
      return async (address) => {
        const page = await container.newPage();
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
