import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** Nothing here waits for time to pass; this is for machines with more to do. */
const NODE_TIMEOUT_MS = 30_000;
/** A browser story starts a browser, a provider and a shop: it gets longer, and runs alone. */
const STORY_TIMEOUT_MS = 60_000;

const STORY = {
  fileParallelism: false,
  testTimeout: STORY_TIMEOUT_MS,
  hookTimeout: STORY_TIMEOUT_MS,
} as const;

/** One set of stories for both browsers. */
const inBrowser = (browser: 'chromium' | 'firefox') =>
  ({
    extends: true,
    test: {
      ...STORY,
      name: browser,
      include: ['test/e2e/browser/*.test.ts'],
      globalSetup: ['test/support/builds.ts'],
      provide: { browser },
    },
  }) as TestProjectInlineConfiguration;

export default defineConfig({
  test: {
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: '.results/vitest.json' },
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
      inBrowser('chromium'),
      inBrowser('firefox'),
    ],
  },
});
