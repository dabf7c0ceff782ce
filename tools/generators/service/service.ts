import { join } from 'node:path';
import { formatFiles, type GeneratorCallback, type Tree } from '@nx/devkit';
import { linkApp } from '../source/app-projects.ts';
import { checkName, pluralOf, releaseOf, spellingsOf, workspaceName } from '../source/names.ts';
import { checkPort, portsOf } from '../source/ports.ts';
import { readProjectsAgain } from '../source/project-graph.ts';
import { writeTemplates } from '../source/write-templates.ts';
import { exportContracts, registrations, servicesOf } from './registrations.ts';

interface Options {
  readonly name: string;
  readonly entity?: string;
  readonly port?: number;
}

/** Adds a service with one decider, its messages and its read model, and registers it. */
export default async function service(tree: Tree, options: Options): Promise<GeneratorCallback> {
  const { name, entity = name } = options;
  checkName('the name of the service', name);
  checkName('--entity', entity);
  refuseTakenName(tree, name);
  const port = options.port ?? nextPort(tree);
  checkPort(tree, port);

  const own = spellingsOf(name);
  const kept = spellingsOf(entity);
  const values = [`${own.camel}Commands`, `${own.camel}Events`, `${kept.camel}Id`].sort();
  const types = [`Close${kept.pascal}`, `Open${kept.pascal}`];
  refuseTakenMessages(tree, [...values, ...types]);

  const folder = join(import.meta.dirname, 'files');
  const texts = textsOf({ name, entity, port, release: releaseOf(tree) });
  writeTemplates(tree, join(folder, 'app'), `apps/${name}`, texts);
  writeTemplates(tree, join(folder, 'contracts'), 'libs/contracts/src', texts);
  for (const registration of registrations) registration.add(tree, { name, port });
  exportContracts(tree, { name, values, types });
  await formatFiles(tree);

  return () => {
    linkApp(tree, name);
    readProjectsAgain(tree.root);
    console.log(`
Next: edit the messages in libs/contracts/src/${name}.ts and the rules in apps/${name}/src/domain/.
      Then test it with "npx nx run @${workspaceName(tree)}/${name}:test", and "npm start" runs it on port ${port}.
      What only you can decide is in docs/FORKING.md, "Add a service".`);
  };
}

function textsOf({
  name,
  entity,
  port,
  release,
}: Required<Options> & { readonly release: string }): Readonly<Record<string, string>> {
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
    'an entity': `${/^[aeiou]/.test(entity) ? 'an' : 'a'} ${kept.words}`,
    port: String(port),
    release,
  };
}

function refuseTakenName(tree: Tree, name: string): void {
  const taken = [`apps/${name}`, `libs/${name}`, `test/${name}`, `libs/contracts/src/${name}.ts`].find(
    (path) => tree.exists(path),
  );
  if (taken !== undefined)
    throw new Error(`the name of the service "${name}" is taken by ${taken}: choose another name`);
}

function refuseTakenMessages(tree: Tree, names: readonly string[]): void {
  const exported = new Set((tree.read('libs/contracts/src/index.ts', 'utf8') ?? '').match(/\w+/g));
  const taken = names.find((name) => exported.has(name));
  if (taken !== undefined)
    throw new Error(
      `libs/contracts/src/index.ts exports ${taken} already: name what the service keeps otherwise, with --entity`,
    );
}

const nextPort = (tree: Tree): number => {
  const taken = portsOf(tree);
  let port = Math.max(3_000, ...servicesOf(tree).values()) + 1;
  while (taken.has(port)) port++;
  return port;
};
