/** Shows states of the built screens in a real Chromium, in any theme, language and width. */
import type { CDPSession, Page } from 'puppeteer-core';
import { launchChromium, requireChromium } from '../../src/cli/browser.ts';
import { buildFolder } from '../support/builds.ts';
import { standIn } from './standin.ts';
import { type Act, NOW_MS, type State } from './state.ts';
import { setTheme, type Theme } from './theme.ts';

/** What the browser is like in which a state is looked at. */
export interface Look {
  /** BCP 47. */
  readonly language: string;
  /** The texts of that language, by their names. */
  readonly texts: ReadonlyMap<string, string>;
  /** In pixels of the page's own. */
  readonly width: number;
}

export interface Viewer {
  readonly page: Page;
  /** Draws a state, does its acts and waits until nothing moves. */
  show(state: State, look: Look): Promise<void>;
  setTheme(theme: Theme): Promise<void>;
  /** Keeps a picture of all of it. */
  keep(file: `${string}.png`): Promise<void>;
  close(): Promise<void>;
}

/** What is higher makes its picture higher. */
const HEIGHT = 400;
const HEIGHT_MORE = 100;

async function act(page: Page, what: Act): Promise<void> {
  const selector = typeof what === 'string' ? what : what.into;
  const found = await page.waitForSelector(selector, { visible: true });
  if (typeof what === 'string') await found?.click();
  else await found?.type(what.text);
}

/** Nothing in the document has changed for some pictures in a row. */
async function stillness(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((done) => {
        const STILL_COUNT = 4;
        let [before, still] = ['', 0];
        const look = () => {
          const now = document.documentElement.outerHTML;
          still = now === before ? still + 1 : 0;
          before = now;
          if (still < STILL_COUNT) requestAnimationFrame(look);
          else done();
        };
        look();
      }),
  );
}

class ChromiumViewer implements Viewer {
  readonly page: Page;
  readonly #session: CDPSession;
  readonly #origin: string;
  #standInId: string | undefined;

  constructor(page: Page, session: CDPSession, origin: string) {
    this.page = page;
    this.#session = session;
    this.#origin = origin;
  }

  async show(state: State, { language, texts, width }: Look): Promise<void> {
    const { page } = this;
    if (this.#standInId) await page.removeScriptToEvaluateOnNewDocument(this.#standInId);
    // Otherwise another fragment of the same document would not be a new one.
    await page.goto('about:blank');
    const { answers, heldMs } = state;
    const said = { texts: Object.fromEntries(texts), language };
    const surroundings = { answers, nowMs: NOW_MS, heldMs, ...said };
    const { identifier } = await page.evaluateOnNewDocument(standIn, surroundings);
    this.#standInId = identifier;
    await page.setViewport({ width, height: HEIGHT });
    await page.goto(`${this.#origin}${state.path}`);
    await page.waitForSelector('main');
    for (const one of state.acts ?? []) await act(page, one);
    if (state.until) await page.waitForSelector(state.until);
    await stillness(page);
  }

  async setTheme(theme: Theme): Promise<void> {
    await setTheme(this.#session, theme);
  }

  async keep(file: `${string}.png`): Promise<void> {
    const { page } = this;
    const viewport = page.viewport();
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    // Margins that follow the window's height grow with it: it has to be more than enough.
    if (viewport && height > viewport.height)
      await page.setViewport({ ...viewport, height: height + HEIGHT_MORE });
    await page.screenshot({ path: file, captureBeyondViewport: false, optimizeForSpeed: true });
  }

  async close(): Promise<void> {
    await this.page.browser().close();
  }
}

/** Starts a browser with the built extension. */
export async function openViewer(): Promise<Viewer> {
  const executable = await requireChromium(console.log);
  const extension = buildFolder('chromium', 'real');
  const browser = await launchChromium({ executable, extension, headless: true });
  // It opens by itself and in front; a page behind it would draw nothing.
  const welcome = await browser.waitForTarget((it) => it.url().includes('/welcome.html'));
  const page = await welcome.asPage();
  const origin = new URL('/', welcome.url()).href.slice(0, -1);
  return new ChromiumViewer(page, await page.createCDPSession(), origin);
}
