import type { AppendOptions } from './batches/produced-batch.ts';
import type { ExpectedTransaction } from './transactions/partition-transactions.ts';
import type { ProtocolError } from '../protocol/errors.ts';
import { type AbortedTransaction } from './transactions/aborted-transactions.ts';
import type { ProducerState } from './producers/producer-states.ts';
import type { RecordBatch } from '../records/record-batch.ts';
import type { TransactionMarker } from '../records/records.ts';
import type { ReadLimits } from './segments/segment-file.ts';
import type { TimestampedOffset } from './segments/timestamp-search.ts';

export interface AppendResult {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  /** -1 for CreateTime topics. For a duplicate, the time of the first batch, as in Kafka. */
  readonly logAppendTimeMs: bigint;
  /**
   * True if an idempotent producer has sent the batch before: nothing was appended, and
   * `baseOffset` is that of the first batch (KIP-98).
   */
  readonly duplicate: boolean;
  /**
   * Resolves once a completed fsync covers the batch (flush policy `commit`), or is
   * `durableAtOnce`. Rejects with KAFKA_STORAGE_ERROR if the log directory goes offline.
   */
  readonly durable: Promise<void>;
}

export interface EpochEnd {
  /** The largest epoch that is not above the requested one, or -1 if there is none. */
  readonly leaderEpoch: number;
  /**
   * The first offset of the next epoch, or the end of the log if this epoch is the last, or -1 if
   * the requested epoch is unknown.
   */
  readonly endOffset: bigint;
}

/** One partition: an append-only log. Its errors are `ProtocolError`s. */
export interface PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch: number;
  /**
   * It only rises. Records below it are deleted, but a read may still return the whole batch that
   * holds it.
   */
  readonly logStartOffset: bigint;
  readonly logEndOffset: bigint;
  /** Size of the log files, without indexes. */
  readonly sizeBytes: number;
  /** Under flush policy `commit`, the end of the durable records. */
  readonly highWatermark: bigint;
  /** The first offset of the oldest open transaction, or the high watermark if none is open. */
  readonly lastStableOffset: bigint;
  /**
   * Why the partition cannot be read or written: it is damaged, closed or deleted, or its directory
   * is offline. Its offsets are meaningless then.
   */
  readonly unavailable: ProtocolError | undefined;
  /**
   * Validates a version 2 batch (header, CRC-32C, idempotence, its place in a transaction), sets
   * its base offset and leader epoch in place, and writes it. The write is synchronous, so that
   * requests append in the order in which they arrived.
   */
  append(batch: RecordBatch, options?: AppendOptions): AppendResult;
  /**
   * Ends the producer's transaction on this partition. Does no harm without a transaction, so it
   * can be repeated after a crash.
   */
  appendMarker(marker: TransactionMarker): AppendResult;
  hasOpenTransaction(producerId: bigint, epoch: number): boolean;
  /**
   * Call this before a batch that opens a transaction is accepted. Throws INVALID_PRODUCER_EPOCH if
   * the partition knows a newer epoch of the producer.
   */
  expectTransaction(expected: ExpectedTransaction): void;
  /**
   * Aborted transactions that have records or their marker in `records`, which were read from the
   * offset on. Ordered by first offset.
   */
  abortedTransactions(offset: bigint, records: Buffer): readonly AbortedTransaction[];
  /** The known producers that have written to this partition. */
  producers(): readonly ProducerState[];
  /**
   * Returns whole batches from the one that holds `offset`, up to the high watermark, or nothing at
   * the end. Throws OFFSET_OUT_OF_RANGE outside [start, end].
   */
  read(offset: bigint, limits: ReadLimits): Buffer;
  /** The first record at or after the timestamp that is below the high watermark. */
  offsetForTimestamp(timestampMs: bigint): TimestampedOffset | undefined;
  /**
   * The record with the highest timestamp (ListOffsets with timestamp -3), or undefined if there is
   * none.
   */
  maxTimestamp(): TimestampedOffset | undefined;
  /** The epoch in which the record at the offset was written, or undefined if there is none. */
  leaderEpochAt(offset: bigint): number | undefined;
  /** Answers OffsetForLeaderEpoch (KIP-320). */
  endOffsetForEpoch(leaderEpoch: number): EpochEnd;
  /**
   * Raises the log start offset, with -1 to the high watermark. A lower offset changes nothing.
   * Resolves with the log start offset once it is durable. Rejects with OFFSET_OUT_OF_RANGE beyond
   * the high watermark. Records below the start can no longer be read. A segment's files are
   * deleted once all of it is below the start.
   */
  deleteRecordsBefore(offset: bigint): Promise<bigint>;
  /** Resolves when everything that was appended is on disk, and so below the high watermark. */
  flush(): Promise<void>;
  /**
   * Calls `listener` after the high watermark or the log start offset has moved, or the partition
   * was deleted. Returns a function that removes the listener.
   */
  onMoved(listener: () => void): () => void;
}
