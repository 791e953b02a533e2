/** Code speaks by keys alone: none is left over, and no text stands in it. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as ast from 'typescript/unstable/ast';
import { expect, it } from 'vitest';
import { CATALOGUES } from '../../../src/words/locales.ts';
import { lineOf, readSources, type Source } from '../../support/sources.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
/** What is called so in every language. */
const NAMES = /^(Farthing|Firefox|Edge|Opera|Chrome|Android|Windows|Mac|Chromebook|Linux|Escape)$/;
/** What programs call things: `NotAllowedError`, `Content-Type`. */
const PROGRAM_NAMES = /^[A-Z][a-z]+(-?[A-Z][a-z]+)+$/;
/** Attributes that are read by people; any other is the machine's. */
const READ = /^(aria-label|aria-description|alt|title|placeholder|label|note|any)$/;

const sources = readSources(ROOT);
const screens = sources.filter(({ path }) =>
  /^(src\/(ui|design|extension)|entrypoints)\//.test(path),
);

/** What says a key: `say('save')`, `` sayCount(`time_${unit}`) ``, `begin({ title: … })`. */
const SPEAKERS = /^(say|sayAround|sayCount|begin)$/;

function literalsIn(node: ast.Node): string[] {
  const own = ast.isStringLiteral(node) ? [node.text] : [];
  const head = ast.isTemplateHead(node) ? [`${node.text}*`] : [];
  const below: string[] = [];
  node.forEachChild((child) => {
    below.push(...literalsIn(child));
  });
  return [...own, ...head, ...below];
}

/** Keys of a table, `NAMES` of `say(NAMES[mark])`, which stands in the same file. */
function keysOfTable(nodes: readonly ast.Node[], key: ast.Node): string[] {
  if (!ast.isElementAccessExpression(key)) return [];
  const name = key.expression.getText();
  return nodes.flatMap((node) =>
    ast.isVariableDeclaration(node) && node.name.getText() === name ? literalsIn(node) : [],
  );
}

/** Keys that a file says; `time_*` for a family of them. */
function keysIn({ nodes }: Source): string[] {
  return nodes.flatMap((node) => {
    if (!ast.isCallExpression(node) || !ast.isIdentifier(node.expression)) return [];
    const [key] = node.arguments;
    if (!key || !SPEAKERS.test(node.expression.text)) return [];
    return [...literalsIn(key), ...keysOfTable(nodes, key)];
  });
}

it('every key is used', () => {
  const used = screens.flatMap(keysIn);
  const ofManifest = readFileSync(join(ROOT, 'wxt.config.ts'), 'utf8').matchAll(/__MSG_(\w+)__/g);
  // Those that speak about the texts, and the reasons, which `sayReason` finds by their codes.
  const known = ['language', 'direction', 'reason_*', ...[...ofManifest].map(([, key]) => key)];
  const all = new Set([...used, ...known]);
  const isUsed = (key: string) =>
    all.has(key) || (key.includes('_') && all.has(`${key.replace(/_.*/, '_')}*`));
  expect(Object.keys(CATALOGUES.en).filter((key) => !isUsed(key))).toEqual([]);
});

function parentsOf(node: ast.Node): ast.Node[] {
  const parents: ast.Node[] = [];
  for (let it = node.parent; it; it = it.parent) parents.push(it);
  return parents;
}

/** Faults of ours and what the compiler alone reads are no texts. */
function isInner(parents: readonly ast.Node[]): boolean {
  return parents.some(
    (it) =>
      ast.isNewExpression(it) ||
      ast.isImportDeclaration(it) ||
      ast.isTypeNode(it) ||
      (ast.isJsxAttribute(it) && !READ.test(it.name.getText())),
  );
}

/** A capital and a word, or two words; lists of class names are not written in sentences. */
function isText(text: string): boolean {
  if (NAMES.test(text.trim()) || PROGRAM_NAMES.test(text)) return false;
  return /^\s*[A-Z][a-z]|[a-z][.!?…](\s|$)/.test(text);
}

function* textsIn({ tree, nodes }: Source): Generator<string> {
  for (const node of nodes) {
    const at = lineOf(tree, node.getStart(tree));
    if (node.kind === ast.SyntaxKind.JsxText) {
      const text = node.getText(tree).trim();
      if (/\p{L}/u.test(text) && !NAMES.test(text)) yield `${at} "${text}"`;
      continue;
    }
    const isPart = ast.isTemplateHead(node) || ast.isTemplateMiddleOrTemplateTail(node);
    if (!isPart && !ast.isStringLiteral(node) && !ast.isNoSubstitutionTemplateLiteral(node))
      continue;
    const parents = parentsOf(node);
    if (isInner(parents)) continue;
    const isAttribute = ast.isJsxAttribute(node.parent);
    // Between values a single word is a text: `${spent} of ${limit}`.
    const isBetween = isPart && /^ [A-Za-z]+( |$)/.test(node.text);
    if (isText(node.text) || isBetween || (isAttribute && /\p{L}/u.test(node.text)))
      yield `${at} "${node.text}"`;
  }
}

it('no text stands in the code of a screen', () => {
  const found = screens.flatMap((source) =>
    [...textsIn(source)].map((text) => `${source.path}:${text}: give it a key in src/words`),
  );
  expect(found).toEqual([]);
});

it('no text stands in a page’s file', () => {
  for (const path of globSync('entrypoints/*/index.html', { cwd: ROOT })) {
    const text = readFileSync(join(ROOT, path), 'utf8').replace(/<[^>]*>/g, ' ');
    expect(text.trim(), path).toBe('Farthing');
  }
});
