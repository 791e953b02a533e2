/** A picture as a store shows it: a caption, and a browser's frame with what is seen in it. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Page } from 'puppeteer-core';

/** What both stores take; the corner of a page that fits under a caption. */
export const POSTER = { width: 1280, height: 800 } as const;
export const SEEN = { width: 1120, height: 632 } as const;
/** The same corner, of a page that has much on it. */
export const SEEN_FROM_AFAR = { width: 1400, height: 790, deviceScaleFactor: 0.8 } as const;

/** Pictures are PNG files. */
export interface Scene {
  readonly caption: string;
  /** Shown without its scheme, as browsers do; pages of the wallet's own have its name. */
  readonly address: string;
  readonly page: Uint8Array;
  /** The toolbar popup, where one stands over the page. */
  readonly popup?: Uint8Array | undefined;
}

const ROOT = resolve(import.meta.dirname, '../..');
const TOKENS = readFileSync(`${ROOT}/src/design/tokens.css`, 'utf8');
const ICON = readFileSync(`${ROOT}/src/extension/public/icon/128.png`);

const STYLE = `
  body { display: grid; grid-template-rows: 1fr auto; justify-items: center; height: 100vh;
    overflow: hidden; background: var(--sunken); }
  header { display: flex; align-items: center; gap: 20px; width: ${SEEN.width}px; }
  header img { width: 56px; }
  h1 { font-size: 30px; line-height: 1.25; letter-spacing: -0.01em; text-wrap: balance; }
  .frame { position: relative; width: ${SEEN.width}px; border-radius: 14px 14px 0 0;
    overflow: hidden; background: var(--raised);
    box-shadow: 0 0 0 1px var(--line), 0 12px 48px rgb(0 0 0 / 0.18); }
  .bar { display: flex; align-items: center; gap: 8px; height: 48px; padding: 0 16px;
    border-bottom: 1px solid var(--line); }
  .dot { width: 12px; height: 12px; border-radius: 50%; background: var(--line); }
  .address { flex: 1; margin: 0 12px; padding: 5px 16px; border-radius: 16px;
    background: var(--sunken); color: var(--ink-soft); font-size: 14px; overflow: hidden;
    text-overflow: ellipsis; white-space: nowrap; }
  .bar img { width: 24px; }
  .seen { display: block; width: ${SEEN.width}px; height: ${SEEN.height}px; }
  .popup { position: absolute; top: 52px; inset-inline-end: 12px; border-radius: 10px;
    box-shadow: 0 0 0 1px var(--line), 0 8px 32px rgb(0 0 0 / 0.34); }
`;

function dataOf(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}

function shownAddress(address: string): string {
  return address.startsWith('http') ? address.replace(/^\w+:\/\/|\/$/g, '') : 'Farthing';
}

function htmlOf({ caption, address, page, popup }: Scene): string {
  const over = popup ? `<img class="popup" src="${dataOf(popup)}">` : '';
  const [icon, dot] = [dataOf(ICON), '<span class="dot"></span>'];
  return `<!doctype html><meta charset="utf-8"><style>${TOKENS}${STYLE}</style>
    <header><img src="${icon}"><h1>${caption}</h1></header>
    <div class="frame">
      <div class="bar">${dot.repeat(3)}<span class="address">${shownAddress(address)}</span>
        <img src="${icon}"></div>
      <img class="seen" src="${dataOf(page)}">${over}
    </div>`;
}

/** Draws it in `sheet`, in the theme that is set there, and keeps it. */
export async function keepPoster(
  sheet: Page,
  scene: Scene,
  file: `${string}.png`,
): Promise<Uint8Array> {
  await sheet.setViewport(POSTER);
  await sheet.setContent(htmlOf(scene), { waitUntil: 'load' });
  return sheet.screenshot({ path: file, optimizeForSpeed: true });
}
