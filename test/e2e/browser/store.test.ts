/**
 * What the stores show: five scenes of a reader's, bought for real, light and dark, as pictures in
 * `.results/store`. In Chromium alone, which has its toolbar popup drawn.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { onFreePort } from '../../../src/cli/world.ts';
import { ARTICLES } from '../../../src/demo/articles.ts';
import { type Newspaper, startNewspaper } from '../../../src/demo/newspaper.ts';
import { makeSecret } from '../../../src/seller/secret.ts';
import { wholeText } from '../../../src/words/catalogue.ts';
import { en } from '../../../src/words/en.ts';
import { keepPoster, POSTER, type Scene, SEEN, SEEN_FROM_AFAR } from '../../screens/poster.ts';
import { setTheme, type Theme } from '../../screens/theme.ts';
import { bundleInPage } from '../../support/detection.ts';
import type { Told } from '../../support/filled-in-page.ts';
import { openPage, PATIENCE } from '../../support/patience.ts';
import { closePopup, createWallet, openStage, type Stage, sayYes } from '../../support/stage.ts';

const FOLDER = resolve(import.meta.dirname, '../../../.results/store');
const THEMES = ['light', 'dark'] as const satisfies readonly Theme[];
/** Text on one ground comes to many shades; a blank picture to one. */
const COLOUR_COUNT_MIN = 200;
const PAPERS = ['The Daily Courier', 'The Harbour Post', 'Field Notes'];
const PAPER_PORT = 4020;
const NOTE = 'html > div[style*="fixed"]';
const PNG_RGB = 2;
const DAY_MS = 86_400_000;
const SOLD = ARTICLES.filter(({ price }) => price !== undefined);

interface Paper extends Newspaper {
  readonly name: string;
  readonly payto: string;
}

const folder = mkdtempSync(join(tmpdir(), 'farthing-store-'));
let stage: Stage;
let papers: readonly Paper[] = [];

async function openPaper(name: string, index: number): Promise<Paper> {
  const payto = `paper-${index}@${new URL(stage.provider.issuer).host}`;
  const secret = await makeSecret();
  const about = { payto, secret, dataDir: join(folder, name), name };
  // A number that somebody can read, where it is to be had.
  const wanted = { name, port: PAPER_PORT + index, say: () => undefined };
  const paper = await onFreePort(wanted, (port) => startNewspaper({ port, ...about }));
  await paper.seller.register({ name, origins: [paper.origin] });
  return { ...paper, name, payto };
}

/** What was bought in the year before, more of it in some months than in others. */
function lastYear(): Told[] {
  return Array.from({ length: 220 }, (_, index) => {
    const paper = papers[((index * index) % 7) % papers.length] as Paper;
    const days = 1 + index * 1.62 + 12 * Math.sin(index / 9);
    return {
      title: SOLD[index % SOLD.length]?.title ?? '',
      ...{ sellerName: paper.name, payto: paper.payto, origin: paper.origin },
      amount: ['20000', '10000', '50000', '30000'][index % 4] ?? '',
      atMs: Date.now() - Math.max(1, days) * DAY_MS,
    };
  });
}

/** Adds money and puts the year before into the history. */
async function remember(): Promise<void> {
  const page = await stage.walletPage('/popup.html?tab=0');
  await page.waitForSelector('main');
  await page.evaluate(await bundleInPage('filled-in-page.ts'));
  await page.evaluate((told) => void filled.fillWith(told), lastYear());
  await vi.waitUntil(() => page.evaluate(() => filled.count > 0), PATIENCE);
  await page.evaluate(() => {
    type Api = { runtime: { sendMessage(message: object): Promise<unknown> } };
    const { runtime } = (globalThis as unknown as { chrome: Api }).chrome;
    return runtime.sendMessage({ from: 'screen', type: 'top-up', amount: '5000000' });
  });
  await page.close();
}

beforeAll(async () => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  stage = await openStage({ build: 'asked' });
  papers = await Promise.all(PAPERS.map(openPaper));
  await createWallet(stage);
  await stage.answerYes('http://news.localhost/*');
  await remember();
});

afterAll(async () => {
  await stage.close();
  await Promise.all(papers.map((paper) => paper.close()));
  rmSync(folder, { recursive: true });
});

async function front({ origin }: Paper): Promise<Page> {
  const page = await openPage(stage.browser);
  await page.setViewport(SEEN);
  await page.goto(origin);
  await page.bringToFront();
  return page;
}

const linkTo = (title: string) => `a[data-fee-title="${title}"]`;

interface Shown extends Scene {
  readonly name: string;
  readonly theme: Theme;
}

