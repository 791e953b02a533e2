/** What browser stories ask of a browser, whichever it is. */
import type { Browser, Page } from 'puppeteer-core';

export type BrowserName = 'chromium' | 'firefox';

/**
 * `real`: what readers get; `allowed`: let in on every site; `asked`: let in nowhere, and the
 * driver can answer the browser's question in the reader's place.
 */
export type Build = 'real' | 'allowed' | 'asked';

/** What drivers do in different ways. */
export interface Driver {
  readonly browser: Browser;
  /** One of the wallet's own pages, in a tab. */
  walletPage(path: string): Promise<Page>;
  /** The toolbar popup over `page`, after a press on the icon. */
  pressIcon(page: Page): Promise<Page>;
  /** What the wallet asks about `page`, in the popup that it opened by itself. */
  question(page: Page): Promise<Page>;
  /** The browser's own question is answered with yes, for the sites that `pattern` names. */
  answerYes(pattern: string): Promise<void>;
  /** The reader takes a site back in the browser's own settings. */
  takeBack(pattern: string): Promise<void>;
  /**
   * Lets the wallet run with other cookies in the same browser, and answers what opens an address
   * there: in a private window in Chromium, a container in Firefox.
   */
  elsewhere(): Promise<(address: string) => Promise<Page>>;
  /** What is downloaded from now on goes into `folder`, and nobody is asked. */
  keepDownloadsIn(folder: string): Promise<void>;
  /** Puts a new version in the place of the wallet, which keeps what is stored. */
  updateWallet(): Promise<void>;
  /** Removes the extension, as the reader does. */
  removeWallet(): Promise<void>;
  /** Stops the extension's background, as the browser does when it is idle. */
  stopWorker(page: Page): Promise<void>;
}
