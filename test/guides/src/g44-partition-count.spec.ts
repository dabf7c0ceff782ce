import { afterAll, describe, expect, it } from '@jest/globals';
import { partitionOfKey } from '@millrace/streaming-core/client';
import { sharedStack, until } from '@millrace/test-support/stack';
import { Kafka, logLevel } from 'kafkajs';
import { StackLog } from './stack-log.ts';

const log = new StackLog(sharedStack());

describe('G44 the number of partitions, changed by kafkajs', () => {
  const admin = new Kafka({
    clientId: 'partition-count',
    brokers: [log.bootstrapServers],
    logLevel: logLevel.NOTHING,
  }).admin();
  afterAll(async () => {
    await admin.disconnect();
    await log.close();
  });

  it('cannot be lowered (error 37, INVALID_PARTITIONS), and once raised moves keys to other partitions', async () => {
    const topic = await log.newTopic('user-events-counted', 6);
    await admin.connect();
    const countOf = async () =>
      (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length;
    const change = (count: number) => admin.createPartitions({ topicPartitions: [{ topic, count }] });

    await expect(change(3)).rejects.toMatchObject({ code: 37, type: 'INVALID_PARTITIONS' });
    expect(await countOf()).toBe(6);

    await change(12);
    await until('12 partitions', 60_000, async () => (await countOf()) === 12);
    const keys = Array.from({ length: 100 }, (_, number) => Buffer.from(`user_${number}`));
    const moved = keys.filter((key) => partitionOfKey(key, 6) !== partitionOfKey(key, 12));
    expect(moved.length).toBeGreaterThan(keys.length / 4);
  });
});
