/** A contact sheet: pictures of one screen side by side, a row a state. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'puppeteer-core';

export interface Picture {
  readonly screen: string;
  readonly state: string;
  /** Theme, or language. */
  readonly how: string;
  /** Beside the sheet. */
  readonly file: string;
}

const STYLE = `
  body { margin: 24px; background: #777; color: #fff; font: 15px system-ui; }
  h2 { margin: 24px 0 8px; font-size: 17px; }
  div { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
  figure { margin: 0; } figcaption { font-size: 12px; } img { display: block; max-width: 420px; }
`;

function sheetOf(screen: string, pictures: readonly Picture[]): string {
  const rows = Map.groupBy(pictures, ({ state }) => state);
  const figure = ({ file, how }: Picture) =>
    `<figure><img src="${file}"><figcaption>${how}</figcaption></figure>`;
  const row = ([state, all]: [string, Picture[]]) =>
    `<h2>${state}</h2><div>${all.map(figure).join('')}</div>`;
  const body = [...rows].map(row).join('');
  const head = `<meta charset="utf-8"><title>${screen}</title><style>${STYLE}</style>`;
  return `<!doctype html>${head}${body}`;
}

/** Writes a sheet for each screen, as a page and as a picture. */
export async function writeSheets(
  page: Page,
  folder: string,
  pictures: readonly Picture[],
): Promise<void> {
  for (const [screen, some] of Map.groupBy(pictures, (picture) => picture.screen)) {
    const file = join(folder, `${screen}.html`);
    writeFileSync(file, sheetOf(screen, some));
    await page.setViewport({ width: 1_860, height: 900 });
    await page.goto(pathToFileURL(file).href, { waitUntil: 'load' });
    await page.screenshot({
      path: join(folder, `${screen}-sheet.png`) as `${string}.png`,
      fullPage: true,
    });
  }
}
