import { WorkSlices } from '../runtime/work-slices.ts';
import type { Clock } from '../runtime/clock.ts';
import { checkNewTopicName as checkAmongExisting } from '../log/topics/topic-catalog.ts';
import type { LogManager } from '../log/log-manager.ts';
import { ProtocolError } from '../protocol/errors.ts';

/** Topics that the broker creates for itself. */
const reservedNames: ReadonlySet<string> = new Set(['__consumer_offsets', '__transaction_state']);

/** Whether a topic with this valid name may be created. */
export const isFree = (name: string, logs: LogManager): boolean =>
  !reservedNames.has(name) && logs.topicLike(name) === undefined;

/** Throws INVALID_TOPIC_EXCEPTION or TOPIC_ALREADY_EXISTS. */
export function checkNewTopicName(name: string, logs: LogManager): void {
  checkAmongExisting(name, logs.topicLike(name)?.name);
  if (reservedNames.has(name))
    throw new ProtocolError('INVALID_TOPIC_EXCEPTION', `${name} is reserved for the broker itself`);
}

/** A topic in a request: by name, or by id in the versions that have ids instead (KIP-516). */
export interface TopicReference {
  readonly name: string;
  readonly topicId: string;
}

export const topicNameOf = (
  topic: TopicReference,
  { byId, logs }: { readonly byId: boolean; readonly logs: LogManager },
): string | undefined => (byId ? logs.topicById(topic.topicId)?.name : topic.name);

/**
 * Finds items that a request names more than once. A request may have a million items, so lookups
 * take constant time.
 */
export class NamedItems<Item> {
  readonly #counts = new Map<string, number>();
  readonly #firsts = new Map<string, Item>();
  readonly #keyOf: (item: Item) => string;

  constructor(items: readonly Item[], keyOf: (item: Item) => string) {
    this.#keyOf = keyOf;
    for (const item of items) {
      const key = keyOf(item);
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
      if (!this.#firsts.has(key)) this.#firsts.set(key, item);
    }
  }

  /** Returns each item once, in the order in which they were first named. */
  once(): readonly Item[] {
    return [...this.#firsts.values()];
  }

  isRepeated(item: Item): boolean {
    return (this.#counts.get(this.#keyOf(item)) ?? 0) > 1;
  }
}

const sliceMs = 5;

/**
 * Runs the work for one item after the other, and yields the thread in between, so that a long
 * request does not block others.
 */
export async function eachInTurn<Item, Result>(
  items: readonly Item[],
  { clock }: { readonly clock: Pick<Clock, 'monotonic'> },
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const slices = new WorkSlices(clock, { sliceMs });
  const results: Result[] = [];
  for (const item of items) {
    await slices.pause();
    results.push(await work(item));
  }
  return results;
}

interface ListedTopic<Partition> {
  readonly name: string;
  readonly topicId?: string;
  readonly partitions: readonly Partition[];
}

/**
 * Lists topics as Apache Kafka does: each once, with all partitions of the request, and without
 * topics that have none.
 */
export const listedOnce = <Topic extends ListedTopic<unknown>>(topics: readonly Topic[]): readonly Topic[] =>
  merged(topics.filter(({ partitions }) => partitions.length > 0));

/** Which topics and partitions of a request exist. */
interface Presence<Topic, Partition> {
  readonly hasTopic: (topic: Topic) => boolean;
  readonly hasPartition: (topic: Topic, partition: Partition) => boolean;
}

/**
 * Lists topics as Apache Kafka does for commits: first what does not exist, including unknown
 * topics without partitions, then the rest, each topic once. If everything exists, the topics stay
 * as requested.
 */
export function missingFirst<Partition, Topic extends ListedTopic<Partition>>(
  topics: readonly Topic[],
  { hasTopic, hasPartition }: Presence<Topic, Partition>,
): readonly Topic[] {
  const only = (isThere: boolean) =>
    topics.map((topic) => ({
      ...topic,
      partitions: topic.partitions.filter((partition) => hasPartition(topic, partition) === isThere),
    }));
  const missing = only(false).filter((topic) => topic.partitions.length > 0 || !hasTopic(topic));
  const there = only(true).filter(({ partitions }) => partitions.length > 0);
  return missing.length === 0 ? there : merged([...missing, ...there]);
}

function merged<Topic extends ListedTopic<unknown>>(topics: readonly Topic[]): readonly Topic[] {
  const listed = new Map<string, Topic & { readonly partitions: unknown[] }>();
  for (const topic of topics) {
    const key = `${topic.topicId ?? ''} ${topic.name}`;
    const known = listed.get(key);
    if (known === undefined) listed.set(key, { ...topic, partitions: [...topic.partitions] });
    else for (const partition of topic.partitions) known.partitions.push(partition);
  }
  return [...listed.values()];
}
