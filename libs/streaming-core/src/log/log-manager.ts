import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, type DurationMs, type Logger, silentLogger, systemClock } from '../contract/index.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { DataFolderError } from './data-folder-error.ts';
import { LogDamage } from './damage.ts';
import { isDiskFull, systemDisk, type Disk } from './disk.ts';
import { syncFolder, syncFolderNow } from './durable-file.ts';
import { lockDataFolder } from './folder-lock.ts';
import type { FlushPolicy } from './group-commit.ts';
import { IndexMemory } from './index-memory.ts';
import { openFolderIdentity } from './meta-properties.ts';
import { OfflinePartitionLog } from './offline-partition-log.ts';
import { OpenFiles } from './open-files.ts';
import {
  createPartitionFolders,
  partitionFolder,
  removeLeftovers,
  removePartitionFolders,
  removeUnusedPartitions,
} from './partition-folders.ts';
import { damaged, SegmentedPartitionLog, type PartitionContext } from './partition-log.ts';
import { recoverPartition } from './partition-recovery.ts';
import { ProducerIds } from './producer-ids.ts';
import { partitionName, readRecoveryPoints, writeRecoveryPoints, type RecoveryPoints } from './recovery-checkpoint.ts';
import { StorageHealth } from './storage-health.ts';
import { readTopics, writeTopics, type StoredTopic } from './topic-file.ts';
import { checkNewTopicName } from './topic-name.ts';
import { topicSettings } from './topic-settings.ts';
import type { LogManager, TopicDescription } from './types.ts';

export interface LogManagerOptions {
  /** Made when it is not there. One process at a time. */
  readonly dataFolder: string;
  /** `commit`: an ack means on disk. `interval` and `none` survive the process, not a power cut. */
  readonly flush?: FlushPolicy;
  /** Of flush policy `interval`. */
  readonly flushIntervalMs?: DurationMs;
  /** How far behind the recovery checkpoint may be: what a crash leaves to be taken for an unfinished write. */
  readonly checkpointIntervalMs?: DurationMs;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly newUuid?: () => string;
  readonly disk?: Disk;
  readonly openFilesMax?: number;
  /** Memory for the indexes of closed segments. */
  readonly indexBytesMax?: number;
  readonly partitionsMax?: number;
  /** What topics have that set nothing of their own, by topic config; beyond it Kafka's defaults. */
  readonly topicDefaults?: ReadonlyMap<string, string>;
}

type Settings = Required<LogManagerOptions>;
type NewTopic = Parameters<LogManager['createTopic']>[0];
type OpenPartition = SegmentedPartitionLog | OfflinePartitionLog;

const cleanShutdownFile = '.kafka_cleanshutdown';

