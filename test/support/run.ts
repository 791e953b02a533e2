/**
 * Runs all tests: those in Node with what they cover, then the stories. The second run is made also
 * where the first one failed, since who mends something wants to know of everything.
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const VITEST = join(resolve(import.meta.dirname, '../..'), 'node_modules/vitest/vitest.mjs');

const RUNS = [
  ['--project', 'node', '--coverage'],
  ['--project', '!node', '--outputFile.json=.results/stories.json'],
];

const statuses = RUNS.map(
  (args) => spawnSync(process.execPath, [VITEST, 'run', ...args], { stdio: 'inherit' }).status,
);
process.exitCode = statuses.every((status) => status === 0) ? 0 : 1;
