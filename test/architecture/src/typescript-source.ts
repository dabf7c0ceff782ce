import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { readText, sourcePaths } from './workspace.ts';

/** The facts about a file that the rules use without running it. */
export interface Source {
  readonly path: string;
  readonly lines: number;
  /** Module specifiers as written, including type imports and re-exports. */
  readonly imports: readonly string[];
  /** The specifiers that are loaded together with the file: neither types nor `import()`. */
  readonly loads: readonly string[];
  /** Called functions as written: `Date.now`, `setTimeout`, `it.only`. */
  readonly calls: readonly string[];
  readonly text: string;
}

export function parseSource(path: string, text: string): Source {
  const kind = path.endsWith('.tsx') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, false, kind);
  const calls: string[] = [];
  const imports: string[] = [];
  const loads: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isPath(node.expression)) calls.push(node.expression.getText(tree));
    const module = moduleOf(node);
    if (module !== undefined && ts.isStringLiteralLike(module)) {
      imports.push(module.text);
      if (isLoaded(node)) loads.push(module.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { path, text, lines: text.split('\n').length - 1, imports, loads, calls };
}

/**
 * The module that a node imports with `import ... from`, `export ... from`, or `import()` of a
 * value or a type.
 */
function moduleOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
    ? node.arguments[0]
    : undefined;
}

function isLoaded(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node)) return node.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword;
  return ts.isExportDeclaration(node) && !node.isTypeOnly;
}

/** Whether the expression is `name` or `name.other`, without calls in between. */
const isPath = (node: ts.Expression): boolean =>
  ts.isIdentifier(node) || (ts.isPropertyAccessExpression(node) && isPath(node.expression));

/**
 * The path to which a relative import leads, relative to the workspace's root. Undefined for a
 * package.
 */
export const importedPath = ({ path }: Pick<Source, 'path'>, specifier: string): string | undefined =>
  specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : undefined;

export const sources: readonly Source[] = sourcePaths.map((path) => parseSource(path, readText(path)));
