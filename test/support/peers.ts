/**
 * The Payment scheme's own package, which some stories and the bench speak to, is installed in its
 * own folder when it is missing: it is too large for everybody who installs this project.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const FOLDER = join(import.meta.dirname, 'mppx');

/** Whether `installPeers` has run here. */
export function hasPeers(): boolean {
  return existsSync(join(FOLDER, 'node_modules/mppx/package.json'));
}

/** @throws Error where the package registry does not answer */
export async function installPeers(): Promise<void> {
  if (hasPeers()) return;
  console.log(`Installing for the tests: npm ci in ${FOLDER}`);
  await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], { cwd: FOLDER });
}
