/**
 * What some stories speak to, or run in, is installed in a folder of its own when it is missing: it
 * is too large for everybody who installs this project.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const FOLDERS = {
  /** The Payment scheme's own package. */
  mppx: 'mppx',
  /** Deno and Bun. */
  runtimes: 'runtimes',
  /** The linter of the store for Firefox. */
  linter: 'linter',
} as const;
type Folder = keyof typeof FOLDERS;

/** A path inside what is installed there. */
export function installedPath(folder: Folder, path: string): string {
  return join(import.meta.dirname, FOLDERS[folder], 'node_modules', path);
}

/** Whether `install` has run there. */
export function isInstalled(folder: Folder): boolean {
  return existsSync(installedPath(folder, '.package-lock.json'));
}

/** @throws Error where the package registry does not answer */
export async function install(folder: Folder): Promise<void> {
  if (isInstalled(folder)) return;
  const cwd = join(import.meta.dirname, FOLDERS[folder]);
  console.log(`Installing for the tests: npm ci in ${cwd}`);
  await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], { cwd });
}
