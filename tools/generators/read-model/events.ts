import { relative } from 'node:path/posix';
import { visitNotIgnoredFiles, type Tree } from '@nx/devkit';
import ts from 'typescript';
import { sampleInstant, sampleOf } from '../source/sample-values.ts';
import type { ServiceSource } from '../source/service-source.ts';
import { nameOf, propertyOf, TypeScriptFile } from '../source/typescript-file.ts';

/** A field of events that a column can hold as it is. */
export interface EventField {
  readonly name: string;
  readonly kind: 'text' | 'number' | 'instant';
}

/** The events of one decider, as the service declares them. */
export interface Events {
  /** The union of the events, such as `StockEvent`. */
  readonly type: string;
  /** The file that exports it, relative to the sources. */
  readonly file: string;
  /** What precedes the id in the names of their streams. */
  readonly prefix: string;
  /** The field that names the stream. */
  readonly key: string;
  readonly types: readonly { readonly name: string; readonly fields: readonly string[] }[];
  /** The texts and numbers of all events. */
  readonly fields: readonly EventField[];
  /** The first event as TypeScript, if the generator finds values of its fields. */
  readonly sample?: { readonly type: string; readonly text: string };
}

interface Wanted {
  readonly type?: string;
  /** The key of the service's topics, which is preferred as the key of the rows. */
  readonly key: string;
}

const reserved = new Set(['type', 'version', 'updatedAt', 'lastEvent']);

/** Finds the events of a decider by their type, or those of the service's first decider. */
export function eventsOf(tree: Tree, service: ServiceSource, { type, key: preferred }: Wanted): Events {
  const declared = declarationsIn(tree, service);
  const found = type === undefined ? declared[0] : declared.find((each) => each.type === type);
  if (found === undefined)
    throw new Error(
      `--of "${type ?? ''}": the service ${service.name.kebab} declares no such events: give one of ` +
        declared.map((each) => each.type).join(', '),
    );
  const members = membersOf(found.file, found.type);
  const [first] = members;
  const inAll = (name: string) => members.every((member) => member.has(name));
  const key = inAll(preferred)
    ? preferred
    : [...(first?.keys() ?? [])].find((name) => name !== 'type' && inAll(name));
  if (first === undefined || key === undefined)
    throw found.file.misses(`field that every event of ${found.type} has, after which its stream is named`);
  const plain = (member: Member) => [...member].flatMap(([name, node]) => fieldOf(name, node, key) ?? []);
  const sample = sampleEvent(tree, first, key);
  return {
    type: found.type,
    file: relative(service.src, found.file.path),
    prefix: found.prefix,
    key,
    types: members.map((member) => ({ name: typeOf(member), fields: plain(member).map(({ name }) => name) })),
    fields: [...new Map(members.flatMap(plain).map((field) => [field.name, field])).values()],
    ...(sample !== undefined && { sample: { type: typeOf(first), text: sample } }),
  };
}

/** The first event of a stream as TypeScript, if each of its fields has a value that is easy to find. */
function sampleEvent(tree: Tree, event: Member, key: string): string | undefined {
  const fields = [...event]
    .filter(([name]) => name !== 'type' && name !== key)
    .map(([name, type]) => [name, sampleOfType(tree, name, type)] as const);
  if (fields.some(([, value]) => value === undefined)) return undefined;
  return `{ type: '${typeOf(event)}', ${[key, ...fields.map(([name, value]) => `${name}: ${value}`)].join(', ')} }`;
}

const contractFields = 'libs/contracts/src/fields.ts';

/** A value of a type: of a text, a number, a type that the contracts infer from a schema, or a list of these. */
function sampleOfType(tree: Tree, name: string, type: ts.TypeNode): string | undefined {
  if (type.kind === ts.SyntaxKind.NumberKeyword) return '1';
  if (type.kind === ts.SyntaxKind.StringKeyword)
    return name.endsWith('At') ? `'${sampleInstant}'` : `'first'`;
  if (ts.isTypeOperatorNode(type)) return sampleOfType(tree, name, type.type);
  if (ts.isArrayTypeNode(type)) {
    const element = sampleOfType(tree, name, type.elementType);
    return element && `[${element}]`;
  }
  if (!ts.isTypeReferenceNode(type)) return undefined;
  const inferred = new TypeScriptFile(tree, contractFields)
    .all(ts.isTypeAliasDeclaration)
    .find((each) => each.name.text === type.typeName.getText());
  const [, schema] = /^z\.infer<typeof (\w+)>$/.exec(inferred?.type.getText() ?? '') ?? [];
  return schema && sampleOf(tree, { path: contractFields, schema });
}

interface Declaration {
  readonly type: string;
  readonly file: TypeScriptFile;
  readonly prefix: string;
}

/** The calls `declareEvents<Type>(...)` of a service, in the order of its module. */
function declarationsIn(tree: Tree, { src, module }: ServiceSource): readonly Declaration[] {
  const found = new Map<string, Declaration>();
  const registered = new TypeScriptFile(tree, module);
  const states = propertyOf(registered.optionsOf('EventStoreModule.forRoot'), 'states');
  const prefixes = states !== undefined && ts.isObjectLiteralExpression(states) ? states.properties : [];
  const events = propertyOf(registered.optionsOf('EventStoreModule.forRoot'), 'events');
  const order = events !== undefined && ts.isArrayLiteralExpression(events) ? events.elements : [];
  visitNotIgnoredFiles(tree, src, (path) => {
    if (!path.endsWith('.ts') || path.endsWith('.spec.ts')) return;
    if (tree.read(path, 'utf8')?.includes('declareEvents<') !== true) return;
    const file = new TypeScriptFile(tree, path);
    for (const call of file.calls('declareEvents')) {
      const type = call.typeArguments?.[0]?.getText();
      const constant = ts.isVariableDeclaration(call.parent) ? call.parent.name.getText() : '';
      const index = order.findIndex((each) => each.getText() === constant);
      const state = prefixes[index];
      if (type !== undefined && state !== undefined)
        found.set(constant, { type, file, prefix: nameOf(state) ?? '' });
    }
  });
  return order.flatMap((each) => found.get(each.getText()) ?? []);
}

/** The fields of one event, by name. */
type Member = ReadonlyMap<string, ts.TypeNode>;

function membersOf(file: TypeScriptFile, type: string): readonly Member[] {
  const alias = file.all(ts.isTypeAliasDeclaration).find(({ name }) => name.text === type);
  if (alias === undefined) throw file.misses(`type ${type} = { ... } | { ... }`);
  const nodes: readonly ts.TypeNode[] = ts.isUnionTypeNode(alias.type) ? alias.type.types : [alias.type];
  return nodes
    .filter(ts.isTypeLiteralNode)
    .map(
      ({ members }) =>
        new Map(
          members
            .filter(ts.isPropertySignature)
            .flatMap((member) =>
              member.type === undefined || member.questionToken !== undefined
                ? []
                : [[member.name.getText(), member.type] as const],
            ),
        ),
    );
}

const typeOf = (member: Member): string => member.get('type')?.getText().replaceAll("'", '') ?? '';

function fieldOf(name: string, { kind }: ts.TypeNode, key: string): EventField | undefined {
  if (name === key || reserved.has(name)) return undefined;
  if (kind === ts.SyntaxKind.NumberKeyword) return { name, kind: 'number' };
  if (kind !== ts.SyntaxKind.StringKeyword) return undefined;
  return { name, kind: name.endsWith('At') ? 'instant' : 'text' };
}
