import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatFiles } from '@nx/devkit';
import { FsTree } from '@nx/devkit/internal';
import { linkPackages } from '../../../libs/testing/src/link-packages.ts';
import { servicesOf } from '../../generators/service/registrations.ts';
import service from '../../generators/service/service.ts';
import { spellingsOf } from '../../generators/source/names.ts';
import { workspace } from '../../workspace.ts';
import type { Variant } from '../variant.ts';
import { editPages } from './pages.ts';
import { removeShop } from './remove-shop.ts';
import { declarations } from './shop.ts';

/** A fork with one generated service instead of the shop. */
export const emptyProject: Variant = {
  options: { empty: { type: 'string' }, entity: { type: 'string' } },
  usage: `npm run new -- project NAME --empty SERVICE [--entity ENTITY]
                                           with one generated service instead of the sample shop`,
  async chosen({ empty: name, entity }) {
    if (typeof name !== 'string') {
      if (entity !== undefined) throw new Error('--entity needs --empty: it names what that service stores');
      return undefined;
    }
    const first = { name, ...(typeof entity === 'string' && { entity }) };
    refuseKeyOfShop(first);
    await generate(new FsTree(workspace, false), first);
    return async (folder, commit) => {
      const tree = new FsTree(folder, false);
      await generate(tree, first);
      removeShop(tree);
      editPages(tree, { name, entity: first.entity ?? name, port: servicesOf(tree).get(name) ?? 0 }, commit);
      await formatFiles(tree);
      write(tree);
      writeReference(folder);
    };
  },
};

interface Wanted {
  readonly name: string;
  readonly entity?: string;
}

/** The service is generated while the contracts still have the fields of the shop, which it would share. */
function refuseKeyOfShop({ name, entity = name }: Wanted): void {
  const key = `${spellingsOf(entity).camel}Id`;
  if (declarations.includes(key))
    throw new Error(
      `--entity ${entity}: its key ${key} is a field of the sample shop: name what the service stores differently`,
    );
}

async function generate(tree: FsTree, first: Wanted): Promise<void> {
  try {
    await service(tree, first);
  } catch (error) {
    throw new Error(`--empty: ${(error as Error).message}`, { cause: error });
  }
}

/** Writes the changes, as Nx does after a generator. */
function write(tree: FsTree): void {
  for (const { path, type, content } of tree.listChanges()) {
    const file = join(tree.root, path);
    if (type === 'DELETE') rmSync(file, { recursive: true, force: true });
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content ?? '');
    }
  }
}

/** Writes the pages of docs/reference that the tests of the whole workspace compare with the code. */
function writeReference(folder: string): void {
  linkPackages(folder);
  const command = ['tools/reference.ts', 'test/reference'];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
  rmSync(join(folder, 'node_modules'), { recursive: true });
  if (status !== 0) throw new Error(`node ${command.join(' ')} in ${folder}:\n${stdout}${stderr}`);
}
