import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { fieldsOf, topicsOf } from '../source/contracts.ts';
import { chainOf, type SagaSource } from '../source/saga-source.ts';
import { nodesIn, propertyOf, TypeScriptFile } from '../source/typescript-file.ts';
import type { Plan, Reasons } from './plan.ts';

const fieldsFile = 'libs/contracts/src/fields.ts';

/** Finds the reasons that the saga's last command takes, to which the step's rejection adds one. */
export function reasonsOf(tree: Tree, { path, name, parts }: SagaSource): Reasons {
  const closing = parts.find(({ method }) => method === 'whenCompensated')?.command ?? '';
  const topic = topicsOf(tree).find(({ messages }) => messages.has(closing));
  const constant = topic && fieldsOf(topic, closing).get('reason');
  const file = new TypeScriptFile(tree, fieldsFile);
  const type = file
    .all(ts.isTypeAliasDeclaration)
    .find((each) => each.type.getText() === `z.infer<typeof ${constant}>`);
  if (constant === undefined || type === undefined)
    throw new Error(
      `${path}: the last command ${closing} of ${name} needs a field reason whose schema is a constant of ` +
        `${fieldsFile} with a type of its own, as CancelOrder has`,
    );
  return { constant, type: type.name.text };
}

/** Adds the step to the newest version of the saga, or to a new version if there may be sagas of it. */
export function addStepToDefinition(tree: Tree, plan: Plan, unreleased: boolean): void {
  const { saga, participant } = plan;
  if (unreleased) tree.delete(historiesOf(saga));
  else keepVersion(tree, plan);
  const file = new TypeScriptFile(tree, saga.path);
  const calls = () => chainOf(definitionOf(file, saga.name));
  const before = calls()[indexOfPart(saga, plan.place)]!;
  const { expression } = before.expression as ts.PropertyAccessExpression;
  file.insert(expression.end, `\n${stepOf(plan)}`);

  const { commands, events } = plan;
  const options = () => definitionOf(file, saga.name).arguments[1] as ts.ObjectLiteralExpression;
  const declared = propertyOf(options(), 'commands');
  if (declared?.getText().match(/\w+/g)?.includes(commands.constant) !== true)
    file.addToArrayOf(options, 'commands', commands.constant);
  file.import(`${participant.scope}/contracts`, commands.constant, events.constant);
  if (!unreleased) describeVersion(tree, saga);
}

const historiesOf = ({ service, name, version }: SagaSource): string =>
  `apps/${service}/golden-histories/${name}-${version}.json`;

function definitionOf(file: TypeScriptFile, name: string): ts.CallExpression {
  const call = file.calls('saga').find((each) => each.arguments[0]?.getText() === `'${name}'`);
  if (call === undefined) throw file.misses(`saga('${name}', ...)`);
  return call;
}

/** The index of the call that the step stands before, among the calls of the whole chain. */
const indexOfPart = ({ parts }: SagaSource, place: number): number => {
  const ends = ['cancelledBy', 'whenCompensated'];
  const flow = parts.flatMap(({ method }, index) => (ends.includes(method) ? [] : [index]));
  return flow[place] ?? parts.findIndex(({ method }) => ends.includes(method));
};

function stepOf({ name, saga, commands, events, messages, field }: Plan): string {
  const { subject, id } = saga;
  const keyOf = id === commands.key ? id : `${commands.key}: ${id}`;
  return `.step('${name}', {
    command: ({ ${subject}: { ${id}, ${field.name} } }) =>
      ${commands.constant}.${messages.command}({ ${keyOf}, ${field.name} }),
    accepted: ${events.constant}.${messages.accepted},
    rejected: ${events.constant}.${messages.rejected},
    compensation: ({ ${subject}: { ${id} } }) => ${commands.constant}.${messages.undo}({ ${keyOf} }),
    compensated: ${events.constant}.${messages.undone},
  })`;
}

