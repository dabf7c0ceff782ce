import { deleteRecords } from '../../protocol/apis/topic-admin.ts';
import type { PartitionOffset } from '../consumer/offset-lookup.ts';
import { nameOf } from '../partition-map.ts';
import type { TopicPartition } from '../topic-partition.ts';
import type { AdminCalls } from './admin-calls.ts';
import { askLeaders } from './by-broker.ts';
import { byPartition, byTopic, refusal } from './items-of-call.ts';

/** A partition and the first offset that it still holds. */
export type LogStart = TopicPartition & { readonly logStartOffset: bigint };

/** Deletes records from the beginning of partitions. */
export interface RecordAdmin {
  /**
   * Deletes the records before these offsets, where -1 is the high watermark. Resolves once the
   * leaders have moved the beginnings of their logs. Rejects with `ItemsFailed`, by
   * `topic/partition`, if that failed for some partitions.
   */
  delete(before: readonly PartitionOffset[]): Promise<readonly LogStart[]>;
}

export class RecordCalls implements RecordAdmin {
  readonly #calls: AdminCalls;

  constructor(calls: AdminCalls) {
    this.#calls = calls;
  }

  async delete(before: readonly PartitionOffset[]): Promise<readonly LogStart[]> {
    const starts = await this.#calls.each({
      items: byPartition(before),
      attempt: (name) => `deleting records of ${name}`,
      ask: (pending) =>
        askLeaders(this.#calls.brokers, pending, async (connection, places) => {
          const version = connection.versions.newest(deleteRecords);
          const { topics } = await connection.request(deleteRecords, version, {
            topics: byTopic(places.values()).map(([name, ofTopic]) => ({
              name,
              partitions: ofTopic.map(({ partition, offset }) => ({ partitionIndex: partition, offset })),
            })),
            timeoutMs: this.#calls.brokerTimeoutMs,
          });
          return new Map(
            topics.flatMap(({ name: topic, partitions }) =>
              partitions.map(({ partitionIndex: partition, errorCode, lowWatermark }) => [
                nameOf({ topic, partition }),
                refusal(errorCode) ?? { topic, partition, logStartOffset: lowWatermark },
              ]),
            ),
          );
        }),
    });
    return [...starts.values()];
  }
}
