import type { Clock } from '../contract/index.ts';
import type { TransactionMarker } from '../log/transaction-marker.ts';
import { offsetRecord, type OffsetPlace, type StoredOffset } from './offsets-topic-records.ts';
import type { OffsetsTopic, TransactionalProducer } from './offsets-topic.ts';
import { PendingOffsets, type PendingOffset } from './pending-offsets.ts';
import type { CommittedOffset, GroupPartition } from './types.ts';

/** A commit and where its record stands in the log: of a plain and a transactional one the later record counts, as after a reload. */
interface KeptOffset extends StoredOffset {
  readonly recordOffset: bigint;
}

type OffsetsOfTopic = Map<number, KeptOffset>;

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
  readonly #pending = new PendingOffsets();

  constructor(ports: OffsetStorePorts) {
    this.#ports = ports;
  }

  groupIds(): IterableIterator<string> {
    return this.#groups.keys();
  }

  has(groupId: string): boolean {
    return this.#groups.has(groupId) || this.#pending.hasGroup(groupId);
  }

  topics(): Set<string> {
    return new Set([...this.#groups.values()].flatMap((topics) => [...topics.keys()]));
  }

  /** Resolves when all are durable and visible; rejects when the log refuses. */
  async commit(groupId: string, offsets: readonly CommittedOffset[]): Promise<void> {
    await this.#write(groupId, this.#writesOf(groupId, offsets));
  }

  /** Resolves when all are durable. They become visible when the transaction commits, and are dropped when it aborts (X10). */
  async commitInTransaction(groupId: string, offsets: readonly CommittedOffset[], producer: TransactionalProducer): Promise<void> {
    const { topic, batchBytesMax } = this.#ports;
    const batches = inBatches(this.#writesOf(groupId, offsets), batchBytesMax);
    const partition = await topic.partitionOf(groupId);
    await Promise.all(
      batches.map((batch) =>
        topic.appendInTransaction(
          groupId,
          batch.map(({ record }) => record),
          { producer, apply: (base) => this.applyPending(partition, producer.producerId, pendingOf(batch, base)) },
        ),
      ),
    );
  }

  /** Ends the producer's transaction on a partition of the offsets' topic; durable when it resolves. */
  async endTransaction(partition: number, marker: TransactionMarker): Promise<void> {
    await this.#ports.topic.end(partition, marker, () => this.applyEnd(partition, marker));
  }

  /** Whether a transaction that is not decided yet has committed the partition's offset (V4). */
  isPending(place: OffsetPlace): boolean {
    return this.#pending.has(place);
  }

  #writesOf(groupId: string, offsets: readonly CommittedOffset[]): Array<OffsetWrite & { readonly committed: StoredOffset }> {
    const committedAtMs = BigInt(this.#ports.clock.now());
    return offsets.map(({ topic, partition, offset, leaderEpoch, metadata }) => ({
      place: { groupId, topic, partition },
      committed: { offset, leaderEpoch, metadata: metadata ?? '', committedAtMs },
    }));
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
    this.#pending.forgetTopic(topic);
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
  apply({ groupId, topic, partition }: OffsetPlace, committed: StoredOffset | undefined, recordOffset: bigint): void {
    if (committed === undefined) return this.#delete(groupId, topic, partition);
    const topics = this.#groups.get(groupId) ?? new Map<string, OffsetsOfTopic>();
    const offsets = topics.get(topic) ?? (new Map() as OffsetsOfTopic);
    this.#groups.set(groupId, topics);
    topics.set(topic, offsets);
    offsets.set(partition, { ...committed, recordOffset });
  }

  /** The same for records of a transaction that is not decided. */
  applyPending(logPartition: number, producerId: bigint, offsets: readonly PendingOffset[]): void {
    this.#pending.add(logPartition, producerId, offsets);
  }

  /** The same for the end of a transaction. */
  applyEnd(logPartition: number, { producerId, committed }: Pick<TransactionMarker, 'producerId' | 'committed'>): void {
    for (const { place, committed: offset, recordOffset } of this.#pending.take(logPartition, producerId)) {
      const known = this.#groups.get(place.groupId)?.get(place.topic)?.get(place.partition);
      if (committed && (known === undefined || known.recordOffset < recordOffset)) this.apply(place, offset, recordOffset);
    }
  }

  async #write(groupId: string, writes: readonly OffsetWrite[]): Promise<void> {
    const batches = inBatches(writes, this.#ports.batchBytesMax);
    await Promise.all(
      batches.map((batch) =>
        this.#ports.topic.append(
          groupId,
          batch.map(({ record }) => record),
          (base) => batch.forEach(({ write }, index) => this.apply(write.place, write.committed, base + BigInt(index))),
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

interface EncodedWrite<Write> {
  readonly write: Write;
  readonly record: ReturnType<typeof offsetRecord>;
}

const pendingOf = (batch: ReadonlyArray<EncodedWrite<Omit<PendingOffset, 'recordOffset'>>>, base: bigint): PendingOffset[] =>
  batch.map(({ write }, index) => ({ ...write, recordOffset: base + BigInt(index) }));

function inBatches<Write extends OffsetWrite>(writes: readonly Write[], batchBytesMax: number): Array<Array<EncodedWrite<Write>>> {
  const batches: Array<Array<EncodedWrite<Write>>> = [];
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
