/** The built wallet in a Chromium that speaks whatever it is given, and answers what a scene says. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'puppeteer-core';
import { launchChromium, requireChromium } from '../../src/cli/browser.ts';
import { messagesFile } from '../../src/words/locales.ts';
import type { Scene, SceneAnswers } from './scenes.ts';

const BUILT = resolve(import.meta.dirname, '../../.output/chrome-mv3');
/** The popup's own width, a phone's, and a desk's: what each screen is drawn at. */
const WIDTHS = { popup: 376, desk: 1100 } as const;

/** Where a folder of pictures is named, one of each scene is kept there, to be looked at. */
const PICTURES = process.env.FARTHING_PICTURES;

export interface Spoken {
  /** Draws a scene as far as its presses lead. */
  draw(scene: Scene): Promise<Page>;
  close(): Promise<void>;
}

type Api = { runtime?: { sendMessage?: unknown } };

/** Runs in the page before its scripts: the wallet's end of what they say. */
function answerBy(answers: SceneAnswers): void {
  const world = globalThis as unknown as { browser?: Api; chrome?: Api };
  const send = (message: { type: keyof SceneAnswers }, ...rest: unknown[]) => {
    const value = answers[message.type];
    const isRefusal = typeof value === 'object' && 'ok' in value && value.ok === false;
    const reply = isRefusal ? value : { ok: true, value };
    const done = rest.at(-1);
    if (typeof done === 'function') done(reply);
    return Promise.resolve(reply);
  };
  for (const api of [world.browser, world.chrome])
    if (api?.runtime)
      Object.defineProperty(api.runtime, 'sendMessage', { value: send, configurable: true });
}

/** Starts it with the texts in the place of those of the browser's own language. */
export async function openSpoken(
  language: string,
  texts: ReadonlyMap<string, string>,
): Promise<Spoken> {
  const folder = mkdtempSync(join(tmpdir(), 'farthing-spoken-'));
  cpSync(BUILT, folder, { recursive: true });
  rmSync(join(folder, '_locales'), { recursive: true });
  mkdirSync(join(folder, '_locales/en'), { recursive: true });
  writeFileSync(join(folder, '_locales/en/messages.json'), messagesFile(texts));
  const executable = await requireChromium(console.log);
  const browser = await launchChromium({ executable, extension: folder, headless: true });
  const welcome = await browser.waitForTarget((it) => it.url().includes('/welcome.html'));
  const firstPage = await welcome.asPage();
  const origin = new URL('/', firstPage.url()).href.slice(0, -1);

  async function draw({ name, path, answers, presses = [] }: Scene): Promise<Page> {
    const page = await browser.newPage();
    const width = path.startsWith('/popup') ? WIDTHS.popup : WIDTHS.desk;
    await page.setViewport({ width, height: 900 });
    await page.evaluateOnNewDocument(answerBy, answers);
    await page.goto(origin + path);
    await page.waitForSelector('main:not([aria-busy=true])');
    for (const selector of presses) {
      const element = await page.waitForSelector(selector, { visible: true });
      await element?.click();
    }
    if (PICTURES !== undefined) {
      mkdirSync(join(PICTURES, language), { recursive: true });
      const file = join(PICTURES, language, `${name.replaceAll(/\W+/g, '-')}.png`);
      writeFileSync(file, await page.screenshot({ captureBeyondViewport: false }));
    }
    return page;
  }

  return {
    draw,
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
