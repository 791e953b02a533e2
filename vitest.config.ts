import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import type { CoverageOptions } from 'vitest/node';

/** Nothing here waits for time to pass; this is for machines with more to do. */
const NODE_TIMEOUT_MS = 30_000;
/** A browser story starts a browser, a provider and a shop: it gets longer, and runs alone. */
const STORY_TIMEOUT_MS = 60_000;

const STORY = {
  fileParallelism: false,
  testTimeout: STORY_TIMEOUT_MS,
  hookTimeout: STORY_TIMEOUT_MS,
} as const;

/** What has to hold of the provider's books wherever they are, on the real server as well. */
const ON_POSTGRES = [
  'test/unit/provider/{accounts,closings,collections,commits,devices,history,limits,proofs}.test.ts',
  'test/unit/provider/{purses,recalls,refunds,repayments,sellers,statements,sweep,undos}.test.ts',
  'test/faults/{processes,refunds}.test.ts',
];

/** What is to be covered by tests in Node, for the wire and the reader's money: `npm test` asks. */
const COVERAGE: CoverageOptions = {
  include: ['src/{protocol,wallet}/**/*.ts'],
  reporter: ['text-summary', 'json-summary'],
  reportOnFailure: true,
  reportsDirectory: '.results/coverage',
  thresholds: { 'src/protocol/**': { lines: 95 }, 'src/wallet/**': { lines: 95 } },
};

/** One set of stories for both browsers. */
const inBrowser = (browser: 'chromium' | 'firefox') =>
  ({
    extends: true,
    test: {
      ...STORY,
      name: browser,
      include: ['test/e2e/browser/*.test.ts'],
      // Pressing Enter in Firefox's popup through its driver does not always arrive.
      exclude: browser === 'firefox' ? ['test/e2e/browser/keyboard.test.ts'] : [],
      globalSetup: ['test/support/builds.ts'],
      provide: { browser },
    },
  }) as TestProjectInlineConfiguration;

export default defineConfig({
  test: {
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: '.results/vitest.json' },
    coverage: COVERAGE,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          testTimeout: NODE_TIMEOUT_MS,
          hookTimeout: NODE_TIMEOUT_MS,
          include: [
            'test/{unit,property,vectors,contracts,faults}/**/*.test.{ts,tsx}',
            'test/*.test.ts',
          ],
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
