/** A Chromium with the wallet in it, for what is timed there: an account, and as long a history. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { build } from 'wxt';
import { launchChromium, requireChromium, welcomePage } from '../../src/cli/browser.ts';
import { type RunningProvider, startProvider } from '../../src/provider/main.ts';
import { buildFolder } from '../support/builds.ts';
import { bundleInPage } from '../support/detection.ts';
import type {} from '../support/filled-in-page.ts';

/** An empty page of the extension's own. */
export const EMPTY_PAGE = '/empty.html';

/** A reader's browser, and one of the wallet's own pages to fill its history from. */
export interface Reader {
  readonly browser: Browser;
  readonly provider: RunningProvider;
  readonly page: Page;
}

/** A copy of what readers get, with an empty page in it; where they are asked, they said yes. */
async function makeExtension(folder: string): Promise<string> {
  await build({ root: resolve(import.meta.dirname, '../..'), browser: 'chrome' });
  const extension = join(folder, 'extension');
  cpSync(buildFolder('chromium', 'real'), extension, { recursive: true });
  writeFileSync(join(extension, EMPTY_PAGE), '<!DOCTYPE html><title>Empty</title><p>Empty');
  const file = join(extension, 'manifest.json');
  const { optional_host_permissions, ...manifest } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...manifest, host_permissions: optional_host_permissions }));
  return extension;
}

async function openWallet(browser: Browser, issuer: string): Promise<Page> {
  const page = await welcomePage(browser, new URL(issuer).host);
  await page.waitForSelector('button.button-main:not([aria-disabled=true])');
  await page.click('button.button-main');
  await page.waitForSelector('[role=status]');
  await page.evaluate(await bundleInPage('filled-in-page.ts'));
  return page;
}

/** It takes longer than a driver waits for one answer. */
export async function fill({ page }: Reader, entries: number): Promise<void> {
  await page.evaluate((count) => void filled.fillHistory(count), entries);
  const isFilled = (count: number) => filled.count === count;
  await page.waitForFunction(isFilled, { timeout: 0, polling: 1000 }, entries);
}

/** Runs `work` with a new wallet, and leaves nothing behind. */
export async function withReader<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'farthing-bench-'));
  const extension = await makeExtension(folder);
  const provider = await startProvider({ dataDir: folder, port: 0 });
  const executable = await requireChromium(console.log);
  const browser = await launchChromium({ executable, extension, headless: true });
  try {
    return await work({ browser, provider, page: await openWallet(browser, provider.issuer) });
  } finally {
    await browser.close();
    await provider.close();
    rmSync(folder, { recursive: true });
  }
}
