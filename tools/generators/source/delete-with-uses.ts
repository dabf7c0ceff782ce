import { basename, dirname, join } from 'node:path/posix';
import { visitNotIgnoredFiles, type Tree } from '@nx/devkit';
import ts from 'typescript';
import { editFile } from './edit-text.ts';
import { nodesIn, startWithComment, TypeScriptFile } from './typescript-file.ts';

/** The folders with code. */
const roots = ['apps', 'libs', 'test', 'tools'];

/**
 * Deletes files and folders, and takes out of all other code what it imports from them: each import,
 * and around each use of an imported name the smallest part that can go without changing the rest.
 * Throws an error that names the line of each use without such a part. Nothing must be written then.
 */
export function deleteWithUses(tree: Tree, paths: readonly string[]): void {
  for (const path of paths) tree.delete(path);
  const words = paths.map((path) => basename(path).replace(/\.ts$/, ''));
  const refused: string[] = [];
  for (const root of roots)
    visitNotIgnoredFiles(tree, root, (path) => {
      if (path.endsWith('.css')) withoutImportedStyles(tree, path, paths);
      if (!/\.tsx?$/.test(path)) return;
      const text = tree.read(path, 'utf8') ?? '';
      if (words.some((word) => text.includes(`/${word}`)))
        refused.push(...takeOut(new TypeScriptFile(tree, path), paths));
    });
  if (refused.length > 0)
    throw new Error(
      `nothing was removed, because these lines could not do without it:\n  ${refused.join('\n  ')}\n` +
        'Take out by hand what they use, and repeat the command.',
    );
}

/** Whether the text, in that file, is a path to one of these files or into one of these folders. */
function leadsTo(paths: readonly string[], file: string, text: string): boolean {
  const target = join(dirname(file), text);
  return text.startsWith('.') && paths.some((path) => target === path || target.startsWith(`${path}/`));
}

const withoutImportedStyles = (tree: Tree, file: string, paths: readonly string[]): void =>
  editFile(tree, file, (text) =>
    text.replaceAll(/^@import '([^']+)';\n/gm, (line, imported: string) =>
      leadsTo(paths, file, imported) ? '' : line,
    ),
  );

/** Takes out what the file imports from the paths. Returns the uses that cannot be taken out. */
function takeOut(file: TypeScriptFile, paths: readonly string[]): readonly string[] {
  const isDeleted = ({ text }: ts.StringLiteral): boolean => leadsTo(paths, file.path, text);
  const mentions = file.all(ts.isStringLiteral).filter(isDeleted);
  const imports = mentions.map(({ parent }) => parent).filter(ts.isImportDeclaration);
  const names = new Set(imports.flatMap(importedBy));
  const uses: ts.Node[] = [
    ...mentions.filter(({ parent }) => !ts.isImportDeclaration(parent)),
    ...file
      .all(ts.isIdentifier)
      .filter((each) => names.has(each.text) && !isMember(each) && !isBinding(each.parent)),
  ];
  const parts = new Set<ts.Node>(imports);
  const refused: string[] = [];
  for (const use of uses) {
    const part = partAround(use);
    if (part === undefined) refused.push(placeOf(use, file));
    else parts.add(part);
    if (part !== undefined && ts.isParameter(part)) uses.push(...usesOfProperty(part));
  }
  if (refused.length === 0) cut(file, [...parts]);
  return refused;
}

const importedBy = (declaration: ts.ImportDeclaration): readonly string[] =>
  nodesIn(declaration, isBinding).flatMap(({ name }) => (name === undefined ? [] : [name.text]));

const isBinding = (node: ts.Node): node is ts.ImportClause | ts.NamespaceImport | ts.ImportSpecifier =>
  ts.isImportClause(node) || ts.isNamespaceImport(node) || ts.isImportSpecifier(node);

