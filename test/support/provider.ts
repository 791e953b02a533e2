/** A provider in this process, for all stories of a file. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import {
  type ProviderOptions,
  type RunningProvider,
  startProvider,
} from '../../src/provider/main.ts';

/** Starts it before all else, in a folder of its own, and ends it after all else. */
export function useProvider(
  options: Pick<ProviderOptions, 'clock' | 'stripe'> = {},
): Pick<RunningProvider, 'issuer' | 'databaseFile'> {
  let folder: string;
  let running: RunningProvider;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'farthing-test-'));
    running = await startProvider({ dataDir: folder, port: 0, ...options });
  });
  afterAll(async () => {
    await running.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    get issuer() {
      return running.issuer;
    },
    get databaseFile() {
      return running.databaseFile;
    },
  };
}
