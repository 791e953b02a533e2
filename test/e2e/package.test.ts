/**
 * What readers download and shops load stays small (limits.md); sizes are deterministic, so they
 * are asserted.
 */
import { globSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { type OutputChunk, type Plugin, rolldown } from 'rolldown';
import { expect, it } from 'vitest';
import { pack } from '../support/builds.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BUILT = join(ROOT, '.output/chrome-mv3');

it.each(['links.js', 'marks.js', 'note.js', 'reader.js'])(
  '%s, which runs in pages, is at most 10 kB',
  (script) => {
    expect(statSync(join(BUILT, script)).size).toBeLessThanOrEqual(10_000);
  },
);

it.each(['chrome-mv3', 'firefox-mv3'])('%s asks for nothing when it is installed', (folder) => {
  const manifest = JSON.parse(readFileSync(join(ROOT, '.output', folder, 'manifest.json'), 'utf8'));
  const ofChromium = folder === 'chrome-mv3' ? ['declarativeContent'] : [];
  // None of these has a warning of its own; the sites are asked for one by one, later.
  expect(manifest.permissions).toEqual(['alarms', 'activeTab', 'scripting', ...ofChromium]);
  expect(manifest.optional_host_permissions).toContain('https://*/*');
  expect(manifest.commands).toHaveProperty('_execute_action');
  for (const name of ['host_permissions', 'content_scripts', 'web_accessible_resources'])
    expect(manifest[name], name).toBeUndefined();
});

it('the packed extension is at most 150 kB, and 8 kB for each language', async () => {
  const languages = globSync(join(BUILT, '_locales/*/messages.json'));
  const sizes = languages.map((file) => deflateRawSync(readFileSync(file), { level: 9 }).length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(8_000);
  const texts = sizes.reduce((sum, size) => sum + size, 0);
  expect((await pack('chrome')).length - texts).toBeLessThanOrEqual(150_000);
});

/** `createSeller` as a bundler makes it, gzipped: what is loaded at once, or all of it. */
async function sellerBytes(condition: string, how: 'at once' | 'whole'): Promise<number> {
  const entry = join(ROOT, 'dist/seller/index.js');
  const later: Plugin = {
    name: 'what is loaded later',
    resolveDynamicImport: (id) => ({ id: String(id), external: true }),
  };
  const bundle = await rolldown({
    input: 'shop',
    platform: 'neutral',
    external: [/^node:/],
    resolve: { conditionNames: [condition, 'import'] },
    plugins: [
      {
        name: 'a shop',
        resolveId: (id) => (id === 'shop' ? id : undefined),
        load: (id) =>
          id === 'shop' ? `export { createSeller } from ${JSON.stringify(entry)};` : undefined,
      },
      ...(how === 'at once' ? [later] : []),
    ],
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  const chunks = output.filter((chunk): chunk is OutputChunk => chunk.type === 'chunk');
  return gzipSync(chunks.map(({ code }) => code).join('\n'), { level: 9 }).length;
}

// Pages, adapters, refusals, wishes, new purses and the office come when they are used.
it.each(['node', 'default'])('the seller module under the condition %s is small', async (name) => {
  expect(await sellerBytes(name, 'at once')).toBeLessThanOrEqual(12_000);
  expect(await sellerBytes(name, 'whole')).toBeLessThanOrEqual(41_000);
});

it('the seller module needs no other package', () => {
  const published = JSON.parse(readFileSync(join(ROOT, 'dist/package.json'), 'utf8'));
  expect(published.dependencies).toBeUndefined();
  expect(Object.keys(published.exports)).toContain('./seller');
});
