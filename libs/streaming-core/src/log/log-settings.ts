import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { systemClock, type Clock } from '../runtime/clock.ts';
import { days, minutes, type DurationMs } from '../runtime/duration.ts';
import { silentLogger, type Logger } from '../runtime/logger.ts';
import type { CompactedPartition } from './cleaning-result.ts';
import { systemDisk, type Disk } from './disk/disk.ts';
import { keptOpenWithin, openFilesLimit } from './segments/file-limit.ts';
import type { FlushPolicy } from './disk/group-commit.ts';

export interface LogManagerOptions {
  /** Made when it is not there. One process at a time. */
  readonly dataFolder: string;
  /** Whose folder this is, as Kafka's tools read it (Kafka's node.id). Default 1. */
  readonly nodeId?: number;
  /** `commit`: an ack means on disk. `interval` and `none` survive the process, not a power cut. */
  readonly flush?: FlushPolicy;
  /** Of flush policy `interval`. */
  readonly flushIntervalMs?: DurationMs;
  /** How far behind the recovery checkpoint may be: what a crash leaves to be taken for an unfinished write. */
  readonly checkpointIntervalMs?: DurationMs;
  /** How often retention is enforced (Kafka's log.retention.check.interval.ms). */
  readonly retentionCheckIntervalMs?: DurationMs;
  /** How long a producer is known that does not write (Kafka's producer.id.expiration.ms), and how often it is looked for those (.check.interval.ms). */
  readonly producerIdExpirationMs?: DurationMs;
  readonly producerIdExpirationCheckIntervalMs?: DurationMs;
  /** Idempotent producers known at once, each counted in every partition that it wrote to. */
  readonly producersMax?: number;
  /** Whether logs with the policy `compact` are compacted (Kafka's log.cleaner.enable), how often it is looked for what is due. */
  readonly cleanerEnabled?: boolean;
  readonly cleanerBackoffMs?: DurationMs;
  /** Memory for the keys of one round of compaction (Kafka's log.cleaner.dedupe.buffer.size): 24 bytes a key, and a quarter more. */
  readonly cleanerDedupeBufferBytes?: number;
  readonly cleanerSliceMs?: DurationMs;
  readonly onCompacted?: (round: CompactedPartition) => void;
  readonly clock?: Clock;
  /** From 0 to, and without, 1. */
  readonly random?: () => number;
  readonly logger?: Logger;
  readonly newUuid?: () => string;
  readonly disk?: Disk;
  readonly openFilesMax?: number;
  /** Memory for the indexes of closed segments. */
  readonly indexBytesMax?: number;
  /** Partitions of all topics together. */
  readonly partitionsMax?: number;
  /** Topics that the broker will create for itself, with their partitions: within `partitionsMax` their room is kept free. */
  readonly reservedPartitions?: ReadonlyMap<string, number>;
  /** What topics have that set nothing of their own, by topic config; beyond it Kafka's defaults. */
  readonly topicDefaults?: ReadonlyMap<string, string>;
  /** Told of every sync of a partition, with the time that it took. */
  readonly onFlushed?: (durationMs: DurationMs) => void;
}

export type LogSettings = Required<LogManagerOptions>;

/** What may change while the logs are open; what is left out has its default. */
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
