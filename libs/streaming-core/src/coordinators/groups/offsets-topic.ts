import type { Clock, Logger } from '../../runtime/index.ts';
import {
  CoordinatorTopic,
  hashCode,
  partitionOfId,
  type Apply,
  type StoredBatch,
} from '../coordinator-topic.ts';
import type { RecordToEncode } from '../../records/record-batch-encoder.ts';
import type { TransactionMarker } from '../../records/transaction-marker.ts';
import type { LogManager } from '../../log/log-manager-port.ts';
import type { ProtocolError } from '../../protocol/errors.ts';
import type { GroupSettings } from './settings.ts';

export const offsetsTopicName = '__consumer_offsets';

/**
 * The partition of a group in data folders of format 1. Kafka uses another one if the hash is
 * negative.
 */
const formerPartitionOf = (groupId: string, partitions: number): number =>
  (hashCode(groupId) & 0x7fffffff) % partitions;

export interface OffsetsTopicPorts {
  readonly logs: LogManager;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: GroupSettings;
}

/** The producer in whose transaction offsets are committed. */
export interface TransactionalProducer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/**
 * `__consumer_offsets`, as the coordinator writes and reads it. Appends behave like those of
 * `CoordinatorTopic`.
 */
export class OffsetsTopic {
  readonly #topic: CoordinatorTopic;
  /**
   * Groups whose records are in their format 1 partition. They stay there, so that later records
   * follow earlier ones.
   */
  readonly #formerPlaces = new Map<string, number>();

  constructor({ logs, clock, logger, settings }: OffsetsTopicPorts) {
    this.#topic = new CoordinatorTopic({
      logs,
      clock,
      logger,
      name: offsetsTopicName,
      partitions: settings.offsetsTopicPartitions,
      loadBytesMax: settings.loadBytesMax,
      configs: new Map([
        ['cleanup.policy', 'compact'],
        ['compression.type', 'producer'],
        ['segment.bytes', String(settings.offsetsTopicSegmentBytes)],
        ['max.message.bytes', String(settings.groupRecordBytesMax)],
      ]),
    });
  }

  async append(
    groupId: string,
    records: readonly RecordToEncode[],
    apply: Apply = () => undefined,
  ): Promise<void> {
    await this.#topic.append(await this.partitionOf(groupId), records, apply);
  }

  async appendInTransaction(
    groupId: string,
    records: readonly RecordToEncode[],
    options: { readonly producer: TransactionalProducer; readonly apply: Apply },
  ): Promise<void> {
    await this.#topic.appendInTransaction(
      await this.partitionOf(groupId),
      records,
      options.producer,
      options.apply,
    );
  }

  /** Ends the producer's transaction on a partition. */
  async end(partition: number, marker: TransactionMarker, apply: Apply): Promise<void> {
    await this.#topic.appendMarker(partition, marker, apply);
  }

  /** Creates the topic if it does not exist. Throws as `create` of `CoordinatorTopic` does. */
  async create(): Promise<void> {
    await this.#topic.create();
  }

  /** Creates the topic if it does not exist. */
  async partitionOf(groupId: string): Promise<number> {
    const partitions = await this.#topic.create();
    return this.#formerPlaces.get(groupId) ?? partitionOfId(groupId, partitions);
  }

  /** Reports, while the topic is read, that the partition has a record of the group. */
  found(groupId: string, partition: number): void {
    const { partitions } = this.#topic;
    if (
      partitions !== undefined &&
      partition !== partitionOfId(groupId, partitions) &&
      partition === formerPartitionOf(groupId, partitions)
    )
      this.#formerPlaces.set(groupId, partition);
  }

  settled(): Promise<void> {
    return this.#topic.settled();
  }

  /** The partitions that `batches` could not read to their end, with the reasons. */
  get unreadable(): ReadonlyMap<number, ProtocolError> {
    return this.#topic.unreadable;
  }

  /**
   * Returns the reason if a partition that may have the group could not be read, so that nothing is
   * known about the group. Otherwise returns undefined.
   */
  damageOf(groupId: string): ProtocolError | undefined {
    const { partitions } = this.#topic;
    if (partitions === undefined) return undefined;
    const places = [partitionOfId(groupId, partitions), formerPartitionOf(groupId, partitions)];
    return places.map((partition) => this.unreadable.get(partition)).find((cause) => cause !== undefined);
  }

  batches(): Generator<StoredBatch> {
    return this.#topic.batches();
  }
}
