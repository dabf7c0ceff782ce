import { visitNotIgnoredFiles, type Tree } from '@nx/devkit';
import { workspaceName } from './names.ts';

/** Names that mean something else to `npm start`, to compose or as the beginning of settings. */
const namesOfParts: ReadonlySet<string> = new Set(['all', 'broker-http', 'http', 'log', 'ops', 'smtp']);

/** What has this name already, so that no app can have it. */
export function takenBy(tree: Tree, name: string): string | undefined {
  if (namesOfParts.has(name)) return 'a part of the system';
  if (hasSources(tree, `apps/${name}`)) return `apps/${name}`;
  const contracts = `libs/contracts/src/${name}.ts`;
  if (tree.exists(contracts)) return contracts;
  if (new RegExp(`^ {2}${name}:$`, 'm').test(tree.read('docker-compose.yml', 'utf8') ?? ''))
    return 'docker-compose.yml';
  const isLocked = tree
    .read('package-lock.json', 'utf8')
    ?.includes(`"node_modules/@${workspaceName(tree)}/${name}"`);
  return isLocked ? 'a package of the workspace' : undefined;
}

/** False too if git has taken an app out of the folder and left the output of its build. */
function hasSources(tree: Tree, folder: string): boolean {
  let found = false;
  visitNotIgnoredFiles(tree, folder, () => {
    found = true;
  });
  return found;
}
