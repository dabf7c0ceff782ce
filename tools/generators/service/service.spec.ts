import { describe, expect, it } from '@jest/globals';
import removeService from '../remove-service/remove-service.ts';
import { servicesOf } from './registrations.ts';
import service from './service.ts';
import { textsOf, workspaceTree } from './workspace-tree.fixture.ts';

describe('npm run new -- service', () => {
  it.each([
    [
      'Loyalty',
      /^the name of the service "Loyalty": give 1 to 31 lower-case letters, digits and inner hyphens/,
    ],
    ['gift_card', /^the name of the service "gift_card"/],
    ['-card', /^the name of the service "-card"/],
    ['card-2', /^the name of the service "card-2"/],
    ['a'.repeat(32), /^the name of the service "a{32}"/],
    ['order', /order is taken by .*: choose another name$/],
    ['postgres', /postgres is taken by docker-compose\.yml: choose another name$/],
    ['contracts', /contracts is taken by a package of the workspace: choose another name$/],
    ['smtp', /smtp is taken by a part of the system: choose another name$/],
    ['product', /index\.ts exports productEvents already: choose another name$/],
  ])('refuses the name %s', async (name, error) => {
    await expect(service(workspaceTree(), { name })).rejects.toThrow(error);
  });

  it.each([
    ['order', /exports orderId already: name what it keeps differently, with --entity$/],
    ['class', /^--entity: the sources use the word class otherwise/],
    ['Card', /^--entity "Card": give 1 to 31 lower-case letters/],
  ])('refuses to keep the entity %s', async (entity, error) => {
    const tree = workspaceTree();
    tree.write('libs/contracts/src/order-id.ts', '');
    tree.write('libs/contracts/src/index.ts', "export { orderId } from './order-id.ts';\n");
    await expect(service(tree, { name: 'loyalty', entity })).rejects.toThrow(error);
  });

  it.each([
    [3001, /^--port 3001: apps\/stack\/src\/stack\.ts gives this port to another part: choose another one$/],
    [9404, /^--port 9404: apps\/stack/],
    [80, /^--port 80: give a whole number from 1024 to 65535$/],
    [3006.5, /^--port 3006\.5: give a whole number/],
  ])('refuses the port %s', async (port, error) => {
    await expect(service(workspaceTree(), { name: 'loyalty', port })).rejects.toThrow(error);
  });

  it('gives a service the next port, and skips that of the console', async () => {
    const tree = workspaceTree();
    const stack = tree.read('apps/stack/src/stack.ts', 'utf8') ?? '';
    tree.write('apps/stack/src/stack.ts', stack.replace('port: 3005', 'port: 3009'));
    await service(tree, { name: 'loyalty' });
    expect(servicesOf(tree).get('loyalty')).toBe(3011);
  });
});

describe('npm run remove -- service', () => {
  it.each([[{ name: 'gift-card', entity: 'offer-code', port: 4100 }], [{ name: 'voucher' }]])(
    'leaves every file as it was before %j was added',
    async (options) => {
      const tree = workspaceTree();
      const before = textsOf(tree);
      await service(tree, options);
      expect(textsOf(tree).size).toBeGreaterThan(before.size);

      await removeService(tree, options);
      expect(textsOf(tree)).toEqual(before);
    },
  );

  it('takes out a service whose entries have changed since it was added', async () => {
    const tree = workspaceTree();
    const before = textsOf(tree);
    await service(tree, { name: 'loyalty' });
    const edit = (path: string, from: string, to: string) =>
      tree.write(path, (tree.read(path, 'utf8') ?? '').replace(from, to));
    edit('apps/stack/src/stack.ts', 'port: 3006 }', 'port: 3006, personalData: true }');
    edit(
      'docker-compose.yml',
      '      LOYALTY_PORT: 3006\n',
      '      LOYALTY_PORT: 3006\n      LOYALTY_RATE: 2\n',
    );
    edit(
      'libs/contracts/src/topics.ts',
      '{ loyaltyCommands, loyaltyEvents }',
      '{ loyaltyEvents, pointEvents }',
    );
    edit('libs/contracts/src/topics.ts', '  loyaltyCommands,\n', '  pointEvents,\n');
    tree.write('apps/loyalty/src/domain/points.ts', '');

    await removeService(tree, { name: 'loyalty' });
    expect(textsOf(tree)).toEqual(before);
  });

  it('refuses while another file uses the service, and names each', async () => {
    const tree = workspaceTree();
    await service(tree, { name: 'loyalty' });
    tree.write('apps/order/src/a.ts', "import { loyaltyCommands } from '@millrace/contracts';\n");
    tree.write('test/e2e/src/b.ts', "expect(story).toContain('LoyaltyOpened');\n");
    tree.write('test/e2e/src/c.ts', "import { settings } from '../../../apps/loyalty/src/config.ts';\n");
    tree.write('test/e2e/src/d.ts', "import { loyaltyEvents } from './own.ts'; // and LoyaltyOpened\n");

    await expect(removeService(tree, { name: 'loyalty' })).rejects.toThrow(
      /^nothing was removed, because other files still use loyalty .*:\n {2}apps\/order\/src\/a\.ts: loyaltyCommands\n {2}test\/e2e\/src\/b\.ts: LoyaltyOpened\n {2}test\/e2e\/src\/c\.ts: \S+\nRemove that first, .*--force/,
    );
  });

  it('refuses an unknown service and names those that exist', async () => {
    await expect(removeService(workspaceTree(), { name: 'loyalty' })).rejects.toThrow(
      'apps/stack/src/stack.ts has no such service: choose one of order, inventory, payment, shipping',
    );
  });
});