/** Opens a data folder, recovering what a crash left. Throws DataFolderError when the folder is in use, newer or cannot be read. */
export async function createLogManager(options: LogManagerOptions): Promise<LogManager> {
  const settings: Settings = {
    flush: 'commit',
    flushIntervalMs: 1_000,
    checkpointIntervalMs: 1_000,
    clock: systemClock,
    logger: silentLogger,
    newUuid: randomUUID,
    disk: systemDisk,
    openFilesMax: 512,
    indexBytesMax: 32 * 1024 * 1024,
    partitionsMax: 10_000,
    topicDefaults: new Map(),
    ...options,
  };
  mkdirSync(settings.dataFolder, { recursive: true });
  const unlock = lockDataFolder(settings.dataFolder, settings.newUuid);
  try {
    const { clusterId } = await openFolderIdentity(settings.dataFolder, settings.newUuid);
    const manager = new FolderLogManager(settings, clusterId, unlock);
    return await manager.open();
  } catch (error) {
    unlock();
    if (error instanceof DataFolderError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataFolderError(`data folder ${settings.dataFolder} cannot be opened: ${reason}`, { cause: error });
  }
}

class FolderLogManager implements LogManager {
  readonly clusterId: string;
  readonly #settings: Settings;
  readonly #unlock: () => void;
  readonly #health: StorageHealth;
  readonly #files: OpenFiles;
  readonly #indexMemory: IndexMemory;
  readonly #producerIds: ProducerIds;
  readonly #topics = new Map<string, StoredTopic>();
  readonly #partitions = new Map<string, OpenPartition>();
  /** Of partitions that are damaged: kept as it was found. */
  readonly #offlinePoints = new Map<string, bigint>();
  #lastChange: Promise<unknown> = Promise.resolve();
  #lastCheckpoint: Promise<unknown> = Promise.resolve();
  #checkpointed: RecoveryPoints = new Map();
  #stopTimers: Array<() => void> = [];
  #closing: Promise<void> | undefined;

  constructor(settings: Settings, clusterId: string, unlock: () => void) {
    this.clusterId = clusterId;
    this.#settings = settings;
    this.#unlock = unlock;
    this.#health = new StorageHealth(settings.logger);
    this.#files = new OpenFiles(settings);
    this.#indexMemory = new IndexMemory(settings);
    this.#producerIds = new ProducerIds(settings.disk, settings.dataFolder);
  }

  async open(): Promise<LogManager> {
    try {
      await this.#open();
      return this;
    } catch (error) {
      this.#files.closeAll();
      throw error;
    }
  }

  async #open(): Promise<void> {
    const { dataFolder, logger } = this.#settings;
    for (const topic of readTopics(dataFolder)) this.#topics.set(topic.name, topic);
    this.#checkpointed = readRecoveryPoints(dataFolder);
    const cleanShutdown = this.#takeCleanShutdownMark();
    removeLeftovers(dataFolder, this.#topics.values(), logger);
    for (const topic of [...this.#topics.values()]) {
      if (topic.deleting) await this.#finishDeletion(topic);
      else this.#openTopic(topic, cleanShutdown);
    }
    await this.#checkpoint();
    this.#repeat(this.#settings.checkpointIntervalMs, async () => {
      await this.#checkpoint();
      await this.#oneByOne(() => this.#finishDeletions());
    });
    if (this.#settings.flush === 'interval') this.#repeat(this.#settings.flushIntervalMs, () => this.#flushAll());
  }

  topics(): readonly TopicDescription[] {
    return [...this.#topics.values()].filter((topic) => !topic.deleting);
  }

  topic(name: string): TopicDescription | undefined {
    const topic = this.#topics.get(name);
    return topic?.deleting === true ? undefined : topic;
  }

  topicById(topicId: string): TopicDescription | undefined {
    return this.topics().find((topic) => topic.topicId === topicId);
  }

  partition(topic: string, partition: number): OpenPartition | undefined {
    return this.#partitions.get(partitionName(topic, partition));
  }

  createTopic(topic: NewTopic): Promise<TopicDescription> {
    return this.#oneByOne(() => this.#durably(`creation of topic ${topic.name}`, () => this.#create(topic)));
  }

  deleteTopic(name: string): Promise<void> {
    return this.#oneByOne(() => this.#durably(`deletion of topic ${name}`, () => this.#delete(name)));
  }

  async allocateProducerId(): Promise<bigint> {
    this.#checkWorking();
    return this.#durably('allocation of producer ids', () => this.#producerIds.allocate());
  }

  close(): Promise<void> {
    this.#closing ??= this.#oneByOne(() => this.#close());
    return this.#closing;
  }

  async #create(wanted: NewTopic): Promise<TopicDescription> {
    this.#checkWorking();
    await this.#finishDeletions();
    const { dataFolder, disk, newUuid } = this.#settings;
    const configs = new Map(wanted.configs ?? []);
    checkNewTopicName(wanted.name, this.#topics.keys());
    this.#checkPartitionCount(wanted.partitions);
    topicSettings(configs);
    const { name, partitions, internal = false } = wanted;
    const topic: StoredTopic = Object.freeze({ name, partitions, internal, configs, topicId: newUuid(), deleting: false });
    try {
      await createPartitionFolders(dataFolder, topic);
      await writeTopics(disk, dataFolder, [...this.#topics.values(), topic]);
    } catch (error) {
      removeUnusedPartitions(dataFolder, topic);
      throw error;
    }
    this.#topics.set(name, topic);
    this.#openTopic(topic, true);
    return topic;
  }

  #checkPartitionCount(partitions: number): void {
    if (!Number.isInteger(partitions) || partitions < 1)
      throw new ProtocolError('INVALID_PARTITIONS', `${partitions} partitions are not possible: ask for 1 or more`);
    if (this.#partitions.size + partitions > this.#settings.partitionsMax)
      throw new ProtocolError(
        'INVALID_PARTITIONS',
        `this broker takes ${this.#settings.partitionsMax} partitions, and has ${this.#partitions.size}`,
      );
  }

  async #delete(name: string): Promise<void> {
    this.#checkWorking();
    await this.#finishDeletions();
    const { dataFolder, disk, logger } = this.#settings;
    const topic = this.topic(name);
    if (topic === undefined) throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`);
    const doomed: StoredTopic = { ...topic, deleting: true };
    await writeTopics(disk, dataFolder, new Map(this.#topics).set(name, doomed).values());
    this.#topics.set(name, doomed);
    await Promise.all(this.#takePartitions(topic).map((partition) => partition.delete()));
    await this.#finishDeletion(doomed).catch((error: unknown) => {
      if (this.#health.offlineCause !== undefined) throw error;
      logger.warn({ err: error, topic: name }, 'the topic is deleted; clearing up after it waits for room on the disk');
    });
  }

  #takePartitions(topic: TopicDescription): OpenPartition[] {
    return Array.from({ length: topic.partitions }, (_, partition) => {
      const name = partitionName(topic.name, partition);
      const open = this.#partitions.get(name)!;
      this.#partitions.delete(name);
      this.#offlinePoints.delete(name);
      return open;
    });
  }

  /** Of deletions that were decided when the disk was full. */
  async #finishDeletions(): Promise<void> {
    if (this.#closing !== undefined) return;
    for (const topic of [...this.#topics.values()]) if (topic.deleting) await this.#finishDeletion(topic);
  }

  /** First what makes room. The recovery points go before the name is free again: a new topic's logs begin at 0. */
  async #finishDeletion(topic: StoredTopic): Promise<void> {
    const { dataFolder, disk, newUuid } = this.#settings;
    await this.#durably(`clearing up after topic ${topic.name}`, async () => {
      await removePartitionFolders(dataFolder, topic, newUuid);
      await this.#checkpoint();
      const others = [...this.#topics.values()].filter(({ name }) => name !== topic.name);
      await writeTopics(disk, dataFolder, others);
    });
    this.#topics.delete(topic.name);
  }

  #openTopic(topic: TopicDescription, cleanShutdown: boolean): void {
    for (let partition = 0; partition < topic.partitions; partition += 1) {
      const name = partitionName(topic.name, partition);
      this.#partitions.set(name, this.#openPartition(topic, partition, cleanShutdown));
    }
  }

  #openPartition(topic: TopicDescription, partition: number, cleanShutdown: boolean): OpenPartition {
    const name = partitionName(topic.name, partition);
    const folder = partitionFolder(this.#settings.dataFolder, topic.name, partition);
    const settings = topicSettings(new Map([...this.#settings.topicDefaults, ...topic.configs]));
    const context = this.#partitionContext(settings.indexIntervalBytes);
    const recoveryPoint = this.#checkpointed.get(name) ?? 0n;
    try {
      if (!existsSync(folder)) throw new LogDamage(`${folder} is missing`);
      const { clock, logger } = this.#settings;
      const found = recoverPartition({ folder, segments: context.segments, recoveryPoint, cleanShutdown, nowMs: clock.now(), logger });
      for (const segment of found.segments.slice(0, -1)) this.#indexMemory.used(segment);
      return new SegmentedPartitionLog({ topic: topic.name, partition, folder, settings, ...found }, context);
    } catch (error) {
      if (!(error instanceof LogDamage)) throw error;
      const cause = damaged(topic.name, partition, error);
      this.#settings.logger.error({ err: error, topic: topic.name, partition }, cause.message);
      this.#offlinePoints.set(name, recoveryPoint);
      return new OfflinePartitionLog({ topic: topic.name, partition, cause });
    }
  }

  #partitionContext(indexIntervalBytes: number): PartitionContext {
    const { disk, clock, logger, flush } = this.#settings;
    return {
      segments: { disk, files: this.#files, indexIntervalBytes },
      indexMemory: this.#indexMemory,
      health: this.#health,
      clock,
      logger,
      flush,
      onRolled: () => void this.#checkpoint().catch((error) => logger.warn({ err: error }, 'recovery checkpoint could not be written')),
    };
  }

  /** The mark holds for one start: from here on files are written. */
  #takeCleanShutdownMark(): boolean {
    const { dataFolder } = this.#settings;
    const path = join(dataFolder, cleanShutdownFile);
    if (!existsSync(path)) return false;
    rmSync(path);
    syncFolderNow(dataFolder);
    return true;
  }

  /** Written when a point has moved. Checkpoints follow one another, each with what is true when its turn has come. */
  #checkpoint(): Promise<void> {
    const turn = this.#lastCheckpoint.then(() => this.#writeCheckpoint());
    this.#lastCheckpoint = turn.catch(() => undefined);
    return turn;
  }

  async #writeCheckpoint(): Promise<void> {
    if (this.#health.offlineCause !== undefined) return;
    const points = new Map(this.#offlinePoints);
    for (const [name, partition] of this.#partitions)
      if (partition instanceof SegmentedPartitionLog) points.set(name, partition.flushedOffset);
    const moved = points.size !== this.#checkpointed.size || [...points].some(([name, offset]) => this.#checkpointed.get(name) !== offset);
    if (!moved) return;
    await this.#durably('recovery checkpoint', () => writeRecoveryPoints(this.#settings.disk, this.#settings.dataFolder, points));
    this.#checkpointed = points;
  }

  async #flushAll(): Promise<void> {
    await Promise.all([...this.#partitions.values()].map((partition) => partition.flush()));
  }

  #repeat(span: DurationMs, work: () => Promise<void>): void {
    const slot = this.#stopTimers.push(() => undefined) - 1;
    const again = () => {
      this.#stopTimers[slot] = this.#settings.clock.after(span, () => {
        work()
          .catch((error) => this.#settings.logger.warn({ err: error }, 'a flush or checkpoint failed and is tried again'))
          .finally(() => this.#closing ?? again());
      });
    };
    again();
  }

  async #close(): Promise<void> {
    for (const stop of this.#stopTimers) stop();
    try {
      // A sync that fails takes the directory offline, which is logged: the next start then checks what is on disk.
      await Promise.allSettled([...this.#partitions.values()].map((partition) => partition.close()));
      await this.#checkpoint();
      if (this.#health.offlineCause === undefined) await this.#markCleanShutdown();
    } finally {
      this.#files.closeAll();
      this.#unlock();
    }
  }

  async #markCleanShutdown(): Promise<void> {
    await writeFile(join(this.#settings.dataFolder, cleanShutdownFile), '{"version":0,"brokerEpoch":-1}');
    await syncFolder(this.#settings.dataFolder);
  }

  #checkWorking(): void {
    this.#health.check();
    if (this.#closing !== undefined) throw new ProtocolError('KAFKA_STORAGE_ERROR', 'the broker is stopping: its files are closed');
  }

  /** A full disk refuses the change; any other failure says that the disk cannot be trusted with the next one either. */
  async #durably<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      if (!isDiskFull(error)) throw this.#health.fail(`${what} failed`, error);
      throw new ProtocolError('KAFKA_STORAGE_ERROR', `${what} failed: no space left on the disk; make room, then try again`, {
        cause: error,
      });
    }
  }

  #oneByOne<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#lastChange.then(work);
    this.#lastChange = turn.catch(() => undefined);
    return turn;
  }
}
