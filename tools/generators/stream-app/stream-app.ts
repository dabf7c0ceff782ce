import { join } from 'node:path';
import { formatFiles, type GeneratorCallback, type Tree } from '@nx/devkit';
import { linkApp } from '../source/app-projects.ts';
import { checkName, releaseOf, spellingsOf, workspaceName } from '../source/names.ts';
import { checkPort, freePort } from '../source/ports.ts';
import { readProjectsAgain } from '../source/project-graph.ts';
import { takenBy } from '../source/taken-names.ts';
import { writeTemplates } from '../source/write-templates.ts';
import { registrations } from './registrations.ts';

interface Options {
  readonly name: string;
  readonly port?: number;
}

/** Services and their roles listen below. */
const firstPort = 3_041;

/** Adds an optional app that runs a stream application on the events of orders. */
export default async function streamApp(tree: Tree, { name, port }: Options): Promise<GeneratorCallback> {
  checkName('the name of the stream application', name);
  refuseTakenName(tree, name);
  refuseWithoutOrders(tree);
  const ownPort = port ?? freePort(tree, firstPort);
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
  for (const registration of registrations) registration.add(tree, { name, port: ownPort });
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

/** The template counts the shop's orders. */
function refuseWithoutOrders(tree: Tree): void {
  if (!/\borderEvents\b/.test(tree.read('libs/contracts/src/index.ts', 'utf8') ?? ''))
    throw new Error(
      'nothing was written: the template counts orders, and this project has no topic order-events: generate it in ' +
        'the platform from which this project was made, and change its topology',
    );
}

/** Its name is also that of its topic, of its group and of its processes. */
function refuseTakenName(tree: Tree, name: string): void {
  const taken =
    takenBy(tree, name) ??
    (isTopic(tree, name) ? 'a topic of libs/contracts' : undefined) ??
    (/-(worker|relay|projector)$/.test(name) ? 'the processes of a role' : undefined);
  if (taken !== undefined)
    throw new Error(
      `the name of the stream application: ${name} is taken by ${taken}: choose another name, such as ` +
        'orders-per-minute',
    );
}

const contracts = 'libs/contracts/src';

const isTopic = (tree: Tree, name: string): boolean =>
  tree
    .children(contracts)
    .some((file) => (tree.read(`${contracts}/${file}`, 'utf8') ?? '').includes(`'${name}'`));
