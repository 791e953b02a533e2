/**
 * How soon the wallet's screens can be used with a long history, in a real Chromium with the wallet
 * as readers get it: from the beginning of the navigation until what the reader came for is there,
 * beside an empty page of the same extension, in turn. The worker is awake, as it is when a screen
 * is opened from another, or was stopped, as it is when the browser has idled.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { build } from 'wxt';
import {
  launchChromium,
  requireChromium,
  walletAddress,
  welcomePage,
} from '../../src/cli/browser.ts';
import { startProvider } from '../../src/provider/main.ts';
import { buildFolder } from '../support/builds.ts';
import { bundleInPage } from '../support/detection.ts';
import type {} from '../support/filled-in-page.ts';

const ROUNDS = 9;
const EMPTY = { path: '/empty.html', usable: 'p' };

/** One screen with so many entries. */
interface Load {
  readonly name: string;
  readonly path: string;
  readonly entries: number;
  /** All of it is there when it can be used. */
  readonly usable: string;
}

const LOADS: readonly Load[] = [
  {
    name: 'the popup',
    path: '/popup.html?tab=0',
    entries: 10_000,
    usable: 'main:has(.balance):has(.latest-head)',
  },
  {
    name: 'the history page',
    path: '/page.html',
    entries: 100_000,
    usable: 'main:has(.find):has(.entry)',
  },
];

/** One load, timed. */
export interface ScreenTiming extends Pick<Load, 'name' | 'entries'> {
  readonly worker: 'awake' | 'stopped';
  /** Medians of the rounds, in milliseconds. */
  readonly emptyMs: number;
  readonly usableMs: number;
  /** The median of the rounds' ratios of the second to the first. */
  readonly ratio: number;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Runs in the page, before anything of it: notes when what matches `usable` is there. */
function noteUsable(usable: string): void {
  const world = globalThis as { usableMs?: number };
  const look = () => {
    if (world.usableMs === undefined && document.querySelector(usable))
      world.usableMs = performance.now();
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true });
}

async function stopWorker(page: Page): Promise<void> {
  const session = await page.createCDPSession();
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.stopAllWorkers');
  await session.detach();
}

interface Opening {
  readonly path: string;
  readonly usable: string;
  readonly worker: ScreenTiming['worker'];
}

async function timeOpening(browser: Browser, origin: string, opening: Opening): Promise<number> {
  const page = await browser.newPage();
  await page.goto(origin + EMPTY.path);
  if (opening.worker === 'stopped') await stopWorker(page);
  await page.evaluateOnNewDocument(noteUsable, opening.usable);
  await page.goto(origin + opening.path);
  const noted = await page.waitForFunction(() => (globalThis as { usableMs?: number }).usableMs);
  const usableMs = Number(await noted.jsonValue());
  await page.close();
  return usableMs;
}

async function timeLoad(
  browser: Browser,
  origin: string,
  { load: { name, path, entries, usable }, worker }: { load: Load; worker: Opening['worker'] },
): Promise<ScreenTiming> {
  const times: [number, number][] = [];
  for (let round = 0; round <= ROUNDS; round++)
    times.push([
      await timeOpening(browser, origin, { ...EMPTY, worker }),
      await timeOpening(browser, origin, { path, usable, worker }),
    ]);
  // The first only warms up.
  times.shift();
  return {
    ...{ name, entries, worker },
    emptyMs: median(times.map(([emptyMs]) => emptyMs)),
    usableMs: median(times.map(([, usableMs]) => usableMs)),
    ratio: median(times.map(([emptyMs, usableMs]) => usableMs / emptyMs)),
  };
}

/** A copy of what readers get, with an empty page in it. */
async function makeExtension(folder: string): Promise<string> {
  await build({ root: resolve(import.meta.dirname, '../..'), browser: 'chrome' });
  const extension = join(folder, 'extension');
  cpSync(buildFolder('chromium', 'real'), extension, { recursive: true });
  writeFileSync(join(extension, EMPTY.path), '<!DOCTYPE html><title>Empty</title><p>Empty');
  return extension;
}

/** A wallet with an account, and a page of it to fill it from. */
async function openWallet(browser: Browser, issuer: string): Promise<Page> {
  const page = await welcomePage(browser, new URL(issuer).host);
  await page.waitForSelector('button.button-main:not([aria-disabled=true])');
  await page.click('button.button-main');
  await page.waitForSelector('[role=status]');
  await page.evaluate(await bundleInPage('filled-in-page.ts'));
  return page;
}

/** It takes longer than a driver waits for one answer. */
async function fill(page: Page, entries: number): Promise<void> {
  await page.evaluate((count) => void filled.fillHistory(count), entries);
  const isFilled = (count: number) => filled.count === count;
  await page.waitForFunction(isFilled, { timeout: 0, polling: 1000 }, entries);
}

async function timeIn(browser: Browser, issuer: string): Promise<ScreenTiming[]> {
  const page = await openWallet(browser, issuer);
  const origin = (await walletAddress(browser, '/')).slice(0, -1);
  const timings: ScreenTiming[] = [];
  for (const load of LOADS) {
    await fill(page, load.entries);
    for (const worker of ['awake', 'stopped'] as const)
      timings.push(await timeLoad(browser, origin, { load, worker }));
  }
  return timings;
}

/** Times every screen. */
export async function timeScreens(): Promise<ScreenTiming[]> {
  const folder = mkdtempSync(join(tmpdir(), 'farthing-bench-'));
  const extension = await makeExtension(folder);
  const provider = await startProvider({ dataDir: folder, port: 0, name: 'Sandbox Pay' });
  const executable = await requireChromium(console.log);
  const browser = await launchChromium({ executable, extension, headless: true });
  try {
    return await timeIn(browser, provider.issuer);
  } finally {
    await browser.close();
    await provider.close();
    rmSync(folder, { recursive: true });
  }
}
