import type { Clock } from '../contract/index.ts';
import { CoordinatorTopic, type Apply, type StoredBatch } from '../log/coordinator-topic.ts';
import type { RecordToEncode } from '../log/record-batch-encoder.ts';
import type { TransactionMarker } from '../log/transaction-marker.ts';
import type { LogManager } from '../log/types.ts';
import type { ProtocolError } from '../protocol/errors.ts';
import type { GroupSettings } from './settings.ts';

export const offsetsTopicName = '__consumer_offsets';

/** R9, Java's `String.hashCode` over UTF-16 units: tools look for a group's records in this partition. */
export function partitionOfGroup(groupId: string, partitions: number): number {
  let hash = 0;
  for (let index = 0; index < groupId.length; index += 1) hash = (Math.imul(hash, 31) + groupId.charCodeAt(index)) | 0;
  return (hash & 0x7fffffff) % partitions;
}

export interface OffsetsTopicPorts {
  readonly logs: LogManager;
  readonly clock: Clock;
  readonly settings: GroupSettings;
}

/** In whose transaction offsets are committed. */
export interface TransactionalProducer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** `__consumer_offsets` as the coordinator writes and reads it: what is said of appends in `CoordinatorTopic` holds. */
export class OffsetsTopic {
  readonly #topic: CoordinatorTopic;

  constructor({ logs, clock, settings }: OffsetsTopicPorts) {
    this.#topic = new CoordinatorTopic({
      ...{ logs, clock, name: offsetsTopicName, partitions: settings.offsetsTopicPartitions, loadBytesMax: settings.loadBytesMax },
      configs: new Map([
        ['cleanup.policy', 'compact'],
        ['compression.type', 'producer'],
        ['segment.bytes', String(settings.offsetsTopicSegmentBytes)],
        ['max.message.bytes', String(settings.groupRecordBytesMax)],
      ]),
    });
  }

  async append(groupId: string, records: readonly RecordToEncode[], apply: Apply = () => undefined): Promise<void> {
    await this.#topic.append(await this.partitionOf(groupId), records, apply);
  }

  async appendInTransaction(
    groupId: string,
    records: readonly RecordToEncode[],
    options: { readonly producer: TransactionalProducer; readonly apply: Apply },
  ): Promise<void> {
    await this.#topic.appendInTransaction(await this.partitionOf(groupId), records, options.producer, options.apply);
  }

  /** Ends the producer's transaction on a partition. */
  async end(partition: number, marker: TransactionMarker, apply: Apply): Promise<void> {
    await this.#topic.appendMarker(partition, marker, apply);
  }

  /** Makes the topic when it is not there. */
  async partitionOf(groupId: string): Promise<number> {
    return partitionOfGroup(groupId, await this.#topic.create());
  }

  settled(): Promise<void> {
    return this.#topic.settled();
  }

  /** By partition, after `batches`: why it could not be read to its end. */
  get unreadable(): ReadonlyMap<number, ProtocolError> {
    return this.#topic.unreadable;
  }

  /** Why nothing is known of the group: its partition could not be read. Undefined when all is well. */
  damageOf(groupId: string): ProtocolError | undefined {
    const { partitions } = this.#topic;
    return partitions === undefined ? undefined : this.unreadable.get(partitionOfGroup(groupId, partitions));
  }

  batches(): Generator<StoredBatch> {
    return this.#topic.batches();
  }
}
