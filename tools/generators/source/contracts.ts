import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { workspaceName } from './names.ts';
import { bare, nameOf, nodesIn, propertyOf, TypeScriptFile } from './typescript-file.ts';

const folder = 'libs/contracts/src';
export const fieldsFile = `${folder}/fields.ts`;
const indexFile = `${folder}/index.ts`;

/** A topic as a file of the contracts declares it. */
export interface ContractTopic {
  readonly file: string;
  /** The constant, such as `orderEvents`. */
  readonly constant: string;
  /** The name on the broker, such as `order-events`. */
  readonly name: string;
  /** The field that is the key of its messages. */
  readonly key: string;
  /** Each message type with its schema as written. */
  readonly messages: ReadonlyMap<string, string>;
}

export interface NewMessage {
  readonly type: string;
  /** The fields of its schema, each with a schema as written. */
  readonly fields: Readonly<Record<string, string>>;
  readonly comment?: string;
}

/** The topics of all services. */
export const topicsOf = (tree: Tree): readonly ContractTopic[] =>
  tree
    .children(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .flatMap((name) => topicsIn(new TypeScriptFile(tree, `${folder}/${name}`)));

const topicsIn = (file: TypeScriptFile): readonly ContractTopic[] =>
  file.calls('topic').flatMap((call) => {
    const [name, options, messages] = call.arguments;
    const { parent } = call;
    if (!ts.isVariableDeclaration(parent) || !ts.isIdentifier(parent.name)) return [];
    if (name === undefined || !ts.isStringLiteral(name)) return [];
    if (options === undefined || !ts.isObjectLiteralExpression(options)) return [];
    if (messages === undefined || !ts.isObjectLiteralExpression(messages)) return [];
    const key = propertyOf(options, 'key');
    return key === undefined || !ts.isStringLiteral(key)
      ? []
      : [
          {
            file: file.path,
            constant: parent.name.text,
            name: name.text,
            key: key.text,
            messages: new Map(
              messages.properties.flatMap((each) => {
                const type = nameOf(each);
                return type === undefined ? [] : [[type, textOf(each)] as const];
              }),
            ),
          },
        ];
  });

const textOf = (property: ts.ObjectLiteralElementLike): string =>
  ts.isPropertyAssignment(property) ? property.initializer.getText() : property.getText();

/** The topic of a service's commands or events. Throws if there is none. */
export function topicOf(tree: Tree, service: string, kind: 'commands' | 'events'): ContractTopic {
  const name = `${service}-${kind}`;
  const found = topicsOf(tree).find((topic) => topic.name === name);
  if (found !== undefined) return found;
  throw new Error(
    `the service ${service} has no topic ${name} in ${folder}: declare it there, ` +
      'or name another service that has one',
  );
}

/** Throws if one of the types is a message already, on whichever topic. */
export function refuseTakenMessages(tree: Tree, types: readonly string[], remedy: string): void {
  for (const { name, messages } of topicsOf(tree))
    for (const type of types)
      if (messages.has(type)) throw new Error(`the topic ${name} has a message ${type} already: ${remedy}`);
}

/** Declares messages on a topic, and the types of some of them. */
export function addMessages(
  tree: Tree,
  topic: ContractTopic,
  messages: readonly NewMessage[],
  typed: readonly string[] = [],
): void {
  const file = new TypeScriptFile(tree, topic.file);
  for (const { type, fields, comment } of messages) {
    const [, , declared] = callOf(file, topic.constant).arguments;
    const entries = Object.entries(fields).map(([name, schema]) =>
      name === schema ? name : `${name}: ${schema}`,
    );
    const lines = [...(comment === undefined ? [] : [`/** ${comment} */`])];
    file.addProperty(
      declared as ts.ObjectLiteralExpression,
      [...lines, `${type}: z.strictObject({ ${entries.join(', ')} })`].join('\n'),
    );
  }
  for (const { fields } of messages)
    for (const schema of Object.values(fields)) importFields(tree, file, schema);
  for (const type of typed) addType(tree, file, topic.constant, type);
}

function callOf(file: TypeScriptFile, constant: string): ts.CallExpression {
  const value = file.constant(constant);
  if (value === undefined || !ts.isCallExpression(value)) throw file.misses(`topic ${constant}`);
  return value;
}

/** Imports the names that a schema uses, if they are fields that all services share. */
function importFields(tree: Tree, file: TypeScriptFile, schema: string): void {
  const shared = new TypeScriptFile(tree, fieldsFile);
  const used = nodesIn(
    ts.createSourceFile('schema.ts', schema, ts.ScriptTarget.ES2023, true),
    ts.isIdentifier,
  ).map(({ text }) => text);
  for (const name of new Set(used))
    if (file.constant(name) === undefined && shared.constant(name) !== undefined)
      file.import('./fields.ts', name);
}

function addType(tree: Tree, file: TypeScriptFile, constant: string, type: string): void {
  file.import(`@${workspaceName(tree)}/streaming-core/contract`, 'type MessageOf');
  const last = file
    .all(ts.isTypeAliasDeclaration)
    .filter(({ type: each }) => /^MessageOf</.test(each.getText()))
    .at(-1);
  const line = `\nexport type ${type} = MessageOf<typeof ${constant}.${type}>;`;
  if (last === undefined) file.append(`${line}\n`);
  else file.insert(last.end, line);
  exportFromIndex(tree, file.path, `type ${type}`);
}

/** Lets the package export a name of one of its files. */
export function exportFromIndex(tree: Tree, path: string, name: string): void {
  const file = new TypeScriptFile(tree, indexFile);
  const module = `./${path.slice(folder.length + 1)}`;
  const plain = name.replace(/^type /, '');
  const exports = file
    .all(ts.isExportDeclaration)
    .filter(({ moduleSpecifier }) => (moduleSpecifier as ts.StringLiteral | undefined)?.text === module);
  const ofKind = exports.find(
    ({ isTypeOnly, exportClause }) =>
      isTypeOnly === (plain !== name) && exportClause !== undefined && ts.isNamedExports(exportClause),
  );
  if (ofKind === undefined) {
    const line = `export ${plain === name ? '' : 'type '}{ ${plain} } from '${module}';\n`;
    const last = exports.at(-1) ?? file.all(ts.isExportDeclaration).at(-1);
    return file.insert(last === undefined ? 0 : last.end + 1, line);
  }
  const { elements } = ofKind.exportClause as ts.NamedExports;
  if (elements.some((each) => each.name.text === plain)) return;
  const next = elements.find((each) => each.name.text.toLowerCase() > plain.toLowerCase());
  const last = elements.at(-1);
  if (next !== undefined) file.insert(next.getStart(), `${plain}, `);
  else file.insert(last === undefined ? ofKind.exportClause!.end - 1 : last.end, `, ${plain}`);
}

/** Declares the reasons for which a saga may be compensated, and their type. */
export function addReasons(tree: Tree, constant: string, type: string, reasons: readonly string[]): void {
  const file = new TypeScriptFile(tree, fieldsFile);
  const [firstType] = file.all(ts.isTypeAliasDeclaration);
  const values = reasons.map((reason) => `'${reason}'`).join(', ');
  const declared = `export const ${constant} = z.enum([${values}]);\n`;
  if (firstType === undefined) file.append(`\n${declared}\n`);
  else file.insert(firstType.getFullStart(), `\n${declared}`);
  file.append(`export type ${type} = z.infer<typeof ${constant}>;\n`);
  exportFromIndex(tree, fieldsFile, `type ${type}`);
}

/** Adds a value to an enumeration of reasons, and returns the name of its type, if it has one. */
export function addReason(tree: Tree, constant: string, reason: string): string | undefined {
  const file = new TypeScriptFile(tree, fieldsFile);
  const declared = file.constant(constant);
  const [values] = declared !== undefined && ts.isCallExpression(declared) ? declared.arguments : [];
  if (values === undefined || !ts.isArrayLiteralExpression(values))
    throw file.misses(`constant ${constant} = z.enum([...])`);
  if (!values.elements.some((each) => ts.isStringLiteral(each) && each.text === reason))
    file.addElement(values, `'${reason}'`);
  return file
    .all(ts.isTypeAliasDeclaration)
    .find(({ type }) => type.getText() === `z.infer<typeof ${constant}>`)?.name.text;
}

/** The fields of a message, each with its schema as written: a name stands for the shared schema. */
export function fieldsOf(topic: ContractTopic, type: string): ReadonlyMap<string, string> {
  const file = ts.createSourceFile('schema.ts', topic.messages.get(type) ?? '', ts.ScriptTarget.ES2023, true);
  const [object] = nodesIn(file, ts.isObjectLiteralExpression);
  return new Map(
    object?.properties.flatMap((property) => {
      const name = nameOf(property);
      return name === undefined ? [] : [[name, textOf(property)] as const];
    }),
  );
}

/** Whether the contracts share a schema of this name as a field. */
export const isSharedField = (tree: Tree, name: string): boolean =>
  new TypeScriptFile(tree, fieldsFile).constant(name) !== undefined;

/** A schema whose names are resolved, so that another file of the contracts can contain it. */
export function portable(tree: Tree, topic: ContractTopic, schema: string): string {
  const own = new TypeScriptFile(tree, topic.file).constant(schema);
  return own === undefined ? schema : own.getText();
}

/** The expression that a name stands for, in a file of the contracts or in the shared fields. */
export function resolved(tree: Tree, path: string, expression: ts.Expression): ts.Expression {
  if (!ts.isIdentifier(expression)) return bare(expression);
  const files = [new TypeScriptFile(tree, path), new TypeScriptFile(tree, fieldsFile)];
  const found = files.map((file) => file.constant(expression.text)).find((each) => each !== undefined);
  return found === undefined ? expression : resolved(tree, path, found);
}
