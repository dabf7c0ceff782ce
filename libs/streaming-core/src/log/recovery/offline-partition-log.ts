import type { ProtocolError } from '../../protocol/errors.ts';
import type { PartitionLog } from '../partition-log-port.ts';

/**
 * A partition with damaged files. It rejects every request with KAFKA_STORAGE_ERROR and does not
 * change the files.
 */
export class OfflinePartitionLog implements PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch = 0;
  readonly sizeBytes = 0;
  /** The values that were found, so that the checkpoints keep them. */
  readonly logStartOffset: bigint;
  readonly flushedOffset: bigint;
  readonly producerStates = undefined;
  readonly compaction: { readonly cleanedTo: bigint | undefined; due(): undefined };
  readonly logEndOffset = 0n;
  readonly highWatermark = 0n;
  readonly lastStableOffset = 0n;
  readonly unavailable: ProtocolError;

  constructor(options: {
    readonly topic: string;
    readonly partition: number;
    readonly logStartOffset: bigint;
    readonly flushedOffset: bigint;
    readonly cleanedTo: bigint | undefined;
    readonly cause: ProtocolError;
  }) {
    this.topic = options.topic;
    this.partition = options.partition;
    this.logStartOffset = options.logStartOffset;
    this.flushedOffset = options.flushedOffset;
    this.compaction = { cleanedTo: options.cleanedTo, due: () => undefined };
    this.unavailable = options.cause;
  }

  append(): never {
    throw this.unavailable;
  }
  appendMarker(): never {
    throw this.unavailable;
  }
  hasOpenTransaction(): boolean {
    return false;
  }
  expectTransaction(): never {
    throw this.unavailable;
  }
  abortedTransactions(): never {
    throw this.unavailable;
  }
  producers(): never {
    throw this.unavailable;
  }
  read(): never {
    throw this.unavailable;
  }
  offsetForTimestamp(): never {
    throw this.unavailable;
  }
  maxTimestamp(): never {
    throw this.unavailable;
  }
  leaderEpochAt(): undefined {
    return undefined;
  }
  endOffsetForEpoch(): never {
    throw this.unavailable;
  }
  deleteRecordsBefore(): Promise<never> {
    return Promise.reject(this.unavailable);
  }
  compact(): Promise<void> {
    return Promise.resolve();
  }
  deleteExpired(): Promise<void> {
    return Promise.resolve();
  }
  onMoved(): () => void {
    return () => undefined;
  }
  flush(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
  delete(): Promise<void> {
    return Promise.resolve();
  }
}
