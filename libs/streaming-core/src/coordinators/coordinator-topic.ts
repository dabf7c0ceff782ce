import { RetryLog, type Clock, type Logger } from '../runtime/index.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { encodeBatch, type BatchOptions, type RecordToEncode } from '../records/record-batch-encoder.ts';
import { batchesIn, RecordBatch } from '../records/record-batch.ts';
import { recordsOf, type StoredRecord, markerOf, type TransactionMarker } from '../records/records.ts';
import type { AppendResult, PartitionLog } from '../log/partition-log-port.ts';
import { type AppendOptions } from '../log/batches/produced-batch.ts';
import type { LogManager } from '../log/log-manager.ts';

interface CoordinatorTopicOptions {
  readonly logs: LogManager;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly name: string;
  /** Number of partitions of a newly created topic. */
  readonly partitions: number;
  readonly configs: ReadonlyMap<string, string>;
  /** Bytes of one read while the topic is loaded. */
  readonly loadBytesMax: number;
}

const hashMin = -2_147_483_648;

/**
 * Returns the partition that Kafka would choose, so that its tools find the records of a group or
 * transactional id: `Utils.abs` of Java's `String.hashCode` over UTF-16 units, modulo the number of
 * partitions.
 */
export function partitionOfId(id: string, partitions: number): number {
  const hash = hashCode(id);
  return (hash === hashMin ? 0 : Math.abs(hash)) % partitions;
}

/** Java's `String.hashCode`. */
function hashCode(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1)
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}

/** A batch from the log: records, or a transaction marker. */
export interface StoredBatch {
  readonly partition: number;
  readonly producer: Producer;
  readonly isTransactional: boolean;
  readonly records: readonly StoredRecord[];
  readonly marker: TransactionMarker | undefined;
}

/** A transactional producer. */
export type Producer = Required<Pick<BatchOptions, 'producerId' | 'producerEpoch'>>;

/** Runs once the append is durable. Gets the offset of the first record. */
export type Apply = (baseOffset: bigint) => void;

/** A coordinator's own topic. It is created when the first record is written. */
export class CoordinatorTopic {
  readonly #options: CoordinatorTopicOptions;
  readonly #creations: RetryLog;
  #created: Promise<number> | undefined;
  readonly #unreadable = new Map<number, ProtocolError>();
  readonly #lastApplied = new Map<number, Promise<unknown>>();

  constructor(options: CoordinatorTopicOptions) {
    this.#options = options;
    this.#creations = new RetryLog({ ...options, level: 'error' });
  }

  /** Undefined while the topic does not exist. */
  get partitions(): number | undefined {
    return this.#options.logs.topic(this.#options.name)?.partitions;
  }

