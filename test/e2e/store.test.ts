/**
 * What the stores are given: packages that anybody can build again to the same byte, and that
 * Mozilla's linter has nothing new to say of.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { pack } from '../support/builds.ts';
import { installedPath } from '../support/installs.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** What an extension is built from. */
const SOURCES = ['entrypoints', 'src', 'package.json', 'tsconfig.json', 'wxt.config.ts'];

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A copy of the sources in another place, with the packages that are installed here. */
function copySources(): string {
  const folder = mkdtempSync(join(tmpdir(), 'farthing-store-'));
  folders.push(folder);
  for (const name of SOURCES) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

const hashOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

it.each(['chrome', 'firefox'] as const)(
  'whoever builds the package for %s gets the same bytes',
  async (browser) => {
    const [one, other] = [await pack(browser), await pack(browser, copySources())];
    expect(hashOf(one)).toBe(hashOf(other));
  },
);

/** Each with its reason to stand. */
const KNOWN_WARNINGS = [
  // Firefox for Android is not what this is for yet; desktop versions know the key from 140 on.
  'KEY_FIREFOX_ANDROID_UNSUPPORTED_BY_MIN_VERSION',
  // Preact's own code for a property that no component of ours uses.
  'UNSAFE_VAR_ASSIGNMENT',
];

it('the store’s linter finds no error and no warning that is not known', async () => {
  const linter = installedPath('linter', 'addons-linter/bin/addons-linter');
  const args = [linter, '--output', 'json', await pack('firefox')];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { errors, notices, warnings } = JSON.parse(stdout);
  expect({ errors, notices }).toEqual({ errors: [], notices: [] });
  const codes = warnings.map(({ code }: { code: string }) => code);
  expect([...new Set(codes)].toSorted()).toEqual(KNOWN_WARNINGS);
});
