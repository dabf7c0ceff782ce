import { updateJson, type Tree } from '@nx/devkit';
import ts from 'typescript';
import { sortedDependencies } from './app-projects.ts';
import { releaseOf, spellingsOf, workspaceName, type Spellings } from './names.ts';
import { propertyOf, TypeScriptFile } from './typescript-file.ts';

/** A service that generators change. */
export interface ServiceSource {
  readonly name: Spellings;
  /** The folder of its sources. */
  readonly src: string;
  readonly module: string;
  /** The scope of the workspace's packages, such as `@millrace`. */
  readonly scope: string;
}

/** Finds a service by its name. Throws an error that lists the services if there is none. */
export function serviceOf(tree: Tree, argument: string, name: string): ServiceSource {
  const services = tree.children('apps').filter((app) => tree.exists(`apps/${app}/src/${app}.module.ts`));
  const isService = (app: string) =>
    tree.read(`apps/${app}/src/${app}.module.ts`, 'utf8')?.includes('EventStoreModule.forRoot') === true;
  const known = services.filter(isService);
  if (!known.includes(name))
    throw new Error(`${argument} "${name}": there is no such service: give one of ${known.join(', ')}`);
  const src = `apps/${name}/src`;
  return {
    name: spellingsOf(name),
    src,
    module: `${src}/${name}.module.ts`,
    scope: `@${workspaceName(tree)}`,
  };
}

/** Throws if something of the service has this name already. */
export function refuseTakenFiles(tree: Tree, paths: readonly string[], remedy: string): void {
  for (const path of paths) if (tree.exists(path)) throw new Error(`${path} exists already: ${remedy}`);
}

export interface NewDecider {
  /** The constant, such as `reservation`. */
  readonly decider: string;
  /** The constant of its event types. */
  readonly eventTypes: string;
  /** The file of both, relative to the sources. */
  readonly file: string;
  /** What precedes the id in the names of its streams, such as `reservation-`. */
  readonly prefix: string;
}

/** Lets the service store the events of a decider, and show operators the states of its streams. */
export function addDecider(
  tree: Tree,
  { module, scope }: ServiceSource,
  { decider, eventTypes, file: from, prefix }: NewDecider,
): void {
  const file = new TypeScriptFile(tree, module);
  const options = () => file.optionsOf('EventStoreModule.forRoot');
  file.addToArrayOf(options, 'events', eventTypes);
  const states = propertyOf(options(), 'states');
  if (states === undefined || !ts.isObjectLiteralExpression(states))
    throw file.misses('property states in EventStoreModule.forRoot');
  file.addProperty(states, `'${prefix}': ${decider}`);
  file.import(`./${from}`, decider, eventTypes);
  file.import(`${scope}/service-chassis/service`, 'EventStoreModule');
}

/** Names the streams of a decider in `stream-ids.ts`. */
export function addStream(
  tree: Tree,
  { src }: ServiceSource,
  { name, prefix, key, comment }: Readonly<Record<'name' | 'prefix' | 'key' | 'comment', string>>,
): void {
  const file = new TypeScriptFile(tree, `${src}/stream-ids.ts`);
  if (file.constant(name) !== undefined || file.text.includes(`\`${prefix}\${`))
    throw new Error(`${file.path} names the streams ${prefix} already: choose another name`);
  file.append(
    `\n/** ${comment} */\nexport const ${name} = (${key}: string): string => \`${prefix}\${${key}}\`;\n`,
  );
}

export function addController(
  tree: Tree,
  { module }: ServiceSource,
  { name, file: from }: { readonly name: string; readonly file: string },
): void {
  const file = new TypeScriptFile(tree, module);
  const controllers = file
    .all(ts.isPropertyAssignment)
    .findLast(
      (each) => each.name.getText() === 'controllers' && ts.isArrayLiteralExpression(each.initializer),
    );
  if (controllers === undefined) throw file.misses('property controllers: [...]');
  file.addElement(controllers.initializer as ts.ArrayLiteralExpression, name);
  file.import(`./${from}`, name);
}

/** Adds a table with its projection. The projection runs in the transaction of its events. */
export function addReadModel(
  tree: Tree,
  { module, src }: ServiceSource,
  { entity, projection, file: from }: Readonly<Record<'entity' | 'projection' | 'file', string>>,
): void {
  const file = new TypeScriptFile(tree, module);
  file.addToArrayOf(() => file.optionsOf('DatabaseModule.forRoot'), 'entities', entity);
  file.addToArrayOf(() => file.optionsOf('EventStoreModule.forRoot'), 'inline', projection);
  file.import(`./${from}`, entity, projection);
  compareWithMigrations(tree, src, entity, from);
}

/** Lets the test of the migrations compare the table with its entity. */
function compareWithMigrations(tree: Tree, src: string, entity: string, from: string): void {
  const path = `${src}/projections.int.spec.ts`;
  if (!tree.exists(path)) return;
  const test = new TypeScriptFile(tree, path);
  const [entities] = test.calls('differencesFromMigrations')[0]?.arguments ?? [];
  if (entities === undefined || !ts.isArrayLiteralExpression(entities))
    throw test.misses('call differencesFromMigrations([...], ...)');
  test.addElement(entities, entity);
  test.import(`./${from}`, entity);
}

/** The path of the next migration, which has the next number. */
export function nextMigration(tree: Tree, { src }: ServiceSource, name: string): string {
  const numbers = tree.children(`${src}/migrations`).map((file) => Number(/^(\d{4})-/.exec(file)?.[1] ?? 0));
  const next = String(Math.max(0, ...numbers) + 1).padStart(4, '0');
  return `${src}/migrations/${next}-${name}.sql`;
}

