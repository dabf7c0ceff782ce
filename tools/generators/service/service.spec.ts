import { describe, expect, it, jest } from '@jest/globals';
import removeService from '../remove-service/remove-service.ts';
import { servicesOf } from './registrations.ts';
import service from './service.ts';
import { textsOf, workspaceTree } from './workspace-tree.fixture.ts';

/** Names that no fork is likely to have given to a service of its own. */
const name = 'generated-sample';
const entity = 'specimen';

const contractsFile = 'libs/contracts/src/index.ts';

describe('npm run new -- service', () => {
  it.each(['Loyalty', 'gift_card', '-card', 'card-2', 'a'.repeat(32)])(
    'refuses the name %s',
    async (wrong) => {
      await expect(service(workspaceTree(), { name: wrong })).rejects.toThrow(
        `the name of the service "${wrong}": give 1 to 31 lower-case letters, digits and inner hyphens`,
      );
    },
  );

  it.each([
    ['postgres', 'docker-compose.yml'],
    ['contracts', 'a package of the workspace'],
    ['smtp', 'a part of the system'],
  ])('refuses the name %s, which is taken by %s', async (taken, by) => {
    await expect(service(workspaceTree(), { name: taken })).rejects.toThrow(
      `the name of the service: ${taken} is taken by ${by}: choose another name`,
    );
  });

  it('refuses a name that would overwrite a folder', async () => {
    const tree = workspaceTree();
    tree.write(`apps/${name}/README.md`, '');
    await expect(service(tree, { name })).rejects.toThrow(`${name} is taken by apps/${name}: choose another`);
  });

  it('accepts a folder in which git has left nothing but the output of the build', async () => {
    const tree = workspaceTree();
    tree.write('.gitignore', 'dist/\n');
    tree.write(`apps/${name}/dist/src/main.js`, '');
    await service(tree, { name });
    expect(servicesOf(tree).has(name)).toBe(true);
  });

  it.each([
    ['specimenId', 'name what it keeps differently, with --entity'],
    ['OpenSpecimen', 'name what it keeps differently, with --entity'],
    ['generatedSampleEvents', 'choose another name'],
  ])('refuses messages that would need another export %s', async (taken, remedy) => {
    const tree = workspaceTree();
    tree.write(contractsFile, `export { ${taken} } from './fields.ts';\n${tree.read(contractsFile, 'utf8')}`);
    await expect(service(tree, { name, entity })).rejects.toThrow(`exports ${taken} already: ${remedy}`);
  });

  it.each([
    ['class', '--entity: the sources use the word class otherwise'],
    ['Card', '--entity "Card": give 1 to 31 lower-case letters'],
  ])('refuses to keep the entity %s', async (wrong, error) => {
    await expect(service(workspaceTree(), { name, entity: wrong })).rejects.toThrow(error);
  });

  it.each([80, 3006.5, 65_536])('refuses the port %s', async (port) => {
    await expect(service(workspaceTree(), { name, port })).rejects.toThrow(
      `--port ${port}: give a whole number from 1024 to 65535`,
    );
  });

  it.each([
    ['order-id', "give a field's name in camel case that ends with Id, such as orderId"],
    ['shapeId', 'this field of libs/contracts/src/fields.ts is no UUID: give another name'],
  ])('refuses the key %s', async (key, error) => {
    await expect(service(workspaceTree(), { name, key })).rejects.toThrow(`--key "${key}": ${error}`);
  });

  it('keys the topics by a field that services share', async () => {
    const tree = workspaceTree();
    await service(tree, { name, entity, key: 'tripId' });
    const contracts = tree.read(`libs/contracts/src/${name}.ts`, 'utf8');
    expect(contracts).toContain(`import { tripId } from './fields.ts';`);
    expect(contracts?.match(/key: 'tripId'/g)).toHaveLength(2);
    expect([...textsOf(tree)].filter(([, text]) => text.includes('specimenId'))).toEqual([]);
  });

  const ports = `export const stack = defineStack({
  log: embeddedBroker({ port: 9092, sidePort: 9404 }),
  console: consoleApp({ port: 3010 }),
  services: {
    order: { app: 'order', port: 3009, personalData: true },
  },
});
`;

  it.each([3009, 3010, 9404])('refuses the port %s of another part', async (port) => {
    const tree = workspaceTree();
    tree.write('apps/stack/src/stack.ts', ports);
    await expect(service(tree, { name, port })).rejects.toThrow(
      `--port ${port}: apps/stack/src/stack.ts gives this port to another part: choose another one`,
    );
  });

  it('gives a service the next port, and skips that of the console', async () => {
    const tree = workspaceTree();
    tree.write('apps/stack/src/stack.ts', ports);
    await service(tree, { name });
    expect(servicesOf(tree).get(name)).toBe(3011);
  });
});

