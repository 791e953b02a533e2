/** Detection in real browsers: saved pages, pages that change, and what a reader sees. */
import { randomInt } from 'node:crypto';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OffersChange } from '../../src/detect/told.ts';
import { harvestOf, type Seed, seedFor } from '../corpus/markup.ts';
import { EXPECTED, PAGE_NAMES, readSavedPage } from '../corpus/pages.ts';
import {
  bundleDetection,
  launchPlain,
  openWith,
  type PageServer,
  servePages,
} from '../support/detection.ts';
import type {} from '../support/in-page.ts';
import { openPage } from '../support/patience.ts';

const seed = Number(process.env.FARTHING_SEED ?? randomInt(2 ** 31));
console.log(`sown with FARTHING_SEED=${seed}`);

const HEAD = '<!DOCTYPE html><meta name="fee:payto" content="daily@pay.example">';
const LINK = '<a href=/x data-fee-price="1 USD">x</a>';
const PATHS: Record<string, string> = {
  '/': `${HEAD}<title>Page</title><body>`,
  '/other': '<!DOCTYPE html><title>Other</title>',
  '/framing': `${HEAD}<iframe src="/framed"></iframe>`,
  '/framed': `${HEAD}<meta name="fee:price" content="1 USD">${LINK}`,
};

function pageAt(path: string): string {
  const name = path.slice('/saved/'.length);
  return PATHS[path] ?? (PAGE_NAMES.includes(name) ? readSavedPage(name) : '');
}

let script: string;
let server: PageServer;

beforeAll(async () => {
  script = await bundleDetection();
  server = await servePages(pageAt);
});
afterAll(() => server.close());

/** What a page heard of itself: in ids, since elements stay where they are. */
type Heard = { page?: object; added: string[]; changed: string[]; removed: string[] };
declare global {
  var heard: Heard[];
}

/** Watches in the page; reads when it is asked to, as `heardSince` does. */
function watchInPage(): void {
  const due: (() => void)[] = [];
  globalThis.heard = [];
  detection.watchOffers(document, {
    schedule: (work) => due.push(work),
    onChange({ page, added, changed, removed }) {
      const ids = (all: readonly { link: Element }[]) => all.map(({ link }) => link.id);
      heard.push({
        ...(page ? { page } : {}),
        added: ids(added),
        changed: ids(changed),
        removed: removed.map(({ id }) => id),
      });
    },
  });
  Object.assign(globalThis, {
    settle: () => {
      for (const work of due.splice(0)) work();
    },
  });
}

/** Says what is for sale before and what is told of after `seed` was sown. */
async function sowInPage(seed: Seed) {
  const before = {
    links: document.querySelectorAll('a[href],area[href]').length,
    feeLinks: detection.feeLinksIn(document).length,
    fields: detection.pageFields(document),
  };
  const changes: OffersChange[] = [];
  const due: (() => void)[] = [];
  detection.watchOffers(document, {
    onChange: (change) => changes.push(change),
    schedule: (work) => due.push(work),
  });
  const wasSilent = changes.length === 0;
  detection.sow(document, seed);
  await Promise.resolve();
  for (const work of due) work();
  const links = changes.flatMap(({ added }) => added.map(({ link }) => link));
  const fields = changes[0]?.page ?? {};
  const says = detection.harvest(links, fields);
  return { before, wasSilent, fields, says, base: document.baseURI };
}

/** What was told since the last time, once observers heard what was done. */
function heardSince(page: Page): Promise<Heard[]> {
  return page.evaluate(async () => {
    await new Promise((resolve) => setTimeout(resolve));
    (globalThis as unknown as { settle(): void }).settle();
    return heard.splice(0);
  });
}

