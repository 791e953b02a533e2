import { defineConfig } from 'vitest/config';

/** A browser story starts a browser, a provider and a shop: it gets longer, and runs alone. */
const STORY_TIMEOUT_MS = 60_000;

export default defineConfig({
  test: {
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: '.results/vitest.json' },
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: [
            'test/{unit,property,vectors,contracts,faults}/**/*.test.{ts,tsx}',
            'test/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: STORY_TIMEOUT_MS,
          hookTimeout: STORY_TIMEOUT_MS,
        },
      },
    ],
  },
});
