import type { DropReason } from '../processor/node.ts';
import type { Headers, RecordContext } from '../processor/record.ts';
import type { OpenIterators } from './open-iterators.ts';
import type { StoreCache } from './store-cache.ts';
import type { StoreLimits, SuppressBudget } from './store-limits.ts';
import type { StateStore } from '../processor/processor.ts';

/** The parts of a task that its stores use. */
export interface StoreContext {
  /**
   * The record that is being processed. A punctuation stands for a record with its time, no
   * headers, the topic '', partition -1 and offset -1, as in Kafka Streams.
   */
  recordContext(): RecordContext;
  /** Runs with the context of an earlier record, as a flushed cache does. */
  withRecordContext(context: RecordContext, work: () => void): void;
  /** The topic whose name the serdes of a store see: its changelog, or the source that it stands on. */
  changelogTopic(storeName: string): string;
  /** Writes to the store's changelog, in the partition of the task. */
  log(storeName: string, record: ChangelogRecord): void;
  drop(reason: DropReason): void;
  /** Unix time in milliseconds, for changelog records that carry no time of the data. */
  wallClockMs(): number;
  /** Shared by the stores with a cache. */
  readonly cache: StoreCache;
  readonly limits: StoreLimits;
  /** The memory for the newest rows of each window store with duplicates. */
  readonly recentBytesMax: number;
  /** Shared by the buffers of `suppress`. */
  readonly suppressBudget: SuppressBudget;
  /** The iterators that are open, for the check at the end of `process`. */
  readonly iterators: OpenIterators;
}

/** A record of a changelog, as bytes. A null value is a tombstone. */
export interface ChangelogRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
  readonly timestampMs: number;
  readonly headers: Headers;
}

/** A store of a task, and what the task does with it. */
export interface OpenedStore {
  readonly store: StateStore;
  /** Forwards what the cache has held back, and writes it to the table and the changelog. */
  flush(): void;
  /** Applies records of the changelog without writing to the changelog. */
  restore(records: readonly ChangelogRecord[]): void;
  /**
   * Ends the restore, before the store is used, and commits the engine, so that the committed view
   * is complete even if no record follows.
   */
  endRestore(): void;
  /** Returns the store as of the last commit of the engine. It cannot be written. */
  committed(): StateStore;
  /** Returns the store with what is not committed yet, for queries. It cannot be written. */
  latest(): StateStore;
  /** Forgets what the cache holds back, which is not written, and gives its room to other stores. */
  close(): void;
}
