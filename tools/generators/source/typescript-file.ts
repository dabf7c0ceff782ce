import type { Tree } from '@nx/devkit';
import ts from 'typescript';

type Matches<Found extends ts.Node> = (node: ts.Node) => node is Found;

/** A TypeScript file that a generator changes at places which it finds in the syntax. */
export class TypeScriptFile {
  readonly path: string;
  readonly #tree: Tree;
  #syntax: ts.SourceFile;

  constructor(tree: Tree, path: string) {
    const text = tree.read(path, 'utf8');
    if (text === null) throw new Error(`${path} does not exist`);
    this.path = path;
    this.#tree = tree;
    this.#syntax = parse(path, text);
  }

  get text(): string {
    return this.#syntax.text;
  }

  get syntax(): ts.SourceFile {
    return this.#syntax;
  }

  /** Replaces the text between two positions. Nodes that were found before are stale afterwards. */
  replace(from: number, to: number, text: string): void {
    this.#syntax = parse(this.path, this.text.slice(0, from) + text + this.text.slice(to));
    this.#tree.write(this.path, this.text);
  }

  insert(at: number, text: string): void {
    this.replace(at, at, text);
  }

  /** Removes a node with its comment, and the comma behind it. */
  remove(node: ts.Node): void {
    const from = startWithComment(node, this.syntax);
    const rest = /^,?[^\S\n]*\n?/.exec(this.text.slice(node.end))?.[0] ?? '';
    this.replace(from, node.end + rest.length, '');
  }

  append(text: string): void {
    this.insert(this.text.length, text);
  }

  all<Found extends ts.Node>(matches: Matches<Found>): readonly Found[] {
    return nodesIn(this.syntax, matches);
  }

  /** The initializer of a constant at the top of the file, without `as const` or `satisfies`. */
  constant(name: string): ts.Expression | undefined {
    const declaration = this.all(ts.isVariableDeclaration).find(
      (each) => ts.isIdentifier(each.name) && each.name.text === name,
    );
    return declaration?.initializer && bare(declaration.initializer);
  }

  /** The calls of a function that is given as written, such as `SagaModule.forRoot`. */
  calls(callee: string): readonly ts.CallExpression[] {
    return this.all(ts.isCallExpression).filter(
      ({ expression }) => expression.getText(this.syntax) === callee,
    );
  }

  /** The object that is the first argument of the only call of a function. */
  optionsOf(callee: string): ts.ObjectLiteralExpression {
    const [options] = this.calls(callee)[0]?.arguments ?? [];
    if (options === undefined || !ts.isObjectLiteralExpression(options))
      throw this.misses(`a call ${callee}({ ... })`);
    return options;
  }

  /** Adds an element to an array, at an index or at the end. */
  addElement(array: ts.ArrayLiteralExpression, element: string, index = array.elements.length): void {
    this.#addTo(array.elements, array.end - 1, element, index);
  }

  addArgument(call: ts.CallExpression, argument: string): void {
    this.#addTo(call.arguments, call.end - 1, argument, call.arguments.length);
  }

  addProperty(object: ts.ObjectLiteralExpression, property: string): void {
    this.#addTo(object.properties, object.end - 1, property, object.properties.length);
  }

  /** Adds an element to an array that is a property of an object, or the property with that array. */
  addToArrayOf(find: () => ts.ObjectLiteralExpression, property: string, element: string): void {
    const value = propertyOf(find(), property);
    if (value === undefined) this.addProperty(find(), `${property}: [${element}]`);
    else if (ts.isArrayLiteralExpression(value)) this.addElement(value, element);
    else throw this.misses(`an array as the property ${property}`);
  }

  /** Imports names, such as `saga` or `type Saga`, unless they are imported. Names stand in order. */
  import(module: string, ...names: readonly string[]): void {
    for (const name of names) this.#import(module, name);
  }

  /** Adds a member to a union type, which may also be the type of a parameter. */
  addToUnion(type: ts.TypeNode, member: string): void {
    this.insert(type.end, ` | ${member}`);
  }

