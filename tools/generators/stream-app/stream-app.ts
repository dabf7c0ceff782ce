import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatFiles, readJson, type GeneratorCallback, type Tree } from '@nx/devkit';
import { addAppProject, linkApp } from '../source/app-projects.ts';
import { checkName, releaseOf, spellingsOf, workspaceName } from '../source/names.ts';
import { checkPort, portsOf } from '../source/ports.ts';
import { readProjectsAgain } from '../source/project-graph.ts';
import { writeTemplates } from '../source/write-templates.ts';
import { addToCompose, addToStack } from './registrations.ts';

interface Options {
  readonly name: string;
  readonly port?: number;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string }>>;
}

/** Services and their roles listen below. */
const firstPort = 3_041;

/** Adds an optional app that runs a stream application on the events of orders. */
export default async function streamApp(tree: Tree, { name, port }: Options): Promise<GeneratorCallback> {
  checkName('the name of the stream application', name);
  refuseTakenName(tree, name);
  const ownPort = port ?? nextPort(tree);
  checkPort(tree, ownPort);

  const own = spellingsOf(name);
  writeTemplates(tree, join(import.meta.dirname, 'files'), `apps/${name}`, {
    'app-name': own.kebab,
    app: own.camel,
    App: own.pascal,
    APP: own.upper,
    port: String(ownPort),
    release: releaseOf(tree),
  });
  addToStack(tree, { name, port: ownPort });
  addToCompose(tree, { name, port: ownPort });
  addAppProject(tree, name);
  await formatFiles(tree);

  return () => {
    linkApp(tree, name);
    readProjectsAgain(tree.root);
    console.log(`
Next: "npx nx run @${workspaceName(tree)}/${name}:test" tests apps/${name}/src/topology.ts, and
      "npm start -- --with ${name}" runs it: http://127.0.0.1:${ownPort}/counts has what it counts.
      docs/how-to/stream-application.md explains each file.`);
  };
}

function refuseTakenName(tree: Tree, name: string): void {
  const lock = readJson<Lock>(tree, 'package-lock.json');
  const folder =
    ['apps', 'libs', 'test'].map((group) => `${group}/${name}`).find((path) => tree.exists(path)) ??
    lock.packages[`node_modules/@${workspaceName(tree)}/${name}`]?.resolved;
  const compose = tree.read('docker-compose.yml', 'utf8') ?? '';
  const taken =
    folder ??
    (new RegExp(`^ {2}${name}:`, 'm').test(compose) ? 'a part of docker-compose.yml' : undefined) ??
    (reserved.has(name) ? 'a part of the stack' : undefined) ??
    (isTopic(tree, name) ? 'a topic of libs/contracts' : undefined);
  if (taken !== undefined)
    throw new Error(
      `the name of the stream application "${name}" is taken by ${taken}: choose another name, which is also ` +
        'that of its topic, such as orders-per-minute',
    );
}

/** Names that mean something else to `npm start`, compose or the broker. */
const reserved: ReadonlySet<string> = new Set(['all', 'default', 'log', 'stack', 'state']);

const isTopic = (tree: Tree, name: string): boolean =>
  readdirSync(join(tree.root, 'libs/contracts/src')).some((file) =>
    (tree.read(`libs/contracts/src/${file}`, 'utf8') ?? '').includes(`'${name}'`),
  );

function nextPort(tree: Tree): number {
  const taken = portsOf(tree);
  let port = firstPort;
  while (taken.has(port)) port += 1;
  return port;
}
