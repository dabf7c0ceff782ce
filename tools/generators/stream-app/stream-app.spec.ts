import { describe, expect, it } from '@jest/globals';
import removeStreamApp from '../remove-stream-app/remove-stream-app.ts';
import { textsOf, workspaceTree } from '../service/workspace-tree.fixture.ts';
import { servicesOf } from '../service/registrations.ts';
import streamApp from './stream-app.ts';

const stackOf = (tree: ReturnType<typeof workspaceTree>) =>
  tree.read('apps/stack/src/stack.ts', 'utf8') ?? '';

describe('npm run new -- stream-app', () => {
  it.each([
    ['Counts', /^the name of the stream application "Counts": give 1 to 31 lower-case letters/],
    ['order', /order is taken by .*: choose another name, such as orders-per-minute$/],
    ['postgres', /postgres is taken by docker-compose\.yml: choose another name/],
    ['all', /all is taken by a part of the system/],
    ['order-events', /order-events is taken by a topic of libs\/contracts/],
    ['order-worker', /order-worker is taken by the processes of a role/],
  ])('refuses the name %s', async (name, error) => {
    const tree = workspaceTree();
    tree.write('libs/contracts/src/order.ts', "topic('order-events', {}, {});");
    await expect(streamApp(tree, { name })).rejects.toThrow(error);
  });

  it('refuses a second app of the same name', async () => {
    const tree = workspaceTree();
    await streamApp(tree, { name: 'counts' });
    await expect(streamApp(tree, { name: 'counts' })).rejects.toThrow('counts is taken by apps/counts');
  });

  it('refuses the port of another part', async () => {
    const tree = workspaceTree();
    const [port] = servicesOf(tree).values();
    await expect(streamApp(tree, { name: 'counts', port })).rejects.toThrow(
      `--port ${port}: apps/stack/src/stack.ts gives this port to another part`,
    );
  });

  it('gives each app the first free port from 3041', async () => {
    const tree = workspaceTree();
    const ofOthers = stackOf(tree)!;
    const from3041 = Array.from({ length: 20 }, (_, index) => 3_041 + index);
    const [first, second] = from3041.filter((port) => !ofOthers.includes(`port: ${port},`));
    await streamApp(tree, { name: 'first' });
    await streamApp(tree, { name: 'the-second' });

    expect(stackOf(tree)).toContain(`app: 'first', port: ${first},`);
    expect(stackOf(tree)).toMatch(
      new RegExp(`'the-second': \\{\\s+app: 'the-second',\\s+port: ${second},\\s+state: true,`),
    );
  });
});

describe('npm run remove -- stream-app', () => {
  it('leaves every file as it was before the app was added, whichever is removed first', async () => {
    const tree = workspaceTree();
    const before = textsOf(tree);
    for (const name of ['counts', 'orders-per-minute', 'order-totals']) await streamApp(tree, { name });
    expect(textsOf(tree).size).toBeGreaterThan(before.size);

    for (const name of ['orders-per-minute', 'counts', 'order-totals']) await removeStreamApp(tree, { name });
    expect(textsOf(tree)).toEqual(before);
  });

  it('refuses what is no stream application', async () => {
    await expect(removeStreamApp(workspaceTree(), { name: 'order' })).rejects.toThrow(
      'the name of the stream application "order": apps/stack/src/stack.ts has no such app under "apps"',
    );
  });
});
