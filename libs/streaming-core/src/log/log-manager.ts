import { join } from 'node:path';
import { serialQueue } from '../runtime/serial-queue.ts';
import { ProtocolError } from '../protocol/errors.ts';
import {
  withDataFolder,
  type DataFolder,
  markCleanShutdown,
  takeCleanShutdownMark,
} from './data-folder/data-folder.ts';
import { orDataFolderError } from './data-folder/storage-errors.ts';
import { countStart } from './leader-epochs/leader-epochs.ts';
import { type Disk } from './disk/disk.ts';
import { trustedDisk, StorageHealth } from './disk/storage-health.ts';
import { warnOfFewFiles, OpenFiles } from './segments/open-files.ts';
import { IndexMemory } from './segments/segment-list.ts';
import { LogCheckpoints } from './data-folder/log-checkpoints.ts';
import {
  reconfigurableDefaults,
  withDefaults,
  type LogManagerOptions,
  type LogSettings,
  type ReconfigurableLogSettings,
} from './log-settings.ts';
import { removeLeftovers } from './topics/partition-folders.ts';
import { OpenPartitions, OpeningProgress } from './open-partitions.ts';
import { highestProducerId, startCleanup } from './background-cleanup.ts';
import { ProducerIds } from './producers/producer-ids.ts';
import { RepeatedWork } from '../runtime/polling.ts';
import { checkPartitionsAdded, TopicChanges, type NewTopic } from './topic-changes.ts';
import { TopicCatalog, type TopicDescription } from './topics/topic-catalog.ts';
import type { PartitionLog } from './partition-log-port.ts';

/**
 * Opens a data folder and its logs. Throws DataFolderError if the folder is in use, has a newer
 * format or cannot be read.
 */
export async function createLogManager(options: LogManagerOptions): Promise<LogManager> {
  return withDataFolder(withDefaults(options), (folder) => openLogManager(folder, options));
}

/**
 * Opens the logs of a data folder, and recovers them after a crash. Throws DataFolderError if they
 * cannot be read.
 */
export async function openLogManager(folder: DataFolder, options: LogManagerOptions): Promise<LogManager> {
  try {
    return await FolderLogManager.open(folder, withDefaults(options));
  } catch (error) {
    throw orDataFolderError(folder.path, error);
  }
}

export type LogManager = Pick<FolderLogManager, keyof FolderLogManager>;

/** Every log of one broker's data folder. */
class FolderLogManager {
  readonly clusterId: string;
  /** Absolute path. */
  readonly dataFolder: string;
  #settings: LogSettings;
  readonly #folder: DataFolder;
  readonly #health: StorageHealth;
  readonly #disk: Disk;
  readonly #files: OpenFiles;
  readonly #producerIds: ProducerIds;
  readonly #topics: TopicCatalog;
  readonly #partitions: OpenPartitions;
  readonly #changes: TopicChanges;
  /** How many times this folder was opened, including this time. */
  #start = 0;
  readonly #checkpoints: LogCheckpoints;
  readonly #oneByOne = serialQueue();
  readonly #checkpointsOneByOne = serialQueue();
  readonly #background: RepeatedWork;
  #closing: Promise<void> | undefined;

