/**
 * How soon a click that pays is on its way: from the reader's press until the navigation begins, in
 * a real Chromium with a history of ten thousand purchases, beside the same press on a link that
 * costs nothing, in turn.
 */
import type { Page } from 'puppeteer-core';
import { popupPage } from '../../src/cli/browser.ts';
import { type RunningShop, startShop } from '../support/shop.ts';
import { fill, type Reader, withReader } from './reader.ts';
import { median } from './rounds.ts';

const ROUNDS = 15;
const ENTRIES = 10_000;
/** More than five in ten seconds are asked about. */
const PAUSE_MS = 2200;

export interface ClickTiming {
  readonly entries: number;
  /** Medians of the rounds, in milliseconds. */
  readonly freeMs: number;
  readonly paidMs: number;
  /** The median of the rounds' ratios of the second to the first. */
  readonly ratio: number;
}

interface Visit {
  readonly reader: Reader;
  readonly shop: RunningShop;
}

/** A front page that has one more link. */
async function openFront({ reader, shop }: Visit, path: string, price?: string): Promise<Page> {
  const page = await reader.browser.newPage();
  await page.goto(`${shop.origin}/`);
  await page.evaluate(
    (href, text) => {
      const link = document.createElement('a');
      link.href = href;
      link.id = 'timed';
      link.textContent = 'Timed';
      if (text) link.dataset.feePrice = text;
      document.body.prepend(link);
    },
    path,
    price,
  );
  return page;
}

/** The first purchase, with the box *Next time, don't ask* ticked. */
async function allowClicks(visit: Visit): Promise<void> {
  const page = await openFront(visit, '/articles/first', '0.02 USD');
  await page.click('#timed');
  const popup = await popupPage(visit.reader.browser);
  await popup.waitForSelector('input[type=checkbox]');
  await popup.click('input[type=checkbox]');
  await popup.waitForSelector('.button-main:not([aria-disabled=true])');
  await Promise.all([page.waitForNavigation(), popup.click('.button-main')]);
  await page.close();
}

/** Milliseconds from the press until the tab goes where the link leads. */
async function timeClick(visit: Visit, path: string, price?: string): Promise<number> {
  const page = await openFront(visit, path, price);
  await page.evaluate(() =>
    addEventListener('mouseup', ({ timeStamp }) =>
      sessionStorage.setItem('pressed', String(performance.timeOrigin + timeStamp)),
    ),
  );
  await Promise.all([page.waitForNavigation(), page.click('#timed')]);
  if (page.url() !== visit.shop.origin + path) throw new Error(`not opened: ${page.url()}`);
  const tookMs = await page.evaluate(
    () => performance.timeOrigin - Number(sessionStorage.getItem('pressed')),
  );
  await page.close();
  return tookMs;
}

async function timeIn(reader: Reader): Promise<ClickTiming> {
  const { issuer } = reader.provider;
  const shop = await startShop(issuer, { host: 'news.localhost', refund: 'PT10M' });
  const visit = { reader, shop };
  await fill(reader, ENTRIES);
  await allowClicks(visit);
  const times: [number, number][] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const path = `/articles/timed-${round}`;
    shop.prices[path] = '0.01 USD';
    times.push([await timeClick(visit, '/free'), await timeClick(visit, path, '0.01 USD')]);
    await new Promise((waited) => setTimeout(waited, PAUSE_MS));
  }
  await shop.close();
  // The first only warms up.
  times.shift();
  return {
    entries: ENTRIES,
    freeMs: median(times.map(([freeMs]) => freeMs)),
    paidMs: median(times.map(([, paidMs]) => paidMs)),
    ratio: median(times.map(([freeMs, paidMs]) => paidMs / freeMs)),
  };
}

export function printClicks({ entries, freeMs, paidMs, ratio }: ClickTiming): void {
  console.log('\nHow soon a click that pays is on its way (the same on a link that is free = 1)');
  console.log(
    `${ratio.toFixed(2).padStart(6)} × ${freeMs.toFixed(1).padStart(6)} ms  ` +
      `one click, with ${entries} entries: ${paidMs.toFixed(0)} ms`,
  );
}

/** Times clicks that pay. */
export function timeClicks(): Promise<ClickTiming> {
  return withReader(timeIn);
}