describe('npm run remove -- service', () => {
  it.each([{ name }, { name, key: 'tripId' }, { name: 'zzz', entity, port: 14_100 }])(
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
    await service(tree, { name: 'zzz', entity, port: 14_100 });
    const edit = (path: string, from: string, to: string) => {
      const text = tree.read(path, 'utf8') ?? '';
      expect(text).toContain(from);
      tree.write(path, text.replace(from, to));
    };
    edit('apps/stack/src/stack.ts', 'port: 14100 }', 'port: 14100, personalData: true }');
    edit('docker-compose.yml', '      ZZZ_PORT: 14100\n', '      ZZZ_PORT: 14100\n      ZZZ_RATE: 2\n');
    edit('libs/contracts/src/topics.ts', '{ zzzCommands, zzzEvents }', '{ zzzEvents, pointEvents }');
    edit('libs/contracts/src/topics.ts', 'zzzCommands,', 'pointEvents,');
    tree.write('apps/zzz/src/domain/points.ts', '');

    await removeService(tree, { name: 'zzz' });
    expect(textsOf(tree)).toEqual(before);
  });

  const used = {
    'apps/order/src/a.ts': `import { zzzCommands } from '@millrace/contracts';\n`,
    'test/e2e/src/b.ts': `expect(story).toContain('SpecimenOpened');\n`,
    'test/e2e/src/c.ts': `import { settings } from '../../../apps/zzz/src/config.ts';\n`,
  };

  it('refuses while other files use the service, and names each', async () => {
    const tree = workspaceTree();
    await service(tree, { name: 'zzz', entity });
    for (const [path, text] of Object.entries(used)) tree.write(path, text);
    tree.write('test/e2e/src/d.ts', "import { zzzEvents } from './own.ts'; // SpecimenOpened\n");

    await expect(removeService(tree, { name: 'zzz' })).rejects.toThrow(
      'nothing was removed, because other files still use zzz or its messages:\n' +
        '  apps/order/src/a.ts: zzzCommands\n' +
        '  test/e2e/src/b.ts: SpecimenOpened\n' +
        '  test/e2e/src/c.ts: ../../../apps/zzz/src/config.ts\n' +
        'Remove that first, or run the command with --force',
    );
  });

  it('removes a service that others use if it is forced, and names them first, for a dry run too', async () => {
    const tree = workspaceTree();
    const before = textsOf(tree);
    await service(tree, { name: 'zzz', entity });
    tree.write('test/e2e/src/b.ts', used['test/e2e/src/b.ts']);

    const log = jest.spyOn(console, 'log').mockReturnValue();
    await removeService(tree, { name: 'zzz', force: true });
    expect(log.mock.calls.flat().join('')).toContain('\n  test/e2e/src/b.ts: SpecimenOpened\n');
    log.mockRestore();
    expect(textsOf(tree)).toEqual(new Map([...before, ['test/e2e/src/b.ts', used['test/e2e/src/b.ts']]]));
  });

  it('refuses an unknown service and names those that exist', async () => {
    const tree = workspaceTree();
    const names = [...servicesOf(tree).keys()].join(', ');
    await expect(removeService(tree, { name })).rejects.toThrow(
      `apps/stack/src/stack.ts has no such service: choose one of ${names}`,
    );
  });
});
