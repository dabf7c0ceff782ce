import { ProtocolError } from '../protocol/errors.ts';
import {
  createPartitionFolders,
  removePartitionFolders,
  removeUnusedPartitions,
} from './topics/partition-folders.ts';
import { shortageOf, type Disk } from './disk/disk.ts';
import type { StorageHealth } from './disk/storage-health.ts';
import {
  type TopicDescription,
  type StoredTopic,
  type TopicCatalog,
  checkNewTopicName,
} from './topics/topic-catalog.ts';
import type { LogSettings } from './log-settings.ts';
import type { OpenPartitions } from './open-partitions.ts';
import { topicSettings } from './topics/topic-settings.ts';

export interface PartitionLimit {
  /** Partitions of all topics together. */
  readonly partitionsMax: number;
  /** The number of partitions that is kept free for each of these topics until it exists. */
  readonly reservedPartitions: ReadonlyMap<string, number>;
}

type PartitionsOfTopic = Pick<TopicDescription, 'name' | 'partitions'>;

/**
 * Throws INVALID_PARTITIONS if the added partitions do not fit beside those of the existing topics.
 */
export function checkPartitionsAdded(
  { name, partitions: added }: PartitionsOfTopic,
  topics: readonly PartitionsOfTopic[],
  { partitionsMax, reservedPartitions }: PartitionLimit,
): void {
  const existing = total(topics.map(({ partitions }) => partitions));
  const names = new Set(topics.map((topic) => topic.name));
  const awaited = reservedPartitions.has(name)
    ? []
    : [...reservedPartitions].filter(([topic]) => !names.has(topic));
  const reserved = total(awaited.map(([, partitions]) => partitions));
  if (existing + added + reserved <= partitionsMax) return;
  const kept = reserved === 0 ? '' : `, ${reserved} of which are reserved for ${topicsIn(awaited)}`;
  const remedy =
    'use fewer, raise the limit (--partitions-max, millrace.partitions.max), or run Apache Kafka';
  throw new ProtocolError(
    'INVALID_PARTITIONS',
    `${name}: ${added} partitions on top of ${existing} exceed this broker's limit of ` +
      `${partitionsMax}${kept}: ${remedy}`,
  );
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

const topicsIn = (entries: ReadonlyArray<readonly [string, number]>): string =>
  entries.map(([topic]) => topic).join(' and ');

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly configs?: ReadonlyMap<string, string>;
  readonly internal?: boolean;
}

interface TopicChangesOptions {
  readonly topics: TopicCatalog;
  readonly partitions: OpenPartitions;
  readonly disk: Disk;
  readonly health: StorageHealth;
  readonly settings: () => LogSettings;
  /** How many times this folder was opened, including this time. */
  readonly start: () => number;
  readonly checkpoint: () => Promise<void>;
  /** Throws if the broker is stopping or its log directory is offline. */
  readonly checkWorking: () => void;
  readonly isClosing: () => boolean;
}

/**
 * Creates, changes and deletes topics: in the list of topics, on disk, and among the open
 * partitions. The caller makes one change at a time.
 */
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
        `topic ${name} already has ${known.partitions} partitions: ask for more`,
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
      throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `topic ${name} does not exist`);
    return topic;
  }

  /**
   * Adds partitions from a number on: first their folders, then the entry in the list of topics.
   */
  async #grow(topic: StoredTopic, { from }: { readonly from: number }): Promise<void> {
    const { dataFolder } = this.#options.settings();
    try {
      await createPartitionFolders(this.#options.disk, dataFolder, topic, { from });
      await this.#options.topics.put(topic);
    } catch (error) {
      // After any other error the list may have the partitions or not: the next start decides.
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
        `a topic cannot have ${partitions} partitions: ask for 1 or more`,
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
          'the topic is deleted, but its files are removed only once the disk has room',
        );
    });
  }

  /** Finishes deletions that were decided while the disk was full. */
  async finishDeletions(): Promise<void> {
    if (this.#options.isClosing()) return;
    for (const topic of this.#options.topics.all()) if (topic.deleting) await this.finishDeletion(topic);
  }

  /**
   * Deletes the folders first, which makes room. Updates the checkpoints before the name is free
   * again, because the logs of a new topic begin at 0.
   */
  async finishDeletion(topic: StoredTopic): Promise<void> {
    const { dataFolder, newUuid } = this.#options.settings();
    await this.#options.health.durably(`removing the files of topic ${topic.name}`, async () => {
      await removePartitionFolders(this.#options.disk, dataFolder, topic, newUuid);
      await this.#options.checkpoint();
      await this.#options.topics.remove(topic.name);
    });
    this.#options.partitions.forgetSettings(topic.name);
  }
}
