import { join } from 'node:path';
import type { Disk } from './disk/disk.ts';
import type { StorageHealth } from './disk/storage-health.ts';
import { leaderEpochIn } from './leader-epochs/leader-epochs.ts';
import type { TopicDescription, StoredTopic } from './topics/topic-catalog.ts';
import type { LogSettings } from './log-settings.ts';
import type { PartitionContext } from './partition-contents.ts';
import type { OpenPartition } from './background-cleanup.ts';
import { type LogCheckpoints, partitionName } from './data-folder/log-checkpoints.ts';
import { openPartition } from './recovery/open-partition.ts';
import { IndexChecksums } from './segments/index-checksums.ts';
import type { IndexMemory } from './segments/segment-list.ts';
import type { OpenFiles } from './segments/open-files.ts';
import { topicSettings, type SettingsInForce, type TopicSettings } from './topics/topic-settings.ts';
import type { Clock, DurationMs, Logger } from '../runtime/index.ts';

interface PartitionsToOpen {
  readonly from: number;
  /** How many times this folder was opened, including this time. */
  readonly start: number;
  readonly cleanShutdown: boolean;
  readonly progress?: OpeningProgress;
}

interface SharedByPartitions {
  readonly settings: () => LogSettings;
  readonly disk: Disk;
  readonly files: OpenFiles;
  readonly indexMemory: IndexMemory;
  readonly health: StorageHealth;
  readonly checkpoints: LogCheckpoints;
  /** Writes the checkpoints of all logs. They are on disk when the promise resolves. */
  readonly checkpoint: () => Promise<void>;
}

/** The open partitions of a data folder by name, each with the current settings of its topic. */
export class OpenPartitions {
  readonly #shared: SharedByPartitions;
  readonly #inForce = new Map<string, SettingsInForce>();
  readonly #partitions = new Map<string, OpenPartition>();

  constructor(shared: SharedByPartitions) {
    this.#shared = shared;
  }

  get byName(): ReadonlyMap<string, OpenPartition> {
    return this.#partitions;
  }

  get(topic: string, partition: number): OpenPartition | undefined {
    // Partition -1 of "a" would have the name of partition 1 of "a-".
    return partition < 0 ? undefined : this.#partitions.get(partitionName(topic, partition));
  }

  /** Opens all of them in one go, unless `progress` asks for pauses. */
  async open(topic: StoredTopic, { from, start, cleanShutdown, progress }: PartitionsToOpen): Promise<void> {
    const settings: SettingsInForce = this.#inForce.get(topic.name) ?? { current: this.#settingsOf(topic) };
    this.#inForce.set(topic.name, settings);
    for (let partition = from; partition < topic.partitions; partition += 1) {
      const name = partitionName(topic.name, partition);
      const found = openPartition({
        dataFolder: this.#shared.settings().dataFolder,
        topic: topic.name,
        partition,
        settings,
        leaderEpoch: leaderEpochIn(start, topic),
        ...this.#shared.checkpoints.of(name),
        cleanShutdown,
        context: this.#contextOf(name, settings),
      });
      this.#partitions.set(name, found);
      const pause = progress?.opened();
      if (pause !== undefined) await pause;
    }
  }

  /**
   * Removes and returns the open partitions of a topic. Some may be missing, because they could not
   * be opened when the topic was created.
   */
  take(topic: TopicDescription): OpenPartition[] {
    const names = Array.from({ length: topic.partitions }, (_, partition) =>
      partitionName(topic.name, partition),
    );
    const open = names.flatMap((name) => this.#partitions.get(name) ?? []);
    for (const name of names) this.#partitions.delete(name);
    return open;
  }

  /** Applies the configs of the topic and the current defaults to its partitions. */
  reconfigure(topic: TopicDescription): void {
    const inForce = this.#inForce.get(topic.name);
    if (inForce !== undefined) inForce.current = this.#settingsOf(topic);
  }

  forgetSettings(topic: string): void {
    this.#inForce.delete(topic);
  }

  async flush(): Promise<void> {
    await Promise.all([...this.#partitions.values()].map((partition) => partition.flush()));
  }

  /**
   * Never rejects. A failed sync takes the directory offline, which is logged, and the next start
   * checks what is on disk.
   */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#partitions.values()].map((partition) => partition.close()));
  }

  #settingsOf(topic: TopicDescription): TopicSettings {
    return topicSettings(new Map([...this.#shared.settings().topicDefaults, ...topic.configs]));
  }

  #contextOf(name: string, inForce: SettingsInForce): PartitionContext {
    const { settings, disk, files, indexMemory, health, checkpoints, checkpoint } = this.#shared;
    const { dataFolder, cleanerSliceMs, onCompacted, clock, random, logger, flush, onFlushed } = settings();
    const keyBytesMax = (): number => settings().cleanerDedupeBufferBytes;
    return {
      segments: {
        disk,
        files,
        compactedBefore: checkpoints.of(name).cleanedTo ?? 0n,
        checksums: new IndexChecksums(join(dataFolder, name)),
        get indexIntervalBytes() {
          return inForce.current.indexIntervalBytes;
        },
      },
      indexMemory,
      health,
      clock,
      random,
      logger,
      flush,
      producerExpirationMs: () => settings().producerIdExpirationMs,
      checkpoint,
      compaction: { keyBytesMax, sliceMs: cleanerSliceMs, onCompacted },
      onFlushed,
    };
  }
}

interface OpeningProgressOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly logger: Logger;
  readonly partitions: number;
}

const sliceMs: DurationMs = 50;
const quietMs: DurationMs = 5_000;

/** Logs the progress of a long start, and lets other work use the thread, such as health checks. */
export class OpeningProgress {
  readonly #options: OpeningProgressOptions;
  readonly #begunAtMs: number;
  #pausedAtMs: number;
  #toldAtMs: number;
  #opened = 0;

  constructor(options: OpeningProgressOptions) {
    this.#options = options;
    this.#begunAtMs = this.#pausedAtMs = this.#toldAtMs = options.clock.monotonic();
  }

  /** Call this after each partition, and await the promise if there is one. */
  opened(): Promise<void> | undefined {
    this.#opened += 1;
    const nowMs = this.#options.clock.monotonic();
    if (nowMs - this.#toldAtMs >= quietMs) this.#tell(nowMs);
    if (nowMs - this.#pausedAtMs < sliceMs) return undefined;
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      this.#pausedAtMs = this.#options.clock.monotonic();
    });
  }

  #tell(nowMs: number): void {
    const { logger, partitions } = this.#options;
    const opened = this.#opened;
    this.#toldAtMs = nowMs;
    logger.info(
      { opened, partitions, elapsedMs: Math.round(nowMs - this.#begunAtMs) },
      `opening the logs: ${opened} of ${partitions} partitions`,
    );
  }
}
