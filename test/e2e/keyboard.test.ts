/** Every screen by the keyboard alone: where the focus goes, and that it can be seen there. */
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flatTexts } from '../../src/words/catalogue.ts';
import { CATALOGUES } from '../../src/words/locales.ts';
import { SCREENS } from '../screens/all.ts';
import { payment } from '../screens/rows.ts';
import { type Answers, gives } from '../screens/state.ts';
import { openViewer, type Viewer } from '../screens/viewer.ts';
import { focusOf, stopsOf, tabTo } from '../support/keyboard.ts';

/** Of what says where the focus is (WCAG 2.2, 1.4.11). */
const CONTRAST_MIN = 3;
/** Smaller than 24 only where there is room around it, which axe looks at (2.5.8). */
const SIZE_MIN = 16;

let viewer: Viewer;
let page: Page;

beforeAll(async () => {
  viewer = await openViewer();
  ({ page } = viewer);
});
afterAll(() => viewer.close());

type Name = keyof typeof SCREENS;

async function show(screen: Name, state: string, answers: Answers = {}): Promise<void> {
  const { states, width } = SCREENS[screen];
  const found = states[state];
  if (!found) throw new TypeError(`${screen} has no state "${state}"`);
  await viewer.show(
    { ...found, answers: { ...found.answers, ...answers } },
    { language: 'en-US', texts: flatTexts(CATALOGUES.en), width },
  );
}

const alive = (selector: string) =>
  page.$$eval(selector, (all) => all.map((it) => it.textContent ?? ''));

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  beforeAll(() => viewer.setTheme(theme));

  it.each<[Name, string]>([
    ['welcome', 'first run'],
    ['welcome', 'ready, with a page to go back to'],
    ['popup', 'last payments'],
    ['popup', 'may remember'],
    ['popup', 'short'],
    ['popup', 'undo refused'],
    ['page', 'history'],
    ['page', 'receipt'],
    ['page', 'report'],
    ['page', 'sellers'],
    ['page', 'settings'],
    ['page', 'leave'],
    ['page', 'leave, first this'],
    ['recovery', 'kept'],
  ])('%s, %s: each stop has a name, is seen, and is large enough', async (screen, state) => {
    await show(screen, state);
    const stops = await stopsOf(page);
    expect(stops.length).toBeGreaterThan(0);
    const nameless = stops.filter(({ name }) => name === '');
    const unseen = stops.filter(({ contrast }) => contrast < CONTRAST_MIN);
    const small = stops.filter(({ size }) => size < SIZE_MIN);
    expect({ nameless, unseen, small }).toEqual({ nameless: [], unseen: [], small: [] });
  });
});

describe('a question', () => {
  it('has the focus on what is asked; the answers follow, yes first', async () => {
    await show('popup', 'may remember');
    expect((await focusOf(page)).name).toContain('The Daily Courier');
    const names = (await stopsOf(page)).map(({ name }) => name);
    expect(names).toEqual([
      'Next time, don’t ask: up to 5 cents each, 50 cents a day',
      'Pay 2 cents',
      'Not now',
    ]);
  });

  it('is not answered by a key that is held down since before', async () => {
    await show('popup', 'first time');
    await tabTo(page, 'Pay 2 cents');
    await page.waitForSelector('.button-main[aria-disabled=false]');
    // Auto-repeat: the driver says so of a key that is down already.
    await page.evaluate(() =>
      document.activeElement?.addEventListener('keydown', (event) => {
        document.body.dataset.repeats = `${(event as KeyboardEvent).repeat}`;
      }),
    );
    const session = await page.createCDPSession();
    const key = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' };
    await session.send('Input.dispatchKeyEvent', { type: 'keyDown', autoRepeat: true, ...key });
    await session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key });
    await session.detach();
    expect(await page.evaluate(() => document.body.dataset.repeats)).toBe('true');
    expect((await focusOf(page)).name).toBe('Pay 2 cents');
    expect(await alive('.note')).toEqual([]);
  });

  it('is answered by a key of its own, and how it went is announced', async () => {
    await show('popup', 'first time', { pay: gives({ kind: 'paid', payment: payment() }) });
    await page.waitForSelector('.button-main[aria-disabled=false]');
    await tabTo(page, 'Pay 2 cents');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[aria-live=polite]');
    expect(await alive('[aria-live=polite] h1 .hidden')).toEqual(['Paid 2 cents']);
  });
});

describe('the page', () => {
  it('opens a receipt by Enter; Escape closes it, and the focus is back where it was', async () => {
    await show('page', 'history');
    await show('page', 'receipt');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { hidden: true });
    expect((await focusOf(page)).name).toBe('How tides work');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    await tabTo(page, 'Close');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog', { hidden: true });
    expect((await focusOf(page)).name).toBe('How tides work');
  });

  it('keeps the focus in a report, copies it by a key, and says so', async () => {
    await show('page', 'report');
    const inside = await stopsOf(page);
    expect(inside.map(({ name }) => name)).toContain('Copy');
    await show('page', 'report');
    await tabTo(page, 'Copy');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() =>
      /Copied|copy it by hand/.test(
        document.querySelector('dialog [role=status]')?.textContent ?? '',
      ),
    );
  });
});
