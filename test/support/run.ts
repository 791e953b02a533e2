/**
 * Runs all tests, some side by side, since stories mostly wait for their browsers. A run is made
 * also where another has failed: who mends something wants to know of everything. The provider's
 * own tests all over again on PostgreSQL are `npm run test:postgres`; what only several processes
 * and a real server can show is among those in Node.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeAllowed } from './builds.ts';

const VITEST = join(resolve(import.meta.dirname, '../..'), 'node_modules/vitest/vitest.mjs');
/** More would make stories wait for each other. */
const SIDE_BY_SIDE = 3;

/** A folder in memory that Linux has, and the room that the tests may need there. */
const MEMORY = '/dev/shm';
const ROOM_BYTES = 4 * 1024 ** 3;

const into = (name: string) => `--outputFile.json=.results/${name}.json`;

/** A half of a browser's stories. */
const half = (browser: string, which: 1 | 2) => [
  '--project',
  browser,
  `--shard=${which}/2`,
  into(`${browser}-${which}`),
];

/** The longest first, so that the last ones end together. */
const RUNS = [
  ['--project', 'node', '--project', 'processes', '--coverage', into('vitest')],
  ['--project', 'e2e', into('screens')],
  half('firefox', 1),
  half('firefox', 2),
  half('chromium', 1),
  half('chromium', 2),
];

function hasRoom(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= ROOM_BYTES;
}

/**
 * Where files are that nobody keeps. The tests commit thousands of times, and a disk that others
 * write to makes them wait for minutes; what a power cut leaves is told by the writes themselves.
 */
function makeScratch(): string {
  const folder = mkdtempSync(join(hasRoom(MEMORY) ? MEMORY : tmpdir(), 'farthing-tests-'));
  // Servers that will not run as root have their folders in it.
  chmodSync(folder, 0o755);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  return folder;
}

const scratch = makeScratch();
const ENVIRONMENT = {
  FARTHING_BUILT: 'true',
  TMPDIR: scratch,
  // Hundreds of processes are started to be killed: each begins in half the time.
  NODE_COMPILE_CACHE: join(scratch, 'compiled'),
};

async function run(args: readonly string[]): Promise<boolean> {
  const vitest = spawn(process.execPath, [VITEST, 'run', ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...ENVIRONMENT },
  });
  const [status] = await once(vitest, 'exit');
  return status === 0;
}

async function runFrom(queue: (readonly string[])[]): Promise<boolean> {
  let areGood = true;
  for (let next = queue.shift(); next; next = queue.shift())
    if (!(await run(next))) areGood = false;
  return areGood;
}

for (const browser of ['chromium', 'firefox'] as const) makeAllowed(browser);
const queue = [...RUNS];
const ends = await Promise.all(Array.from({ length: SIDE_BY_SIDE }, () => runFrom(queue)));
process.exitCode = ends.every(Boolean) ? 0 : 1;
