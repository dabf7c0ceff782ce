import type { ConsumedRecord, GroupConsumer, TopicPartition } from '@millrace/streaming-core/client';

/** Reads every record that is on the partition now. */
export async function readToEnd(
  consumer: GroupConsumer,
  partition: TopicPartition,
): Promise<readonly ConsumedRecord[]> {
  const [end] = await consumer.endOffsets([partition]);
  let [position] = await consumer.beginningOffsets([partition]);
  const records: ConsumedRecord[] = [];
  while (position !== undefined && end !== undefined && position.offset < end.offset) {
    const [answer] = await consumer.fetch([position]);
    if (answer?.error !== undefined) throw answer.error;
    records.push(...(answer?.records ?? []));
    position = { ...partition, offset: answer?.nextOffset ?? position.offset };
  }
  return records;
}
