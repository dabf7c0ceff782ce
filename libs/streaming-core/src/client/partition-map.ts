import type { TopicPartition } from './topic-partition.ts';

/** A key for maps. */
export const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** Returns the partitions that are not among the others. */
export function without<Place extends TopicPartition>(
  partitions: readonly Place[],
  others: readonly TopicPartition[],
): readonly Place[] {
  const names = new Set(others.map(nameOf));
  return partitions.filter((at) => !names.has(nameOf(at)));
}

/**
 * Values by partition. A look-up builds no text, unlike one in a map by name, because a fetch looks
 * up every partition that it reads several times.
 */
export class PartitionMap<Value> {
  readonly #topics = new Map<string, Map<number, Value>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get({ topic, partition }: TopicPartition): Value | undefined {
    return this.#topics.get(topic)?.get(partition);
  }

  set({ topic, partition }: TopicPartition, value: Value): void {
    let ofTopic = this.#topics.get(topic);
    if (ofTopic === undefined) this.#topics.set(topic, (ofTopic = new Map()));
    const sizeBefore = ofTopic.size;
    ofTopic.set(partition, value);
    this.#size += ofTopic.size - sizeBefore;
  }

  delete({ topic, partition }: TopicPartition): void {
    const ofTopic = this.#topics.get(topic);
    if (ofTopic?.delete(partition) !== true) return;
    this.#size -= 1;
    if (ofTopic.size === 0) this.#topics.delete(topic);
  }

  *values(): Generator<Value> {
    for (const ofTopic of this.#topics.values()) yield* ofTopic.values();
  }
}
