/**
 * Every screen in each language and in one that nobody speaks: nothing is cut off or runs out of
 * its place, and no text of a screen is said by anything but a key.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flatTexts } from '../../src/words/catalogue.ts';
import { CATALOGUES } from '../../src/words/locales.ts';
import { pseudoTexts } from '../support/pseudo.ts';
import { SCENES } from '../support/scenes.ts';
import { openSpoken, type Spoken } from '../support/spoken.ts';

/** What is wider than its place, and does not say so by an ellipsis or a way to scroll. */
function overflowing(): string[] {
  const root = document.documentElement;
  const found = root.scrollWidth > root.clientWidth ? [`the page by ${root.scrollWidth}`] : [];
  for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
    const { overflowX, textOverflow, clipPath, display } = getComputedStyle(element);
    if (element.closest('svg, .hidden') || clipPath !== 'none' || display === 'inline') continue;
    if (textOverflow === 'ellipsis' || /auto|scroll/.test(overflowX)) continue;
    // Half a pixel is rounding.
    if (element.scrollWidth <= element.clientWidth + 1) continue;
    found.push(`${element.localName}.${element.className}: ${element.textContent?.slice(0, 40)}`);
  }
  return found;
}

/** What a reader is told outside the brackets that every text has. */
function outsideBrackets(): string[] {
  const found: string[] = [];
  let depth = 0;
  const read = (text: string) => {
    let outside = '';
    for (const sign of text) {
      if (sign === ']') depth -= 1;
      if (depth === 0) outside += sign;
      if (sign === '[') depth += 1;
    }
    if (/\p{L}{2,}/u.test(outside)) found.push(outside.trim());
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode())
    if (!walker.currentNode.parentElement?.closest('script'))
      read(walker.currentNode.nodeValue ?? '');
  for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
    for (const element of document.querySelectorAll(`[${name}]`))
      read(element.getAttribute(name) ?? '');
  return found;
}

/** What sellers, services and browsers are called, and what dates and amounts are made of. */
const DATA = [
  /^Farthing$/,
  /^(How tides work|Reef sharks|Kelp|Eels|Otters)$/,
  /^(The Daily Courier|Tunes)( ·.*)?$/,
  /^(pay|old\.thedaily|thedaily)\.example(:.*)?$/,
  /^(Chrome|Firefox|USD|T-1)$/,
  /^(Oct|Nov)$/,
  /^(October|November) 2025$/,
  /^\w+, (October|November) \d+, 2025$/,
  /^[\d:]+\s[AP]M$/,
  /^\w+ \d+, \d{4} at [\d:]+\s[AP]M$/,
  // The words of a code are in no language.
  /^[a-z]{3,8}$/,
];

function isData(text: string): boolean {
  return DATA.some((pattern) => pattern.test(text.replace(/^[·:\s]+|[·\s]+$/g, '')));
}

const LANGUAGES = [
  ...Object.entries(CATALOGUES).map(([name, catalogue]) => [name, flatTexts(catalogue)] as const),
  ['pseudo', pseudoTexts(CATALOGUES.en)] as const,
];

describe.each(LANGUAGES)('in %s', (language, texts) => {
  let spoken: Spoken;
  beforeAll(async () => {
    spoken = await openSpoken(language, texts);
  });
  afterAll(() => spoken.close());

  it.each(SCENES)('$name', async (scene) => {
    const page = await spoken.draw(scene);
    expect(await page.evaluate(overflowing)).toEqual([]);
    if (language === 'pseudo')
      expect((await page.evaluate(outsideBrackets)).filter((it) => !isData(it))).toEqual([]);
    const root = await page.$eval('html', ({ lang, dir }) => ({ lang, dir }));
    expect(root).toEqual({ lang: texts.get('language'), dir: texts.get('direction') });
    await page.close();
  });
});
