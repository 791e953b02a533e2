/** Finds a Chromium and starts it with the wallet installed. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'puppeteer-core';
import { FarthingError } from '../protocol/errors.ts';

const run = promisify(execFile);

/**
 * What a Chromium is called, most likely first. Branded Chrome no longer loads unpacked extensions.
 */
const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'chrome-for-testing'];
/** No traffic of its own: what the newspaper's log shows is the wallet's and the page's. */
const QUIET_FLAGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

/** The first of `names` on the PATH; undefined where there is none. */
export async function findProgram(names: readonly string[]): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const file of names.flatMap((name) => folders.map((folder) => join(folder, name)))) {
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return undefined;
}

const isRoot = process.getuid?.() === 0;

/** The one command that installs `packages`, for whoever has to type it. */
export function installCommand(packages: readonly string[]): string {
  return `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/**
 * Installs Debian packages where this process may (root, apt).
 * @throws FarthingError `tool_missing` that names the command, where it may not
 */
export async function installPackages(packages: readonly string[]): Promise<void> {
  if (!isRoot || !(await findProgram(['apt-get'])))
    throw new FarthingError(
      'tool_missing',
      `${packages[0]} is needed. Install it with: sudo ${installCommand(packages)}`,
    );
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env });
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
}

/** A Chromium: FARTHING_CHROMIUM, or one on the PATH, or a freshly installed one. */
export async function requireChromium(say: (line: string) => void): Promise<string> {
  const given = process.env.FARTHING_CHROMIUM;
  if (given) return given;
  const found = await findProgram(CHROMIUM_NAMES);
  if (found) return found;
  const packages = ['chromium', 'fonts-dejavu-core'];
  if (isRoot) say(`No Chromium here; installing one: ${installCommand(packages)}`);
  await installPackages(packages);
  const installed = await findProgram(CHROMIUM_NAMES);
  if (!installed) throw new FarthingError('tool_missing', 'Chromium could not be installed');
  return installed;
}

export interface LaunchOptions {
  readonly executable: string;
  /** The folder of the built extension. */
  readonly extension: string;
  readonly headless: boolean;
  /** Kept between starts; by default a temporary one. */
  readonly profile?: string;
}

/** @throws FarthingError `tool_missing` that names the program which is no Chromium that starts */
function refuseToStart(executable: string, error: unknown): never {
  const [why = ''] = String(error).split('\n');
  const detail = `${executable} does not start: ${why}; FARTHING_CHROMIUM may name another one`;
  throw new FarthingError('tool_missing', detail, { cause: error });
}

/**
 * Starts Chromium with the wallet in it.
 * @throws FarthingError `tool_missing` where it does not start
 */
export async function launchChromium(options: LaunchOptions): Promise<Browser> {
  const { launch } = await import('puppeteer-core');
  const flags = [...QUIET_FLAGS, ...(isRoot ? ['--no-sandbox'] : [])];
  return launch({
    executablePath: options.executable,
    headless: options.headless,
    pipe: true,
    enableExtensions: [options.extension],
    defaultViewport: null,
    args: options.headless ? [...flags, '--disable-gpu', '--window-size=1200,900'] : flags,
    ...(options.profile ? { userDataDir: options.profile } : {}),
  }).catch((error) => refuseToStart(options.executable, error));
}

/** The address of one of the wallet's own pages, once the extension is loaded. */
export async function walletAddress(browser: Browser, page: string): Promise<string> {
  const worker = await browser.waitForTarget(
    (target) =>
      target.type() === 'service_worker' && target.url().startsWith('chrome-extension://'),
  );
  return new URL(page, worker.url()).href;
}

/** The first-run page, which opens by itself after the install, turned to the provider `host`. */
export async function welcomePage(browser: Browser, host: string): Promise<Page> {
  const target = await browser.waitForTarget((it) => it.url().includes('/welcome.html'));
  const page = await target.asPage();
  await page.goto('about:blank');
  await page.goto(`${await walletAddress(browser, '/welcome.html')}#provider=${host}`);
  await page.bringToFront();
  return page;
}

/** The toolbar popup (or its window), when it opens. */
export async function popupPage(browser: Browser): Promise<Page> {
  const target = await browser.waitForTarget((it) => it.url().includes('/popup.html'));
  return target.asPage();
}

/** Presses the wallet's icon in the toolbar over `page`, as a reader does; answers its popup. */
export async function pressIcon(browser: Browser, page: Page): Promise<Page> {
  const [extension] = [...(await browser.extensions()).values()];
  if (!extension) throw new FarthingError('tool_missing', 'the extension is not installed');
  await page.bringToFront();
  await extension.triggerAction(page);
  return popupPage(browser);
}
