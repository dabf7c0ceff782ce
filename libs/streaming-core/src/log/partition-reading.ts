import type { Logger } from '../runtime/index.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { offsetBehindEmptied } from '../records/record-batch.ts';
import { damaged, LogDamage } from './data-folder/storage-errors.ts';
import { isOutOfFiles } from './disk/disk.ts';
import type { PartitionLog } from './partition-log-port.ts';
import {
  type TimestampedOffset,
  findByTimestamp,
  findMaxTimestamp,
  type OffsetRange,
} from './segments/timestamp-search.ts';
import type { IndexMemory, SegmentList } from './segments/segment-list.ts';
import type { OpenFiles } from './segments/open-files.ts';
import type { ReadLimits } from './segments/segment-file.ts';
import type { Segment } from './segments/segment.ts';

/**
 * Limits one read, whatever the client allows, because a larger one would block the thread for too
 * long.
 */
const readBytesMax = 8 * 1024 * 1024;
const nothing = Buffer.alloc(0);

type ReadPartition = Pick<
  PartitionLog,
  'topic' | 'partition' | 'logStartOffset' | 'logEndOffset' | 'highWatermark' | 'lastStableOffset'
>;

interface ReadingContext {
  readonly segments: { readonly files: Pick<OpenFiles, 'giveWay'> };
  readonly indexMemory: Pick<IndexMemory, 'used'>;
  readonly logger: Logger;
}

interface ReadingOptions {
  readonly segments: SegmentList;
  readonly context: ReadingContext;
  /** Called on damage: the partition must not be read or written from then on. */
  readonly onDamaged: (cause: ProtocolError) => void;
}

/** Reads one partition, by offset and by timestamp. A failed read throws a `ProtocolError`. */
export class PartitionReading {
  readonly #partition: ReadPartition;
  readonly #segments: SegmentList;
  readonly #context: ReadingContext;
  readonly #onDamaged: (cause: ProtocolError) => void;

  constructor(partition: ReadPartition, { segments, context, onDamaged }: ReadingOptions) {
    this.#partition = partition;
    this.#segments = segments;
    this.#context = context;
    this.#onDamaged = onDamaged;
  }

  /**
   * Skips batches that compaction has emptied, as long as other batches follow. A read that
   * returned only emptied batches would stop librdkafka, which takes it for a record that does not
   * fit, and kafka-go, which asks for the same offset forever.
   */
  read(offset: bigint, limits: ReadLimits): Buffer {
    const { logStartOffset, logEndOffset } = this.#partition;
    if (offset < logStartOffset || offset > logEndOffset)
      throw new ProtocolError(
        'OFFSET_OUT_OF_RANGE',
        `offset ${offset} is outside [${logStartOffset}, ${logEndOffset}]`,
      );
    const end = limits.committed === true ? this.#partition.lastStableOffset : this.#partition.highWatermark;
    if (offset >= end || (limits.maxBytes <= 0 && !limits.minOneBatch)) return nothing;
    const allowed = { ...limits, maxBytes: Math.min(limits.maxBytes, readBytesMax) };
    let records: Buffer = nothing;
    for (
      let from: bigint | undefined = offset;
      from !== undefined && from < end;
      from = offsetBehindEmptied(records)
    ) {
      const segment = this.#segments.holding(from);
      const start = from;
      const read = this.guarded(segment, () => segment.read(start, end, allowed));
      if (read.length === 0) break;
      records = read;
    }
    return records;
  }

  offsetForTimestamp(timestampMs: bigint): TimestampedOffset | undefined {
    return this.guarded(this.#segments.active, () =>
      findByTimestamp(this.#segments.all, timestampMs, this.#readable),
    );
  }

  maxTimestamp(): TimestampedOffset | undefined {
    return this.guarded(this.#segments.active, () => findMaxTimestamp(this.#segments.all, this.#readable));
  }

  /**
   * Runs work that reads the files of the segment, and converts its errors to those that clients
   * get.
   */
  guarded<Result>(segment: Segment, work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      if (isOutOfFiles(error) && this.#context.segments.files.giveWay()) return this.guarded(segment, work);
      if (!(error instanceof LogDamage))
        throw new ProtocolError('KAFKA_STORAGE_ERROR', `${segment.path} cannot be read`, { cause: error });
      const { topic, partition } = this.#partition;
      const cause = damaged(topic, partition, error);
      this.#context.logger.error({ err: error, topic, partition }, cause.message);
      this.#onDamaged(cause);
      throw cause;
    } finally {
      if (segment !== this.#segments.active) this.#context.indexMemory.used(segment);
    }
  }

  get #readable(): OffsetRange {
    return { startOffset: this.#partition.logStartOffset, endOffset: this.#partition.highWatermark };
  }
}
