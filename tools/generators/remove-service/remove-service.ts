import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatFiles, type GeneratorCallback, type Tree } from '@nx/devkit';
import { workspaceName } from '../source/names.ts';
import { readProjectsAgain } from '../source/project-graph.ts';
import { registrations, servicesOf } from '../service/registrations.ts';
import { tracesOf, usersOfService } from './users-of-service.ts';

interface Options {
  readonly name: string;
  readonly force?: boolean;
}

/**
 * What else changes with a service of the sample shop, which other services use. The other services
 * are removed without such changes.
 */
const furtherChanges: Readonly<Record<string, (tree: Tree) => void>> = {};

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
  tree.delete(`apps/${name}`);
  tree.delete(`libs/contracts/src/${name}.ts`);
  for (const registration of registrations) registration.remove(tree, { name, port });
  furtherChanges[name]?.(tree);
  refuseUsers(usersOfService(tree, traces), { name, force });
  await formatFiles(tree);

  return () => {
    rmSync(join(tree.root, 'node_modules', `@${workspaceName(tree)}`, name), { force: true });
    readProjectsAgain(tree.root);
    console.log(`
${name} is removed. Run "npx tsc -b" to see that nothing needs it any more.
A system that has run keeps its database and its topics: "npm start -- --fresh" begins without them.`);
  };
}

function refuseUsers(users: readonly string[], { name, force }: Required<Options>): void {
  if (users.length === 0) return;
  const listed = users.map((user) => `\n  ${user}`).join('');
  if (!force)
    throw new Error(
      `nothing was removed, because other files still use ${name} or its messages:${listed}\n` +
        'Remove that first, or run the command with --force and mend these files afterwards.',
    );
  console.warn(`These files still use ${name} or its messages:${listed}`);
}
