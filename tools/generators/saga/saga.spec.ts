import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Tree } from '@nx/devkit';
import { sagaName, serviceName, treeWithSaga, treeWithServices } from './generated-saga.fixture.ts';
import saga from './saga.ts';

describe('npm run new -- saga', () => {
  let unchanged: Tree;
  beforeAll(async () => {
    unchanged = await treeWithServices();
  });

  it.each(['Hire', 'gift_hire', 'a'.repeat(32)])('refuses the name %s', async (wrong) => {
    await expect(saga(unchanged, { name: wrong, in: serviceName })).rejects.toThrow(
      `the name of the saga "${wrong}": give 1 to 31 lower-case letters, digits and inner hyphens`,
    );
  });

  it('refuses a service that does not exist, and names those that do', async () => {
    await expect(saga(unchanged, { name: sagaName, in: 'nowhere' })).rejects.toThrow(
      /^--in "nowhere": there is no such service: give one of .*generated-shop/,
    );
  });

  it('refuses a service without a topic of commands', async () => {
    const tree = await treeWithServices();
    tree.write(`libs/contracts/src/${serviceName}.ts`, '');
    await expect(saga(tree, { name: sagaName, in: serviceName })).rejects.toThrow(
      `the service ${serviceName} has no topic ${serviceName}-commands`,
    );
  });

  it('refuses to overwrite a saga', async () => {
    await expect(saga(await treeWithSaga(), { name: sagaName, in: serviceName })).rejects.toThrow(
      `apps/${serviceName}/src/${sagaName} exists already: choose another name for the saga`,
    );
  });

  it('adds a second saga to a service that has one', async () => {
    const tree = await treeWithSaga();
    await saga(tree, { name: 'generated-sale', in: serviceName });
    const module = tree.read(`apps/${serviceName}/src/${serviceName}.module.ts`, 'utf8');
    expect(module?.match(/SagaModule\.forRoot/g)).toHaveLength(1);
    expect(module).toContain('serviceSaga(generatedSaleVersions');
    const config = tree.read(`apps/${serviceName}/src/config.ts`, 'utf8');
    expect(config).toContain('sagaStartVersions([...generatedHireVersions, ...generatedSaleVersions])');
  });
});
