import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Tree } from '@nx/devkit';
import { serviceName, treeWithServices } from '../saga/generated-saga.fixture.ts';
import readModel from './read-model.ts';

const name = 'generated-board';

describe('npm run new -- read-model', () => {
  let unchanged: Tree;
  beforeAll(async () => {
    unchanged = await treeWithServices();
  });

  it.each([
    [{ name: 'Board' }, 'the name of the read model "Board": give 1 to 31 lower-case letters'],
    [{ in: 'nowhere' }, /^--in "nowhere": there is no such service: give one of .*generated-shop/],
    [{ of: 'NoEvent' }, `--of "NoEvent": the service ${serviceName} declares no such events: give one of`],
    [{ name: 'generated-shop-summary' }, 'has a table generated_shop_summary already: choose another name'],
  ])('refuses %j', async (wrong, error) => {
    await expect(readModel(unchanged, { name, in: serviceName, ...wrong })).rejects.toThrow(error);
  });

  it('refuses to overwrite a read model', async () => {
    const tree = await treeWithServices();
    await readModel(tree, { name, in: serviceName });
    await expect(readModel(tree, { name, in: serviceName })).rejects.toThrow(
      `apps/${serviceName}/src/${name} exists already: choose another name for the read model`,
    );
  });

  it('takes the next number for its migration', async () => {
    const tree = await treeWithServices();
    await readModel(tree, { name, in: serviceName });
    expect(tree.children(`apps/${serviceName}/src/migrations`)).toContain(`0002-${name}.sql`);
  });
});
