import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { connectConsumer } from '@millrace/streaming-core/client';
import { millrace, millraceJson } from '../cli.fixture.ts';
import { commitOffsets, newTopic, writeMessages } from '../log.fixture.ts';

let topic: string;
let group: string;
beforeEach(async () => {
  topic = await newTopic(2);
  group = `reports-${randomUUID().slice(0, 8)}`;
  await writeMessages(
    [0, 0, 0, 0, 1].map((partition, index) => ({
      topic,
      partition,
      value: 'x',
      timestampMs: 1_000 * (index + 1),
    })),
  );
  await commitOffsets(group, [
    { topic, partition: 0, offset: 2n },
    { topic, partition: 1, offset: 1n },
  ]);
});

const offsets = async () => {
  const shown = await millraceJson<{ partition: number; offset: number }[]>(['offsets', 'show', group]);
  return shown.sort((left, right) => left.partition - right.partition).map(({ offset }) => offset);
};

describe('millrace lag', () => {
  it('Z11 shows a group by partition, with the age of what it reads next', async () => {
    const rows = await millraceJson<object[]>(['lag', group]);
    expect(rows).toMatchObject([
      {
        topic,
        partition: 0,
        committedOffset: 2,
        endOffset: 4,
        lag: 2,
        owner: null,
        lagMs: expect.any(Number),
      },
      { topic, partition: 1, lag: 0, lagMs: 0 },
    ]);
    const behind = await millraceJson<object[]>(['lag', group, '--behind']);
    expect(behind).toMatchObject([{ partition: 0 }]);
  });

  it('sums up all groups', async () => {
    const rows = await millraceJson<{ group: string }[]>(['lag']);
    expect(rows.find((row) => row.group === group)).toMatchObject({
      state: 'Empty',
      members: 0,
      lag: 2,
      partitions: 2,
    });
  });

  it('leaves out a group in which a relay only notes how far it has published', async () => {
    const relay = `relay-${randomUUID().slice(0, 8)}`;
    const metadata = JSON.stringify({ store: randomUUID(), position: '7', id: 'm7' });
    await commitOffsets(relay, [{ topic, partition: 0, offset: 1n, metadata }]);
    const groups = (await millraceJson<{ group: string }[]>(['lag'])).map((row) => row.group);
    expect(groups).toContain(group);
    expect(groups).not.toContain(relay);
  });

  it('names the owner of each partition', async () => {
    await using consumer = connectConsumer({
      bootstrapServers: [process.env.MILLRACE_TEST_BROKER ?? ''],
      clientId: 'reader',
      groupId: group,
      groupInstanceId: 'reader-1',
      topics: [topic],
    });
    for await (const _record of consumer) break;

    expect(await millraceJson(['lag', group])).toMatchObject([{ owner: 'reader-1' }, { owner: 'reader-1' }]);
  });

  it('refuses an unknown group', async () => {
    expect(await millrace(['lag', 'nonesuch'])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('nonesuch'),
    });
  });
});

describe('millrace offsets', () => {
  it.each([
    ['--to-earliest', [0, 0]],
    ['--to-latest', [4, 1]],
    ['--to-offset=1', [1, 1]],
    ['--shift-by=-1', [1, 0]],
    ['--to-datetime=1970-01-01T00:00:04Z', [3, 0]],
    ['--by-duration=1s', [4, 1]],
  ])('resets with %s, but only with --execute', async (mode, expected) => {
    const planned = await millrace(['offsets', 'reset', group, mode]);
    expect(planned).toMatchObject({
      exitCode: 0,
      err: expect.stringContaining('nothing was changed: add --execute'),
    });
    expect(await offsets()).toEqual([2, 1]);

    expect(await millrace(['offsets', 'reset', group, mode, '--execute', '--yes'])).toMatchObject({
      exitCode: 0,
    });
    expect(await offsets()).toEqual(expected);
  });

  it('Z11 shows what a reset changes', async () => {
    const changes = await millraceJson(['offsets', 'reset', group, '--to-earliest']);
    expect(changes).toEqual(
      expect.arrayContaining([
        { topic, partition: 0, from: 2, to: 0 },
        { topic, partition: 1, from: 1, to: 0 },
      ]),
    );
  });

  it('begins a new group on the topics that are named', async () => {
    group = `new-${group}`;
    await millrace(['offsets', 'reset', group, '--to-latest', '--topic', topic, '--execute', '--yes']);
    expect(await offsets()).toEqual([4, 1]);
  });

  it.each([[[]], [['--to-earliest', '--to-latest']]])('takes exactly one mode, not %j', async (modes) => {
    expect(await millrace(['offsets', 'reset', group, ...modes])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('give exactly one of --to-earliest, --to-latest'),
    });
  });

  it('refuses to move the copies of offsets that a service keeps in its database', async () => {
    await commitOffsets(group, [
      { topic, partition: 0, offset: 3n, metadata: '{"store":"db","topicId":"t"}' },
    ]);

    const refused = await millrace(['offsets', 'reset', group, '--to-earliest', '--execute', '--yes']);

    expect(refused).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('keeps its offsets in the database'),
    });
    expect(await offsets()).toEqual([3, 1]);
  });

  it('deletes a group', async () => {
    expect(await millrace(['offsets', 'delete', group, '--yes'])).toMatchObject({ exitCode: 0 });
    expect(await offsets()).toEqual([]);
  });
});
