import { describe, expect, it } from '@jest/globals';
import { ClientError, ItemsFailed, type NewTopic } from '@millrace/streaming-core/client';
import type { Clock } from '@millrace/streaming-core/runtime';
import { ensureInternalTopics, type TopicCreation } from './internal-topics.ts';

const topic = (name: string, partitions: number) => ({ name, partitions, configs: {} });

/** A cluster that refuses to create a topic because another process has just created it. */
class Cluster implements TopicCreation {
  readonly existing: Map<string, number>;
  readonly created: NewTopic[] = [];
  /** Topics that exist, with the number of looks for which they stay hidden. */
  readonly hidden: Map<string, number>;
  refusal: ClientError | undefined;

  constructor(
    existing: Readonly<Record<string, number>> = {},
    hidden: Readonly<Record<string, number>> = {},
  ) {
    this.existing = new Map(Object.entries(existing));
    this.hidden = new Map(Object.entries(hidden));
  }

  readonly topics = {
    create: async (topics: readonly NewTopic[]) => {
      const failed = new Map<string, ClientError>();
      for (const one of topics)
        if (this.refusal !== undefined) failed.set(one.name, this.refusal);
        else if (this.hidden.has(one.name))
          failed.set(one.name, new ClientError('topic_exists', `topic ${one.name} exists`));
        else {
          this.created.push(one);
          this.existing.set(one.name, one.partitions ?? 0);
        }
      if (failed.size > 0) throw new ItemsFailed(failed, new Map());
      return new Map();
    },
  };

  async describeTopics(names: readonly string[]) {
    const found = names.flatMap((name) => {
      const partitions = this.existing.get(name);
      return partitions === undefined ? [] : [[name, { clusterId: 'c', topicId: 't', partitions }] as const];
    });
    return new Map(found);
  }
}

/** Time passes only while somebody waits. */
const steppingClock = (onWait: () => void = () => undefined): Clock => {
  let nowMs = 0;
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    after: (spanMs, work) => {
      nowMs += spanMs;
      onWait();
      queueMicrotask(work);
      return () => undefined;
    },
  };
};

describe('the creation of internal topics', () => {
  it('creates those that are missing', async () => {
    const cluster = new Cluster({ one: 3 });

    await ensureInternalTopics(cluster, [topic('one', 3), topic('two', 4)], steppingClock());

    expect(cluster.created).toEqual([topic('two', 4)]);
  });

  it('refuses a topic with another number of partitions, and creates nothing', async () => {
    const cluster = new Cluster({ one: 3 });
    const creation = ensureInternalTopics(cluster, [topic('two', 4), topic('one', 5)], steppingClock());

    await expect(creation).rejects.toMatchObject({
      code: 'topic_mismatch',
      message:
        'the internal topic one has 3 partitions, and the application needs 5. ' +
        'Restore the number of partitions of the input topics, or stop the application and run the reset tool',
    });
    expect(cluster.created).toEqual([]);
  });

  it('waits for topics that another process creates at the same time', async () => {
    const cluster = new Cluster({}, { one: 3 });
    const show = () => cluster.existing.set('one', 3);

    await ensureInternalTopics(cluster, [topic('one', 3), topic('two', 4)], steppingClock(show));

    expect(cluster.created).toEqual([topic('two', 4)]);
  });

  it('refuses a topic that another process has created with another number of partitions', async () => {
    const cluster = new Cluster({}, { one: 3 });
    const show = () => cluster.existing.set('one', 2);

    await expect(ensureInternalTopics(cluster, [topic('one', 3)], steppingClock(show))).rejects.toMatchObject(
      {
        code: 'topic_mismatch',
      },
    );
  });

  it('gives up on a topic that exists but never appears', async () => {
    const cluster = new Cluster({}, { one: 3 });

    await expect(ensureInternalTopics(cluster, [topic('one', 3)], steppingClock())).rejects.toThrow(
      'the internal topic one exists, but the brokers do not list it. Is it being deleted?',
    );
  });

  it('passes on the refusal of the cluster', async () => {
    const cluster = new Cluster();
    cluster.refusal = new ClientError('access_refused', 'no right to create');

    await expect(ensureInternalTopics(cluster, [topic('one', 3)], steppingClock())).rejects.toBe(
      cluster.refusal,
    );
  });
});
