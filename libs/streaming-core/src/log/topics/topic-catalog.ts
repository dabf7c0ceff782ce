import { join } from 'node:path';
import type { Disk } from '../disk/disk.ts';
import { ChecksummedFile } from '../data-folder/checksummed-file.ts';
import { DataFolderError } from '../data-folder/storage-errors.ts';
import { checkpointFiles, readOffsets } from '../data-folder/log-checkpoints.ts';
import { ProtocolError } from '../../protocol/errors.ts';

const legal = /^[a-zA-Z0-9._-]{1,249}$/;

/**
 * Two topic names may not differ only in `.` and `_`, because Kafka replaces dots in the names of
 * its metrics.
 */
const collisionKey = (name: string) => name.replaceAll('.', '_');

/** Throws INVALID_TOPIC_EXCEPTION for an illegal name. */
export function checkTopicName(name: string): void {
  if (!legal.test(name) || name === '.' || name === '..')
    throw new ProtocolError(
      'INVALID_TOPIC_EXCEPTION',
      `topic name "${name}" is not legal: use 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'`,
    );
}

/**
 * Throws INVALID_TOPIC_EXCEPTION or TOPIC_ALREADY_EXISTS. `alike` is the existing topic with the
 * same collision key, if there is one.
 */
export function checkNewTopicName(name: string, alike: string | undefined): void {
  checkTopicName(name);
  if (alike === name) throw new ProtocolError('TOPIC_ALREADY_EXISTS', `topic ${name} already exists`);
  if (alike !== undefined)
    throw new ProtocolError(
      'INVALID_TOPIC_EXCEPTION',
      `topic ${name} differs from ${alike} only in '.' and '_'`,
    );
}

/** A topic that is being deleted stays listed until its folders are gone. */
export interface StoredTopic extends TopicDescription {
  readonly deleting: boolean;
  /** The start of the broker in which the topic was created, as counted by `leader-epochs.ts`. */
  readonly createdInStart: number;
}

interface TopicEntry {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: number;
  readonly internal: boolean;
  readonly deleting?: true;
  readonly createdInStart: number;
  readonly configs: Readonly<Record<string, string>>;
}

const file = new ChecksummedFile<readonly TopicEntry[]>({
  name: 'topics.json',
  field: 'topics',
  remedy: 'restore it from a copy',
});

/** Replaces the list of all topics durably. A crash leaves the old or the new list. */
async function writeTopics(disk: Disk, folder: string, topics: Iterable<StoredTopic>): Promise<void> {
  const entries = [...topics].map(({ configs, deleting, ...topic }): TopicEntry => ({
    ...topic,
    ...(deleting ? { deleting } : {}),
    configs: Object.fromEntries(configs),
  }));
  await disk.replaceFile(join(folder, file.name), file.textOf(entries));
}

export function readTopics(folder: string): StoredTopic[] {
  const entries = file.read(folder);
  const partitions = readOffsets(folder, checkpointFiles.recoveryPoint)?.size ?? 0;
  if (entries === undefined && partitions > 0)
    throw new DataFolderError(
      `${join(folder, file.name)} is missing though the folder has ${partitions} partitions: ` +
        'restore it from a copy, or set an empty folder',
    );
  return (entries ?? []).map(({ configs, deleting, ...topic }) => ({
    ...topic,
    deleting: deleting === true,
    configs: new Map(Object.entries(configs)),
  }));
}

export interface TopicDescription {
  readonly name: string;
  /** UUID in the form 8-4-4-4-12. A topic that is recreated gets a new one. */
  readonly topicId: string;
  readonly partitions: number;
  /** The configs that were set for this topic. All others have their defaults. */
  readonly configs: ReadonlyMap<string, string>;
  /** True for `__consumer_offsets` and other topics of the broker. */
  readonly internal: boolean;
}

/** The topics of a data folder. Memory changes only after the file has changed. */
export class TopicCatalog {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #topics = new Map<string, StoredTopic>();
  readonly #byId = new Map<string, string>();
  readonly #byCollisionKey = new Map<string, string>();

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
    for (const topic of readTopics(folder)) this.#keep(topic);
  }

  /** Includes topics whose deletion has begun but not finished. */
  all(): readonly StoredTopic[] {
    return [...this.#topics.values()];
  }

  present(): readonly StoredTopic[] {
    return this.all().filter((topic) => !topic.deleting);
  }

  get(name: string): StoredTopic | undefined {
    const topic = this.#topics.get(name);
    return topic?.deleting === true ? undefined : topic;
  }

  byId(topicId: string): StoredTopic | undefined {
    return this.#present(this.#byId.get(topicId));
  }

  /** The topic with this name, or with one that differs from it only in `.` and `_`. */
  like(name: string): StoredTopic | undefined {
    return this.#present(this.#byCollisionKey.get(collisionKey(name)));
  }

  /** The change is durable when the promise resolves. */
  async put(topic: StoredTopic): Promise<void> {
    await writeTopics(this.#disk, this.#folder, new Map(this.#topics).set(topic.name, topic).values());
    this.#keep(topic);
  }

  async remove(name: string): Promise<void> {
    await writeTopics(
      this.#disk,
      this.#folder,
      this.all().filter((topic) => topic.name !== name),
    );
    const topic = this.#topics.get(name);
    if (topic === undefined) return;
    this.#topics.delete(name);
    this.#byId.delete(topic.topicId);
    this.#byCollisionKey.delete(collisionKey(name));
  }

  #keep(topic: StoredTopic): void {
    this.#topics.set(topic.name, topic);
    this.#byId.set(topic.topicId, topic.name);
    this.#byCollisionKey.set(collisionKey(topic.name), topic.name);
  }

  #present(name: string | undefined): StoredTopic | undefined {
    return name === undefined ? undefined : this.get(name);
  }
}
