/**
 * How long anything may take. Nothing waits for this time to pass: it is for machines that have
 * much else to do, where a disk or a browser may answer several times later than elsewhere.
 */
import type { Browser, BrowserContext, Page } from 'puppeteer-core';

const PATIENCE_MS = 90_000;

/** For what is asked again and again. */
export const PATIENCE = { timeout: PATIENCE_MS, interval: 50 } as const;

/** A new page whose own waits are as patient. */
export async function openPage(browser: Browser | BrowserContext): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}
