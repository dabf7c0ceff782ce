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
export interface Presence<Topic, Partition> {
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
