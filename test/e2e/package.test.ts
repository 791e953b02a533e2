/** What readers download stays small (limits.md); sizes are deterministic, so they are asserted. */
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { zip } from 'wxt';

const ROOT = resolve(import.meta.dirname, '../..');
const BUILT = join(ROOT, '.output/chrome-mv3');

it('the content script is at most 10 kB', () => {
  expect(statSync(join(BUILT, 'content-scripts/content.js')).size).toBeLessThanOrEqual(10_000);
});

it('the packed extension is at most 150 kB', async () => {
  const [file] = await zip({ root: ROOT, browser: 'chrome' });
  expect(statSync(file ?? '').size).toBeLessThanOrEqual(150_000);
});
