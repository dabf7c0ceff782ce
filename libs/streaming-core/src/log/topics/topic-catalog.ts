import type { Disk } from '../disk/disk.ts';
import { readTopics, writeTopics, type StoredTopic } from './topic-file.ts';

/** The topics of a data folder, as its file lists them: memory is changed once the file is. */
export class TopicCatalog {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #topics: Map<string, StoredTopic>;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
    this.#topics = new Map(readTopics(folder).map((topic) => [topic.name, topic]));
  }

  /** Those included whose deletion was decided and is not finished. */
  all(): readonly StoredTopic[] {
    return [...this.#topics.values()];
  }

  names(): IterableIterator<string> {
    return this.#topics.keys();
  }

  present(): readonly StoredTopic[] {
    return this.all().filter((topic) => !topic.deleting);
  }

  get(name: string): StoredTopic | undefined {
    const topic = this.#topics.get(name);
    return topic?.deleting === true ? undefined : topic;
  }

  byId(topicId: string): StoredTopic | undefined {
    for (const topic of this.#topics.values()) if (topic.topicId === topicId && !topic.deleting) return topic;
    return undefined;
  }

  /** Durable when it resolves. */
  async put(topic: StoredTopic): Promise<void> {
    await writeTopics(this.#disk, this.#folder, new Map(this.#topics).set(topic.name, topic).values());
    this.#topics.set(topic.name, topic);
  }

  async remove(name: string): Promise<void> {
    await writeTopics(
      this.#disk,
      this.#folder,
      this.all().filter((topic) => topic.name !== name),
    );
    this.#topics.delete(name);
  }
}
