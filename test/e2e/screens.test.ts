/**
 * Every screen in every state, theme and direction, and in longer words: nothing is cut off,
 * nothing is closed to anybody (WCAG 2.2 AA), no text is said by anything but a key, no amount is
 * read out by its signs. All of it is kept as pictures, on one contact sheet a screen, in
 * `.results/screens`.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flatTexts } from '../../src/words/catalogue.ts';
import { CATALOGUES } from '../../src/words/locales.ts';
import { SCREENS } from '../screens/all.ts';
import { barriersIn, misfitsIn, unsaidIn, unspokenIn } from '../screens/flaws.ts';
import { type Picture, writeSheets } from '../screens/sheet.ts';
import type { State } from '../screens/state.ts';
import type { Theme } from '../screens/theme.ts';
import { openViewer, type Viewer } from '../screens/viewer.ts';
import { useProvider } from '../support/provider.ts';
import { pseudoTexts } from '../support/pseudo.ts';

const FOLDER = resolve(import.meta.dirname, '../../.results/screens');
const THEMES: readonly Theme[] = ['light', 'dark', 'contrast'];
/** Forty per cent longer and in brackets: a language that nobody speaks. */
const PSEUDO = pseudoTexts(CATALOGUES.en);

let viewer: Viewer;
const pictures: Picture[] = [];

beforeAll(async () => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  viewer = await openViewer();
});
afterAll(async () => {
  writeSheets(FOLDER, pictures);
  await viewer.close();
});

interface Subject {
  readonly screen: string;
  readonly name: string;
  readonly state: State;
  readonly width: number;
}

async function keep(
  { screen, name }: Pick<Subject, 'screen' | 'name'>,
  how: string,
): Promise<void> {
  const file = `${screen}-${name}-${how}`.replaceAll(/[^\w.-]+/g, '-');
  await viewer.keep(`${join(FOLDER, file)}.png`);
  pictures.push({ screen, state: name, how, file: `${file}.png` });
}

/** In English, in every theme. */
async function inThemes(subject: Subject): Promise<string[]> {
  const { state, width } = subject;
  await viewer.show(state, { language: 'en-US', texts: flatTexts(CATALOGUES.en), width });
  const found: string[] = [];
  for (const theme of THEMES) {
    await viewer.setTheme(theme);
    await keep(subject, theme);
    const flaws = await misfitsIn(viewer.page);
    // The browser chooses the colours of high contrast by itself.
    if (theme === 'light') flaws.push(...(await unsaidIn(viewer.page)));
    if (theme === 'light') flaws.push(...(await barriersIn(viewer.page, 'everything')));
    if (theme === 'dark') flaws.push(...(await barriersIn(viewer.page, 'colours')));
    found.push(...flaws.map((flaw) => `${theme}: ${flaw}`));
  }
  await viewer.setTheme('light');
  return found;
}

/** In light: from right to left, and in the language that nobody speaks. */
async function inLanguages(subject: Subject): Promise<string[]> {
  const { state, width } = subject;
  await viewer.show(state, { language: 'ar', texts: flatTexts(CATALOGUES.ar), width });
  await keep(subject, 'ar');
  const found = (await misfitsIn(viewer.page)).map((flaw) => `ar: ${flaw}`);
  await viewer.show(state, { language: 'en-US', texts: PSEUDO, width });
  const flaws = [...(await misfitsIn(viewer.page)), ...(await unspokenIn(viewer.page))];
  return [...found, ...flaws.map((flaw) => `longer: ${flaw}`)];
}

describe('service', () => {
  const provider = useProvider({ stripe: { secretKey: 'sk_test_1', webhookSecret: 'whsec_1' } });

  it.each(['/', '/topped-up', '/goodbye'])('%s', async (path) => {
    const { page } = viewer;
    const subject = { screen: 'service', name: path, width: 900 };
    const found: string[] = [];
    const show = async (language: string, how: string, theme: Theme) => {
      await viewer.setTheme(theme);
      await page.setExtraHTTPHeaders({ 'Accept-Language': language });
      await page.setViewport({ width: subject.width, height: 700 });
      await page.goto(provider.issuer + path);
      await keep(subject, how);
      found.push(...(await misfitsIn(page)), ...(await barriersIn(page, 'everything')));
    };
    await show('en', 'light', 'light');
    await show('en', 'dark', 'dark');
    await show('ar', 'ar', 'light');
    expect(found).toEqual([]);
  });
});

for (const [screen, { states, width }] of Object.entries(SCREENS))
  describe(screen, () => {
    it.each(Object.entries(states))('%s', async (name, state) => {
      const subject = { screen, name, state, width };
      expect([...(await inThemes(subject)), ...(await inLanguages(subject))]).toEqual([]);
    });
  });
