import { mkdirSync } from 'node:fs';
import type { DurationMs } from '../contract/duration.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { DataFolderError } from './data-folder-error.ts';
import { countStart, leaderEpochIn } from './broker-starts.ts';
import { isDiskFull } from './disk.ts';
import { lockDataFolder } from './folder-lock.ts';
import { IndexMemory } from './index-memory.ts';
import { openFolderIdentity } from './meta-properties.ts';
import { markCleanShutdown, takeCleanShutdownMark } from './clean-shutdown-mark.ts';
import { LogCheckpoints } from './log-checkpoints.ts';
import { withDefaults, type LogManagerOptions, type LogSettings } from './log-manager-options.ts';
import { partitionName } from './offset-checkpoint.ts';
import type { OfflinePartitionLog } from './offline-partition-log.ts';
import { openPartition } from './open-partition.ts';
import { OpenFiles } from './open-files.ts';
import { createPartitionFolders, removeLeftovers, removePartitionFolders, removeUnusedPartitions } from './partition-folders.ts';
import type { PartitionContext } from './partition-contents.ts';
import type { SegmentedPartitionLog } from './partition-log.ts';
import { ProducerIds } from './producer-ids.ts';
import { StorageHealth } from './storage-health.ts';
import { TopicCatalog } from './topic-catalog.ts';
import type { StoredTopic } from './topic-file.ts';
import { checkNewTopicName } from './topic-name.ts';
import { topicSettings, type SettingsInForce, type TopicSettings } from './topic-settings.ts';
import type { LogManager, TopicDescription } from './types.ts';

type NewTopic = Parameters<LogManager['createTopic']>[0];
type OpenPartition = SegmentedPartitionLog | OfflinePartitionLog;