  misses(what: string): Error {
    return new Error(
      `${this.path}: there is no ${what}, which the generator needs: write it as other services do`,
    );
  }

  #import(module: string, name: string): void {
    const declared = this.all(ts.isImportDeclaration).filter(
      ({ moduleSpecifier }) => (moduleSpecifier as ts.StringLiteral).text === module,
    );
    const plain = plainName(name);
    for (const { importClause } of declared) {
      const bindings = importClause?.namedBindings;
      if (bindings === undefined || !ts.isNamedImports(bindings)) continue;
      const isTypeOnly = importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
      if (bindings.elements.some((each) => each.name.text === plain)) return;
      if (isTypeOnly && plain === name) continue;
      const others = bindings.elements.map((each) => each.getText(this.syntax));
      return this.#insertSorted(bindings.elements, others, isTypeOnly ? plain : name);
    }
    this.#addImport(module, plain === name ? `{ ${name} }` : `type { ${plain} }`);
  }

  /** Values stand before types, each in the order of the alphabet. */
  #insertSorted(nodes: ts.NodeArray<ts.Node>, texts: readonly string[], name: string): void {
    const key = (text: string) => `${text.startsWith('type ') ? 1 : 0} ${plainName(text).toLowerCase()}`;
    const before = texts.findIndex((each) => key(each) > key(name));
    this.#addTo(nodes, nodes.end, name, before >= 0 ? before : texts.length);
  }

  #addImport(module: string, names: string): void {
    const imports = this.all(ts.isImportDeclaration);
    const moduleOf = (each: ts.ImportDeclaration) => (each.moduleSpecifier as ts.StringLiteral).text;
    const rank = (name: string) => (/^node:/.test(name) ? 0 : name.startsWith('.') ? 2 : 1);
    const after = imports.findLast((each) => {
      const other = moduleOf(each);
      return rank(other) < rank(module) || (rank(other) === rank(module) && other < module);
    });
    const line = `import ${names} from '${module}';\n`;
    if (after === undefined) this.insert(0, imports.length === 0 ? `${line}\n` : line);
    else this.insert(after.end + 1, line);
  }

  #addTo(nodes: ts.NodeArray<ts.Node>, end: number, text: string, index: number): void {
    const next = nodes[index];
    if (next !== undefined) return this.insert(startWithComment(next, this.syntax), `${text}, `);
    const last = nodes.at(-1);
    if (last === undefined) return this.insert(end, text);
    const rest = this.text.slice(last.end, end);
    const isBroken =
      rest.includes('\n') || this.text.slice(nodes.pos, last.getStart(this.syntax)).includes('\n');
    this.insert(last.end, isBroken ? `,\n${text}` : `, ${text}`);
  }
}

const plainName = (name: string): string => name.replace(/^type /, '');

const parse = (path: string, text: string): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);

export const startWithComment = (node: ts.Node, file: ts.SourceFile): number =>
  ts.getLeadingCommentRanges(file.text, node.pos)?.[0]?.pos ?? node.getStart(file);

export function nodesIn<Found extends ts.Node>(root: ts.Node, matches: Matches<Found>): readonly Found[] {
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    if (matches(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

/** An expression without parentheses and assertions of its type. */
export function bare(expression: ts.Expression): ts.Expression {
  return ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression) ||
    ts.isParenthesizedExpression(expression)
    ? bare(expression.expression)
    : expression;
}

export const nameOf = (property: ts.ObjectLiteralElementLike): string | undefined =>
  property.name !== undefined && (ts.isIdentifier(property.name) || ts.isStringLiteral(property.name))
    ? property.name.text
    : undefined;

/** The value of a property. For `{ name }`, this is the identifier. */
export function propertyOf(object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  const property = object.properties.find((each) => nameOf(each) === name);
  if (property === undefined) return undefined;
  if (ts.isPropertyAssignment(property)) return bare(property.initializer);
  return ts.isShorthandPropertyAssignment(property) ? property.name : undefined;
}
