import { join } from 'node:path';
import { formatFiles, type GeneratorCallback, type Tree } from '@nx/devkit';
import { servicesOf } from '../service/registrations.ts';
import { linkApp } from '../source/app-projects.ts';
import { topicOf, topicsOf, type ContractTopic } from '../source/contracts.ts';
import { capital } from '../source/english.ts';
import { checkName, releaseOf, spellingsOf, workspaceName } from '../source/names.ts';
import { checkPort, freePort } from '../source/ports.ts';
import { readProjectsAgain } from '../source/project-graph.ts';
import { messageText, sampleOf } from '../source/sample-values.ts';
import { takenBy } from '../source/taken-names.ts';
import { writeTemplates } from '../source/write-templates.ts';
import { registrations } from './registrations.ts';

interface Options {
  readonly name: string;
  /** The service whose events it reads. */
  readonly of?: string;
  readonly port?: number;
}

/** Services and their roles listen below. */
const firstPort = 3_041;

/** Adds an optional app that runs a stream application on the events of a service. */
export default async function streamApp(tree: Tree, { name, of, port }: Options): Promise<GeneratorCallback> {
  checkName('the name of the stream application', name);
  refuseTakenName(tree, name);
  const service = of ?? firstWithEvents(tree);
  const events = eventsOf(tree, service);
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
    ...textsOf(tree, events),
  });
  for (const registration of registrations) registration.add(tree, { name, port: ownPort });
  await formatFiles(tree);

  return () => {
    linkApp(tree, name);
    readProjectsAgain(tree.root);
    console.log(`
Next: "npx nx run @${workspaceName(tree)}/${name}:test" tests apps/${name}/src/topology.ts, and
      "npm start -- --with ${name}" runs it: http://127.0.0.1:${ownPort}/counts has the events of ${service} by minute.
      "npm run reference" writes that it reads them. docs/how-to/stream-application.md explains each file.`);
  };
}

/** The first service of `stack.ts` that has events. */
function firstWithEvents(tree: Tree): string {
  const topics = new Set(topicsOf(tree).map((topic) => topic.name));
  const found = [...servicesOf(tree).keys()].find((service) => topics.has(`${service}-events`));
  if (found === undefined)
    throw new Error(
      '--of: no service has a topic of events in libs/contracts/src: add one with "npm run new -- service NAME"',
    );
  return found;
}

function eventsOf(tree: Tree, service: string): ContractTopic {
  try {
    return topicOf(tree, service, 'events');
  } catch (error) {
    throw new Error(`--of: ${(error as Error).message}`, { cause: error });
  }
}

/** What the sources say of the events, with the first type as a sample. */
function textsOf(tree: Tree, events: ContractTopic): Readonly<Record<string, string>> {
  const { file, constant, key, messages } = events;
  const [sample] = messages.keys();
  if (sample === undefined) throw new Error(`--of: ${file}: ${events.name} has no message`);
  return {
    events: constant,
    Event: capital(constant).replace(/s$/, ''),
    'key sample': sampleOf(tree, { path: file, schema: key }),
    sample: `${sample.charAt(0).toLowerCase()}${sample.slice(1)}`,
    Sample: sample,
    'sample fields': messageText(tree, events, sample, `${key}: key`),
  };
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
        'events-per-minute',
    );
}

const contracts = 'libs/contracts/src';

const isTopic = (tree: Tree, name: string): boolean =>
  tree
    .children(contracts)
    .some((file) => (tree.read(`${contracts}/${file}`, 'utf8') ?? '').includes(`'${name}'`));