/** Opens a data folder, recovering what a crash left. Throws DataFolderError when the folder is in use, newer or cannot be read. */
export async function createLogManager(options: LogManagerOptions): Promise<LogManager> {
  const settings = withDefaults(options);
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
  readonly dataFolder: string;
  readonly #settings: LogSettings;
  readonly #unlock: () => void;
  readonly #health: StorageHealth;
  readonly #files: OpenFiles;
  readonly #indexMemory: IndexMemory;
  readonly #producerIds: ProducerIds;
  readonly #topics: TopicCatalog;
  readonly #inForce = new Map<string, SettingsInForce>();
  readonly #partitions = new Map<string, OpenPartition>();
  /** How many times this folder was opened, now included. */
  #start = 0;
  readonly #checkpoints: LogCheckpoints;
  #lastChange: Promise<unknown> = Promise.resolve();
  #lastCheckpoint: Promise<unknown> = Promise.resolve();
  #stopTimers: Array<() => void> = [];
  #closing: Promise<void> | undefined;

  constructor(settings: LogSettings, clusterId: string, unlock: () => void) {
    this.clusterId = clusterId;
    this.dataFolder = settings.dataFolder;
    this.#settings = settings;
    this.#unlock = unlock;
    this.#health = new StorageHealth(settings.logger);
    this.#files = new OpenFiles(settings);
    this.#indexMemory = new IndexMemory(settings);
    this.#producerIds = new ProducerIds(settings.disk, settings.dataFolder);
    this.#topics = new TopicCatalog(settings.disk, settings.dataFolder);
    this.#checkpoints = new LogCheckpoints(settings.disk, settings.dataFolder);
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
    this.#start = await countStart(this.#settings.disk, dataFolder);
    const cleanShutdown = takeCleanShutdownMark(dataFolder);
    removeLeftovers(dataFolder, this.#topics.all(), logger);
    for (const topic of this.#topics.all()) {
      if (topic.deleting) await this.#finishDeletion(topic);
      else this.#openPartitions(topic, { from: 0, cleanShutdown });
    }
    await this.#checkpoint();
    this.#repeat(this.#settings.checkpointIntervalMs, async () => {
      await this.#checkpoint();
      await this.#oneByOne(() => this.#finishDeletions());
    });
    this.#repeat(this.#settings.retentionCheckIntervalMs, () => this.#enforceRetention());
    if (this.#settings.cleanerEnabled) this.#repeat(this.#settings.cleanerBackoffMs, () => this.#compact());
    if (this.#settings.flush === 'interval') this.#repeat(this.#settings.flushIntervalMs, () => this.#flushAll());
  }

  get offlineCause(): Error | undefined {
    return this.#health.offlineCause;
  }

  topics(): readonly TopicDescription[] {
    return this.#topics.present();
  }

  topic(name: string): TopicDescription | undefined {
    return this.#topics.get(name);
  }

  topicById(topicId: string): TopicDescription | undefined {
    return this.#topics.byId(topicId);
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

  alterTopicConfigs(name: string, configs: ReadonlyMap<string, string>): Promise<TopicDescription> {
    return this.#oneByOne(() => this.#durably(`change of the configs of topic ${name}`, () => this.#alterConfigs(name, configs)));
  }

  addPartitions(name: string, partitions: number): Promise<TopicDescription> {
    return this.#oneByOne(() => this.#durably(`addition of partitions to topic ${name}`, () => this.#addPartitions(name, partitions)));
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
    const { name, partitions, internal = false } = wanted;
    const configs = new Map(wanted.configs ?? []);
    checkNewTopicName(name, this.#topics.names());
    this.#checkPartitionCount(partitions);
    topicSettings(configs);
    const topicId = this.#settings.newUuid();
    const topic: StoredTopic = { name, partitions, internal, configs, topicId, createdInStart: this.#start, deleting: false };
    await this.#grow(topic, { from: 0 });
    return topic;
  }

  async #alterConfigs(name: string, configs: ReadonlyMap<string, string>): Promise<TopicDescription> {
    const topic: StoredTopic = { ...this.#changeable(name), configs: new Map(configs) };
    topicSettings(configs);
    await this.#topics.put(topic);
    this.#inForce.get(name)!.current = this.#settingsOf(topic);
    return topic;
  }

  async #addPartitions(name: string, partitions: number): Promise<TopicDescription> {
    const known = this.#changeable(name);
    if (partitions <= known.partitions)
      throw new ProtocolError('INVALID_PARTITIONS', `topic ${name} has ${known.partitions} partitions: ask for more than that`);
    this.#checkPartitionCount(partitions - known.partitions);
    const topic: StoredTopic = { ...known, partitions };
    await this.#grow(topic, { from: known.partitions });
    return topic;
  }

  #changeable(name: string): StoredTopic {
    this.#checkWorking();
    const topic = this.#topics.get(name);
    if (topic === undefined) throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`);
    return topic;
  }

  /** Partitions from a number on: first their folders, then the list that says they are there. */
  async #grow(topic: StoredTopic, { from }: { readonly from: number }): Promise<void> {
    const { dataFolder } = this.#settings;
    try {
      await createPartitionFolders(dataFolder, topic, { from });
      await this.#topics.put(topic);
    } catch (error) {
      removeUnusedPartitions(dataFolder, topic, { from });
      throw error;
    }
    this.#openPartitions(topic, { from, cleanShutdown: true });
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
    await this.#finishDeletions();
    const doomed: StoredTopic = { ...this.#changeable(name), deleting: true };
    await this.#topics.put(doomed);
    await Promise.all(this.#takePartitions(doomed).map((partition) => partition.delete()));
    await this.#finishDeletion(doomed).catch((error: unknown) => {
      if (this.#health.offlineCause !== undefined) throw error;
      this.#settings.logger.warn({ err: error, topic: name }, 'the topic is deleted; clearing up after it waits for room on the disk');
    });
  }

  #takePartitions(topic: TopicDescription): OpenPartition[] {
    return Array.from({ length: topic.partitions }, (_, partition) => {
      const name = partitionName(topic.name, partition);
      const open = this.#partitions.get(name)!;
      this.#partitions.delete(name);
      return open;
    });
  }

  /** Of deletions that were decided when the disk was full. */
  async #finishDeletions(): Promise<void> {
    if (this.#closing !== undefined) return;
    for (const topic of this.#topics.all()) if (topic.deleting) await this.#finishDeletion(topic);
  }

  /** First what makes room. The checkpoints go before the name is free again: a new topic's logs begin at 0. */
  async #finishDeletion(topic: StoredTopic): Promise<void> {
    const { dataFolder, newUuid } = this.#settings;
    await this.#durably(`clearing up after topic ${topic.name}`, async () => {
      await removePartitionFolders(dataFolder, topic, newUuid);
      await this.#checkpoint();
      await this.#topics.remove(topic.name);
    });
    this.#inForce.delete(topic.name);
  }

  #openPartitions(topic: StoredTopic, { from, cleanShutdown }: { readonly from: number; readonly cleanShutdown: boolean }): void {
    const settings: SettingsInForce = this.#inForce.get(topic.name) ?? { current: this.#settingsOf(topic) };
    this.#inForce.set(topic.name, settings);
    for (let partition = from; partition < topic.partitions; partition += 1) {
      const name = partitionName(topic.name, partition);
      const found = openPartition({
        dataFolder: this.#settings.dataFolder,
        topic: topic.name,
        partition,
        settings,
        leaderEpoch: leaderEpochIn(this.#start, topic),
        ...this.#checkpoints.of(name),
        cleanShutdown,
        context: this.#partitionContext(name, settings),
      });
      this.#partitions.set(name, found);
    }
  }

  #settingsOf(topic: TopicDescription): TopicSettings {
    return topicSettings(new Map([...this.#settings.topicDefaults, ...topic.configs]));
  }

  #partitionContext(name: string, settings: SettingsInForce): PartitionContext {
    const { cleanerDedupeBufferBytes, cleanerSliceMs, onCompacted } = this.#settings;
    const { disk, clock, random, logger, flush } = this.#settings;
    return {
      segments: {
        disk,
        files: this.#files,
        compactedBefore: this.#checkpoints.of(name).cleanedTo ?? 0n,
        get indexIntervalBytes() {
          return settings.current.indexIntervalBytes;
        },
      },
      indexMemory: this.#indexMemory,
      health: this.#health,
      clock,
      random,
      logger,
      flush,
      checkpoint: () => this.#checkpoint(),
      compaction: { keyBytesMax: cleanerDedupeBufferBytes, sliceMs: cleanerSliceMs, onCompacted },
      onFlushed: this.#settings.onFlushed,
    };
  }

  /** Written when a point has moved. Checkpoints follow one another, each with what is true when its turn has come. */
  #checkpoint(): Promise<void> {
    const turn = this.#lastCheckpoint.then(() => this.#writeCheckpoint());
    this.#lastCheckpoint = turn.catch(() => undefined);
    return turn;
  }

  async #writeCheckpoint(): Promise<void> {
    if (this.#health.offlineCause !== undefined) return;
    await this.#durably('checkpoint', () => this.#checkpoints.write(this.#partitions));
  }

  /** Partition by partition: what waits for this thread goes first. */
  async #enforceRetention(): Promise<void> {
    for (const partition of [...this.#partitions.values()]) {
      await new Promise((resolve) => setImmediate(resolve));
      await partition.deleteExpired();
    }
  }

  /** What is due, the dirtiest first. */
  async #compact(): Promise<void> {
    const due: Array<{ readonly partition: OpenPartition; readonly dirtyRatio: number }> = [];
    for (const partition of [...this.#partitions.values()]) {
      await new Promise((resolve) => setImmediate(resolve));
      const dirtyRatio = partition.compaction.due()?.dirtyRatio;
      if (dirtyRatio !== undefined) due.push({ partition, dirtyRatio });
    }
    for (const { partition } of due.sort((one, other) => other.dirtyRatio - one.dirtyRatio)) await partition.compact();
  }

  async #flushAll(): Promise<void> {
    await Promise.all([...this.#partitions.values()].map((partition) => partition.flush()));
  }

  #repeat(span: DurationMs, work: () => Promise<void>): void {
    const slot = this.#stopTimers.push(() => undefined) - 1;
    const again = () => {
      this.#stopTimers[slot] = this.#settings.clock.after(span, () => {
        work()
          .catch((error) => this.#settings.logger.warn({ err: error }, 'work in the background failed and is tried again'))
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
      if (this.#health.offlineCause === undefined) await markCleanShutdown(this.dataFolder);
    } finally {
      this.#files.closeAll();
      this.#unlock();
    }
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