const scenes: Shown[] = [];

/** What is seen of a page, in front or not. */
async function seen(page: Page, theme: Theme): Promise<Buffer> {
  const session = await page.createCDPSession();
  await setTheme(session, theme);
  const { data } = await session.send('Page.captureScreenshot', { format: 'png' });
  await session.detach();
  return Buffer.from(data, 'base64');
}

interface Staged {
  readonly name: string;
  readonly caption: string | readonly string[];
  readonly page: Page;
  readonly popup?: Page;
}

/** Takes a scene in every theme. */
async function take({ name, caption, page, popup }: Staged): Promise<void> {
  for (const theme of THEMES)
    scenes.push({
      ...{ name, theme, caption: wholeText(caption), address: page.url() },
      page: await seen(page, theme),
      popup: popup && (await seen(popup, theme)),
    });
}

/** The wallet's question about a link, over the page that the link is on. */
async function askedAbout(page: Page, title: string): Promise<Page> {
  await page.click(linkTo(title));
  const popup = await stage.question(page);
  await popup.waitForSelector('.button-main:not([aria-disabled=true])');
  return popup;
}

async function buy(page: Page, popup: Page): Promise<void> {
  await popup.click('input[type=checkbox]');
  await Promise.all([page.waitForNavigation(), sayYes(popup)]);
  await closePopup(popup);
}

it('an offer over a seller’s page, and what a click paid, with its undo', async () => {
  const [courier, ...others] = papers as [Paper, ...Paper[]];
  for (const [index, paper] of others.entries()) {
    const page = await front(paper);
    await buy(page, await askedAbout(page, SOLD[index]?.title ?? ''));
    await page.close();
  }
  const page = await front(courier);
  const popup = await askedAbout(page, 'How tides work');
  await take({ name: '1-offer', caption: en.description, page, popup });
  await buy(page, popup);
  await page.goto(courier.origin);
  await Promise.all([page.waitForNavigation(), page.click(linkTo('The reef shark’s day'))]);
  await page.waitForSelector(NOTE);
  // It stays for as long as somebody is there.
  await page.hover(NOTE);
  await take({ name: '2-paid', caption: en.pitchPay, page });
  await page.close();
});

it.each([
  ['3-history', 'history', '.entry', en.where],
  ['4-sellers', 'sellers', '.seller:nth-child(3)', en.noSellersNote],
  ['5-settings', 'settings', '.setting:last-child', en.pitchPrivacy],
] as const)('%s: one part of the page of everything', async (name, view, until, caption) => {
  const page = await stage.walletPage(`/page.html#${view}`);
  await page.setViewport(SEEN_FROM_AFAR);
  await page.waitForSelector(until);
  await take({ name, caption, page });
  await page.close();
});

/** How many colours there are in each of some pictures. */
function colourCounts(sheet: Page, pictures: readonly Uint8Array[]): Promise<number[]> {
  const texts = pictures.map((it) => Buffer.from(it).toString('base64'));
  return sheet.evaluate(
    (all) =>
      Promise.all(
        all.map(async (text) => {
          const image = new Image();
          image.src = `data:image/png;base64,${text}`;
          await image.decode();
          const { width, height } = image;
          const brush = new OffscreenCanvas(width, height).getContext('2d');
          brush?.drawImage(image, 0, 0);
          const { buffer } = brush?.getImageData(0, 0, width, height).data ?? new Uint8Array();
          return new Set(new Uint32Array(buffer)).size;
        }),
      ),
    texts,
  );
}

/** What a PNG file begins with: its size, and whether its colours are all that it has. */
function headOf(png: Uint8Array) {
  const view = new DataView(png.buffer, png.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20), kind: view.getUint8(25) };
}

it('all of it as the stores take it: five scenes, light and dark, none of them blank', async () => {
  const sheet = await openPage(stage.browser);
  const session = await sheet.createCDPSession();
  for (const scene of scenes) {
    await setTheme(session, scene.theme);
    const file = `${join(FOLDER, `${scene.name}-${scene.theme}`)}.png` as const;
    const poster = await keepPoster(sheet, scene, file);
    // Chrome's store takes none that could be seen through.
    expect(headOf(poster), file).toEqual({ ...POSTER, kind: PNG_RGB });
    const parts = [scene.page, ...(scene.popup ? [scene.popup] : [])];
    expect(Math.min(...(await colourCounts(sheet, parts))), file).toBeGreaterThan(COLOUR_COUNT_MIN);
  }
  expect(readdirSync(FOLDER)).toHaveLength(2 * 5);
});
