/**
 * `npm start`: a wallet service, a newspaper and a browser with the wallet in it; or, without a display,
 * the same purchase in a headless browser, step by step.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Newspaper, startNewspaper } from '../demo/newspaper.ts';
import { FarthingError } from '../protocol/errors.ts';
import { type RunningProvider, startProvider } from '../provider/main.ts';
import { makeSecret } from '../seller/secret.ts';
import { launchChromium, requireChromium } from './browser.ts';
import type { Command } from './main.ts';
import { buyHeadless } from './purchase.ts';

const PROVIDER_PORT = 4010;
const NEWSPAPER_PORT = 4020;
const HANDLE = 'daily-courier';
const NEWSPAPER_NAME = 'The Daily Courier';
/** Where WXT puts the build for Chromium. */
const EXTENSION_FOLDER = resolve(import.meta.dirname, '../../.output/chrome-mv3');

const HELP = `Usage: npm start -- [--once] [--headless] [--data FOLDER]

  --once      buy one article in a headless browser, check the books, and end
  --headless  show no window even where a display is there
  --data      keep wallet service, newspaper and browser profile here (default: a temporary folder)`;

/** What is running, and how to end it. */
export interface World {
  readonly provider: RunningProvider;
  readonly newspaper: Newspaper;
  readonly dataDir: string;
}

const say = (line = '') => console.log(line);

/** A taken port is replaced by a free one, and said so. */
async function onFreePort<T>(name: string, port: number, start: (port: number) => Promise<T>) {
  try {
    return await start(port);
  } catch (error) {
    const isTaken = error instanceof FarthingError && error.code === 'port_taken';
    if (!isTaken) throw error;
    say(`Port ${port} is taken; ${name} gets a free one.`);
    return start(0);
  }
}

/** The newspaper's secret: made once, kept readable by its owner alone. */
async function sellerSecret(folder: string): Promise<string> {
  const file = join(folder, 'secret');
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const secret = await makeSecret();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(file, `${secret}\n`, { mode: 0o600, flag: 'wx' });
    return secret;
  }
}

async function startWorld(dataDir: string): Promise<World> {
  const provider = await onFreePort('the wallet service', PROVIDER_PORT, (port) =>
    startProvider({ dataDir: join(dataDir, 'provider'), port, name: 'Sandbox Pay' }),
  );
  const folder = join(dataDir, 'newspaper');
  const secret = await sellerSecret(folder);
  const payto = `${HANDLE}@${new URL(provider.issuer).host}`;
  const newspaper = await onFreePort('the newspaper', NEWSPAPER_PORT, (port) =>
    startNewspaper({ port, payto, secret, dataDir: folder, name: NEWSPAPER_NAME }),
  );
  await newspaper.seller.register({ name: NEWSPAPER_NAME, origins: [newspaper.origin] });
  return { provider, newspaper, dataDir };
}

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

async function close({ provider, newspaper }: World): Promise<void> {
  await newspaper.close();
  await provider.close();
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
  const world = await startWorld(dataDir);
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
    await close(world);
    if (!given) await rm(dataDir, { recursive: true, force: true });
  }
};
