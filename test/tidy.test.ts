/** Holds the structure to account (architecture.md): the import table, sizes, words, docs, pins. */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import * as ast from 'typescript/unstable/ast';
import { expect, test } from 'vitest';
import { type Import, lineOf, readSources, type Source } from './support/sources.ts';

const ROOT = resolve(import.meta.dirname, '..');
const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const LINE_LENGTH_MAX = 100;
const SCRIPT_COUNT_MAX = 12;

/** What a part may import: other parts, other parts' types, packages at run time, node: modules. */
interface Part {
  readonly parts: readonly string[];
  readonly types?: readonly string[];
  readonly packages: readonly string[];
  readonly node: 'allowed' | 'refused';
  /** Packages that only `import()` may load. */
  readonly lazy?: readonly string[];
}

/** The table of architecture.md. A new part or package is a decision: write it there and here. */
const PARTS: Record<string, Part> = {
  protocol: { parts: [], packages: [], node: 'refused' },
  design: { parts: [], packages: ['preact'], node: 'refused' },
  words: { parts: [], packages: [], node: 'refused' },
  detect: { parts: ['protocol'], packages: [], node: 'refused' },
  wallet: { parts: ['protocol'], packages: ['valibot'], node: 'refused' },
  extension: {
    parts: ['protocol', 'words'],
    types: ['wallet'],
    packages: ['webextension-polyfill', 'wxt', 'dexie'],
    node: 'refused',
  },
  ui: {
    parts: ['protocol', 'words', 'extension', 'design'],
    types: ['wallet'],
    packages: ['preact', '@preact/signals'],
    node: 'refused',
  },
  seller: { parts: ['protocol'], packages: [], node: 'allowed' },
  check: { parts: ['protocol', 'detect'], packages: [], node: 'allowed' },
  provider: {
    parts: ['protocol', 'design'],
    packages: ['hono', '@hono/node-server', 'kysely', 'valibot', 'preact', 'ibantools', 'stripe'],
    node: 'allowed',
    lazy: ['pg'],
  },
  client: { parts: ['protocol', 'wallet'], packages: [], node: 'allowed' },
  cli: {
    parts: ['protocol', 'detect', 'wallet', 'seller', 'check', 'provider', 'client', 'demo'],
    packages: [],
    node: 'allowed',
    lazy: ['puppeteer-core', 'wxt'],
  },
  demo: { parts: ['protocol', 'seller'], packages: ['hono', '@hono/node-server'], node: 'allowed' },
  entrypoints: {
    parts: ['words', 'detect', 'wallet', 'extension', 'ui'],
    packages: ['wxt', 'preact'],
    node: 'refused',
  },
};
/** This one file starts on every call of the command: it loads all else when it is asked for. */
const LAZY_MAIN = 'src/cli/main.ts';

const TOP_LEVEL = [
  'package.json',
  'package-lock.json',
  'wxt.config.ts',
  'entrypoints',
  'src',
  'test',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'tsconfig.json',
  'vitest.config.ts',
  'biome.json',
  '.gitignore',
  '.ci',
];
const NAMELESS = /^(utils?|helpers?|common|libs?|shared|misc)$/;
const DOCUMENTED = /^src\/(protocol|seller|detect)\//;
/** Words of ours that readers never see: what is set aside is *set aside*, money has a currency. */
const INNER_WORDS = /\b(vouchers?|micros|purses?)\b/i;

const sources = readSources(ROOT);
const shipped = sources.filter(({ path }) => !path.startsWith('test/'));

/** `src/wallet/keys.ts` → `wallet`; `entrypoints/popup/main.tsx` → `entrypoints`. */
function partOf(path: string): string {
  const [top = '', name = ''] = path.split('/');
  return top === 'src' ? name : top;
}

function target(source: Source, { specifier }: Import): string | undefined {
  return specifier.startsWith('.') ? join(dirname(source.path), specifier) : undefined;
}

/** Findings of `check` over `files`; each says where, what, and what to do. */
function findings(files: readonly Source[], check: (source: Source) => Iterable<string>): string[] {
  return files.flatMap((source) => [...check(source)].map((text) => `${source.path}:${text}`));
}

function* partImports(source: Source) {
  const part = partOf(source.path);
  const allowed = PARTS[part];
  if (!allowed) {
    yield ` "${part}" is not a part: use one of the import table, or decide on a new row`;
    return;
  }
  for (const it of source.imports) {
    const to = target(source, it);
    const other = to && partOf(to);
    if (!other || other === part || allowed.parts.includes(other)) continue;
    if (it.kind === 'type' && allowed.types?.includes(other)) continue;
    const ways = allowed.parts.join(', ') || 'no other part';
    yield `${it.line} ${part} imports ${other}; it may import ${ways}. Move the code or use a port`;
  }
}

test('parts import only what the table allows', () => {
  expect(findings(shipped, partImports)).toEqual([]);
});

