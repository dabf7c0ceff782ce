import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { v7 } from 'uuid';
import {
  ClientError,
  type CommittedOffset,
  type ConsumedRecord,
  type FetchedPartition,
  type FetchPosition,
  type GroupConsumer,
  type GroupListener,
  type OffsetToCommit,
  type PartitionTime,
  type TopicIdentity,
  type TopicPartition,
} from '../../client/index.ts';

export interface RecordFields {
  readonly id?: string;
  readonly type?: string;
  readonly key?: string | null;
  readonly value?: string | Buffer | null;
  readonly headers?: Record<string, string>;
  readonly omitHeaders?: readonly string[];
}

/** Topics in memory, with identities like those of the real log. */
export class MemoryLog {
  clusterId = 'cluster-1';
  /** The offsets that the group has committed, by topic and partition. */
  readonly committed = new Map<string, CommittedOffset>();
  readonly #topics = new Map<string, { id: string; partitions: ConsumedRecord[][]; beginning: bigint }>();

  create(topic: string, partitions = 1): void {
    this.#topics.set(topic, {
      id: randomUUID(),
      partitions: Array.from({ length: partitions }, () => []),
      beginning: 0n,
    });
  }

  topic(name: string) {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw new Error(`no topic ${name}`);
    return topic;
  }

  append(topic: string, message: object, fields: RecordFields = {}, partition = 0): string {
    const id = fields.id ?? v7();
    const records = this.topic(topic).partitions[partition] ?? [];
    const headers = new Map(
      Object.entries({
        ce_specversion: '1.0',
        ce_id: id,
        ce_type: fields.type ?? (message as { type: string }).type,
        ce_source: '/millrace/test',
        ce_time: '2026-11-20T09:00:00.000Z',
        ce_subject: 'k',
        ce_dataschema: `/schemas/${topic}/x/1`,
        ce_correlationid: 'story',
        ce_causationid: 'cause',
        ...fields.headers,
      }).filter(([name]) => fields.omitHeaders?.includes(name) !== true),
    );
    const value = fields.value === undefined ? JSON.stringify(message) : fields.value;
    const key = fields.key === undefined ? 'k' : fields.key;
    const bytes = (content: string | Buffer | null) =>
      content === null ? null : Buffer.from(content as string);
    const offset = BigInt(records.length);
    records.push({
      topic,
      partition,
      offset,
      timestampMs: 1_795_000_000_000,
      key: bytes(key),
      value: bytes(value),
      headers,
    });
    return id;
  }

  /** Replaces a topic by an empty one of the same name with another id. */
  recreate(topic: string): void {
    this.create(topic, this.topic(topic).partitions.length);
  }
}

/** One member of a group on a memory log. The test scripts its assignments. */
export class MemoryGroupConsumer implements GroupConsumer {
  readonly log: MemoryLog;
  readonly partitions: readonly TopicPartition[];
  readonly commits: OffsetToCommit[] = [];
  rejoins = 0;
  closed = false;
  beforeFetch: () => void = () => undefined;
  fetchError: (position: TopicPartition) => Error | undefined = () => undefined;
  #listener: GroupListener | undefined;
  #generation = 0;
  readonly #asked = new Map<string, bigint>();

  constructor(log: MemoryLog, partitions: readonly TopicPartition[]) {
    this.log = log;
    this.partitions = partitions;
  }

  async start(listener: GroupListener): Promise<void> {
    this.#listener = listener;
    await this.assign();
  }

  async assign(partitions = this.partitions): Promise<void> {
    this.#generation += 1;
    await this.#listener?.onAssigned({ memberId: 'member', generationId: this.#generation, partitions });
  }

  async revoke(): Promise<void> {
    await this.#listener?.onRevoked();
  }

  /** Behaves as if another process took its instance name. */
  async stopFor(error: Error): Promise<void> {
    await this.revoke();
    this.#listener?.onStopped?.(error);
  }

  /** Resolves at once, as the real one does. */
  async rejoin(): Promise<void> {
    this.rejoins += 1;
    await this.rebalance();
  }

  async rebalance(): Promise<void> {
    void this.revoke().then(() => this.assign());
  }

  /** The next offset that the runtime fetches. It has received every record below that offset. */
  fetchedTo(topic: string, partition: number): bigint {
    return this.#asked.get(`${topic}-${partition}`) ?? 0n;
  }

  async fetch(positions: readonly FetchPosition[]): Promise<readonly FetchedPartition[]> {
    for (const { topic, partition, offset } of positions) this.#asked.set(`${topic}-${partition}`, offset);
    this.beforeFetch();
    for (let polls = 0; polls < 10 && !this.closed; polls += 1) {
      const answers = positions.map((position) => this.#read(position));
      if (
        answers.some(
          ({ records, error, nextOffset }, index) =>
            error || records.length > 0 || nextOffset !== positions[index]?.offset,
        )
      )
        return answers;
      await wait(2);
    }
    return [];
  }

  #read({ topic, partition, offset, topicId }: FetchPosition): FetchedPartition {
    const { id, partitions } = this.log.topic(topic);
    const all = partitions[partition] ?? [];
    const records = all.slice(Number(offset), Number(offset) + 500);
    const nextOffset = (records.at(-1)?.offset ?? offset - 1n) + 1n;
    const madeAnew = topicId !== undefined && topicId !== id;
    const error = madeAnew
      ? new ClientError('topic_recreated', `topic ${topic} was recreated`)
      : this.fetchError({ topic, partition });
    if (error)
      return { topic, partition, records: [], nextOffset: offset, highWatermark: BigInt(all.length), error };
    return { topic, partition, records, nextOffset, highWatermark: BigInt(all.length) };
  }

  async identify(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>> {
    return new Map(
      topics.map((name) => {
        const { id, partitions } = this.log.topic(name);
        return [name, { clusterId: this.log.clusterId, topicId: id, partitions: partitions.length }];
      }),
    );
  }

  async endOffsets(partitions: readonly TopicPartition[]) {
    return partitions.map(({ topic, partition }) => ({
      topic,
      partition,
      offset: BigInt(this.log.topic(topic).partitions[partition]?.length ?? 0),
    }));
  }

  async beginningOffsets(partitions: readonly TopicPartition[]) {
    return partitions.map(({ topic, partition }) => ({
      topic,
      partition,
      offset: this.log.topic(topic).beginning,
    }));
  }

  async offsetsForTimes(times: readonly PartitionTime[]) {
    return times.map(({ topic, partition, timestampMs }) =>
      this.log.topic(topic).partitions[partition]?.find((record) => record.timestampMs >= timestampMs),
    );
  }

  async commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    this.commits.push(...offsets);
    for (const offset of offsets)
      this.log.committed.set(nameOf(offset), { metadata: null, ...offset } as CommittedOffset);
  }

  async committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]> {
    return partitions.flatMap((place) => this.log.committed.get(nameOf(place)) ?? []);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

const nameOf = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`;
