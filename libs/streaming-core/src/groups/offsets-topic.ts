import type { Clock } from '../contract/index.ts';
import { encodeBatch, type RecordToEncode } from '../log/record-batch-encoder.ts';
import { RecordBatch } from '../log/record-batch.ts';
import { recordsOf, type StoredRecord } from '../log/records.ts';
import type { LogManager, PartitionLog } from '../log/types.ts';
import { ProtocolError } from '../protocol/errors.ts';
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

/** `__consumer_offsets` as the coordinator writes and reads it. The topic is made when the first record is written. */
export class OffsetsTopic {
  readonly #ports: OffsetsTopicPorts;
  #created: Promise<number> | undefined;
  readonly #unreadable = new Map<number, ProtocolError>();
  readonly #lastApplied = new Map<number, Promise<unknown>>();

  constructor(ports: OffsetsTopicPorts) {
    this.#ports = ports;
  }

  /**
   * Appends the group's records as one batch. Once they are durable, and after every earlier append to the same partition was dealt with,
   * `apply` runs and the promise resolves: memory follows the log, in its order. Rejects, without `apply`, when the log refuses.
   */
  async append(groupId: string, records: readonly RecordToEncode[], apply: () => void = () => undefined): Promise<void> {
    const partition = partitionOfGroup(groupId, await this.#partitions());
    const batch = encodeBatch(records, { timestampMs: BigInt(this.#ports.clock.now()) });
    const { durable } = this.#log(partition).append(batch);
    const applied = Promise.all([durable, this.#lastApplied.get(partition)]).then(apply);
    this.#lastApplied.set(
      partition,
      applied.catch(() => undefined),
    );
    await applied;
  }

  /** Resolves when every append that was asked for has been dealt with, one that still waits for the topic included. */
  async settled(): Promise<void> {
    await this.#created?.catch(() => undefined);
    await Promise.all(this.#lastApplied.values());
  }

  /** By partition, after `records`: why it could not be read to its end. */
  get unreadable(): ReadonlyMap<number, ProtocolError> {
    return this.#unreadable;
  }

  /** Why nothing is known of the group: its partition could not be read. Undefined when all is well. */
  damageOf(groupId: string): ProtocolError | undefined {
    const partitions = this.#ports.logs.topic(offsetsTopicName)?.partitions;
    return partitions === undefined ? undefined : this.#unreadable.get(partitionOfGroup(groupId, partitions));
  }

  /**
   * Every record up to the high watermark, partition by partition, in order. A partition that cannot be read to its end is remembered: what
   * was committed there is unknown, which is not the same as never committed.
   */
  *records(): Generator<StoredRecord> {
    const partitions = this.#ports.logs.topic(offsetsTopicName)?.partitions ?? 0;
    for (let partition = 0; partition < partitions; partition += 1) {
      try {
        yield* this.#recordsIn(this.#log(partition));
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        this.#unreadable.set(partition, error);
      }
    }
  }

  /** Reads even what says that it is empty: so does a partition that is offline, and only reading tells. */
  *#recordsIn(log: PartitionLog): Generator<StoredRecord> {
    let offset = log.logStartOffset;
    do {
      const bytes = log.read(offset, { maxBytes: this.#ports.settings.loadBytesMax, minOneBatch: true });
      if (bytes.length === 0 && offset < log.highWatermark) throw unreadable(log, offset);
      for (let start = 0; start < bytes.length;) {
        const batch = new RecordBatch(bytes, start);
        yield* recordsIn(batch, log);
        start += batch.sizeBytes;
        offset = batch.lastOffset + 1n;
      }
    } while (offset < log.highWatermark);
  }

  #log(partition: number): PartitionLog {
    const log = this.#ports.logs.partition(offsetsTopicName, partition);
    if (log === undefined) throw new ProtocolError('KAFKA_STORAGE_ERROR', `partition ${partition} of ${offsetsTopicName} is not there`);
    return log;
  }

  /** A failed creation is tried again by the next write. */
  #partitions(): Promise<number> {
    this.#created ??= this.#create().catch((error: unknown) => {
      this.#created = undefined;
      throw error;
    });
    return this.#created;
  }

  async #create(): Promise<number> {
    const { logs, settings } = this.#ports;
    const known = logs.topic(offsetsTopicName);
    if (known !== undefined) return known.partitions;
    const configs = new Map([
      ['cleanup.policy', 'compact'],
      ['max.message.bytes', String(settings.groupRecordBytesMax)],
    ]);
    const made = await logs.createTopic({ name: offsetsTopicName, partitions: settings.offsetsTopicPartitions, configs, internal: true });
    return made.partitions;
  }
}

function recordsIn(batch: RecordBatch, log: PartitionLog): readonly StoredRecord[] {
  if (batch.isControl) return [];
  const records = recordsOf(batch);
  if (records === undefined) throw unreadable(log, batch.baseOffset);
  return records;
}

const unreadable = ({ topic, partition }: PartitionLog, offset: bigint) =>
  new ProtocolError('KAFKA_STORAGE_ERROR', `${topic}-${partition} cannot be read from offset ${offset} on: restore its folder from a copy`);
