import ts from 'typescript';
import { filesOf, readText } from './workspace.ts';

/** How a file of a service uses a message: `command` is only built for the service's own stream. */
export type Use = 'writes' | 'reads' | 'decides';

export interface MessageUse {
  /** The name of the app. */
  readonly service: string;
  readonly use: Use;
  /** The exported name of the topic, such as `orderEvents`. */
  readonly topic: string;
  /** The type of the message. Left out if the app reads the topic as a whole. */
  readonly type?: string;
}

const sources = (): readonly string[] =>
  filesOf('apps/*/src/**/*.ts').filter(
    (path) => !/\.(spec|suite|fixture|fake|bench|program)\.ts$/.test(path),
  );

/** Every use of the topics in the sources of the apps, each once. */
export function usesOf(topics: ReadonlySet<string>): readonly MessageUse[] {
  const uses = sources().flatMap((path) => usesIn(path, readText(path), topics));
  return [...new Map(uses.map((use) => [JSON.stringify(use), use])).values()];
}

/** The uses in one source, found by its syntax: the names of topics are imported as they are exported. */
export function usesIn(path: string, text: string, topics: ReadonlySet<string>): readonly MessageUse[] {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const service = path.split('/')[1] ?? '';
  const found: MessageUse[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && isTopic(node.expression, topics)) {
      const topic = node.expression.text;
      if (node.name.text === 'declaration') found.push({ service, use: 'reads', topic });
      else {
        const use = useOf(node);
        if (use !== undefined) found.push({ service, use, topic, type: node.name.text });
      }
    } else if (ts.isIdentifier(node) && isTopic(node, topics)) {
      for (const type of handledTypes(node)) found.push({ service, use: 'reads', topic: node.text, type });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

const isTopic = (node: ts.Node, topics: ReadonlySet<string>): node is ts.Identifier =>
  ts.isIdentifier(node) && topics.has(node.text);

/** What `topic.Type` is there for. Undefined for a schema, and for a list of types whose fields are sealed. */
function useOf(node: ts.PropertyAccessExpression): Use | undefined {
  const { parent } = node;
  if (ts.isCallExpression(parent) && parent.expression === node)
    return isLocal(parent) ? 'decides' : 'writes';
  if (ts.isPropertyAccessExpression(parent)) return undefined;
  if (ts.isArrayLiteralExpression(parent)) return undefined;
  if (ts.isCallExpression(parent) && parent.expression.getText() === 'toPublic') return 'writes';
  return 'reads';
}

/** Whether the command belongs to a step with `local: true`, which the service decides by itself. */
function isLocal(node: ts.Node): boolean {
  if (ts.isObjectLiteralExpression(node))
    return node.properties.some(
      (property) =>
        ts.isPropertyAssignment(property) &&
        property.name.getText() === 'local' &&
        property.initializer.kind === ts.SyntaxKind.TrueKeyword,
    );
  return ts.isBlock(node) || ts.isSourceFile(node) ? false : isLocal(node.parent);
}

/** The types in `.from(topic, { Type: ... })`, by which a projection follows a topic. */
function handledTypes(node: ts.Identifier): readonly string[] {
  const { parent } = node;
  if (!ts.isCallExpression(parent) || parent.arguments[0] !== node) return [];
  const handlers = parent.arguments[1];
  if (handlers === undefined || !ts.isObjectLiteralExpression(handlers)) return [];
  return handlers.properties.flatMap(({ name }) => (name === undefined ? [] : [name.getText()]));
}
