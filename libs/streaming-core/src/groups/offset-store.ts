import type { Clock } from '../contract/index.ts';
import { offsetRecord, type OffsetPlace, type StoredOffset } from './offsets-topic-records.ts';
import type { OffsetsTopic } from './offsets-topic.ts';
import type { CommittedOffset, GroupPartition } from './types.ts';

type OffsetsOfTopic = Map<number, StoredOffset>;

interface OffsetWrite {
  readonly place: OffsetPlace;
  readonly committed: StoredOffset | undefined;
}

/** A committed offset, by where it belongs and when it was committed, in Unix milliseconds. */
export interface HeldOffset extends GroupPartition {
  readonly committedAtMs: number;
}

export interface OffsetStorePorts {
  readonly topic: OffsetsTopic;
  readonly clock: Clock;
  readonly batchBytesMax: number;
}

/** Committed offsets by group, topic and partition. What can be fetched is durable: memory is changed once the record is on disk. */
export class OffsetStore {
  readonly #ports: OffsetStorePorts;
  readonly #groups = new Map<string, Map<string, OffsetsOfTopic>>();

  constructor(ports: OffsetStorePorts) {
    this.#ports = ports;
  }

  groupIds(): IterableIterator<string> {
    return this.#groups.keys();
  }

  has(groupId: string): boolean {
    return this.#groups.has(groupId);
  }

  topics(): Set<string> {
    return new Set([...this.#groups.values()].flatMap((topics) => [...topics.keys()]));
  }

  /** Resolves when all are durable and visible; rejects when the log refuses. */
  async commit(groupId: string, offsets: readonly CommittedOffset[]): Promise<void> {
    const committedAtMs = BigInt(this.#ports.clock.now());
    await this.#write(
      groupId,
      offsets.map(({ topic, partition, offset, leaderEpoch, metadata }) => ({
        place: { groupId, topic, partition },
        committed: { offset, leaderEpoch, metadata: metadata ?? '', committedAtMs },
      })),
    );
  }

  /** G16: what was never committed has offset -1; `partitions` null asks for everything. */
  fetch(groupId: string, partitions: readonly GroupPartition[] | null): CommittedOffset[] {
    const topics = this.#groups.get(groupId);
    if (partitions !== null) return partitions.map(({ topic, partition }) => answer(topic, partition, topics?.get(topic)?.get(partition)));
    return [...(topics ?? [])].flatMap(([topic, offsets]) => [...offsets].map(([partition, stored]) => answer(topic, partition, stored)));
  }

  /** Writes tombstones for every group's offsets of the topic, those of commits under way included. */
  async forgetTopic(topic: string): Promise<void> {
    await this.#ports.topic.settled();
    const holders = [...this.#groups].filter(([, topics]) => topics.has(topic));
    await Promise.all(
      holders.map(([groupId, topics]) => {
        const partitions = [...(topics.get(topic)?.keys() ?? [])];
        return this.#write(
          groupId,
          partitions.map((partition) => ({ place: { groupId, topic, partition }, committed: undefined })),
        );
      }),
    );
  }

  /** Writes tombstones for those of the group's offsets that `which` names; by default for all. Resolves to how many. */
  async forget(groupId: string, which: (offset: HeldOffset) => boolean = () => true): Promise<number> {
    const held = [...(this.#groups.get(groupId) ?? [])].flatMap(([topic, offsets]) =>
      [...offsets].map(([partition, { committedAtMs }]) => ({ topic, partition, committedAtMs: Number(committedAtMs) })),
    );
    const doomed = held.filter(which);
    await this.#write(
      groupId,
      doomed.map(({ topic, partition }) => ({ place: { groupId, topic, partition }, committed: undefined })),
    );
    return doomed.length;
  }

  /** Takes over what a record says, without writing it. */
  apply({ groupId, topic, partition }: OffsetPlace, committed: StoredOffset | undefined): void {
    if (committed === undefined) return this.#delete(groupId, topic, partition);
    const topics = this.#groups.get(groupId) ?? new Map<string, OffsetsOfTopic>();
    const offsets = topics.get(topic) ?? new Map<number, StoredOffset>();
    this.#groups.set(groupId, topics);
    topics.set(topic, offsets);
    offsets.set(partition, committed);
  }

  async #write(groupId: string, writes: readonly OffsetWrite[]): Promise<void> {
    const batches = inBatches(writes, this.#ports.batchBytesMax);
    await Promise.all(
      batches.map((batch) =>
        this.#ports.topic.append(
          groupId,
          batch.map(({ record }) => record),
          () => batch.forEach(({ write }) => this.apply(write.place, write.committed)),
        ),
      ),
    );
  }

  #delete(groupId: string, topic: string, partition: number): void {
    const topics = this.#groups.get(groupId);
    const offsets = topics?.get(topic);
    offsets?.delete(partition);
    if (offsets?.size === 0) topics?.delete(topic);
    if (topics?.size === 0) this.#groups.delete(groupId);
  }
}

function answer(topic: string, partition: number, stored: StoredOffset | undefined): CommittedOffset {
  if (stored === undefined) return { topic, partition, offset: -1n, leaderEpoch: -1, metadata: '' };
  return { topic, partition, offset: stored.offset, leaderEpoch: stored.leaderEpoch, metadata: stored.metadata };
}

interface EncodedWrite {
  readonly write: OffsetWrite;
  readonly record: ReturnType<typeof offsetRecord>;
}

function inBatches(writes: readonly OffsetWrite[], batchBytesMax: number): EncodedWrite[][] {
  const batches: EncodedWrite[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const write of writes) {
    const record = offsetRecord(write.place, write.committed);
    bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
    if (bytes > batchBytesMax) {
      batches.push([]);
      bytes = (record.key?.length ?? 0) + (record.value?.length ?? 0);
    }
    batches.at(-1)?.push({ write, record });
  }
  return batches;
}
