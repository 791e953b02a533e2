/**
 * `npm start`: a wallet service, a newspaper and a browser with the wallet in it; or, without a
 * display, the same purchase in a headless browser, step by step.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { RunningProvider } from '../provider/main.ts';
import { launchChromium, requireChromium } from './browser.ts';
import type { Command } from './main.ts';
import { buyHeadless } from './purchase.ts';
import { type Say, startWorld, type World } from './world.ts';

/** Where WXT puts the build for Chromium. */
const EXTENSION_FOLDER = resolve(import.meta.dirname, '../../.output/chrome-mv3');

const HELP = `Usage: npm start -- [--once] [--headless] [--data FOLDER]

  --once      buy one article in a headless browser, check the books, and end
  --headless  show no window even where a display is there
  --data      keep everything in this folder (default: a temporary one)`;

const say: Say = (line = '') => console.log(line);

async function buildExtension(provider: RunningProvider): Promise<void> {
  process.env.WXT_PROVIDER = new URL(provider.issuer).host;
  const { build } = await import('wxt');
  await build({
    browser: 'chrome',
    mode: 'production',
    root: resolve(import.meta.dirname, '../..'),
  });
}

function sayHowToLoad({ provider, newspaper }: World): void {
  const host = new URL(provider.issuer).host;
  say();
  say(`Wallet service   ${provider.issuer} (play money)`);
  say(`Newspaper        ${newspaper.origin}`);
  say();
  say('To use your own Chromium: open chrome://extensions, turn on Developer mode, press');
  say(`"Load unpacked" and choose ${EXTENSION_FOLDER}`);
  say(`Then create a wallet at ${host} and open the newspaper.`);
}

async function showWindow(world: World): Promise<void> {
  const executable = await requireChromium(say);
  const browser = await launchChromium({
    executable,
    extension: EXTENSION_FOLDER,
    headless: false,
    profile: join(world.dataDir, 'browser'),
  });
  const page = await browser.newPage();
  await page.goto(world.newspaper.origin);
}

function hasDisplay(): boolean {
  if (process.platform === 'win32' || process.platform === 'darwin') return true;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** Resolves when somebody asks the process to end. */
function untilAsked(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
}

/** `farthing demo`, which is `npm start`. */
export const demo: Command = async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      headless: { type: 'boolean', default: false },
      data: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(HELP);
    return 0;
  }
  const given = values.data && resolve(values.data);
  const dataDir = given ?? (await mkdtemp(join(tmpdir(), 'farthing-')));
  const world = await startWorld(dataDir, say);
  await buildExtension(world.provider);
  try {
    const isHeadless = values.once || values.headless || !hasDisplay();
    const isGood = isHeadless ? await buyHeadless(world, EXTENSION_FOLDER, say) : true;
    if (values.once || !isGood) return isGood ? 0 : 1;
    if (!isHeadless) await showWindow(world);
    sayHowToLoad(world);
    say('Press Ctrl+C to end.');
    await untilAsked();
    return 0;
  } finally {
    await world.close();
    if (!given) await rm(dataDir, { recursive: true, force: true });
  }
};
