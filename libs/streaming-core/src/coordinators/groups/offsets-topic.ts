import type { Clock, Logger } from '../../runtime/index.ts';
import { CoordinatorTopic, partitionOfId, type Apply, type StoredBatch } from '../coordinator-topic.ts';
import type { RecordToEncode } from '../../records/record-batch-encoder.ts';
import type { TransactionMarker } from '../../records/records.ts';
import type { LogManager } from '../../log/log-manager.ts';
import type { ProtocolError } from '../../protocol/errors.ts';
import type { GroupSettings } from './group-settings.ts';

export const offsetsTopicName = '__consumer_offsets';

interface OffsetsTopicPorts {
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
    return partitionOfId(groupId, partitions);
  }

  settled(): Promise<void> {
    return this.#topic.settled();
  }

  /** The partitions that `batches` could not read to their end, with the reasons. */
  get unreadable(): ReadonlyMap<number, ProtocolError> {
    return this.#topic.unreadable;
  }

  /**
   * Returns the reason if the group's partition could not be read, so that nothing is known about
   * the group. Otherwise returns undefined.
   */
  damageOf(groupId: string): ProtocolError | undefined {
    const { partitions } = this.#topic;
    return partitions === undefined ? undefined : this.unreadable.get(partitionOfId(groupId, partitions));
  }

  batches(): Generator<StoredBatch> {
    return this.#topic.batches();
  }
}
