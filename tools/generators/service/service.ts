import { join } from 'node:path';
import { formatFiles, type GeneratorCallback, type Tree } from '@nx/devkit';
import { linkApp } from '../source/app-projects.ts';
import { withArticle } from '../source/english.ts';
import { checkName, pluralOf, releaseOf, spellingsOf, workspaceName } from '../source/names.ts';
import { checkPort, freePort } from '../source/ports.ts';
import { readProjectsAgain } from '../source/project-graph.ts';
import { takenBy } from '../source/taken-names.ts';
import { writeTemplates } from '../source/write-templates.ts';
import { exportsOf } from './contracts-files.ts';
import { checkKey, keyTexts } from './key-field.ts';
import { registrations, servicesOf } from './registrations.ts';

interface Options {
  readonly name: string;
  readonly entity?: string;
  readonly key?: string;
  readonly port?: number;
}

/** Adds a service with one decider, its messages and its read model, and registers it. */
export default async function service(tree: Tree, options: Options): Promise<GeneratorCallback> {
  const { name, entity = name } = options;
  checkName('the name of the service', name);
  checkName('--entity', entity);
  const { key = `${spellingsOf(entity).camel}Id` } = options;
  checkKey(tree, key);
  refuseTakenName(tree, name);
  refuseTakenEntity(entity);
  const port = options.port ?? freePort(tree, Math.max(3_000, ...servicesOf(tree).values()) + 1);
  checkPort(tree, port);

  const folder = join(import.meta.dirname, 'files');
  const texts = { ...textsOf({ name, entity, port, release: releaseOf(tree) }), ...keyTexts(tree, key) };
  writeTemplates(tree, join(folder, 'app'), `apps/${name}`, texts);
  writeTemplates(tree, join(folder, 'contracts'), 'libs/contracts/src', texts);
  refuseTakenExports(tree, name);
  for (const registration of registrations) registration.add(tree, { name, port });
  await formatFiles(tree);

  return () => {
    linkApp(tree, name);
    readProjectsAgain(tree.root);
    console.log(`
Next: edit the messages in libs/contracts/src/${name}.ts and the rules in apps/${name}/src/domain/, then
      "npx nx run @${workspaceName(tree)}/${name}:test" tests them, "npm start" runs the service on port ${port}, and
      "npm run reference" documents it. docs/how-to/add-a-part.md has what only you can decide.`);
  };
}

function textsOf({
  name,
  entity,
  port,
  release,
}: Required<Omit<Options, 'key'>> & { readonly release: string }): Readonly<Record<string, string>> {
  const own = spellingsOf(name);
  const kept = spellingsOf(entity);
  return {
    'service-name': own.kebab,
    service: own.camel,
    Service: own.pascal,
    'entity-name': kept.kebab,
    entity_name: kept.snake,
    entity: kept.camel,
    Entity: kept.pascal,
    Entities: pluralOf(kept.pascal),
    'entity-names': pluralOf(kept.kebab),
    'entity words': kept.words,
    'entities words': pluralOf(kept.words),
    'an entity': withArticle(kept.words),
    port: String(port),
    release,
  };
}

/** Words that the generated files use otherwise, or that no variable may have as its name. */
const takenWords: ReadonlySet<string> = new Set(
  (
    'answers await boolean break case catch class close closed command commands const continue debugger ' +
    'default delete do else enum entities event events export extends false finally for function given id ' +
    'if import in instanceof interface join let locks message name new null number open opened outcome ' +
    'package private protected public published rejected repeated reply return row service settings state ' +
    'static status stream string super switch this throw topic true try type typeof unknown until var void ' +
    'while with yield'
  ).split(' '),
);

function refuseTakenName(tree: Tree, name: string): void {
  const taken = takenBy(tree, name);
  if (taken !== undefined)
    throw new Error(`the name of the service: ${name} is taken by ${taken}: choose another name`);
}

function refuseTakenEntity(entity: string): void {
  if (takenWords.has(entity))
    throw new Error(
      `--entity: the sources use the word ${entity} otherwise: name what the service keeps differently`,
    );
}

function refuseTakenExports(tree: Tree, name: string): void {
  const { values, types } = exportsOf(tree, name);
  const exported = new Set((tree.read('libs/contracts/src/index.ts', 'utf8') ?? '').match(/\w+/g));
  const taken = [...values, ...types].find((each) => exported.has(each));
  if (taken === undefined) return;
  const remedy = /(Commands|Events)$/.test(taken)
    ? 'choose another name'
    : 'name what it keeps differently, with --entity';
  throw new Error(`the service ${name}: libs/contracts/src/index.ts exports ${taken} already: ${remedy}`);
}