  private constructor(folder: DataFolder, settings: LogSettings) {
    this.clusterId = folder.clusterId;
    this.dataFolder = folder.path;
    this.#settings = settings;
    this.#folder = folder;
    this.#health = new StorageHealth(settings.logger);
    this.#background = new RepeatedWork(settings);
    this.#files = new OpenFiles(settings);
    this.#disk = trustedDisk(settings.disk, {
      ...settings,
      health: this.#health,
      giveWay: () => this.#files.giveWay(),
    });
    this.#producerIds = new ProducerIds(this.#disk, settings.dataFolder);
    this.#topics = new TopicCatalog(this.#disk, settings.dataFolder);
    this.#checkpoints = new LogCheckpoints(this.#disk, settings.dataFolder);
    this.#partitions = new OpenPartitions({
      settings: () => this.#settings,
      disk: this.#disk,
      files: this.#files,
      indexMemory: new IndexMemory(settings),
      health: this.#health,
      checkpoints: this.#checkpoints,
      checkpoint: () => this.#checkpoint(),
    });
    this.#changes = new TopicChanges({
      topics: this.#topics,
      partitions: this.#partitions,
      disk: this.#disk,
      health: this.#health,
      settings: () => this.#settings,
      start: () => this.#start,
      checkpoint: () => this.#checkpoint(),
      checkWorking: () => this.#checkWorking(),
      isClosing: () => this.#closing !== undefined,
    });
  }

  static async open(folder: DataFolder, settings: LogSettings): Promise<LogManager> {
    const manager = new FolderLogManager(folder, settings);
    try {
      await manager.#open();
      return manager;
    } catch (error) {
      manager.#files.closeAll();
      throw error;
    }
  }

  async #open(): Promise<void> {
    const { dataFolder, logger } = this.#settings;
    this.#start = await countStart(this.#disk, dataFolder);
    const cleanShutdown = takeCleanShutdownMark(dataFolder);
    removeLeftovers(dataFolder, this.#topics.all(), logger);
    const partitions = this.#topics.present().reduce((sum, topic) => sum + topic.partitions, 0);
    const progress = new OpeningProgress({ ...this.#settings, partitions });
    warnOfFewFiles(partitions, logger);
    for (const topic of this.#topics.all()) {
      if (topic.deleting) await this.#changes.finishDeletion(topic);
      else await this.#partitions.open(topic, { from: 0, start: this.#start, cleanShutdown, progress });
    }
    this.#producerIds.startAbove(highestProducerId(this.#partitions.byName.values()));
    await this.#checkpoint();
    this.#background.every(
      () => this.#settings.checkpointIntervalMs,
      async () => {
        if (this.#health.offlineCause !== undefined) return;
        await this.#checkpoint();
        await this.#oneByOne(() => this.#changes.finishDeletions());
      },
    );
    startCleanup(this.#partitions.byName, { background: this.#background, settings: () => this.#settings });
    if (this.#settings.flush === 'interval')
      this.#background.every(
        () => this.#settings.flushIntervalMs,
        () => this.#partitions.flush(),
      );
  }

  /** Why the directory is offline: an fsync or a write failed (KAFKA_STORAGE_ERROR). */
  get offlineCause(): Error | undefined {
    return this.#health.offlineCause;
  }

  topics(): readonly TopicDescription[] {
    return this.#topics.present();
  }

  topic(name: string): TopicDescription | undefined {
    return this.#topics.get(name);
  }

  /**
   * The topic with this name, or with one that differs from it only in `.` and `_`. There is at
   * most one.
   */
  topicLike(name: string): TopicDescription | undefined {
    return this.#topics.like(name);
  }

  topicById(topicId: string): TopicDescription | undefined {
    return this.#topics.byId(topicId);
  }

  partition(topic: string, partition: number): PartitionLog | undefined {
    return this.#partitions.get(topic, partition);
  }

  /** Throws INVALID_PARTITIONS if this many new partitions exceed the broker's limit. */
  checkPartitionsAdded(name: string, partitions: number): void {
    checkPartitionsAdded({ name, partitions }, this.#topics.present(), this.#settings);
  }

  /**
   * The topic is durable when the promise resolves. Rejects with a `ProtocolError`, such as
   * TOPIC_ALREADY_EXISTS.
   */
  createTopic(topic: NewTopic): Promise<TopicDescription> {
    return this.#oneByOne(() =>
      this.#health.durably(`creation of topic ${topic.name}`, () => this.#changes.create(topic)),
    );
  }

  deleteTopic(name: string): Promise<void> {
    return this.#oneByOne(() =>
      this.#health.durably(`deletion of topic ${name}`, () => this.#changes.delete(name)),
    );
  }

  /**
   * Replaces all configs of the topic, which its partitions use from then on. They are durable when
   * the promise resolves. Rejects with INVALID_CONFIG or UNKNOWN_TOPIC_OR_PARTITION.
   */
  alterTopicConfigs(name: string, configs: ReadonlyMap<string, string>): Promise<TopicDescription> {
    return this.#oneByOne(() =>
      this.#health.durably(`change of the configs of topic ${name}`, () =>
        this.#changes.alterConfigs(name, configs),
      ),
    );
  }

  /**
   * Changes settings of the cleaner, and the defaults of topics that do not set a config. The
   * change is not stored.
   */
  reconfigure(changed: ReconfigurableLogSettings): void {
    this.#settings = { ...this.#settings, ...reconfigurableDefaults, ...changed };
    for (const topic of this.#topics.all()) this.#partitions.reconfigure(topic);
  }

  /**
   * Raises the number of partitions to `partitions`. The change is durable when the promise
   * resolves. Rejects with INVALID_PARTITIONS unless the topic has fewer partitions.
   */
  addPartitions(name: string, partitions: number): Promise<TopicDescription> {
    return this.#oneByOne(() =>
      this.#health.durably(`adding partitions to topic ${name}`, () =>
        this.#changes.addPartitions(name, partitions),
      ),
    );
  }

  /** Returns an id that was never returned before, even before a restart. */
  async allocateProducerId(): Promise<bigint> {
    this.#checkWorking();
    return this.#health.durably('allocation of producer ids', () => this.#producerIds.allocate());
  }

  /**
   * Replaces a small file of the data folder that belongs to no log. It is durable when the promise
   * resolves. Rejects with KAFKA_STORAGE_ERROR.
   */
  async replaceFile(name: string, content: string): Promise<void> {
    this.#checkWorking();
    await this.#health.durably(`change of ${name}`, () =>
      this.#disk.replaceFile(join(this.dataFolder, name), content),
    );
  }

  close(): Promise<void> {
    this.#closing ??= this.#oneByOne(() => this.#close());
    return this.#closing;
  }

  /**
   * Writes the checkpoints that have changed. Checkpoints run one at a time, each with the values
   * at its start.
   */
  #checkpoint(): Promise<void> {
    return this.#checkpointsOneByOne(async () => {
      this.#health.check();
      await this.#health.durably('checkpoint', () => this.#checkpoints.write(this.#partitions.byName));
    });
  }

  async #close(): Promise<void> {
    this.#background.stop();
    try {
      await this.#partitions.close();
      if (this.#health.offlineCause !== undefined) return;
      await this.#checkpoint();
      await markCleanShutdown(this.#disk, this.dataFolder);
    } finally {
      this.#files.closeAll();
      this.#folder.release();
    }
  }

  #checkWorking(): void {
    this.#health.check();
    if (this.#closing !== undefined)
      throw new ProtocolError('KAFKA_STORAGE_ERROR', 'the broker is stopping: its files are closed');
  }
}
