import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { fieldsOf, resolved, type ContractTopic } from './contracts.ts';
import { bare, nameOf, nodesIn, propertyOf } from './typescript-file.ts';

const sampleId = '0199e5a0-0000-7000-8000-000000000001';
export const sampleInstant = '2026-11-25T09:00:00.000Z';

/** What a schema of the contracts describes, as far as generated code depends on it. */
export type Kind = 'uuid' | 'instant' | 'text' | 'number' | 'list' | 'money' | 'other';

/** A schema as written, and the file of the contracts in which it stands. */
interface Written {
  readonly path: string;
  readonly schema: string;
}

export function kindOf(tree: Tree, written: Written): Kind {
  const schema = expressionOf(tree, written);
  const object = objectOf(schema);
  if (object !== undefined)
    return propertyOf(object, 'amount') !== undefined && propertyOf(object, 'currency') !== undefined
      ? 'money'
      : 'other';
  switch (baseOf(schema)) {
    case 'z.uuid':
      return 'uuid';
    case 'z.iso.datetime':
      return 'instant';
    case 'z.string':
    case 'z.email':
      return 'text';
    case 'z.number':
      return 'number';
    case 'z.array':
      return 'list';
    default:
      return 'other';
  }
}

/** A value that the schema accepts, as TypeScript. Throws if none can be found. */
export function sampleOf(tree: Tree, written: Written): string {
  const schema = expressionOf(tree, written);
  const inner = (expression: ts.Expression | undefined): string =>
    sampleOf(tree, { path: written.path, schema: expression?.getText() ?? '' });
  const object = objectOf(schema);
  if (object !== undefined)
    return `{ ${object.properties
      .flatMap((each) => {
        const name = nameOf(each);
        return name === undefined ? [] : [`${name}: ${inner(propertyOf(object, name))}`];
      })
      .join(', ')} }`;
  const example = exampleIn(schema);
  if (example !== undefined) return example;
  const [argument] = baseCallOf(schema)?.arguments ?? [];
  switch (baseOf(schema)) {
    case 'z.uuid':
      return `'${sampleId}'`;
    case 'z.iso.datetime':
      return `'${sampleInstant}'`;
    case 'z.email':
      return `'ada@example.org'`;
    case 'z.string':
      return `'first'`;
    case 'z.number':
      return '1';
    case 'z.boolean':
      return 'true';
    case 'z.array':
      return `[${inner(argument)}]`;
    case 'z.literal':
      return argument?.getText() ?? 'null';
    case 'z.enum':
    case 'z.union':
      if (argument !== undefined && ts.isArrayLiteralExpression(argument))
        return baseOf(schema) === 'z.enum' ? argument.elements[0]!.getText() : inner(argument.elements[0]);
      break;
  }
  throw new Error(
    `${written.path}: the generator finds no sample for the schema ${written.schema}: ` +
      'give it one, with .meta({ examples: [...] })',
  );
}

/** The required fields of a message as a test writes them, with a constant of the test for the key. */
export const messageText = (tree: Tree, topic: ContractTopic, type: string, key = topic.key): string =>
  [...fieldsOf(topic, type)]
    .filter(([, schema]) => !schema.endsWith('.optional()'))
    .map(([field, schema]) =>
      field === topic.key ? key : `${field}: ${sampleOf(tree, { path: topic.file, schema })}`,
    )
    .join(', ');

function expressionOf(tree: Tree, { path, schema }: Written): ts.Expression {
  const file = ts.createSourceFile('schema.ts', `(${schema})`, ts.ScriptTarget.ES2023, true);
  return resolved(tree, path, bare((file.statements[0] as ts.ExpressionStatement).expression));
}

/** The first call of a chain, such as `z.string()` of `z.string().min(1).max(64)`. */
function baseCallOf(expression: ts.Expression): ts.CallExpression | undefined {
  if (!ts.isCallExpression(expression)) return undefined;
  const { expression: callee } = expression;
  if (ts.isPropertyAccessExpression(callee) && ts.isCallExpression(callee.expression))
    return baseCallOf(callee.expression);
  return expression;
}

const baseOf = (expression: ts.Expression): string | undefined =>
  baseCallOf(expression)?.expression.getText().replace(/\s/g, '');

function objectOf(expression: ts.Expression): ts.ObjectLiteralExpression | undefined {
  if (!/^z\.(strict|loose)?[oO]bject$/.test(baseOf(expression) ?? '')) return undefined;
  const [object] = baseCallOf(expression)?.arguments ?? [];
  return object !== undefined && ts.isObjectLiteralExpression(object) ? object : undefined;
}

/** The first of the examples with which a schema is documented. */
function exampleIn(schema: ts.Expression): string | undefined {
  if (baseOf(schema) === 'z.array') return undefined;
  const examples = nodesIn(schema, ts.isObjectLiteralExpression)
    .map((each) => propertyOf(each, 'examples'))
    .find((each) => each !== undefined && ts.isArrayLiteralExpression(each));
  return (examples as ts.ArrayLiteralExpression | undefined)?.elements[0]?.getText();
}