/** Lets the public messages follow from further private events. `cases` are those of the switch. */
export function addPublicMessages(
  tree: Tree,
  { src, module }: ServiceSource,
  { events, file: from, cases }: Readonly<Record<'events' | 'file' | 'cases', string>>,
): TypeScriptFile {
  const file = new TypeScriptFile(tree, `${src}/public-messages.ts`);
  const declared = file.all(ts.isFunctionDeclaration).find(({ name }) => name?.text === 'publicMessages');
  const type = declared?.parameters[0]?.type;
  if (declared === undefined || type === undefined) throw file.misses('function publicMessages(event: ...)');
  const last = file.all(ts.isDefaultClause).find((each) => isInside(each, declared));
  if (last === undefined) throw file.misses('default in the switch of publicMessages');
  file.insert(last.getStart(), cases);
  const again = file.all(ts.isFunctionDeclaration).find(({ name }) => name?.text === 'publicMessages');
  file.addToUnion(again!.parameters[0]!.type!, events);
  file.import(`./${from}`, `type ${events}`);
  widenPublicMessages(tree, module, events, from);
  return file;
}

/** A module that chooses between several functions names the events that it passes on. */
function widenPublicMessages(tree: Tree, module: string, events: string, from: string): void {
  const file = new TypeScriptFile(tree, module);
  const chosen = propertyOf(file.optionsOf('EventStoreModule.forRoot'), 'publicMessages');
  if (chosen === undefined || !ts.isArrowFunction(chosen)) return;
  const type = chosen.parameters[0]?.type;
  if (type === undefined) return;
  file.addToUnion(type, events);
  file.import(`./${from}`, `type ${events}`);
}

const isInside = (node: ts.Node, outer: ts.Node): boolean => node.pos >= outer.pos && node.end <= outer.end;

/** Returns how the module reads settings of its configuration, and lets it do so. */
export function readSettings(
  tree: Tree,
  { module, name }: ServiceSource,
  settings: readonly string[],
): (setting: string) => string {
  const file = new TypeScriptFile(tree, module);
  const declared = file.constant(`${name.camel}Module`);
  const [config] = declared !== undefined && ts.isArrowFunction(declared) ? declared.parameters : [];
  if (config === undefined) throw file.misses(`function ${name.camel}Module = (config) => ...`);
  if (ts.isIdentifier(config.name)) return (setting) => `${config.name.getText()}.${setting}`;
  if (!ts.isObjectBindingPattern(config.name)) throw file.misses('parameter with the settings');
  const read = config.name.elements.map((each) => each.name.getText());
  const added = settings.filter((each) => !read.includes(each));
  const last = config.name.elements.at(-1);
  file.insert(last?.end ?? config.name.end - 1, added.map((each) => `, ${each}`).join(''));
  return (setting) => setting;
}

/** Lets the tests of the service create further topics, and run further migrations. */
export function addToFixture(
  tree: Tree,
  { src, name }: ServiceSource,
  {
    topics = [],
    libraries = [],
  }: { readonly topics?: readonly string[]; readonly libraries?: readonly string[] },
): TypeScriptFile | undefined {
  const path = `${src}/${name.kebab}.fixture.ts`;
  if (!tree.exists(path)) return undefined;
  const file = new TypeScriptFile(tree, path);
  const options = () => file.optionsOf('openTestService');
  const arrayOf = (): ts.ArrayLiteralExpression => {
    const value = propertyOf(options(), 'topics');
    const array = value !== undefined && ts.isIdentifier(value) ? file.constant(value.text) : value;
    if (array === undefined || !ts.isArrayLiteralExpression(array)) throw file.misses('array topics');
    return array;
  };
  for (const topic of topics)
    if (!arrayOf().elements.some((each) => each.getText() === topic)) file.addElement(arrayOf(), topic);
  for (const library of libraries)
    if (!file.text.includes(library)) file.addToArrayOf(options, 'libraries', library);
  return file;
}

/** Declares that the service uses a library of the workspace. */
export function addLibrary(tree: Tree, { name, scope }: ServiceSource, library: string): void {
  const folder = `apps/${name.kebab}`;
  const dependency = `${scope}/${library}`;
  const release = releaseOf(tree);
  const declare = <Manifest extends { dependencies?: Record<string, string> }>(
    manifest: Manifest,
  ): Manifest => ({
    ...manifest,
    dependencies: { ...manifest.dependencies, [dependency]: manifest.dependencies?.[dependency] ?? release },
  });
  updateJson(tree, `${folder}/package.json`, declare);
  if (tree.exists('package-lock.json'))
    updateJson(
      tree,
      'package-lock.json',
      (lock: { packages?: Record<string, { dependencies?: Record<string, string> }> }) => {
        const own = lock.packages?.[folder];
        if (own === undefined) return lock;
        const dependencies = sortedDependencies(declare(own).dependencies ?? {});
        return { ...lock, packages: { ...lock.packages, [folder]: { ...own, dependencies } } };
      },
    );
  for (const config of ['tsconfig.json', 'tsconfig.spec.json'])
    updateJson(
      tree,
      `${folder}/${config}`,
      (options: { references?: readonly { readonly path: string }[] }) => {
        const path = `../../libs/${library}`;
        const { references = [] } = options;
        return references.some((each) => each.path === path)
          ? options
          : { ...options, references: [...references, { path }] };
      },
    );
}
