/**
 * `npm start`: a wallet service, a newspaper and a browser with the wallet in it; or, without a
 * display, the same purchase in a headless browser, step by step.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { FarthingError } from '../protocol/errors.ts';
import type { RunningProvider } from '../provider/main.ts';
import { launchChromium, requireChromium } from './browser.ts';
import type { Command } from './main.ts';
import { buyHeadless } from './purchase.ts';
import { type Say, startWorld, type World } from './world.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
/** Where WXT puts the build for Chromium. */
const EXTENSION_FOLDER = join(ROOT, '.output/chrome-mv3');

const HELP = `Usage: npm start -- [--once] [--headless] [--data FOLDER]

  --once      buy one article in a headless browser, check the books, and end
  --headless  show no window even where a display is there
  --data      keep everything in this folder (default: a temporary one)`;

const say: Say = (line = '') => console.log(line);

/** Builds in a process of its own, whose progress is only shown when it fails. */
async function buildExtension({ issuer }: RunningProvider): Promise<void> {
  const env = { ...process.env, WXT_PROVIDER: new URL(issuer).host };
  const wxt = join(ROOT, 'node_modules/wxt/bin/wxt.mjs');
  try {
    await run(process.execPath, [wxt, 'build', '-b', 'chrome'], { cwd: ROOT, env });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new FarthingError('tool_missing', `the extension did not build:\n${stdout}${stderr}`);
  }
  say(`The extension is built in ${EXTENSION_FOLDER}`);
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
    say('Stopping.');
    return 0;
  } finally {
    await world.close();
    if (!given) await rm(dataDir, { recursive: true, force: true });
  }
};
