/**
 * What is wrong with a screen as it is drawn: what does not fit, what some cannot use, what is said
 * in no language. The functions that look run inside the page.
 */
import axe, { type RunOnly, type RunOptions } from 'axe-core';
import type { Page } from 'puppeteer-core';

/** WCAG 2.2 AA, and what the authors of axe recommend beside it. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What is wider than its place, and does not say so by an ellipsis or a way to scroll. */
function misfits(): string[] {
  const root = document.documentElement;
  const found = root.scrollWidth > root.clientWidth ? [`the page is ${root.scrollWidth} wide`] : [];
  for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
    const { overflowX, textOverflow, clipPath, display } = getComputedStyle(element);
    if (element.closest('svg, .hidden') || clipPath !== 'none' || display === 'inline') continue;
    if (textOverflow === 'ellipsis' || /auto|scroll/.test(overflowX)) continue;
    // Half a pixel is rounding.
    if (element.scrollWidth <= element.clientWidth + 1) continue;
    const text = element.textContent?.slice(0, 40);
    found.push(`out of its place: ${element.localName}.${element.className}: ${text}`);
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

/**
 * Amounts that are read out as their signs: those that no spoken form stands beside, and those in a
 * name. The lines across the chart are for the eye alone; its columns are named by their figures.
 */
function unsaidAmounts(): string[] {
  const isAmount = (text: string | null) => /\p{Sc}|\d\s?ct\b/u.test(text ?? '');
  const found: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { nodeValue, parentElement: parent } = walker.currentNode;
    if (!isAmount(nodeValue) || parent?.closest('script, .chart-ticks')) continue;
    const shown = parent?.closest('[aria-hidden=true]');
    const said = shown?.nextElementSibling;
    const isSaid = said?.matches('.hidden') && said.textContent && !isAmount(said.textContent);
    if (!isSaid) found.push(nodeValue ?? '');
  }
  for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
    for (const element of document.querySelectorAll(`[${name}]`))
      if (isAmount(element.getAttribute(name))) found.push(element.getAttribute(name) ?? '');
  return found;
}

/** What sellers, services and browsers are called, and what dates and amounts are made of. */
const DATA = [
  /^Farthing$/,
  /^(How tides work|Reef sharks|Harbour lights, live|Weather|Otters|Eels)$/,
  /^(الشعاب المرجانية|Everything that a municipal waterworks knows .*)$/,
  /^(The Daily Courier( of the Northern and Western Isles)?|Tunes|Reef Radio)( ·.*)?$/,
  /^(https:\/\/)?([a-z-]+\.)+example(\/tides)?(:.*)?$/,
  /^(Chromium on Linux( · \d)?|The old laptop|At work|Pay Example)$/,
  /^localhost:4010(:.*)?$/,
  /^2\sct$/,
  /^(USD|EUR|AbCdEfGhIjKlMnOpQrStUv\.7)$/,
  /^(\p{Lu}\p{Ll}+,? )?(\p{Lu}\p{Ll}{2,8})( \d+)?(, \d{4}| \d{4})?( at [\d:]+\s[AP]M)?$/u,
  /^[\d:]+\s[AP]M$/,
  // What the browser writes of an amount by itself.
  /^[\d.,¼½¾]+\s(ct|US dollars|euros)$/,
  // The words of a code are in no language.
  /^[a-z]{3,8}$/,
];

function isData(text: string): boolean {
  return DATA.some((pattern) => pattern.test(text.replace(/^[·:\s]+|[·\s]+$/g, '')));
}

/** What does not fit. */
export function misfitsIn(page: Page): Promise<string[]> {
  return page.evaluate(misfits);
}

/** What screen readers would say by its signs: `2¢`. */
export async function unsaidIn(page: Page): Promise<string[]> {
  return (await page.evaluate(unsaidAmounts)).map((text) => `never said: ${text}`);
}

/** What is said by something else than a key, on a screen whose texts are all in brackets. */
export async function unspokenIn(page: Page): Promise<string[]> {
  const found = await page.evaluate(outsideBrackets);
  return found.filter((text) => !isData(text)).map((text) => `in no language: ${text}`);
}

/** What keeps people out, by the rules of axe: all of them, or those on colours alone. */
export async function barriersIn(page: Page, about: 'everything' | 'colours'): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const runOnly: RunOnly =
    about === 'everything'
      ? { type: 'tag', values: TAGS }
      : { type: 'rule', values: ['color-contrast'] };
  return page.evaluate(async (rules) => {
    const { axe: inPage } = globalThis as unknown as { axe: typeof import('axe-core') };
    const options: RunOptions = { runOnly: rules, resultTypes: ['violations'] };
    const { violations } = await inPage.run(document, options);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    );
  }, runOnly);
}
