/**
 * Runs all tests, in lines side by side, since stories mostly wait for their browsers: those in
 * Node with what they cover, and the stories. A run is made also where another has failed: who
 * mends something wants to know of everything. The provider's own tests all over again on
 * PostgreSQL are `npm run test:postgres`; what only several processes and a real server can show
 * is among those in Node.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

const VITEST = join(resolve(import.meta.dirname, '../..'), 'node_modules/vitest/vitest.mjs');

const onlyOf = (...projects: readonly string[]) => projects.flatMap((it) => ['--project', it]);
const into = (name: string) => `--outputFile.json=.results/${name}.json`;

const LINES = [
  [...onlyOf('node'), '--coverage', into('vitest')],
  [...onlyOf('chromium', 'firefox'), into('stories')],
  [...onlyOf('e2e'), into('screens')],
];

async function run(args: readonly string[]): Promise<boolean> {
  const vitest = spawn(process.execPath, [VITEST, 'run', ...args], {
    stdio: 'inherit',
    env: { ...process.env, FARTHING_BUILT: 'true' },
  });
  const [status] = await once(vitest, 'exit');
  return status === 0;
}

const ends = await Promise.all(LINES.map(run));
process.exitCode = ends.every(Boolean) ? 0 : 1;
