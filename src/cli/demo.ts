/**
 * `npm start`: a wallet service, a newspaper and a browser with the wallet in it; or, without a
 * display, the same purchase in a headless browser, step by step.
 */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
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
const EXTENSION_FOLDER = resolve(ROOT, process.env.FARTHING_OUTPUT ?? '.output', 'chrome-mv3');

const HELP = `Usage: npm start -- [--once] [--headless] [--data FOLDER]

Builds the extension, starts a wallet service (port 4010) and a newspaper (port 4020), or on free
ports where these are taken, and opens a Chromium with the wallet in it, until Ctrl-C. Where there
is no display it buys one article in a headless browser first, and says each step.

  --once         buy one article in a headless browser, check the books, and end
  --headless     show no window even where a display is there
  --data FOLDER  keep everything in this folder, and go on with what is in it; without it in a
                 temporary one, which is removed at the end

Exit 0: it was stopped, or the article opened and the books balance. Exit 1: they do not, or it did
not open. Exit 2: misuse, or something is missing that it says.`;

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

/** Before anything that takes long. */
function sayWhere({ provider, newspaper }: World): void {
  say(`Newspaper        ${newspaper.origin}`);
  say(`Wallet service   ${provider.issuer} (${provider.name}, play money)`);
  say();
}

function sayHowToLoad({ provider, newspaper }: World): void {
  const host = new URL(provider.issuer).host;
  say();
  say('To use your own Chromium: open chrome://extensions, turn on Developer mode, press');
  say(`"Load unpacked" and choose ${EXTENSION_FOLDER}`);
  say(`Then create a wallet at ${host} and open ${newspaper.origin}`);
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

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Resolves when somebody asks the process to end. */
function untilAsked(): Promise<void> {
  return new Promise((done) => {
    for (const signal of SIGNALS) process.once(signal, () => done());
  });
}

/** A folder that is gone when the process is, also where it was stopped in the middle. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'farthing-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Ends at once where it is asked to before all is there; answers how to leave that off. */
function endWhenAsked(): () => void {
  const end = () => process.exit(130);
  for (const signal of SIGNALS) process.once(signal, end);
  return () => {
    for (const signal of SIGNALS) process.off(signal, end);
  };
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
  const endNoMore = endWhenAsked();
  const dataDir = values.data ? resolve(values.data) : await temporaryFolder();
  const world = await startWorld(dataDir, say);
  sayWhere(world);
  await buildExtension(world.provider);
  try {
    const isHeadless = values.once || values.headless || !hasDisplay();
    const isGood = isHeadless ? await buyHeadless(world, EXTENSION_FOLDER, say) : true;
    if (values.once || !isGood) return isGood ? 0 : 1;
    if (!isHeadless) await showWindow(world);
    sayHowToLoad(world);
    const asked = untilAsked();
    endNoMore();
    say('Press Ctrl+C to end.');
    await asked;
    say('Stopping.');
    return 0;
  } finally {
    await world.close();
  }
};
