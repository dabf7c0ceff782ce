import type { DropReason } from '../processor/node.ts';
import type { Headers, RecordContext } from '../processor/record.ts';
import type { OpenIterators } from './open-iterators.ts';
import type { StoreCache } from './store-cache.ts';
import type { StoreLimits, SuppressBudget } from './store-limits.ts';
import type { StateStore } from '../processor/processor.ts';

/** The parts of a task that its stores use. */
export interface StoreContext {
  /**
   * Returns the context of the record that is being processed. A punctuation has a context with its
   * time, no headers, the topic '', partition -1 and offset -1, as in Kafka Streams.
   */
  recordContext(): RecordContext;
  /** Runs `work` with the context of an earlier record. Used to flush a cache. */
  withRecordContext(context: RecordContext, work: () => void): void;
  /**
   * The topic name that the serdes of a store see: its changelog, or the source topic that serves
   * as one.
   */
  changelogTopic(storeName: string): string;
  /** Writes to the store's changelog, in the partition of the task. */
  log(storeName: string, record: ChangelogRecord): void;
  drop(reason: DropReason): void;
  /** Unix time in milliseconds, for changelog records without a time from the data. */
  wallClockMs(): number;
  /** The cache that all stores with one share. */
  readonly cache: StoreCache;
  readonly limits: StoreLimits;
  /** The memory for the newest rows of each window store with duplicates. */
  readonly recentBytesMax: number;
  /** The budget that the buffers of `suppress` share. */
  readonly suppressBudget: SuppressBudget;
  /** The open iterators, for the check at the end of `process`. */
  readonly iterators: OpenIterators;
}

/** A changelog record as bytes. A null value is a tombstone. */
export interface ChangelogRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
  readonly timestampMs: number;
  readonly headers: Headers;
}

/** A store of a task, with the calls of the task. */
export interface OpenedStore {
  readonly store: StateStore;
  /**
   * Forwards the updates that the cache has held back, and writes them to the table and the
   * changelog.
   */
  flush(): void;
  /** Applies records of the changelog without writing to the changelog. */
  restore(records: readonly ChangelogRecord[]): void;
  /**
   * Ends the restore. Called before the store is used. Commits the engine, so that the committed
   * view is complete even if no record follows.
   */
  endRestore(): void;
  /** Returns a read-only view of the store as of the last commit of the engine. */
  committed(): StateStore;
  /** Returns a read-only view of the store with uncommitted writes, for queries. */
  latest(): StateStore;
  /**
   * Drops the updates that the cache holds back, without writing them, and frees their room for
   * other stores.
   */
  close(): void;
}
