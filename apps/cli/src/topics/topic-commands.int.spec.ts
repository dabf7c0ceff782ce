import { describe, expect, it } from '@jest/globals';
import { millrace, millraceJson } from '../cli.fixture.ts';
import { newTopicName, writeMessages } from '../log.fixture.ts';

describe('millrace topics', () => {
  it('creates a topic, shows it, and deletes it', async () => {
    const topic = newTopicName();
    const created = await millrace([
      'topics',
      'create',
      topic,
      '--partitions',
      '3',
      '--config',
      'retention.ms=60000',
    ]);
    expect(created).toMatchObject({ exitCode: 0, out: `created ${topic} with 3 partitions` });
    await writeMessages([{ topic, partition: 1, value: 'one' }]);

    const described = await millraceJson<{ configs: object; partitions: object[] }>([
      'topics',
      'describe',
      topic,
    ]);
    expect(described.configs).toMatchObject({ 'retention.ms': '60000' });
    expect(described.partitions).toMatchObject([
      { partition: 0, logEndOffset: 0 },
      { partition: 1, logEndOffset: 1, logStartOffset: 0, leader: expect.any(Number) },
      { partition: 2, logEndOffset: 0 },
    ]);
    const listed = await millraceJson<{ topic: string }[]>(['topics', 'list']);
    expect(listed.find((one) => one.topic === topic)).toMatchObject({
      partitions: 3,
      offsets: 1,
      underReplicated: 0,
    });

    expect(await millrace(['topics', 'delete', topic, '--yes'])).toMatchObject({ exitCode: 0 });
    const gone = await millrace(['topics', 'describe', topic]);
    expect(gone).toMatchObject({ exitCode: 1, err: expect.stringContaining(`no topic named ${topic}`) });
  });

  it('prints tables for people', async () => {
    const topic = newTopicName();
    await millrace(['topics', 'create', topic, '--partitions', '1']);

    const { out } = await millrace(['topics', 'describe', topic]);

    expect(out).toContain(`topic ${topic}, id `);
    expect(out).toMatch(/^PARTITION {2}LEADER {2}REPLICAS {2}IN SYNC {2}START {2}END {2}BYTES$/m);
  });

  it('sets a config and returns it to its default', async () => {
    const topic = newTopicName();
    await millrace(['topics', 'create', topic]);

    const set = await millraceJson(['topics', 'configs', topic, '--set', 'retention.ms=5000', '--yes']);
    expect(set).toContainEqual(expect.objectContaining({ name: 'retention.ms', value: '5000' }));
    const unset = await millraceJson(['topics', 'configs', topic, '--unset', 'retention.ms', '--yes']);
    expect(unset).not.toContainEqual(expect.objectContaining({ name: 'retention.ms' }));
    const all = await millraceJson(['topics', 'configs', topic, '--all']);
    expect(all).toContainEqual(expect.objectContaining({ name: 'retention.ms', isDefault: true }));
  });

  it('deletes records up to the end, or before an offset of one partition', async () => {
    const topic = newTopicName();
    await millrace(['topics', 'create', topic, '--partitions', '2']);
    await writeMessages([0, 0, 0, 1].map((partition) => ({ topic, partition, value: 'x' })));
    const starts = async () => {
      const { partitions } = await millraceJson<{ partitions: { logStartOffset: number }[] }>([
        'topics',
        'describe',
        topic,
      ]);
      return partitions.map(({ logStartOffset }) => logStartOffset);
    };

    await millrace(['topics', 'delete-records', topic, '--partition', '0', '--before', '2', '--yes']);
    expect(await starts()).toEqual([2, 0]);
    await millrace(['topics', 'delete-records', topic, '--yes']);
    expect(await starts()).toEqual([3, 1]);
  });

  describe('where it would destroy something', () => {
    it('asks a person, and does nothing without a yes', async () => {
      const topic = newTopicName();
      await millrace(['topics', 'create', topic]);

      const refused = await millrace(['topics', 'delete', topic], { answers: [''] });
      expect(refused.exitCode).toBe(1);
      expect(refused.err).toContain(`This will delete topic ${topic}`);
      expect(refused.err).toContain('nothing was changed');
      expect(await millrace(['topics', 'describe', topic])).toMatchObject({ exitCode: 0 });

      expect(await millrace(['topics', 'delete', topic], { answers: ['y'] })).toMatchObject({ exitCode: 0 });
    });

    it('Z11 refuses without --yes if nobody can be asked', async () => {
      const topic = newTopicName();
      await millrace(['topics', 'create', topic]);

      const refused = await millrace(['topics', 'delete', topic]);

      expect(refused).toMatchObject({ exitCode: 2, err: expect.stringContaining('add --yes') });
      expect(await millrace(['topics', 'describe', topic])).toMatchObject({ exitCode: 0 });
    });
  });
});
