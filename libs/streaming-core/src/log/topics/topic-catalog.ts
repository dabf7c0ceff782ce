import type { Disk } from '../disk/disk.ts';
import { collisionKey } from './topic-name.ts';
import { readTopics, writeTopics, type StoredTopic } from './topic-file.ts';

/** The topics of a data folder. Memory changes only after the file has changed. */
export class TopicCatalog {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #topics = new Map<string, StoredTopic>();
  /** Topic names by topic id. */
  readonly #byId = new Map<string, string>();
  /** Topic names by collision key. */
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
