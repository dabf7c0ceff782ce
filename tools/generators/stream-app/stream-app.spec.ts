import { describe, expect, it } from '@jest/globals';
import type { Tree } from '@nx/devkit';
import removeStreamApp from '../remove-stream-app/remove-stream-app.ts';
import { textsOf, workspaceTree } from '../service/workspace-tree.fixture.ts';
import { servicesOf } from '../service/registrations.ts';
import streamApp from './stream-app.ts';

const [service = ''] = servicesOf(workspaceTree()).keys();

const topicText = (constant: string, name: string, fields: string) => `export const ${constant} = topic(
  '${name}',
  { key: 'tripId' },
  { TripBegun: z.strictObject({ tripId, ${fields} }) },
);
`;

/** The workspace, whose first service has events about trips. */
function treeWithEvents(fields = 'from: z.string(), seats: z.number().optional()'): Tree {
  const tree = workspaceTree();
  tree.write(`libs/contracts/src/${service}.ts`, topicText('tripEvents', `${service}-events`, fields));
  return tree;
}

const stackOf = (tree: Tree) => tree.read('apps/stack/src/stack.ts', 'utf8') ?? '';

describe('npm run new -- stream-app', () => {
  it.each([
    ['Counts', /^the name of the stream application "Counts": give 1 to 31 lower-case letters/],
    [service, /is taken by .*: choose another name, such as events-per-minute$/],
    ['postgres', /postgres is taken by docker-compose\.yml: choose another name/],
    ['all', /all is taken by a part of the system/],
    [`${service}-events`, /-events is taken by a topic of libs\/contracts/],
    [`${service}-worker`, /-worker is taken by the processes of a role/],
  ])('refuses the name %s', async (name, error) => {
    const tree = treeWithEvents();
    await expect(streamApp(tree, { name })).rejects.toThrow(error);
  });

  it('refuses a second app of the same name', async () => {
    const tree = treeWithEvents();
    await streamApp(tree, { name: 'counts' });
    await expect(streamApp(tree, { name: 'counts' })).rejects.toThrow('counts is taken by apps/counts');
  });

  it('refuses the port of another part', async () => {
    const tree = treeWithEvents();
    const [port] = servicesOf(tree).values();
    await expect(streamApp(tree, { name: 'counts', port })).rejects.toThrow(
      `--port ${port}: apps/stack/src/stack.ts gives this port to another part`,
    );
  });

  it('reads the events of the first service, and sends a sample of the first type in its tests', async () => {
    const tree = treeWithEvents();
    await streamApp(tree, { name: 'counts' });

    const text = (file: string) => tree.read(`apps/counts/src/${file}`, 'utf8');
    expect(text('topology.ts')).toContain('.stream(tripEvents.declaration.name,');
    expect(text('topology.ts')).toContain('export type TripEvent = MessagesOf<typeof tripEvents>;');
    expect(text('events.fixture.ts')).toContain(
      "export const tripBegun = tripEvents.TripBegun({ tripId: key, from: 'first' });",
    );
    expect(text('topology.spec.ts')).toContain("'1970-01-01T00:00 TripBegun 2',");
  });

  it('reads the events of the service that --of names', async () => {
    const tree = treeWithEvents();
    tree.write('libs/contracts/src/ferry.ts', topicText('ferryEvents', 'ferry-events', 'seats: z.number()'));
    await streamApp(tree, { name: 'counts', of: 'ferry' });
    expect(tree.read('apps/counts/src/topology.ts', 'utf8')).toContain(
      '.stream(ferryEvents.declaration.name,',
    );
  });

  it.each([
    ['no service has events', undefined, workspaceTree(), '--of: no service has a topic of events'],
    [
      'the service has no events',
      'ferry',
      treeWithEvents(),
      '--of: the service ferry has no topic ferry-events',
    ],
    [
      'a field has no sample',
      undefined,
      treeWithEvents('shape: z.custom()'),
      'finds no sample for the schema z.custom(): give it one, with .meta({ examples: [...] })',
    ],
  ])('refuses, and says what to do, if %s', async (_what, of, tree, error) => {
    await expect(streamApp(tree, { name: 'counts', ...(of && { of }) })).rejects.toThrow(error);
  });

  it('gives each app the first free port from 3041', async () => {
    const tree = treeWithEvents();
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
    const tree = treeWithEvents();
    const before = textsOf(tree);
    for (const name of ['counts', 'trips-per-minute', 'trip-totals']) await streamApp(tree, { name });
    expect(textsOf(tree).size).toBeGreaterThan(before.size);

    for (const name of ['trips-per-minute', 'counts', 'trip-totals']) await removeStreamApp(tree, { name });
    expect(textsOf(tree)).toEqual(before);
  });

  it('refuses what is no stream application', async () => {
    await expect(removeStreamApp(workspaceTree(), { name: service })).rejects.toThrow(
      `the name of the stream application "${service}": apps/stack/src/stack.ts has no such app under "apps"`,
    );
  });
});