/** Whether the identifier names a member of something, so that it has nothing to do with an import. */
const isMember = (node: ts.Identifier): boolean =>
  (ts.isPropertyAccessExpression(node.parent) ||
    ts.isPropertyAssignment(node.parent) ||
    ts.isJsxAttribute(node.parent) ||
    ts.isClassElement(node.parent) ||
    ts.isTypeElement(node.parent)) &&
  node.parent.name === node;

/** The uses of a property that a constructor declares as its parameter. */
const usesOfProperty = ({ name, parent }: ts.ParameterDeclaration): readonly ts.Node[] =>
  nodesIn(parent.parent, ts.isPropertyAccessExpression).filter(
    (each) => each.expression.kind === ts.SyntaxKind.ThisKeyword && each.name.text === name.getText(),
  );

/** The smallest part around a use that can go; undefined if there is none. */
function partAround(node: ts.Node): ts.Node | undefined {
  if (canGo(node)) return node;
  return belongsToUse(node.parent) ? partAround(node.parent) : undefined;
}

const canGo = (node: ts.Node): boolean =>
  ts.isArrayLiteralExpression(node.parent) ||
  isProperty(node) ||
  ts.isParameterPropertyDeclaration(node, node.parent) ||
  (ts.isExpressionStatement(node) && (ts.isBlock(node.parent) || ts.isSourceFile(node.parent))) ||
  (ts.isJsxSelfClosingElement(node) && (ts.isJsxElement(node.parent) || ts.isJsxFragment(node.parent))) ||
  isDefault(node);

const isProperty = (node: ts.Node): boolean =>
  ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node) || ts.isSpreadAssignment(node);

/** Whether the node stands on the right of a `??`. */
const isDefault = (node: ts.Node): boolean =>
  ts.isBinaryExpression(node.parent) &&
  node.parent.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken &&
  node.parent.right === node;

/**
 * Whether a node around a use has no meaning without it. A call is one, because it is another call
 * without one of its arguments.
 */
const belongsToUse = (node: ts.Node): boolean =>
  ts.isPropertyAccessExpression(node) ||
  ts.isCallExpression(node) ||
  ts.isNewExpression(node) ||
  ts.isAwaitExpression(node) ||
  ts.isParenthesizedExpression(node) ||
  ts.isAsExpression(node) ||
  ts.isSatisfiesExpression(node) ||
  ts.isSpreadElement(node) ||
  isProperty(node) ||
  ts.isDecorator(node) ||
  ts.isTypeReferenceNode(node) ||
  ts.isParameter(node) ||
  ts.isExpressionStatement(node) ||
  ts.isJsxSelfClosingElement(node);

const placeOf = (node: ts.Node, { path, syntax }: TypeScriptFile): string =>
  `${path}:${syntax.getLineAndCharacterOfPosition(node.getStart(syntax)).line + 1}: ${node.getText(syntax)}`;

/** Removes parts of the text, with the comma that follows, and lines of which nothing remains. */
function cut(file: TypeScriptFile, parts: readonly ts.Node[]): void {
  const isInside = (part: ts.Node, other: ts.Node) =>
    part !== other && other.pos <= part.pos && part.end <= other.end;
  const outermost = parts.filter((part) => !parts.some((other) => isInside(part, other)));
  const spans = outermost.map((part) => spanOf(part, file));
  for (const { from, to } of spans.sort((one, other) => other.from - one.from)) file.replace(from, to, '');
}

function spanOf(part: ts.Node, { syntax, text }: TypeScriptFile) {
  if (isDefault(part)) return { from: (part.parent as ts.BinaryExpression).left.end, to: part.end };
  const from = ts.isImportDeclaration(part) ? part.getStart(syntax) : startWithComment(part, syntax);
  const to = part.end + (/^\s*,/.exec(text.slice(part.end))?.[0].length ?? 0);
  const indent = /\n[ \t]*$/.exec(text.slice(0, from))?.[0].length ?? 0;
  return { from: text[to] === '\n' ? from - indent : from, to };
}
