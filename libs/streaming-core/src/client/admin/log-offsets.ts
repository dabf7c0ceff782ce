import { listOffsets } from '../../protocol/apis/list-offsets.ts';
import { nameOf } from '../partition-names.ts';
import type { TopicPartition } from '../types.ts';
import type { AdminCalls, Answers } from './admin-calls.ts';
import { askLeaders } from './by-broker.ts';
import { byTopic } from './items-of-call.ts';
import { refusal } from './refusals.ts';

/**
 * Asks the leaders for the first offset at or after a timestamp, or for the beginning or end of the
 * log (`logBeginning`, `logEnd`). The offset is -1 if no record is that late.
 */
export function logOffsets(
  calls: AdminCalls,
  places: ReadonlyMap<string, TopicPartition>,
  timestamp: bigint,
): Promise<ReadonlyMap<string, bigint>> {
  return calls.each({
    items: places,
    attempt: (name) => `asking for an offset of ${name}`,
    ask: (pending) =>
      askLeaders(calls.brokers, pending, async (connection, asked): Promise<Answers<bigint>> => {
        const version = connection.versions.newest(listOffsets);
        const { topics } = await connection.request(listOffsets, version, {
          topics: byTopic(asked.values()).map(([name, ofTopic]) => ({
            name,
            partitions: ofTopic.map(({ partition }) => ({ partitionIndex: partition, timestamp })),
          })),
          timeoutMs: calls.brokerTimeoutMs,
        });
        return new Map(
          topics.flatMap(({ name: topic, partitions }) =>
            partitions.map(({ partitionIndex: partition, errorCode, offset }) => [
              nameOf({ topic, partition }),
              refusal(errorCode) ?? offset,
            ]),
          ),
        );
      }),
  });
}
