import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import type { CoverageOptions } from 'vitest/node';
import { PATIENCE } from './test/support/patience.ts';

/** Nothing waits for this time to pass: it is for machines that have much else to do. */
const NODE_TIMEOUT_MS = 180_000;
/** A story takes many steps, each of which may take its time there. */
const STORY_TIMEOUT_MS = 300_000;

const STORY = {
  fileParallelism: false,
  testTimeout: STORY_TIMEOUT_MS,
  hookTimeout: STORY_TIMEOUT_MS,
} as const;

const IN_PLACE_OF_MODULES = 'test/unit/extension/*.test.ts';

/** What has to hold of the provider's books wherever they are, on the real server as well. */
const ON_POSTGRES = [
  'test/unit/provider/**/{accounts,closings,collections,commits,devices,history,limits,proofs}.test.ts',
  'test/unit/provider/**/{giveup,origincheck,payouts,selfdealing,young}.test.ts',
  'test/unit/provider/**/{float,purses,recalls,refunds,repayments,sellers,statements,sweep,undos}.test.ts',
  'test/unit/provider/**/{exports,keys,leaving,movements,revocation,takebacks,topups}.test.ts',
  'test/unit/provider/**/{costs,unasked,velocity,withdrawals}.test.ts',
  'test/faults/{migration,notices,payoutmethod,payouts,processes,provider}.test.ts',
  'test/faults/{refunds,sweep,takebacks,withdrawals,writes}.test.ts',
];

/** What is to be covered by tests in Node, for the wire and the reader's money: `npm test` asks. */
const COVERAGE: CoverageOptions = {
  include: ['src/{protocol,wallet}/**/*.ts'],
  reporter: ['text-summary', 'json-summary'],
  reportOnFailure: true,
  reportsDirectory: '.results/coverage',
  thresholds: { 'src/protocol/**': { lines: 95 }, 'src/wallet/**': { lines: 95 } },
};

const CHROMIUM_ONLY = [
  // Its pictures are drawn once.
  'test/e2e/browser/store.test.ts',
];

/** One set of stories for both browsers. */
const inBrowser = (browser: 'chromium' | 'firefox') =>
  ({
    extends: true,
    test: {
      ...STORY,
      name: browser,
      include: ['test/e2e/browser/*.test.ts'],
      exclude: browser === 'firefox' ? CHROMIUM_ONLY : [],
      globalSetup: ['test/support/builds.ts'],
      provide: { browser },
    },
  }) as TestProjectInlineConfiguration;

export default defineConfig({
  test: {
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: '.results/vitest.json' },
    coverage: COVERAGE,
    expect: { poll: PATIENCE },
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          testTimeout: NODE_TIMEOUT_MS,
          hookTimeout: NODE_TIMEOUT_MS,
          // One module graph for all of them: reading it anew for each file took more than half of
          // the time. What puts others in the place of modules is in the next project.
          isolate: false,
          include: ['test/{unit,property,vectors}/**/*.test.{ts,tsx}', 'test/*.test.ts'],
          exclude: [IN_PLACE_OF_MODULES],
        },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          testTimeout: NODE_TIMEOUT_MS,
          hookTimeout: NODE_TIMEOUT_MS,
          include: ['test/{contracts,faults}/**/*.test.ts', IN_PLACE_OF_MODULES],
        },
      },
      {
        extends: true,
        test: {
          ...STORY,
          name: 'e2e',
          include: ['test/e2e/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          testTimeout: STORY_TIMEOUT_MS,
          hookTimeout: STORY_TIMEOUT_MS,
          include: ON_POSTGRES,
          globalSetup: ['test/support/books.ts'],
        },
      },
      inBrowser('chromium'),
      inBrowser('firefox'),
    ],
  },
});