describe.each(['chromium', 'firefox'] as const)('in %s', (name) => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launchPlain(name);
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    page = await openPage(browser);
    await page.setViewport({ width: 1000, height: 800 });
  });
  afterEach(() => page.close());

  it('saved pages have nothing for sale, and give back what is sown into them', async () => {
    // Every page in one browser, and enough of them in the other.
    const names = PAGE_NAMES.filter((_, index) => name === 'chromium' || index % 8 === 0);
    await page.goto(`${server.origin}/`);
    for (const saved of names) {
      await page.goto(`${server.origin}/saved/${saved}`, { waitUntil: 'domcontentloaded' });
      await page.evaluate(script);
      const sown = seedFor(seed + PAGE_NAMES.indexOf(saved), 'browser');
      const { before, wasSilent, fields, says, base } = await page.evaluate(sowInPage, sown);
      expect(before, saved).toEqual(EXPECTED[saved]);
      expect(wasSilent, saved).toBe(true);
      expect(fields, saved).toEqual(sown.page.fields);
      expect(says, saved).toEqual(harvestOf(sown, base));
    }
  }, 180_000);

  describe('a page that changes', () => {
    const append = (html: string) =>
      page.evaluate((text) => document.body.insertAdjacentHTML('beforeend', text), html);

    beforeEach(async () => {
      await openWith(page, `${server.origin}/`, script);
      await append('<a id=a href=x data-fee-price="0.02 USD">a</a>');
      await page.evaluate(watchInPage);
      await heardSince(page);
    });

    it('tells of another base, and of relative addresses after a new address', async () => {
      await page.evaluate(() => {
        document.head.insertAdjacentHTML('beforeend', '<base href="/deep/dir/">');
      });
      expect(await heardSince(page)).toEqual([{ added: [], changed: ['a'], removed: [] }]);
      await page.evaluate(() => document.querySelector('base')?.setAttribute('href', '/other/'));
      expect(await heardSince(page)).toEqual([{ added: [], changed: ['a'], removed: [] }]);
      await page.evaluate(() => document.querySelector('base')?.remove());
      await heardSince(page);
      await page.evaluate(() => history.pushState(null, '', '/next/page'));
      expect(await heardSince(page)).toEqual([
        { page: { payto: 'daily@pay.example' }, added: [], changed: ['a'], removed: [] },
      ]);
      await page.evaluate(
        () =>
          new Promise((resolve) => {
            addEventListener('popstate', resolve);
            history.back();
          }),
      );
      expect(await heardSince(page)).toMatchObject([{ changed: ['a'] }]);
    });

    it('tells everything anew when a reader comes back to it', async () => {
      await page.goto(`${server.origin}/other`);
      // No driver's `goBack`: in Firefox it waits for a load that a kept page does not have.
      await page.evaluate(() => history.back());
      await expect.poll(() => page.evaluate(() => typeof detection)).toBe('object');
      const all = { page: { payto: 'daily@pay.example' }, added: [], changed: ['a'], removed: [] };
      expect(await heardSince(page)).toEqual([all]);
      await append('<a id=b href=y data-fee-price="0.02 USD">b</a>');
      expect(await heardSince(page)).toEqual([{ added: ['b'], changed: [], removed: [] }]);
    });

    it('tells of links in open shadow roots, also of elements that get theirs later', async () => {
      await append('<x-late></x-late><div id=host></div>');
      await heardSince(page);
      await page.evaluate(() => {
        const define = (id: string) =>
          class extends HTMLElement {
            constructor() {
              super();
              const root = this.attachShadow({ mode: 'open' });
              root.innerHTML = `<a id=${id} href=/y data-fee-price="0.02 USD"><slot></slot></a>`;
            }
          };
        customElements.define('x-late', define('late'));
        customElements.define('x-early', define('early'));
        document.querySelector('#host')?.append(document.createElement('x-early'));
      });
      const [told] = await heardSince(page);
      expect(told?.added.sort()).toEqual(['early', 'late']);
    });

    it('finds the link that a press is on, through slots and roots', async () => {
      const found = page.evaluate(
        () =>
          new Promise<string[]>((resolve) => {
            const ids: string[] = [];
            const onPress = (event: MouseEvent) => {
              event.preventDefault();
              ids.push(detection.feeLinkIn(event.composedPath())?.id ?? 'none');
              if (ids.length === 4) resolve(ids);
            };
            addEventListener('click', onPress, { capture: true });
            document.body.innerHTML =
              '<p id=host><b id=slotted>press here</b></p><a id=outer href=/x ' +
              'data-fee-price="1 USD"><i id=word>press</i><button id=button>here</button></a>';
            const root = document.querySelector('#host')?.attachShadow({ mode: 'open' });
            if (root)
              root.innerHTML =
                '<a id=inner href=/y data-fee-price="1 USD"><slot></slot></a>' +
                '<svg width=50 height=50><a href=/z><rect width=50 height=50></rect></a></svg>';
          }),
      );
      await page.click('#slotted');
      await page.click('#word');
      // A control inside a link is a control (SPEC 3.9).
      await page.click('#button');
      const box = await page.evaluate(() => {
        const svg = document.querySelector('#host')?.shadowRoot?.querySelector('svg');
        const { x, y } = svg?.getBoundingClientRect() ?? new DOMRect();
        return { x: x + 20, y: y + 20 };
      });
      await page.mouse.click(box.x, box.y);
      expect(await found).toEqual(['inner', 'outer', 'none', 'none']);
    });

    it('tells of five thousand links, and of another when one of them leaves', async () => {
      const counts = await page.evaluate(() => {
        const links = Array.from({ length: 5001 }, (_, at) => {
          return `<a id=n${at} href=/n${at} data-fee-price="0.02 USD">x</a>`;
        });
        document.body.innerHTML = links.join('');
        return document.links.length;
      });
      expect(counts).toBe(5001);
      expect((await heardSince(page))[0]?.added).toHaveLength(5000);
      await page.evaluate(() => {
        document.querySelector('#n7')?.remove();
        document.querySelector('#n5000')?.setAttribute('href', '/changed');
      });
      expect(await heardSince(page)).toEqual([{ added: ['n5000'], changed: [], removed: ['n7'] }]);
    });
  });

  it('in a frame nothing is for sale, and nothing is told', async () => {
    await page.goto(`${server.origin}/framing`);
    const frame = await page.waitForFrame((it) => it.url().endsWith('/framed'));
    await frame.waitForSelector('a');
    await frame.evaluate(script);
    const said = await frame.evaluate(() => {
      let told = 0;
      detection.watchOffers(document, {
        onChange: () => {
          told += 1;
        },
        schedule: (work) => work(),
      });
      const [link] = detection.feeLinksIn(document);
      return [told, link && detection.readLink(link).kind, detection.readPage(document)?.kind];
    });
    expect(said).toEqual([0, 'framed', 'framed']);
  });
});
