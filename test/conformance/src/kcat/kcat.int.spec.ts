import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeGroups, offsetFetch, WireClient } from '@millrace/streaming-core/protocol';
import { kcat } from '@millrace/testing/kcat';
import { within } from '@millrace/testing/within';
import { openBroker, type BrokerOnFolder } from './broker-folder.ts';

let broker: BrokerOnFolder;
let client: WireClient;
let address: string;
const newName = (kind: string) => `${kind}-${randomUUID()}`;

beforeAll(async () => {
  broker = await openBroker('commit');
  address = broker.address;
  const [host = '', port = ''] = address.split(':');
  client = await WireClient.connect({ host, port: Number(port) });
});
afterAll(async () => {
  client?.close();
  await broker?.stop();
});

const produceLines = (topic: string, lines: readonly string[], ...options: string[]) =>
  kcat(['-b', address, '-P', '-t', topic, '-K:', ...options], lines.map((line) => `${line}\n`).join(''));
const consume = (topic: string, ...options: string[]) =>
  kcat(['-b', address, '-C', '-t', topic, '-e', '-q', ...options]);

const whenStable = (group: string, members: number): Promise<void> =>
  within(20_000)(async () => {
    const { groups } = await client.send(describeGroups, 5, { groups: [group] });
    return groups[0]?.groupState === 'Stable' && groups[0].members.length === members;
  }, `${members} members of ${group}`);

describe('kcat', () => {
  it('lists the broker, the topics and their partitions', async () => {
    const topic = newName('listed');
    await broker.makeTopic(topic, 3);
    const listing = JSON.parse(await kcat(['-b', address, '-L', '-J', '-t', topic])) as {
      brokers: unknown[];
      topics: Array<{ topic: string; partitions: Array<{ leader: number }> }>;
    };
    expect(listing.brokers).toEqual([{ id: 1, name: address }]);
    expect(
      listing.topics.map(({ topic: name, partitions }) => [name, partitions.map(({ leader }) => leader)]),
    ).toEqual([[topic, [1, 1, 1]]]);
  });

  it.each([
    ['plain', []],
    ['gzip', ['-z', 'gzip']],
    ['snappy', ['-z', 'snappy']],
    ['lz4', ['-z', 'lz4']],
    ['zstd', ['-z', 'zstd']],
    ['idempotent', ['-X', 'enable.idempotence=true']],
    ['acks=1', ['-X', 'acks=1']],
  ])('produces %s records with keys and reads them from the beginning', async (_kind, options) => {
    const topic = newName('produced');
    await broker.makeTopic(topic);
    await produceLines(topic, ['a:1', 'b:2', `c:${'x'.repeat(300)}`], ...options);
    expect(await consume(topic, '-o', 'beginning', '-f', '%o %k=%s\n')).toBe(
      `0 a=1\n1 b=2\n2 c=${'x'.repeat(300)}\n`,
    );
  });

  it('K31 reads headers and the last records only', async () => {
    const topic = newName('tail');
    await broker.makeTopic(topic);
    await produceLines(topic, ['a:1', 'b:2', 'c:3'], '-H', 'ce_type=OrderCreated');
    expect(await consume(topic, '-o', '-1', '-f', '%h %s\n')).toBe('ce_type=OrderCreated 3\n');
  });

  it('asks for offsets by time', async () => {
    const topic = newName('offsets');
    await broker.makeTopic(topic);
    await produceLines(topic, ['a:1', 'b:2']);
    expect(await kcat(['-b', address, '-Q', '-t', `${topic}:0:-1`])).toContain(`${topic} [0] offset 2`);
    expect(await kcat(['-b', address, '-Q', '-t', `${topic}:0:1`])).toContain(`${topic} [0] offset 0`);
  });

  it('K31 consumes as a group, commits, and leaves it', async () => {
    const topic = newName('grouped');
    const group = newName('group');
    await broker.makeTopic(topic, 2);
    await produceLines(topic, ['a:1', 'b:2', 'c:3', 'd:4']);
    const read = await kcat([
      '-b',
      address,
      '-G',
      group,
      '-c',
      '4',
      '-q',
      '-X',
      'auto.offset.reset=earliest',
      topic,
    ]);
    expect(read.trim().split('\n').sort()).toEqual(['1', '2', '3', '4']);
    const { groups } = await client.send(describeGroups, 5, { groups: [group] });
    expect(groups[0]).toMatchObject({ groupState: 'Empty', protocolType: 'consumer' });
    const committed = await client.send(offsetFetch, 8, { groups: [{ groupId: group, topics: null }] });
    const partitions = committed.groups[0]!.topics[0]!.partitions;
    expect(partitions.reduce((sum, { committedOffset }) => sum + committedOffset, 0n)).toBe(4n);
  });

  it('shares the partitions of a topic between the members of a group', async () => {
    const topic = newName('shared');
    const group = newName('group');
    await broker.makeTopic(topic, 4);
    const member = () =>
      kcat([
        '-b',
        address,
        '-G',
        group,
        '-c',
        '20',
        '-q',
        '-f',
        '%p\n',
        '-X',
        'auto.offset.reset=earliest',
        topic,
      ]);
    const members = Promise.all([member(), member()]);
    await whenStable(group, 2);
    for (const partition of ['0', '1', '2', '3']) {
      const lines = Array.from({ length: 10 }, (_, n) => `k:${n}`);
      await produceLines(topic, lines, '-p', partition);
    }
    const seen = (await members).map((output) => new Set(output.trim().split('\n')));
    expect(seen.map(({ size }) => size)).toEqual([2, 2]);
    expect(new Set(seen.flatMap((partitions) => [...partitions])).size).toBe(4);
  });
});
