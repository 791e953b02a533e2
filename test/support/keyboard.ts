/** A reader who has a keyboard alone: goes from stop to stop, and is told where that is. */
import type { Page } from 'puppeteer-core';

/** More stops than any screen has. */
const STOPS_MAX = 60;

/** Where the focus is, and how well that can be seen. */
export interface Stop {
  /** What it is called; empty for the page itself. */
  readonly name: string;
  /** The outline's contrast to what is behind it; 0 where there is none. */
  readonly contrast: number;
  /** In pixels, the shorter side. */
  readonly size: number;
}

function stop(): Stop {
  const element = document.activeElement as HTMLElement | null;
  if (!element || element === document.body) return { name: '', contrast: 0, size: 0 };
  const input = element as HTMLInputElement;
  // What is read out, which is not what is shown.
  const spoken = (part: Element | undefined) => {
    const copy = part?.cloneNode(true) as Element | undefined;
    for (const shown of copy?.querySelectorAll('[aria-hidden=true]') ?? []) shown.remove();
    return copy?.textContent?.trim() ?? '';
  };
  const name = element.getAttribute('aria-label') ?? spoken(input.labels?.[0] ?? element);
  const numbers = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color: string) => {
    const [red = 0, green = 0, blue = 0] = numbers(color).map((it) => {
      const part = it / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  let behind = element.parentElement;
  const groundOf = (it: Element) => getComputedStyle(it).backgroundColor;
  while (behind?.parentElement && numbers(groundOf(behind))[3] === 0) behind = behind.parentElement;
  const { outlineStyle, outlineColor, outlineWidth } = getComputedStyle(element);
  const isDrawn = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
  const both = [luminance(outlineColor), luminance(groundOf(behind ?? document.body))];
  const contrast = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
  // What labels a box is pressed with it.
  const { width, height } = (input.labels?.[0] ?? element).getBoundingClientRect();
  return { name, contrast: isDrawn ? contrast : 0, size: Math.min(width, height) };
}

/** Where the focus is now. */
export function focusOf(page: Page): Promise<Stop> {
  return page.evaluate(stop);
}

/** Goes on by Tab to what is called so; answers the names of the stops on the way, and of it. */
export async function tabTo(page: Page, name: string | RegExp): Promise<string[]> {
  const passed: string[] = [];
  for (let count = 0; count < STOPS_MAX; count++) {
    await page.keyboard.press('Tab');
    const here = await focusOf(page);
    passed.push(here.name);
    if (typeof name === 'string' ? here.name === name : name.test(here.name)) return passed;
  }
  throw new Error(`no stop is called ${name}: ${passed.join(' | ')}`);
}

/** Every stop of a screen, once. */
export async function stopsOf(page: Page): Promise<Stop[]> {
  const stops: Stop[] = [];
  await page.evaluate(() => {
    for (const it of document.querySelectorAll('[data-passed]')) it.removeAttribute('data-passed');
  });
  for (let count = 0; count < STOPS_MAX; count++) {
    await page.keyboard.press('Tab');
    const isNew = await page.evaluate(() => {
      const { activeElement } = document;
      if (!activeElement || activeElement === document.body) return false;
      if (activeElement.hasAttribute('data-passed')) return false;
      activeElement.setAttribute('data-passed', '');
      return true;
    });
    if (!isNew) break;
    stops.push(await focusOf(page));
  }
  return stops;
}
