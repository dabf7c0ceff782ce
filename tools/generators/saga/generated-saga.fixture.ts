import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '@nx/devkit';
import { workspaceTree } from '../service/workspace-tree.fixture.ts';
import service from '../service/service.ts';
import saga from './saga.ts';

/** Names that no fork is likely to have given to parts of its own. */
export const serviceName = 'generated-shop';
export const participantName = 'generated-bank';
export const sagaName = 'generated-hire';

const workspace = join(import.meta.dirname, '../../..');

/** The workspace with two generated services, in memory. */
export async function treeWithServices(): Promise<Tree> {
  const tree = workspaceTree();
  const contracts = 'libs/contracts/src';
  for (const name of readdirSync(join(workspace, contracts)))
    if (!tree.exists(`${contracts}/${name}`))
      tree.write(`${contracts}/${name}`, readFileSync(join(workspace, contracts, name), 'utf8'));
  await service(tree, { name: serviceName });
  await service(tree, { name: participantName });
  return tree;
}

/** The same workspace with a generated saga. */
export async function treeWithSaga(): Promise<Tree> {
  const tree = await treeWithServices();
  await saga(tree, { name: sagaName, in: serviceName });
  return tree;
}
