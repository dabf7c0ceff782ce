import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connectConsumer } from '@millrace/streaming-core/client';
import { newName, newTopic, testCluster, testSystem, withTestAdmin, write } from '../log.fixture.ts';
import { LogConnections, throughLog } from '../system/log-connections.ts';
import { TopicReader } from '../topics/topic-reader.ts';
import { GroupReader } from './group-reader.ts';

const connections = new LogConnections(testSystem());
const reader = new GroupReader(connections);
afterAll(() => connections.close());

let topic: string;
let group: string;
beforeEach(async () => {
  topic = await newTopic(1);
  group = newName('reports');
  await write(
    [1, 2, 3, 4].map((value) => ({ topic, key: null, value: String(value), timestampMs: value * 1_000 })),
  );
  await commit(2n);
});

const commit = (offset: bigint, metadata: string | null = null) =>
  withTestAdmin((admin) => admin.groups.commitOffsets(group, [{ topic, partition: 0, offset, metadata }]));
const committed = async () => {
  const offsets = await withTestAdmin((admin) => admin.groups.offsets(group));
  return offsets.map(({ offset }) => Number(offset));
};

describe('a group', () => {
  it('is shown with its lag, also by its topic', async () => {
    const lag = { group, state: 'Empty', members: 0, lag: 2, partitions: 1 };

    expect((await reader.list()).groups).toContainEqual(expect.objectContaining(lag));
    expect((await new TopicReader(connections).one(topic)).readers).toEqual([expect.objectContaining(lag)]);
    expect(await reader.one(group)).toMatchObject({
      lag: 2,
      areCopies: false,
      partitions: [{ topic, partition: 0, committedOffset: 2, endOffset: 4, lag: 2, owner: null }],
    });
  });

  it.each([
    [{ mode: 'to-earliest' } as const, 0],
    [{ mode: 'to-latest' } as const, 4],
    [{ mode: 'to-offset', offset: 3n } as const, 3],
    [{ mode: 'shift-by', by: -1n } as const, 1],
    [{ mode: 'to-datetime', time: new Date(4_000) } as const, 3],
  ])('is reset with %j, but only after its moves were shown', async (reset, to) => {
    const moves = [{ topic, partition: 0, from: 2, to }];

    expect(await reader.reset(group, { reset, topics: [] })).toEqual(moves);
    expect(await committed()).toEqual([2]);

    expect(await reader.reset(group, { reset, topics: [], shown: moves })).toEqual(moves);
    expect(await committed()).toEqual([to]);
  });

  it('is not reset if it has moved since its moves were shown', async () => {
    const reset = { mode: 'to-earliest' } as const;
    const shown = await reader.reset(group, { reset, topics: [] });
    await commit(3n);

    const refused = throughLog(reader.reset(group, { reset, topics: [], shown }));

    await expect(refused).rejects.toMatchObject({ problem: { status: 409, code: 'group_has_moved' } });
    expect(await committed()).toEqual([3]);
  });

  it('is not reset while it has members', async () => {
    await using consumer = connectConsumer({ ...testCluster, groupId: group, topics: [topic] });
    for await (const _record of consumer) break;

    const refused = throughLog(reader.reset(group, { reset: { mode: 'to-earliest' }, topics: [] }));

    await expect(refused).rejects.toMatchObject({ problem: { status: 409, code: 'group_in_use' } });
  });

  it('is not reset if a service keeps its offsets in a database', async () => {
    await commit(2n, '{"store":"db","topicId":"t"}');

    const refused = throughLog(reader.reset(group, { reset: { mode: 'to-earliest' }, topics: [] }));

    await expect(refused).rejects.toMatchObject({ problem: { status: 409, code: 'offsets_of_service' } });
    expect(await reader.one(group)).toMatchObject({ areCopies: true });
  });
});
