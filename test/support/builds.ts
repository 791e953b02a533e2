/**
 * Before the browser stories: the extension as it is, and a copy whose reader has let it in
 * everywhere. No driver can press the browser's own question, so the copy's manifest has the
 * optional sites as required ones; nothing else in it differs.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { build } from 'wxt';
import type { BrowserName } from './driver.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const FOLDERS = { chromium: 'chrome-mv3', firefox: 'firefox-mv3' } as const;

/** Where a build is. */
export function buildFolder(browser: BrowserName, which: 'real' | 'allowed'): string {
  return join(ROOT, '.output', FOLDERS[browser] + (which === 'real' ? '' : '-allowed'));
}

function makeAllowed(browser: BrowserName): void {
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
  await build({ root: ROOT, browser: target });
  makeAllowed(browser);
}