/** Keeps the present version in a file of its own, and lets the newest one have the next number. */
function keepVersion(tree: Tree, { saga, name }: Plan): void {
  const { path, constant, version, versions } = saga;
  const kept = `${constant}OfVersion${version}`;
  const keptPath = path.replace(/\.saga\.ts$/, `-version-${version}.saga.ts`);
  if (tree.exists(keptPath))
    throw new Error(`${keptPath} exists already: delete it once no saga of version ${version} is left`);
  const file = new TypeScriptFile(tree, path);
  tree.write(keptPath, versionFile(file, saga, { kept, step: name }));

  const number = propertyOf(
    definitionOf(file, saga.name).arguments[1] as ts.ObjectLiteralExpression,
    'version',
  )!;
  file.replace(number.getStart(), number.end, String(version + 1));
  const array = file.constant(versions) as ts.ArrayLiteralExpression;
  const index = array.elements.findIndex((each) => each.getText() === constant);
  file.addElement(array, kept, index);
  file.import(`./${keptPath.split('/').at(-1)}`, kept);
}

/** The text of a file with one definition and everything at the top of the old file that it uses. */
function versionFile(
  file: TypeScriptFile,
  { constant, version }: SagaSource,
  { kept, step }: { readonly kept: string; readonly step: string },
): string {
  const statements = file.syntax.statements.filter((each) => !ts.isImportDeclaration(each));
  const used = new Set<string>([constant]);
  const needed = new Set<ts.Statement>();
  for (const name of used)
    for (const statement of statements)
      if (!needed.has(statement) && declares(statement, name)) {
        needed.add(statement);
        for (const { text } of nodesIn(statement, ts.isIdentifier)) used.add(text);
      }
  const own = statements.filter((each) => needed.has(each));
  const texts = own.map((statement) =>
    declares(statement, constant)
      ? `/** The sagas that began before they had the step ${step}. Delete this once the last of them has ended. */\n` +
        statement.getText().replace(`const ${constant} =`, `const ${kept} =`)
      : withoutExport(statement),
  );
  const names = new Set(own.flatMap((each) => nodesIn(each, ts.isIdentifier).map(({ text }) => text)));
  return `${importsOf(file, names).join('\n')}\n\n${texts.join('\n\n')}\n`.replaceAll(
    /version: \d+,/g,
    `version: ${version},`,
  );
}

function declares(statement: ts.Statement, name: string): boolean {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.some((each) => each.name.getText() === name);
  return (
    (ts.isFunctionDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement) ||
      ts.isInterfaceDeclaration(statement)) &&
    statement.name?.text === name
  );
}

const withoutExport = (statement: ts.Statement): string =>
  statement
    .getFullText()
    .trim()
    .replace(/^export (?=const|function|type|interface)/m, '');

/** The imports of a file, as far as these names need them. */
const importsOf = (file: TypeScriptFile, names: ReadonlySet<string>): readonly string[] =>
  file.all(ts.isImportDeclaration).flatMap(({ importClause, moduleSpecifier }) => {
    const bindings = importClause?.namedBindings;
    if (bindings === undefined || !ts.isNamedImports(bindings)) return [];
    const used = bindings.elements.filter((each) => names.has(each.name.text)).map((each) => each.getText());
    const typed = importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? 'type ' : '';
    return used.length === 0
      ? []
      : [`import ${typed}{ ${used.join(', ')} } from ${moduleSpecifier.getText()};`];
  });

/** Says the new version on the page of diagrams. A test draws the diagram itself. */
function describeVersion(tree: Tree, { name, version }: SagaSource): void {
  const page = 'docs/reference/sagas.md';
  const text = tree.read(page, 'utf8') ?? '';
  const start = text.indexOf(`\n## ${name}\n`);
  if (start < 0) return;
  const section = text.slice(start);
  tree.write(page, text.slice(0, start) + section.replace(`version ${version}`, `version ${version + 1}`));
}
