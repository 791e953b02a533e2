/**
 * One purchase in a headless browser, each step said aloud: what `npm start` does without a
 * display.
 */
import type { Browser, Page } from 'puppeteer-core';
import { formatAmount } from '../protocol/display.ts';
import type { Micros } from '../protocol/money.ts';
import { readReceipt } from '../protocol/receipt.ts';
import { auditDatabase } from '../provider/audit.ts';
import { journalRows } from '../provider/ledger/journal.ts';
import {
  launchChromium,
  pressIcon,
  requireChromium,
  walletAddress,
  welcomePage,
} from './browser.ts';
import type { Say, World } from './world.ts';

/** Exact, also where one collection holds fractions of a cent. */
const dollars = (amountMicros: bigint) =>
  formatAmount({ amountMicros: amountMicros as Micros, currency: 'USD' });

async function createWallet(browser: Browser, world: World): Promise<void> {
  const page = await welcomePage(browser, new URL(world.provider.issuer).host);
  await page.locator('button.button-main').click();
  await page.locator('[role=status]').wait();
  await page.close();
}

/**
 * Follows the first link with this price to the page that says what it costs, presses the icon
 * there and says yes; answers the page that opened.
 */
async function buy(browser: Browser, world: World, price: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(world.newspaper.origin);
  await page.bringToFront();
  const link = await page.waitForSelector(`a[data-fee-price="${price}"]`);
  await Promise.all([page.waitForNavigation(), link?.click()]);
  const popup = await pressIcon(browser, page);
  const opened = page.waitForNavigation();
  await popup.locator('.button-main:not([aria-disabled=true])').click();
  await opened;
  return page;
}

/** The receipts that the wallet keeps, as its own pages can read them. */
async function storedReceipts(browser: Browser): Promise<string[]> {
  const page = await browser.newPage();
  await page.goto(await walletAddress(browser, '/popup.html'));
  const receipts = await page.evaluate(
    () =>
      new Promise<string[]>((resolve, reject) => {
        const opening = indexedDB.open('farthing');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const reading = opening.result.transaction('payments').objectStore('payments').getAll();
          reading.onerror = () => reject(reading.error);
          reading.onsuccess = () =>
            resolve(reading.result.flatMap(({ receipt }) => (receipt ? [receipt] : [])));
        };
      }),
  );
  await page.close();
  return receipts;
}

function sayReceipt(say: Say, token: string): void {
  const { pur, seq, tot, amt, at, until, bnd } = readReceipt(token).claims;
  const day = (sec: number) => new Date(sec * 1000).toISOString().slice(0, 10);
  say(`   receipt ${pur}.${seq}: ${dollars(amt)} of ${dollars(tot)} in all, ${day(at)},`);
  say(`   yours until ${day(until)}, sealed terms ${bnd}`);
}

async function sayJournal(say: Say, file: string): Promise<void> {
  for (const { number, kind, postings } of await journalRows(file)) {
    say(`   ${String(number).padStart(3)}  ${kind}`);
    for (const { account, amountMicros } of postings) {
      const side = amountMicros < 0n ? 'debit ' : 'credit';
      const amount = amountMicros < 0n ? -amountMicros : amountMicros;
      say(`        ${side} ${dollars(amount).padStart(9)}  ${account}`);
    }
  }
}

/**
 * Buys one article and checks the books. Answers whether the article opened and the books balance.
 */
export async function buyHeadless(world: World, extension: string, say: Say): Promise<boolean> {
  const browser = await launchChromium({
    executable: await requireChromium(say),
    extension,
    headless: true,
  });
  try {
    say('1  A reader creates a wallet and gets starter credit.');
    await createWallet(browser, world);
    say('2  The reader follows a 2¢ link at the newspaper, presses the icon and says yes.');
    const page = await buy(browser, world, '0.02 USD');
    const title = await page.$eval('h1', (heading) => heading.textContent?.trim() ?? '');
    say(`3  The article opens: "${title}" at ${page.url()}`);
    for (const receipt of await storedReceipts(browser)) sayReceipt(say, receipt);
    const isOpen =
      page.url().includes('/articles/') &&
      title !== '' &&
      (await page.$('[data-fee-price]')) === null;
    const { captured } = await world.newspaper.seller.collect();
    const sum = captured.map((price) => formatAmount(price)).join(', ');
    say(`4  The newspaper hands in what accumulated: ${sum} collected.`);
    say('5  The wallet service’s ledger:');
    await sayJournal(say, world.provider.databaseFile);
    const report = await auditDatabase(world.provider.databaseFile);
    say(`6  The books ${report.holds ? 'balance' : 'DO NOT balance'}.`);
    for (const { invariant, row, detail } of report.findings)
      say(`   ${invariant} ${row}: ${detail}`);
    return isOpen && report.holds;
  } finally {
    await browser.close();
  }
}