function* packageImports(source: Source, declared: readonly string[]) {
  const part = PARTS[partOf(source.path)];
  for (const { specifier, kind, line } of source.imports) {
    // `#name` is a file of ours, chosen by the conditions in package.json; `x.node.ts` is for Node.
    if (/^[.#]/.test(specifier) || !part) continue;
    if (specifier.startsWith('node:')) {
      if (part.node === 'refused' && !source.path.endsWith('.node.ts'))
        yield `${line} ${specifier} does not exist in a browser: take it in through a port`;
      continue;
    }
    const name = /^(@[^/]+\/[^/]+|[^/]+)/.exec(specifier)?.[0] ?? specifier;
    if (kind === 'type' && declared.includes(name)) continue;
    if (part.packages.includes(name) || (kind === 'lazy' && part.lazy?.includes(name))) continue;
    yield `${line} ${name} is not a run-time package of this part; architecture.md lists them`;
  }
}

test('parts use only their run-time packages', () => {
  const { dependencies, devDependencies } = manifest();
  const declared = Object.keys({ ...dependencies, ...devDependencies });
  expect(findings(shipped, (source) => packageImports(source, declared))).toEqual([]);
});

test('the command loads its parts only when asked', () => {
  const main = shipped.filter(({ path }) => path === LAZY_MAIN);
  expect(main.length, `${LAZY_MAIN} is missing`).toBe(1);
  const eager = findings(main, (source) =>
    source.imports
      .filter((it) => it.kind === 'value' && it.specifier.startsWith('.'))
      .filter((it) => partOf(target(source, it) ?? '') !== 'protocol')
      .map((it) => `${it.line} load ${it.specifier} by import() inside the subcommand`),
  );
  expect(eager).toEqual([]);
});

test('relative imports name their file with its extension', () => {
  const check = (source: Source) =>
    source.imports.flatMap((it) => {
      const to = target(source, it)?.replace(/\?.*$/, '');
      if (!to) return [];
      const exists = extname(to) !== '' && existsSync(join(ROOT, to));
      return exists
        ? []
        : [`${it.line} "${it.specifier}" is not a file: write it with .ts or .tsx`];
    });
  expect(findings(sources, check)).toEqual([]);
});

function cycles(): string[] {
  const edges = new Map(
    sources.map((source) => [
      source.path,
      source.imports.flatMap((it) => (it.kind === 'lazy' ? [] : (target(source, it) ?? []))),
    ]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (trail.includes(path) || done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return found;
}

test('no files import each other in a circle: what two need is a third file', () => {
  expect(cycles()).toEqual([]);
});

test(`files have at most ${FILE_LINES_MAX} lines: split one by its nouns`, () => {
  const check = ({ text }: Source) => {
    const count = text.trimEnd().split('\n').length;
    return count > FILE_LINES_MAX ? [`1 ${count} lines`] : [];
  };
  expect(findings(sources, check)).toEqual([]);
});

test(`lines have at most ${LINE_LENGTH_MAX} characters`, () => {
  const check = ({ text }: Source) =>
    text.split('\n').flatMap((line, index) => {
      const length = [...line].length;
      return length > LINE_LENGTH_MAX ? [`${index + 1} ${length} characters`] : [];
    });
  expect(findings(sources, check)).toEqual([]);
});

const FUNCTIONS = [
  ast.isFunctionDeclaration,
  ast.isFunctionExpression,
  ast.isArrowFunction,
  ast.isMethodDeclaration,
  ast.isConstructorDeclaration,
];

function isFunction(node: ast.Node): boolean {
  return FUNCTIONS.some((isOne) => isOne(node));
}

/** A `describe` holds tests as a file does; it is not one thing that is done. */
function isDescribe({ parent }: ast.Node): boolean {
  return ast.isCallExpression(parent) && /^describe\b/.test(parent.expression.getText());
}

function* longFunctions({ tree, nodes }: Source) {
  for (const node of nodes) {
    if (!isFunction(node) || isDescribe(node)) continue;
    const first = lineOf(tree, node.getStart(tree));
    const count = lineOf(tree, node.getEnd()) - first + 1;
    if (count > FUNCTION_LINES_MAX) yield `${first} a function of ${count} lines: name its steps`;
  }
}

test(`functions have at most ${FUNCTION_LINES_MAX} lines`, () => {
  expect(findings(sources, longFunctions)).toEqual([]);
});

/**
 * Words that promise to do it later or to look away; written apart, so as not to find themselves.
 */
const BANNED: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [/\bTO[D]O\b|\bFIX[M]E\b/, 'do it now or open an issue'],
  [/@ts-(ignore|nocheck|expect-error)/, 'fix the type'],
  [/\b(describe|it|test|suite)(\.\w+)*\.(skip|skipIf|runIf|only|todo|fails)\b/, 'run every test'],
];

test('nothing is put off, silenced or skipped', () => {
  const check = ({ text }: Source) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        BANNED.filter(([pattern]) => pattern.test(line)).map(
          ([pattern, advice]) => `${index + 1} ${pattern.exec(line)?.[0]}: ${advice}`,
        ),
      );
  expect(findings(sources, check)).toEqual([]);
});

test('no any, no enums; no default exports in src', () => {
  const check = ({ path, tree, nodes }: Source) =>
    nodes.flatMap((node) => {
      const at = lineOf(tree, node.getStart(tree));
      if (node.kind === ast.SyntaxKind.AnyKeyword) return [`${at} any: say what it is, or unknown`];
      if (ast.isEnumDeclaration(node)) return [`${at} an enum: use a union of texts`];
      const isDefault =
        (node.kind === ast.SyntaxKind.DefaultKeyword && !ast.isDefaultClause(node.parent)) ||
        (ast.isExportSpecifier(node) && node.name.text === 'default');
      if (path.startsWith('src/') && (isDefault || ast.isExportAssignment(node)))
        return [`${at} a default export: export it by its name`];
      return [];
    });
  expect(findings(sources, check)).toEqual([]);
});

test('every export of protocol, seller and detect has a docstring', () => {
  const check = ({ tree }: Source) =>
    tree.statements.flatMap((statement) => {
      const text = statement.getText(tree);
      if (!text.startsWith('export ') || ast.isExportDeclaration(statement)) return [];
      if (statement.jsDoc && statement.jsDoc.length > 0) return [];
      const line = lineOf(tree, statement.getStart(tree));
      return [`${line} write /** … */ before "${text.slice(0, 50).split('\n')[0]}"`];
    });
  expect(
    findings(
      shipped.filter(({ path }) => DOCUMENTED.test(path)),
      check,
    ),
  ).toEqual([]);
});

/** Whether people read it: markup, its attributes, and texts of more than one word. */
function isScreenText(node: ast.Node): boolean {
  if (node.kind === ast.SyntaxKind.JsxText || ast.isTemplateHead(node)) return true;
  if (ast.isTemplateMiddleOrTemplateTail(node)) return true;
  if (!ast.isStringLiteral(node) && !ast.isNoSubstitutionTemplateLiteral(node)) return false;
  return /\s/.test(node.text) || ast.isJsxAttribute(node.parent);
}

function* innerWords({ tree, nodes }: Source) {
  for (const node of nodes.filter(isScreenText)) {
    const word = INNER_WORDS.exec(node.getText(tree))?.[0];
    if (word) yield `${lineOf(tree, node.getStart(tree))} "${word}" on a screen: see screens.md`;
  }
}

test('screens speak the reader’s words', () => {
  const screens = shipped.filter(({ path }) =>
    /^(src\/(words|ui|design)|entrypoints)\//.test(path),
  );
  expect(findings(screens, innerWords)).toEqual([]);
  for (const path of files('entrypoints').filter((name) => name.endsWith('.html')))
    expect(INNER_WORDS.exec(read(path))?.[0], `${path} shows an inner word`).toBeUndefined();
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Without what is installed, which is other people's. */
function files(folder: string): string[] {
  const exclude = (name: string) => name === 'node_modules' || name.endsWith('/node_modules');
  return globSync('**', { cwd: join(ROOT, folder), exclude }).map((name) => join(folder, name));
}

test('the root holds what architecture.md names', () => {
  const ignored = read('.gitignore').split('\n');
  const names = readdirSync(ROOT).filter((name) => name !== '.git' && !TOP_LEVEL.includes(name));
  const strays = names.filter((name) => !ignored.some((line) => line.replace(/\/$/, '') === name));
  expect(strays, 'move it to its noun under src/ or test/').toEqual([]);
});

test('files and folders are named after a noun of the product', () => {
  const named = (path: string) =>
    path.split('/').some((name) => NAMELESS.test(name.split('.')[0] ?? ''));
  const found = ['src', 'entrypoints', 'test'].flatMap(files).filter(named);
  expect(found, 'name it after what it holds').toEqual([]);
});

interface Manifest {
  readonly scripts: Record<string, string>;
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly optionalDependencies: Record<string, string>;
}

function manifest(): Manifest {
  return JSON.parse(read('package.json')) as Manifest;
}

test(`package.json has at most ${SCRIPT_COUNT_MAX} scripts and pins every version`, () => {
  const { scripts, dependencies, devDependencies, optionalDependencies } = manifest();
  expect(Object.keys(scripts).length).toBeLessThanOrEqual(SCRIPT_COUNT_MAX);
  const versions = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
  const loose = versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
  expect(loose, 'write the exact version').toEqual([]);
});

test('nothing was left behind by a merge', () => {
  const texts = /\.(ts|tsx|js|mjs|json|css|html|md|sql|txt|sh)$|^\.ci\/run$/;
  const all = ['src', 'entrypoints', 'test', '.ci'].flatMap(files);
  const paths = [...all, ...TOP_LEVEL].filter((path) => texts.test(path));
  const marked = paths.filter((path) => /^(<{7} |>{7} |={7}$)/m.test(read(path)));
  expect(marked, 'take one side, or join them').toEqual([]);
});
