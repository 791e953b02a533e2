/** Whether a reader sees a link, in real browsers: only they know where things are drawn. */
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bundleDetection,
  launchPlain,
  openWith,
  type PageServer,
  servePages,
} from '../support/detection.ts';
import type {} from '../support/in-page.ts';
import { openPage } from '../support/patience.ts';

let script: string;
let server: PageServer;

beforeAll(async () => {
  script = await bundleDetection();
  server = await servePages(() => '<!DOCTYPE html><title>Page</title><body>');
});
afterAll(() => server.close());

const LINK = 'id=link href=/x data-fee-price="0.02 USD"';
const WORDS = `<a ${LINK}>How tides work</a>`;
const BLOCK = 'position:absolute;left:0;top:0;width:400px;height:200px';
const LAYER = '<div style="position:fixed;inset:0;pointer-events:none"></div>';
const HIDDEN = '<b style="visibility:hidden">Tides</b>';
const PICTURE =
  "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='100' height='100'>" +
  "<rect width='100' height='100' fill='green'/></svg>";

/** Pages with one link; a press is on the middle of `#press`, or else of the link. */
const SEEN: Record<string, string> = {
  'words in a line': `<p>Read on: ${WORDS}</p>`,
  'words that go on in the next line': `<p style="width:60px">Read ${WORDS}</p>`,
  'words in a part of it': `<a ${LINK}><h2><b id=press>How tides work</b></h2></a>`,
  'a picture': `<a ${LINK}><img id=press width=100 height=100 src="${PICTURE}"></a>`,
  'an icon': `<a ${LINK}><svg id=press width=40 height=40><circle r=40 /></svg></a>`,
  'a button with a ground': `<a ${LINK} style="display:block;background:gold">Go</a>`,
  'an empty place of a card with a ground': `<a ${LINK} style="${BLOCK};background:gold"></a>`,
  'an area of a picture':
    `<img id=press usemap="#m" width=100 height=100 src="${PICTURE}">` +
    `<map name=m><area ${LINK} shape=rect coords="0,0,100,100"></map>`,
  'somewhat faint': `<div style="opacity:.8">${WORDS}</div>`,
  'below a layer that lets presses through': `${WORDS}${LAYER}`,
  'on a page in the dark': `<div style="filter:invert(1)">${WORDS}</div>`,
  'words filled with a picture':
    `<a ${LINK} style="background:linear-gradient(red,blue);-webkit-background-clip:text;` +
    '-webkit-text-fill-color:transparent">How tides work</a>',
};
const UNSEEN: Record<string, string> = {
  'nothing at all': `<a ${LINK} style="${BLOCK}"></a><p>What the page is about</p>`,
  'only faint words': `<a ${LINK} style="opacity:.01">How tides work</a>`,
  'in something faint': `<div style="opacity:.6"><p style="opacity:.6">${WORDS}</p></div>`,
  'filtered away': `<p style="filter:opacity(0)">${WORDS}</p>`,
  'masked away': `<p style="mask-image:linear-gradient(transparent,transparent)">${WORDS}</p>`,
  'blended away': `<p style="mix-blend-mode:multiply">${WORDS}</p>`,
  'words without colour': `<a ${LINK} style="color:transparent">How tides work</a>`,
  'words with no ink': `<a ${LINK} style="-webkit-text-fill-color:rgb(0 0 0 / 5%)">Tides</a>`,
  'hidden words in a layer': `<a ${LINK} style="${BLOCK}"><b style="opacity:0">Tides</b></a>`,
  'invisible words in a layer': `<a ${LINK} style="${BLOCK}">${HIDDEN}</a>`,
  'words far from the press':
    `<a ${LINK} style="${BLOCK}">Tides<i id=press style="position:absolute;right:0;bottom:0;` +
    'width:20px;height:20px"></i></a>',
  'a dot': `<a ${LINK} style="display:inline-block;width:3px;height:3px;background:red"></a>`,
  'as large as the window': `<a ${LINK} style="position:fixed;inset:0;background:white">Go</a>`,
  'covered by something': `${WORDS}<div style="${BLOCK};background:white">Free</div>`,
  'covered by nothing that can be seen': `${WORDS}<div style="${BLOCK}"></div>`,
  'beside the press': `${WORDS}<p id=press>elsewhere</p>`,
  'stretched over what is not the link':
    `<style>a::after{content:"";position:absolute;inset:0}</style>` +
    `<div style="${BLOCK}"><p id=press style="margin-top:90px">A card</p>${WORDS}</div>`,
  'out of the window': `<p style="margin-top:5000px">${WORDS}</p>`,
  'not drawn': `<p style="display:none">${WORDS}</p>`,
  'deaf to presses': `<a ${LINK} style="pointer-events:none">How tides work</a>`,
  'an area of no picture': `<map name=m><area ${LINK} shape=default></map>`,
};

/** The answer for a press on the page `html`, with the link in an open shadow root or not. */
function askPage({ html, where }: { html: string; where: 'page' | 'root' }): boolean {
  document.body.replaceChildren();
  const host = document.createElement('section');
  document.body.append(host);
  const root = where === 'root' ? host.attachShadow({ mode: 'open' }) : host;
  root.innerHTML = html;
  const link = root.querySelector<HTMLAnchorElement>('#link');
  const pressed = root.querySelector('#press') ?? link;
  if (!link || !pressed) throw new Error('there is a link');
  const [box = new DOMRect()] = pressed.getClientRects();
  const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  return detection.isVisibleAt(link, point);
}

describe.each(['chromium', 'firefox'] as const)('in %s', (name) => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launchPlain(name);
    page = await openPage(browser);
    await page.setViewport({ width: 1000, height: 800 });
    await openWith(page, server.origin, script);
  });
  afterAll(() => browser.close());

  describe.each(['page', 'root'] as const)('in a %s, a link', (where) => {
    it.each(Object.entries(SEEN))('is seen: %s', async (_, html) => {
      expect(await page.evaluate(askPage, { html, where })).toBe(true);
    });

    it.each(Object.entries(UNSEEN))('is not seen: %s', async (_, html) => {
      expect(await page.evaluate(askPage, { html, where })).toBe(false);
    });
  });

  it('a press by key is on the middle of the link', async () => {
    const answers = await page.evaluate((html) => {
      return [html, `<div style="opacity:0">${html}</div>`].map((all) => {
        document.body.innerHTML = all;
        const [link] = detection.feeLinksIn(document);
        return link && detection.isVisibleAt(link);
      });
    }, WORDS);
    expect(answers).toEqual([true, false]);
  });
});
