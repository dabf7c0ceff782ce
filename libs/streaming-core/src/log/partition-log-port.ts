import type { ExpectedTransaction } from './producers/expected-transactions.ts';
import type { ProtocolError } from '../protocol/errors.ts';
import type { AppendOptions } from './append-options.ts';
import type { AbortedTransaction } from './transactions/aborted-transactions.ts';

import type { ProducerState } from './producers/producer-states.ts';
import type { RecordBatch } from '../records/record-batch.ts';
import type { TransactionMarker } from '../records/transaction-marker.ts';
import type { ReadLimits } from './segments/read-limits.ts';
import type { TimestampedOffset } from './segments/timestamp-search.ts';

export interface AppendResult {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  /** -1 for CreateTime topics; of a duplicate the time of the batch found, as from Kafka. */
  readonly logAppendTimeMs: bigint;
  /** True when an idempotent producer sent the batch before: nothing was appended, `baseOffset` is the first one's (KIP-98). */
  readonly duplicate: boolean;
  /** Resolves once a completed fsync covers the batch (flush policy `commit`), or at once (`durableAtOnce`); rejects with KAFKA_STORAGE_ERROR when the log directory went offline. */
  readonly durable: Promise<void>;
}

export interface EpochEnd {
  /** The largest epoch not above the one asked for; -1 when there is none. */
  readonly leaderEpoch: number;
  /** Where the next epoch begins, or the end of the log; -1 when the epoch is unknown. */
  readonly endOffset: bigint;
}

/** One partition: an append-only log in segment files. Errors are `ProtocolError`. */
export interface PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch: number;
  /** Only rises. What is below was deleted, though the batch that holds it may still be given whole. */
  readonly logStartOffset: bigint;
  readonly logEndOffset: bigint;
  /** Of the log files, without indexes. */
  readonly sizeBytes: number;
  /** Follows what is durable under flush policy `commit`. */
  readonly highWatermark: bigint;
  /** Every transaction below is decided: the first offset of the oldest one that is open, else the high watermark. */
  readonly lastStableOffset: bigint;
  /** Why nothing can be read or written: the partition is damaged, closed or deleted, or its directory went offline. Its offsets mean nothing then. */
  readonly unavailable: ProtocolError | undefined;
  /**
   * Validates a v2 batch (header, CRC-32C, idempotence, its place in a transaction), patches base offset and leader epoch in place and writes it.
   * Synchronous up to the write, so that requests append in the order they arrived.
   */
  append(batch: RecordBatch, options?: AppendOptions): AppendResult;
  /** Ends the producer's transaction here. Harmless when there is none, so that it can be done again after a crash. */
  appendMarker(marker: TransactionMarker): AppendResult;
  hasOpenTransaction(producerId: bigint, epoch: number): boolean;
  /** Before a batch that is to open one is admitted. Throws INVALID_PRODUCER_EPOCH when a newer epoch of the producer is known here. */
  expectTransaction(expected: ExpectedTransaction): void;
  /** Aborted transactions with records among those that were read from the offset on, by first offset (F9). */
  abortedTransactions(offset: bigint, records: Buffer): readonly AbortedTransaction[];
  /** Who has written here with a producer id. */
  producers(): readonly ProducerState[];
  /** Whole batches from the one that holds `offset`, up to the high watermark; empty at the end. OFFSET_OUT_OF_RANGE outside [start, end]. */
  read(offset: bigint, limits: ReadLimits): Buffer;
  /** Earliest record at or after the timestamp, below the high watermark (L2, L3 of the protocol notes). */
  offsetForTimestamp(timestampMs: bigint): TimestampedOffset | undefined;
  /** Record with the highest timestamp, or undefined when empty (ListOffsets -3). */
  maxTimestamp(): TimestampedOffset | undefined;
  /** Of the epoch that the records at the offset were written in; undefined when nothing was. */
  leaderEpochAt(offset: bigint): number | undefined;
  /** L5: OffsetForLeaderEpoch. */
  endOffsetForEpoch(leaderEpoch: number): EpochEnd;
  /**
   * Raises the log start offset (D1), -1 to the high watermark; a lower one changes nothing. Resolves with the log start offset once it is
   * durable; OFFSET_OUT_OF_RANGE beyond the high watermark. What is below is not read again; its files go when all of a segment is below.
   */
  deleteRecordsBefore(offset: bigint): Promise<bigint>;
  /** Resolves when what has been appended is on disk, and so below the high watermark. */
  flush(): Promise<void>;
  /** Calls back, after the high watermark or the log start offset has moved or the partition was deleted; returns the way to stop it. */
  onMoved(listener: () => void): () => void;
}
