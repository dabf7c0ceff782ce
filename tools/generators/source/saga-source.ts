import { visitNotIgnoredFiles, type Tree } from '@nx/devkit';
import ts from 'typescript';
import { nodesIn, propertyOf, TypeScriptFile } from './typescript-file.ts';

/** A call of the chain that defines a saga, such as `.step('pay', { ... })`. */
export interface SagaPart {
  readonly method: string;
  readonly name: string;
  /** The replies as written, such as `paymentEvents.PaymentProcessed`. */
  readonly accepted?: string;
  readonly rejected?: string;
  readonly compensated?: string;
  /** The types of its commands. */
  readonly command?: string;
  readonly undo?: string;
  readonly isLocal: boolean;
}

/** The definition of a saga as its service declares it. */
export interface SagaSource {
  readonly path: string;
  readonly service: string;
  readonly name: string;
  /** The constant of the newest version. */
  readonly constant: string;
  /** The constant of the array with every version. */
  readonly versions: string;
  readonly version: number;
  /** The name that the definition gives to the start message. */
  readonly subject: string;
  /** The start message as written, such as `orderEvents.OrderCreated`. */
  readonly starts: string;
  /** The field of the start message that is the saga's id. */
  readonly id: string;
  readonly parts: readonly SagaPart[];
}

const flowMethods = ['step', 'inform', 'parallel', 'branch', 'delay', 'waitFor', 'pivot', 'retriable'];

/** Finds the newest version of a saga by its name. Throws if there is none that a generator can change. */
export function sagaOf(tree: Tree, name: string): SagaSource {
  const files = sagaFiles(tree);
  const found = files
    .filter(({ path }) => !/-version-\d+\.saga\.ts$/.test(path))
    .find((file) => callOf(file, name) !== undefined);
  if (found === undefined) {
    const names = files.flatMap((file) => file.calls('saga').flatMap((call) => nameOf(call) ?? []));
    throw new Error(
      `--saga "${name}": there is no constant saga('${name}', { ... }) in a file *.saga.ts: ` +
        `give one of ${[...new Set(names)].join(', ')}; a saga that a function builds is changed by hand`,
    );
  }
  return read(found, callOf(found, name)!, name);
}

/** The files of all services that define sagas. */
export function sagaFiles(tree: Tree): readonly TypeScriptFile[] {
  const paths: string[] = [];
  visitNotIgnoredFiles(tree, 'apps', (path) => {
    if (path.endsWith('.saga.ts')) paths.push(path);
  });
  return paths.map((path) => new TypeScriptFile(tree, path));
}

const callOf = (file: TypeScriptFile, name: string): ts.CallExpression | undefined =>
  file.calls('saga').find((call) => nameOf(call) === name);

function nameOf(call: ts.CallExpression): string | undefined {
  const [name] = call.arguments;
  return name !== undefined && ts.isStringLiteral(name) ? name.text : undefined;
}

function read(file: TypeScriptFile, call: ts.CallExpression, name: string): SagaSource {
  const [, options] = call.arguments;
  if (options === undefined || !ts.isObjectLiteralExpression(options))
    throw file.misses(`saga('${name}', { ... })`);
  const text = (property: string): string => {
    const value = propertyOf(options, property);
    if (value === undefined) throw file.misses(`option ${property} of saga('${name}')`);
    return ts.isStringLiteral(value) ? value.text : value.getText();
  };
  const constant = constantOf(call);
  const versions = file
    .all(ts.isVariableDeclaration)
    .find(
      ({ initializer }) =>
        initializer !== undefined &&
        ts.isArrayLiteralExpression(initializer) &&
        initializer.elements.some((each) => each.getText() === constant),
    );
  if (constant === undefined || versions === undefined)
    throw file.misses(`array of the versions of ${name}, such as export const ${name}Versions = [...]`);
  const id = /\.(\w+)$/.exec(text('id'))?.[1];
  if (id === undefined)
    throw file.misses(`option id of saga('${name}') such as (request) => request.orderId`);
  return {
    path: file.path,
    service: file.path.split('/')[1]!,
    name,
    constant,
    versions: versions.name.getText(),
    version: Number(text('version')),
    subject: text('subject'),
    starts: text('starts'),
    id,
    parts: chainOf(call).map(partOf),
  };
}

/** The calls that follow `saga(...)` in the order of the text. */
export function chainOf(begin: ts.CallExpression): readonly ts.CallExpression[] {
  const calls: ts.CallExpression[] = [];
  let node: ts.Node = begin;
  while (ts.isPropertyAccessExpression(node.parent) && ts.isCallExpression(node.parent.parent)) {
    node = node.parent.parent;
    calls.push(node as ts.CallExpression);
  }
  return calls;
}

function constantOf(call: ts.CallExpression): string | undefined {
  const { parent } = chainOf(call).at(-1) ?? call;
  return ts.isVariableDeclaration(parent) ? parent.name.getText() : undefined;
}

function partOf(call: ts.CallExpression): SagaPart {
  const method = (call.expression as ts.PropertyAccessExpression).name.text;
  const [first, second] = call.arguments;
  const options = second !== undefined && ts.isObjectLiteralExpression(second) ? second : undefined;
  const reply = (name: string) => options && propertyOf(options, name)?.getText();
  const builder = method === 'whenCompensated' ? first : options && propertyOf(options, 'command');
  const undo = options && propertyOf(options, 'compensation');
  return {
    method,
    name: first !== undefined && ts.isStringLiteral(first) ? first.text : '',
    accepted: reply('accepted'),
    rejected: reply('rejected'),
    compensated: reply('compensated'),
    command: builder && commandIn(builder),
    undo: undo && commandIn(undo),
    isLocal: reply('local') === 'true',
  };
}

/** The type of the command that a function builds with a topic's constructor. */
const commandIn = (builder: ts.Node): string | undefined =>
  nodesIn(builder, ts.isCallExpression)
    .flatMap(({ expression }) =>
      ts.isPropertyAccessExpression(expression) && /^[A-Z]/.test(expression.name.text)
        ? [expression.name.text]
        : [],
    )
    .at(0);

/** The place of a new step, as the index of the part that it stands before. */
export function placeOf(
  { name, parts }: SagaSource,
  { before, after }: { readonly before?: string; readonly after?: string },
): number {
  const flow = parts.filter(({ method }) => flowMethods.includes(method));
  const named = flow.filter((part) => part.name !== '').map((part) => part.name);
  const indexOf = (option: string, part: string): number => {
    const index = flow.findIndex((each) => each.name === part);
    if (index < 0)
      throw new Error(
        `${option} "${part}": the saga ${name} has no such part: give one of ${named.join(', ')}`,
      );
    return index;
  };
  const isPast = ({ method }: SagaPart) => method === 'pivot' || method === 'retriable';
  const pivot = flow.findIndex(isPast);
  const last = pivot < 0 ? flow.length : pivot;
  if (before !== undefined && after !== undefined)
    throw new Error('--before and --after: give only one of them');
  const place =
    before !== undefined
      ? indexOf('--before', before)
      : after !== undefined
        ? indexOf('--after', after) + 1
        : last;
  if (place > last)
    throw new Error(
      `${before === undefined ? '--after' : '--before'}: a step that can be undone stands before the pivot ` +
        `"${flow[pivot]!.name}"`,
    );
  return place;
}
