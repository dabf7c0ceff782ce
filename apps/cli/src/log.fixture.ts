import { randomUUID } from 'node:crypto';
import {
  connectAdmin,
  connectProducer,
  connectTransactionalProducer,
  type ProducerOptions,
  type ProducerRecord,
  type RecordMetadata,
} from '@millrace/streaming-core/client';

const cluster = { bootstrapServers: [process.env.MILLRACE_TEST_BROKER ?? ''], clientId: 'cli-test' };

export const newTopicName = (): string => `orders-${randomUUID().slice(0, 8)}`;

export async function newTopic(partitions: number): Promise<string> {
  const name = newTopicName();
  await using admin = connectAdmin(cluster);
  await admin.topics.create([{ name, partitions }]);
  return name;
}

export async function writeMessages(
  records: ReadonlyArray<Omit<ProducerRecord, 'key'> & Partial<ProducerRecord>>,
  options: Partial<ProducerOptions> = {},
): Promise<readonly RecordMetadata[]> {
  await using producer = connectProducer({ ...cluster, ...options });
  return await producer.send(records.map((record) => ({ key: null, ...record })));
}

/** Returns a producer with a transactional id of its own. */
export const transactionalProducer = () =>
  connectTransactionalProducer({ ...cluster, transactionalId: randomUUID() });

/** Commits offsets for a group without members. */
export async function commitOffsets(
  group: string,
  offsets: ReadonlyArray<{ topic: string; partition: number; offset: bigint; metadata?: string }>,
): Promise<void> {
  await using admin = connectAdmin(cluster);
  await admin.groups.commitOffsets(group, offsets);
}
