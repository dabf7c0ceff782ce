import { formatFiles, type GeneratorCallback, type Tree } from '@nx/devkit';
import { unlinkApp } from '../source/app-projects.ts';
import { applyPatch } from '../source/apply-patch.ts';
import { readProjectsAgain } from '../source/project-graph.ts';
import { registrations, servicesOf } from '../service/registrations.ts';
import { removePromisesWithoutTest } from './promises.ts';
import { refuseWhileSagasNeed } from './saga-steps.ts';
import { tracesOf, usersOfService } from './users-of-service.ts';

interface Options {
  readonly name: string;
  readonly force?: boolean;
}

/** What the removal of a service of the sample shop also changes and deletes. */
interface SampleService {
  /** Takes out the lines of the shop that name it. `npm run fork-patch` merges it with the last commit. */
  readonly patch: string;
  /** Test the removals, which need it. */
  readonly tests: readonly string[];
}

/** The services of the shop that others use without needing them. */
const sampleServices: ReadonlyMap<string, SampleService> = new Map([
  [
    'notification',
    {
      patch: 'tools/fork/remove-notification.patch',
      tests: ['test/forking/src/remove-service.ci.spec.ts', 'test/forking/src/remove-choreography.suite.ts'],
    },
  ],
]);

/** Removes a service, its messages and every entry that runs it. */
export default async function removeService(
  tree: Tree,
  { name, force = false }: Options,
): Promise<GeneratorCallback> {
  const services = servicesOf(tree);
  const port = services.get(name);
  if (port === undefined)
    throw new Error(
      `the name of the service "${name}": apps/stack/src/stack.ts has no such service: choose one of ${[...services.keys()].join(', ')}`,
    );
  const traces = tracesOf(tree, name);
  if (!force) refuseWhileSagasNeed(tree, traces);
  const sample = sampleServices.get(name);
  if (sample !== undefined && tree.exists(sample.patch)) {
    applyPatch(tree, sample.patch);
    tree.delete(sample.patch);
    for (const test of sample.tests) tree.delete(test);
  }
  tree.delete(`apps/${name}`);
  tree.delete(`libs/contracts/src/${name}.ts`);
  for (const registration of registrations) registration.remove(tree, { name, port });
  const users = usersOfService(tree, traces)
    .map((user) => `\n  ${user}`)
    .join('');
  if (users !== '' && !force)
    throw new Error(
      `nothing was removed, because other files still use ${name} or its messages:${users}\n` +
        'Remove that first, or run the command with --force and mend these files afterwards.',
    );
  await formatFiles(tree);
  if (users !== '')
    console.log(`\nWithout ${name}, mend these files, which use it or its messages:${users}\n`);

  return () => {
    unlinkApp(tree, name);
    removePromisesWithoutTest(tree.root);
    readProjectsAgain(tree.root);
    console.log(`
${name} is removed. ${users === '' ? 'No other file uses it.' : 'Mend the files that are listed above the changes.'}
Next: "npx tsc -b" compiles the rest, and "npm run reference" takes the messages and routes out of docs/reference.
      A system that has run keeps the database and the topics: "npm start -- --fresh" begins without them.`);
  };
}
