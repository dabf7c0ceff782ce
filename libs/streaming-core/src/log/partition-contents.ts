import type { Clock, DurationMs, Logger } from '../runtime/index.ts';
import type { AbortedIndex } from './transactions/aborted-index.ts';
import type { CompactionOptions } from './compaction/partition-compaction.ts';
import type { FlushPolicy } from './disk/group-commit.ts';
import type { IndexMemory } from './segments/segment-list.ts';
import type { LeaderEpochs } from './leader-epochs/leader-epochs.ts';
import type { ProducerStates } from './producers/producer-states.ts';
import type { Segment } from './segments/segment.ts';
import type { SegmentContext } from './segments/segment-file.ts';
import type { StorageHealth } from './disk/storage-health.ts';
import type { TopicSettings } from './topics/topic-settings.ts';

/** The services and settings that all partitions of a data folder share. */
export interface PartitionContext {
  readonly segments: SegmentContext;
  readonly indexMemory: IndexMemory;
  readonly health: StorageHealth;
  readonly clock: Clock;
  /** Returns a number from 0 up to, but not including, 1. */
  readonly random: () => number;
  readonly logger: Logger;
  readonly flush: FlushPolicy;
  /** Kafka's `producer.id.expiration.ms`. */
  readonly producerExpirationMs: () => DurationMs;
  /** Writes the checkpoints of all logs. They are on disk when the promise resolves. */
  readonly checkpoint: () => Promise<void>;
  readonly onFlushed: (durationMs: DurationMs) => void;
  readonly compaction: CompactionOptions;
}

/** The state of a partition when it is opened: as recovery found it on disk, or new and empty. */
export interface PartitionContents {
  readonly topic: string;
  readonly partition: number;
  readonly folder: string;
  /** May change while the partition is open. */
  readonly settings: { readonly current: TopicSettings };
  readonly leaderEpoch: number;
  readonly logStartOffset: bigint;
  /** The offset at which the last round of compaction ended, or undefined if there was none. */
  readonly cleanedTo: bigint | undefined;
  readonly segments: readonly Segment[];
  readonly epochs: LeaderEpochs;
  readonly producers: ProducerStates;
  readonly aborted: AbortedIndex;
  /**
   * Whether the index files and the producer snapshot on disk match the end of the log, so that a
   * stop need not write them.
   */
  readonly indexesAreCurrent: boolean;
}
