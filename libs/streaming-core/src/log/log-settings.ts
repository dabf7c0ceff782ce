import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { systemClock, type Clock, days, minutes, type DurationMs } from '../runtime/clock.ts';
import { silentLogger, type Logger } from '../runtime/logger.ts';
import type { CompactedPartition } from './compaction/clean-log.ts';
import { systemDisk, type Disk } from './disk/disk.ts';
import { keptOpenWithin, openFilesLimit } from './segments/open-files.ts';
import type { FlushPolicy } from './disk/group-commit.ts';

export interface LogManagerOptions {
  /** Created if it does not exist. Only one process at a time can use it. */
  readonly dataFolder: string;
  /** Kafka's `node.id`, which Kafka's tools read from the folder. Default: 1. */
  readonly nodeId?: number;
  /**
   * With `commit`, an acknowledged record is on disk. With `interval` and `none`, it survives a
   * crash of the process but not a power cut.
   */
  readonly flush?: FlushPolicy;
  /** The interval of the flush policy `interval`. */
  readonly flushIntervalMs?: DurationMs;
  /**
   * How old the recovery checkpoint may be. After a crash, damage above it looks like an unfinished
   * write.
   */
  readonly checkpointIntervalMs?: DurationMs;
  /** How often retention is enforced (Kafka's `log.retention.check.interval.ms`). */
  readonly retentionCheckIntervalMs?: DurationMs;
  /**
   * How long a silent producer stays known (Kafka's `producer.id.expiration.ms`), and how often the
   * broker looks for expired ones (`producer.id.expiration.check.interval.ms`).
   */
  readonly producerIdExpirationMs?: DurationMs;
  readonly producerIdExpirationCheckIntervalMs?: DurationMs;
  /**
   * The maximum number of known idempotent producers. A producer counts once for each partition
   * that it has written to.
   */
  readonly producersMax?: number;
  /**
   * Whether logs with the policy `compact` are compacted (Kafka's `log.cleaner.enable`), and how
   * often the broker looks for logs that are due.
   */
  readonly cleanerEnabled?: boolean;
  readonly cleanerBackoffMs?: DurationMs;
  /**
   * Memory for the keys of one round of compaction (Kafka's `log.cleaner.dedupe.buffer.size`): a
   * key takes a slot of 24 bytes, and at most three quarters of the slots are used.
   */
  readonly cleanerDedupeBufferBytes?: number;
  readonly cleanerSliceMs?: DurationMs;
  readonly onCompacted?: (round: CompactedPartition) => void;
  readonly clock?: Clock;
  /** Returns a number from 0 up to, but not including, 1. */
  readonly random?: () => number;
  readonly logger?: Logger;
  readonly newUuid?: () => string;
  readonly disk?: Disk;
  readonly openFilesMax?: number;
  /** Memory for the indexes of closed segments. */
  readonly indexBytesMax?: number;
  /** Partitions of all topics together. */
  readonly partitionsMax?: number;
  /**
   * Topics that the broker will create for itself, with their number of partitions, which is kept
   * free within `partitionsMax`.
   */
  readonly reservedPartitions?: ReadonlyMap<string, number>;
  /** Defaults for topic configs that a topic does not set. Other configs have Kafka's defaults. */
  readonly topicDefaults?: ReadonlyMap<string, string>;
  /** Called after every sync of a partition with its duration. */
  readonly onFlushed?: (durationMs: DurationMs) => void;
}

export type LogSettings = Required<LogManagerOptions>;

/**
 * The settings that may change while the logs are open. A setting that is omitted has its default.
 */
export type ReconfigurableLogSettings = Pick<
  LogManagerOptions,
  'cleanerBackoffMs' | 'cleanerDedupeBufferBytes' | 'producerIdExpirationMs' | 'topicDefaults'
>;

export const reconfigurableDefaults = Object.freeze({
  cleanerBackoffMs: 15_000,
  cleanerDedupeBufferBytes: 32 * 1024 * 1024,
  producerIdExpirationMs: days(1),
  topicDefaults: new Map<string, string>(),
}) satisfies Required<ReconfigurableLogSettings>;

export const withDefaults = (options: LogManagerOptions): LogSettings => ({
  nodeId: 1,
  flush: 'commit',
  flushIntervalMs: 1_000,
  checkpointIntervalMs: 1_000,
  retentionCheckIntervalMs: 300_000,
  producerIdExpirationCheckIntervalMs: minutes(10),
  producersMax: 100_000,
  cleanerEnabled: true,
  cleanerSliceMs: 1,
  onCompacted: () => undefined,
  clock: systemClock,
  random: Math.random,
  logger: silentLogger,
  newUuid: randomUUID,
  disk: systemDisk,
  openFilesMax: keptOpenWithin(openFilesLimit()),
  indexBytesMax: 32 * 1024 * 1024,
  partitionsMax: 10_000,
  reservedPartitions: new Map(),
  onFlushed: () => undefined,
  ...reconfigurableDefaults,
  ...options,
  dataFolder: resolve(options.dataFolder),
});
