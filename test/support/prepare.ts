/**
 * Before the tests: the programs that they drive are there, or are installed where that is allowed,
 * or it is said what to type. Nothing is skipped.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram, installCommand, installPackages } from '../../src/cli/browser.ts';
import { FarthingError } from '../../src/protocol/errors.ts';
import { install } from './installs.ts';
import { POSTGRES_FOLDER } from './postgres.ts';

interface Need {
  readonly isThere: () => boolean | Promise<boolean>;
  readonly packages: readonly string[];
  /** What has to be so before the packages come. */
  readonly before?: () => Promise<void>;
}

/** Debian's package makes a database of its own, which nobody here needs, unless it is told. */
async function wantNoMainCluster(): Promise<void> {
  const folder = '/etc/postgresql-common';
  const file = join(folder, 'createcluster.conf');
  if (process.getuid?.() !== 0 || existsSync(file)) return;
  await mkdir(folder, { recursive: true });
  await writeFile(file, 'create_main_cluster = false\n');
}

const onPath =
  (...names: readonly string[]) =>
  async () =>
    (await findProgram(names)) !== undefined;

const NEEDED: readonly Need[] = [
  {
    isThere: onPath('chromium', 'chromium-browser'),
    packages: ['chromium', 'fonts-dejavu-core'],
  },
  { isThere: onPath('firefox-esr', 'firefox'), packages: ['firefox-esr', 'fonts-dejavu-core'] },
  { isThere: onPath('redis-server'), packages: ['redis-server'] },
  { isThere: onPath('hledger'), packages: ['hledger'] },
  // For power cuts (powercut/record.c).
  { isThere: onPath('cc'), packages: ['gcc', 'libc6-dev'] },
  {
    isThere: () => existsSync(join(POSTGRES_FOLDER, 'postgres')),
    packages: ['postgresql-15'],
    before: wantNoMainCluster,
  },
];

const missing: Need[] = [];
for (const need of NEEDED) if (!(await need.isThere())) missing.push(need);

if (missing.length > 0) {
  const packages = [...new Set(missing.flatMap((need) => need.packages))];
  console.log(`Installing for the tests: ${installCommand(packages)}`);
  try {
    for (const { before } of missing) await before?.();
    await installPackages(packages);
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    console.error(error.detail);
    process.exitCode = 1;
  }
}

for (const folder of ['mppx', 'runtimes', 'linter'] as const) await install(folder);
