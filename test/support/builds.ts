/**
 * Before the browser stories: the extension as it is, and a copy whose reader has let it in
 * everywhere. No driver can press the browser's own question, so the copy's manifest has the
 * optional sites as required ones; nothing else in it differs.
 */
import { execFile } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import type { BrowserName } from './driver.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const FOLDERS = { chromium: 'chrome-mv3', firefox: 'firefox-mv3' } as const;

/**
 * The builder as a shell runs it. The tests' own surroundings would make it write markup for
 * debugging, which is larger and names the files of this machine.
 */
async function runBuilder(args: readonly string[], cwd = ROOT): Promise<void> {
  const { NODE_ENV: _, ...env } = process.env;
  const program = join(ROOT, 'node_modules/wxt/bin/wxt.mjs');
  await promisify(execFile)(process.execPath, [program, ...args], { cwd, env });
}

/** What an extension is built from. */
const SOURCES = ['entrypoints', 'src', 'package.json', 'tsconfig.json', 'wxt.config.ts'];

/**
 * Packs the extension from a copy of its sources in another place, since the builds that are here
 * are in use; answers the bytes of the package.
 */
export async function pack(browser: 'chrome' | 'firefox'): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'farthing-pack-'));
  try {
    for (const name of SOURCES) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await runBuilder(['zip', '-b', browser], folder);
    const [file = ''] = globSync(join(folder, `.output/*-${browser}.zip`));
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where a build is. */
export function buildFolder(browser: BrowserName, which: 'real' | 'allowed'): string {
  return join(ROOT, '.output', FOLDERS[browser] + (which === 'real' ? '' : '-allowed'));
}

/** Makes the copy whose reader has let it in everywhere. */
export function makeAllowed(browser: BrowserName): void {
  const folder = buildFolder(browser, 'allowed');
  rmSync(folder, { recursive: true, force: true });
  cpSync(buildFolder(browser, 'real'), folder, { recursive: true });
  const file = join(folder, 'manifest.json');
  const { optional_host_permissions, ...manifest } = JSON.parse(readFileSync(file, 'utf8'));
  const allowed = { ...manifest, host_permissions: optional_host_permissions };
  writeFileSync(file, JSON.stringify(allowed));
}

/** Vitest calls this once for each browser. */
export async function setup(project: TestProject): Promise<void> {
  const { browser } = project.config.provide as { browser: BrowserName };
  const target = browser === 'chromium' ? 'chrome' : 'firefox';
  // `npm test` has made them just now, and other stories use them already.
  if (process.env.FARTHING_BUILT) return;
  await runBuilder(['build', '-b', target]);
  makeAllowed(browser);
}
