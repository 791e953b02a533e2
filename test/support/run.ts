/**
 * Runs all tests, in two lines side by side, since stories mostly wait for their browsers: those in
 * Node with what they cover, then the provider's on PostgreSQL; and the stories. A run is made also
 * where another has failed: who mends something wants to know of everything.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

const VITEST = join(resolve(import.meta.dirname, '../..'), 'node_modules/vitest/vitest.mjs');

const onlyOf = (...projects: readonly string[]) => projects.flatMap((it) => ['--project', it]);
const into = (name: string) => `--outputFile.json=.results/${name}.json`;

const LINES = [
  [
    [...onlyOf('node'), '--coverage', into('vitest')],
    [...onlyOf('postgres'), into('postgres')],
  ],
  [[...onlyOf('chromium', 'e2e', 'firefox'), into('stories')]],
];

async function run(args: readonly string[]): Promise<boolean> {
  const vitest = spawn(process.execPath, [VITEST, 'run', ...args], { stdio: 'inherit' });
  const [status] = await once(vitest, 'exit');
  return status === 0;
}

async function runAll(line: readonly (readonly string[])[]): Promise<boolean> {
  let isWell = true;
  for (const args of line) isWell = (await run(args)) && isWell;
  return isWell;
}

const ends = await Promise.all(LINES.map(runAll));
process.exitCode = ends.every(Boolean) ? 0 : 1;
