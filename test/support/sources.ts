/** The project's own code as trees, for the test that holds its structure to account. */
import { join, relative } from 'node:path';
import * as ast from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

/** One file of src, entrypoints or test. */
export interface Source {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ast.SourceFile;
  readonly nodes: readonly ast.Node[];
  readonly imports: readonly Import[];
}

/** One import, whatever its form; `lazy` is `import()`. */
export interface Import {
  readonly specifier: string;
  readonly kind: 'value' | 'type' | 'lazy';
  readonly line: number;
}

function allNodes(node: ast.Node): ast.Node[] {
  const found = [node];
  node.forEachChild((child) => {
    found.push(...allNodes(child));
  });
  return found;
}

/** The line, from 1, of a position in a file. */
export function lineOf(tree: ast.SourceFile, position: number): number {
  return tree.text.slice(0, position).split('\n').length;
}

function isTypeOnly(node: ast.ImportDeclaration | ast.ExportDeclaration): boolean {
  if (ast.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (!clause) return false;
  if (clause.phaseModifier === ast.SyntaxKind.TypeKeyword) return true;
  const { namedBindings } = clause;
  if (clause.name || !namedBindings || !ast.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.length > 0 && namedBindings.elements.every((it) => it.isTypeOnly);
}

function importOf(node: ast.Node, tree: ast.SourceFile): Import | undefined {
  const line = lineOf(tree, node.getStart(tree));
  if (ast.isImportDeclaration(node) || ast.isExportDeclaration(node)) {
    const { moduleSpecifier } = node;
    if (!moduleSpecifier || !ast.isStringLiteral(moduleSpecifier)) return undefined;
    return { specifier: moduleSpecifier.text, kind: isTypeOnly(node) ? 'type' : 'value', line };
  }
  if (ast.isImportTypeNode(node) && ast.isLiteralTypeNode(node.argument)) {
    const { literal } = node.argument;
    return ast.isStringLiteral(literal)
      ? { specifier: literal.text, kind: 'type', line }
      : undefined;
  }
  if (ast.isCallExpression(node) && node.expression.kind === ast.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    if (argument && ast.isStringLiteral(argument))
      return { specifier: argument.text, kind: 'lazy', line };
  }
  return undefined;
}

/** Reads every file of tsconfig.json under src, entrypoints and test of the project at `root`. */
export function readSources(root: string): Source[] {
  const api = new API({ cwd: root });
  const config = join(root, 'tsconfig.json');
  const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
  if (!project) throw new TypeError('tsconfig.json cannot be opened');
  const sources = project.rootFiles.flatMap((file) => {
    const path = relative(root, file).replaceAll('\\', '/');
    if (!/^(src|entrypoints|test)\//.test(path)) return [];
    const tree = project.program.getSourceFile(file);
    if (!tree) throw new TypeError(`${path} cannot be read`);
    const nodes = allNodes(tree);
    const imports = nodes.flatMap((node) => importOf(node, tree) ?? []);
    return [{ path, text: tree.text, tree, nodes, imports }];
  });
  api.close();
  return sources;
}
