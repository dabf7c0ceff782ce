interface ListedTopic<Partition> {
  readonly name: string;
  readonly topicId?: string;
  readonly partitions: readonly Partition[];
}

/** Topics as Apache Kafka lists them in an answer: each once, with all partitions that were named with it, and none with which no partition was. */
export function listedOnce<Topic extends ListedTopic<unknown>>(topics: readonly Topic[]): readonly Topic[] {
  const listed = new Map<string, Topic & { readonly partitions: unknown[] }>();
  for (const topic of topics) {
    if (topic.partitions.length === 0) continue;
    const key = `${topic.topicId ?? ''} ${topic.name}`;
    const known = listed.get(key);
    if (known === undefined) listed.set(key, { ...topic, partitions: [...topic.partitions] });
    else for (const partition of topic.partitions) known.partitions.push(partition);
  }
  return [...listed.values()];
}
