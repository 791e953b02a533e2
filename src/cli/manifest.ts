/**
 * Writes `dist/package.json`, that of what is published: the same names as here, of the JavaScript
 * that was built. Node refuses TypeScript under node_modules, and what development needs (a pinned
 * Node among it) is nobody else's business. Run by `npm run build`.
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');

type Target = string | { readonly [condition: string]: Target };

/** `./src/seller/index.ts` → `./seller/index.js`, under whatever condition. */
function built(target: Target, extension: string): Target {
  if (typeof target === 'string')
    return target.replace('./src/', './').replace(/\.ts$/, `.${extension}`);
  return Object.fromEntries(
    Object.entries(target).map(([condition, inner]) => [condition, built(inner, extension)]),
  );
}

function entryOf([name, target]: [string, string]): [string, Target] {
  if (!target.endsWith('.ts')) return [name, target];
  return [name, { types: built(target, 'd.ts'), default: built(target, 'js') }];
}

const own = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const { name, version, description, license, type } = own;
const exports = Object.fromEntries(Object.entries<string>(own.exports).map(entryOf));
// Bundlers may leave out every file of which nothing is used.
const sideEffects = false;
const published = { name, version, description, license, type, sideEffects, exports };
const imports = built(own.imports, 'js');
writeFileSync(
  join(DIST, 'package.json'),
  `${JSON.stringify({ ...published, imports }, null, 2)}\n`,
);
copyFileSync(join(ROOT, 'LICENSE'), join(DIST, 'LICENSE'));
