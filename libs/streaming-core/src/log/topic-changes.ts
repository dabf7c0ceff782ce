import { ProtocolError } from '../protocol/errors.ts';
import {
  createPartitionFolders,
  removePartitionFolders,
  removeUnusedPartitions,
} from './data-folder/partition-folders.ts';
import { shortageOf, type Disk } from './disk/disk.ts';
import type { StorageHealth } from './disk/storage-health.ts';
import type { LogManager } from './log-manager-port.ts';
import type { TopicDescription } from './topic-description.ts';
import type { LogSettings } from './log-settings.ts';
import type { OpenPartitions } from './open-partitions.ts';
import { checkPartitionsAdded } from './topics/partition-limit.ts';
import type { TopicCatalog } from './topics/topic-catalog.ts';
import type { StoredTopic } from './topics/topic-file.ts';
import { checkNewTopicName } from './topics/topic-name.ts';
import { topicSettings } from './topics/topic-settings.ts';

export type NewTopic = Parameters<LogManager['createTopic']>[0];

interface TopicChangesOptions {
  readonly topics: TopicCatalog;
  readonly partitions: OpenPartitions;
  readonly disk: Disk;
  readonly health: StorageHealth;
  readonly settings: () => LogSettings;
  /** How many times this folder was opened, now included. */
  readonly start: () => number;
  readonly checkpoint: () => Promise<void>;
  /** Throws when nothing can be changed any more. */
  readonly checkWorking: () => void;
  readonly isClosing: () => boolean;
}

/** Creates, changes and deletes topics: the list of topics, their folders and their open partitions. One change at a time. */
export class TopicChanges {
  readonly #options: TopicChangesOptions;

  constructor(options: TopicChangesOptions) {
    this.#options = options;
  }

  async create(wanted: NewTopic): Promise<TopicDescription> {
    this.#options.checkWorking();
    await this.finishDeletions();
    const { name, partitions, internal = false } = wanted;
    const configs = new Map(wanted.configs ?? []);
    checkNewTopicName(name, this.#options.topics.like(name)?.name);
    this.#checkPartitionCount(name, partitions);
    topicSettings(configs);
    const topicId = this.#options.settings().newUuid();
    const topic: StoredTopic = {
      name,
      partitions,
      internal,
      configs,
      topicId,
      createdInStart: this.#options.start(),
      deleting: false,
    };
    await this.#grow(topic, { from: 0 });
    return topic;
  }

  async alterConfigs(name: string, configs: ReadonlyMap<string, string>): Promise<TopicDescription> {
    const topic: StoredTopic = { ...this.#changeable(name), configs: new Map(configs) };
    topicSettings(configs);
    await this.#options.topics.put(topic);
    this.#options.partitions.reconfigure(topic);
    return topic;
  }

  async addPartitions(name: string, partitions: number): Promise<TopicDescription> {
    const known = this.#changeable(name);
    if (partitions <= known.partitions)
      throw new ProtocolError(
        'INVALID_PARTITIONS',
        `topic ${name} has ${known.partitions} partitions: ask for more than that`,
      );
    this.#checkPartitionCount(name, partitions - known.partitions);
    const topic: StoredTopic = { ...known, partitions };
    await this.#grow(topic, { from: known.partitions });
    return topic;
  }

  #changeable(name: string): StoredTopic {
    this.#options.checkWorking();
    const topic = this.#options.topics.get(name);
    if (topic === undefined)
      throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`);
    return topic;
  }

  /** Partitions from a number on: first their folders, then the list that says they are there. */
  async #grow(topic: StoredTopic, { from }: { readonly from: number }): Promise<void> {
    const { dataFolder } = this.#options.settings();
    try {
      await createPartitionFolders(this.#options.disk, dataFolder, topic, { from });
      await this.#options.topics.put(topic);
    } catch (error) {
      // With an error that is no shortage it is not known whether the list names them: the next start decides.
      const refused = error instanceof ProtocolError || shortageOf(error) !== undefined;
      if (refused && this.#options.health.offlineCause === undefined)
        removeUnusedPartitions(dataFolder, topic, { from });
      throw error;
    }
    await this.#options.partitions.open(topic, { from, start: this.#options.start(), cleanShutdown: true });
  }

  #checkPartitionCount(name: string, partitions: number): void {
    if (!Number.isInteger(partitions) || partitions < 1)
      throw new ProtocolError(
        'INVALID_PARTITIONS',
        `${partitions} partitions are not possible: ask for 1 or more`,
      );
    checkPartitionsAdded({ name, partitions }, this.#options.topics.present(), this.#options.settings());
  }

  async delete(name: string): Promise<void> {
    await this.finishDeletions();
    const doomed: StoredTopic = { ...this.#changeable(name), deleting: true };
    await this.#options.topics.put(doomed);
    await Promise.all(this.#options.partitions.take(doomed).map((partition) => partition.delete()));
    await this.finishDeletion(doomed).catch((error: unknown) => {
      if (this.#options.health.offlineCause !== undefined) throw error;
      this.#options
        .settings()
        .logger.warn(
          { err: error, topic: name },
          'the topic is deleted; clearing up after it waits for room on the disk',
        );
    });
  }

  /** Of deletions that were decided when the disk was full. */
  async finishDeletions(): Promise<void> {
    if (this.#options.isClosing()) return;
    for (const topic of this.#options.topics.all()) if (topic.deleting) await this.finishDeletion(topic);
  }

  /** First what makes room. The checkpoints go before the name is free again: a new topic's logs begin at 0. */
  async finishDeletion(topic: StoredTopic): Promise<void> {
    const { dataFolder, newUuid } = this.#options.settings();
    await this.#options.health.durably(`clearing up after topic ${topic.name}`, async () => {
      await removePartitionFolders(this.#options.disk, dataFolder, topic, newUuid);
      await this.#options.checkpoint();
      await this.#options.topics.remove(topic.name);
    });
    this.#options.partitions.forgetSettings(topic.name);
  }
}
