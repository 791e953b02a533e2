/**
 * How soon the wallet's screens can be used with a long history, in a real Chromium with the wallet
 * as readers get it: from the beginning of the navigation until what the reader came for is there,
 * beside an empty page of the same extension, in turn. The worker is awake, as it is when a screen
 * is opened from another, or was stopped, as it is when the browser has idled.
 */
import type { Browser, Page } from 'puppeteer-core';
import { walletAddress } from '../../src/cli/browser.ts';
import { EMPTY_PAGE, fill, type Reader, withReader } from './reader.ts';
import { median } from './rounds.ts';

const ROUNDS = 9;
const EMPTY = { path: EMPTY_PAGE, usable: 'p' };

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

async function timeIn(reader: Reader): Promise<ScreenTiming[]> {
  const { browser } = reader;
  const origin = (await walletAddress(browser, '/')).slice(0, -1);
  const timings: ScreenTiming[] = [];
  for (const load of LOADS) {
    await fill(reader, load.entries);
    for (const worker of ['awake', 'stopped'] as const)
      timings.push(await timeLoad(browser, origin, { load, worker }));
  }
  return timings;
}

/** Times every screen. */
export function timeScreens(): Promise<ScreenTiming[]> {
  return withReader(timeIn);
}
