import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '@nx/devkit';
import { createTree } from '@nx/devkit/testing';
import { fieldsFile } from '../source/contracts.ts';

const workspace = join(import.meta.dirname, '../../..');
const files = [
  'apps/stack/src/stack.ts',
  'deploy/prometheus/prometheus.yml',
  'docker-compose.yml',
  'libs/contracts/src/fields.ts',
  'libs/contracts/src/index.ts',
  'libs/contracts/src/topics.ts',
  'package-lock.json',
  'package.json',
  'tsconfig.json',
];

/** The files of this workspace that know its services, in memory, with two more fields in the contracts. */
export function workspaceTree(): Tree {
  const tree = createTree();
  for (const file of files) tree.write(file, readFileSync(join(workspace, file), 'utf8'));
  const fields = tree.read(fieldsFile, 'utf8') ?? '';
  tree.write(fieldsFile, `${fields}export const tripId = z.uuid();\nexport const shapeId = z.string();\n`);
  // Nx reads the options of a tree in memory from this file.
  tree.write('.prettierrc', readFileSync(join(workspace, '.prettierrc.json'), 'utf8'));
  return tree;
}

/** The text of each file of the tree. */
export const textsOf = (tree: Tree): ReadonlyMap<string, string> =>
  new Map(
    tree.listChanges().flatMap(({ path, content }) => (content === null ? [] : [[path, content.toString()]])),
  );