  /**
   * Appends the records of an id as one batch. Once they are durable, and all earlier appends to the
   * same partition have succeeded or failed, `apply` runs and the promise resolves. Memory therefore
   * changes in the order of the log. If the log rejects the append, the promise rejects and `apply`
   * does not run.
   */
  async append(
    id: string,
    records: readonly RecordToEncode[],
    apply: Apply = () => undefined,
  ): Promise<void> {
    await this.#follow(await this.partitionOf(id), apply, (log) =>
      log.append(new RecordBatch(this.#encode(records, {}))),
    );
  }

  /** Appends like `append`, but as part of a producer's transaction. */
  async appendInTransaction(
    id: string,
    records: readonly RecordToEncode[],
    { producer, apply }: { readonly producer: Producer; readonly apply: Apply },
  ): Promise<void> {
    const options: AppendOptions = { origin: 'coordinator', inTransaction: true };
    await this.#follow(await this.partitionOf(id), apply, (log) =>
      log.append(new RecordBatch(this.#encode(records, { ...producer, transactional: true })), options),
    );
  }

  /** Appends a transaction marker, which ends a producer's transaction on the partition. */
  appendMarker(partition: number, marker: TransactionMarker, apply: Apply): Promise<void> {
    return this.#follow(partition, apply, (log) => log.appendMarker(marker));
  }

  /**
   * Resolves when all requested appends have succeeded or failed, including those that wait for the
   * topic to be created.
   */
  async settled(): Promise<void> {
    await this.#created?.catch(() => undefined);
    await Promise.all(this.#lastApplied.values());
  }

  /** Returns the partition of an id. Creates the topic if it does not exist. */
  async partitionOf(id: string): Promise<number> {
    return partitionOfId(id, await this.create());
  }

  /**
   * Returns the reason if the id's partition could not be read, so that nothing is known about the
   * id. Otherwise returns undefined.
   */
  damageOf(id: string): ProtocolError | undefined {
    const { partitions } = this;
    return partitions === undefined ? undefined : this.#unreadable.get(partitionOfId(id, partitions));
  }

  /** The partitions that `batches` could not read to their end, with the reasons. */
  get unreadable(): ReadonlyMap<number, ProtocolError> {
    return this.#unreadable;
  }

  /**
   * Yields everything up to the high watermark, partition by partition, in order. Remembers the
   * partitions that cannot be read to their end: their contents are unknown, which is not the same
   * as empty.
   */
  *batches(): Generator<StoredBatch> {
    for (let partition = 0; partition < (this.partitions ?? 0); partition += 1) {
      try {
        yield* this.#batchesIn(this.log(partition));
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        this.#unreadable.set(partition, error);
      }
    }
  }

  log(partition: number): PartitionLog {
    const log = this.#options.logs.partition(this.#options.name, partition);
    if (log === undefined)
      throw new ProtocolError(
        'KAFKA_STORAGE_ERROR',
        `partition ${partition} of ${this.#options.name} does not exist`,
      );
    return log;
  }

  /**
   * Returns the number of partitions, after creating the topic if it does not exist. Throws
   * KAFKA_STORAGE_ERROR when the disk refuses, and COORDINATOR_NOT_AVAILABLE for any other reason.
   * The next call tries again.
   */
  create(): Promise<number> {
    this.#created ??= this.#create().catch((error: unknown) => {
      this.#created = undefined;
      throw error;
    });
    return this.#created;
  }

  async #create(): Promise<number> {
    const { logs, name, partitions, configs } = this.#options;
    const known = logs.topic(name);
    if (known !== undefined) return known.partitions;
    try {
      const created = await logs.createTopic({ name, partitions, configs, internal: true });
      this.#creations.recovered(`${name} was created`);
      return created.partitions;
    } catch (error) {
      this.#creations.failed(error, `${name} cannot be created; clients are asked to retry`);
      throw creationFailed(name, error);
    }
  }

  #encode(records: readonly RecordToEncode[], options: Partial<BatchOptions>): Buffer {
    return encodeBatch(records, { timestampMs: BigInt(this.#options.clock.now()), ...options });
  }

  async #follow(partition: number, apply: Apply, write: (log: PartitionLog) => AppendResult): Promise<void> {
    const { durable, baseOffset } = write(this.log(partition));
    const applied = Promise.all([durable, this.#lastApplied.get(partition)]).then(() => apply(baseOffset));
    this.#lastApplied.set(
      partition,
      applied.catch(() => undefined),
    );
    await applied;
  }

  /**
   * Reads a log even if it claims to be empty. A partition that is offline claims the same, and
   * only a read shows the difference.
   */
  *#batchesIn(log: PartitionLog): Generator<StoredBatch> {
    let offset = log.logStartOffset;
    do {
      const bytes = log.read(offset, { maxBytes: this.#options.loadBytesMax, minOneBatch: true });
      if (bytes.length === 0 && offset < log.highWatermark) throw unreadable(log, offset);
      for (const batch of batchesIn(bytes)) {
        yield storedBatch(batch, log);
        offset = batch.lastOffset + 1n;
      }
    } while (offset < log.highWatermark);
  }
}

function creationFailed(name: string, cause: unknown): ProtocolError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const isOfDisk = cause instanceof ProtocolError && cause.errorName === 'KAFKA_STORAGE_ERROR';
  const errorName = isOfDisk ? 'KAFKA_STORAGE_ERROR' : 'COORDINATOR_NOT_AVAILABLE';
  return new ProtocolError(errorName, `${name} cannot be created: ${reason}`, { cause });
}

function storedBatch(batch: RecordBatch, log: PartitionLog): StoredBatch {
  const { producerId, producerEpoch, isControl, isTransactional } = batch;
  const records = isControl ? [] : recordsOf(batch);
  if (records === undefined) throw unreadable(log, batch.baseOffset);
  return {
    partition: log.partition,
    producer: { producerId, producerEpoch },
    isTransactional,
    records,
    marker: markerOf(batch),
  };
}

const unreadable = ({ topic, partition }: PartitionLog, offset: bigint) =>
  new ProtocolError(
    'KAFKA_STORAGE_ERROR',
    `${topic}-${partition} cannot be read from offset ${offset}: restore its folder from a copy`,
  );
