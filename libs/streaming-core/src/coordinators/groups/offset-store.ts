import type { Clock } from '../../runtime/index.ts';
import type { TransactionMarker } from '../../records/transaction-marker.ts';
import type { HeldBytes } from '../../runtime/held-bytes.ts';
import { bytesOfCommit, bytesOfOffset } from './offset-bytes.ts';
import { type OffsetPlace, type StoredOffset } from './offsets-topic-records.ts';
import type { OffsetsTopic, TransactionalProducer } from './offsets-topic.ts';
import { PendingOffsets, type PendingOffset } from './pending-offsets.ts';
import type { CommittedOffset, GroupPartition } from './types.ts';
import { type OffsetWrite, pendingOf, inBatches } from './offset-batches.ts';
import { type HeldOffset, heldOffset } from './held-offset.ts';

/** A commit and where its record stands in the log: of a plain and a transactional one the later record counts, as after a reload. */
interface KeptOffset extends StoredOffset {
  readonly recordOffset: bigint;
}

type OffsetsOfTopic = Map<number, KeptOffset>;

export interface OffsetStorePorts {
  readonly topic: OffsetsTopic;
  readonly clock: Clock;
  readonly batchBytesMax: number;
  /** Of all that is committed, pending or not. */
  readonly held: HeldBytes;
}

/** Committed offsets by group, topic and partition. What can be fetched is durable: memory is changed once the record is on disk. */
export class OffsetStore {
  readonly #ports: OffsetStorePorts;
  readonly #groups = new Map<string, Map<string, OffsetsOfTopic>>();
  readonly #pending: PendingOffsets;
  /** By group: commits that are written and not applied yet. */
  readonly #committing = new Map<string, number>();

  constructor(ports: OffsetStorePorts) {
    this.#ports = ports;
    this.#pending = new PendingOffsets(ports.held);
  }

  /** Of every group that has committed, in an open transaction too. */
  groupIds(): ReadonlySet<string> {
    return new Set([...this.#groups.keys(), ...this.#pending.groupIds()]);
  }

  has(groupId: string): boolean {
    return this.#groups.has(groupId) || this.#pending.hasGroup(groupId);
  }

  topics(): Set<string> {
    const committed = [...this.#groups.values()].flatMap((topics) => [...topics.keys()]);
    const pending = [...this.#pending.groupIds()].flatMap((groupId) => this.#pending.ofGroup(groupId));
    return new Set([...committed, ...pending.map(({ place }) => place.topic)]);
  }

  /** Whether there is memory for them beside what is held, of which a commit of the same place takes the room. In a transaction each is one more. */
  hasRoomFor(
    groupId: string,
    offsets: readonly CommittedOffset[],
    { inTransaction }: { readonly inTransaction: boolean },
  ): boolean {
    const replaced = (offset: CommittedOffset) =>
      inTransaction ? 0 : this.#bytesAt({ groupId, topic: offset.topic, partition: offset.partition });
    return this.#ports.held.hasRoomFor(
      offsets.reduce((sum, offset) => sum + bytesOfCommit(groupId, offset) - replaced(offset), 0),
    );
  }

  #bytesAt(place: OffsetPlace): number {
    const committed = this.#groups.get(place.groupId)?.get(place.topic)?.get(place.partition);
    return committed === undefined ? 0 : bytesOfOffset({ place, committed });
  }

  /** Resolves when all are durable and visible; rejects when the log refuses. */
  async commit(groupId: string, offsets: readonly CommittedOffset[], retentionMs?: bigint): Promise<void> {
    await this.#whileCommitting(groupId, () =>
      this.#write(groupId, this.#writesOf(groupId, offsets, retentionMs)),
    );
  }

  /** What is held of the group may be older than what was written of it. */
  isCommitting(groupId: string): boolean {
    return this.#committing.has(groupId);
  }

  async #whileCommitting(groupId: string, commit: () => Promise<unknown>): Promise<void> {
    this.#committing.set(groupId, (this.#committing.get(groupId) ?? 0) + 1);
    try {
      await commit();
    } finally {
      const others = (this.#committing.get(groupId) ?? 1) - 1;
      if (others > 0) this.#committing.set(groupId, others);
      else this.#committing.delete(groupId);
    }
  }

  /** Resolves when all are durable. They become visible when the transaction commits, and are dropped when it aborts (X10). */
  async commitInTransaction(
    groupId: string,
    offsets: readonly CommittedOffset[],
    producer: TransactionalProducer,
  ): Promise<void> {
    const { topic, batchBytesMax } = this.#ports;
    const batches = inBatches(this.#writesOf(groupId, offsets), batchBytesMax);
    await this.#whileCommitting(groupId, async () => {
      const partition = await topic.partitionOf(groupId);
      const append = (batch: (typeof batches)[number]) =>
        topic.appendInTransaction(
          groupId,
          batch.map(({ record }) => record),
          {
            producer,
            apply: (base) => this.applyPending(partition, producer.producerId, pendingOf(batch, base)),
          },
        );
      await Promise.all(batches.map(append));
    });
  }

  /** Ends the producer's transaction on a partition of the offsets' topic; durable when it resolves. */
  async endTransaction(partition: number, marker: TransactionMarker): Promise<void> {
    await this.#ports.topic.end(partition, marker, () => this.applyEnd(partition, marker));
  }

  /** Whether a transaction that is not decided yet has committed the partition's offset (V4). */
  isPending(place: OffsetPlace): boolean {
    return this.#pending.has(place);
  }

  #writesOf(
    groupId: string,
    offsets: readonly CommittedOffset[],
    retentionMs?: bigint,
  ): Array<OffsetWrite & { readonly committed: StoredOffset }> {
    const committedAtMs = BigInt(this.#ports.clock.now());
    const expiresAtMs = retentionMs === undefined ? undefined : noLaterThanEver(committedAtMs + retentionMs);
    return offsets.map(({ topic, partition, offset, leaderEpoch, metadata }) => ({
      place: { groupId, topic, partition },
      committed: { offset, leaderEpoch, metadata: metadata ?? '', committedAtMs, expiresAtMs },
    }));
  }

  /** G16: what was never committed has offset -1; `partitions` null asks for everything. */
  fetch(groupId: string, partitions: readonly GroupPartition[] | null): CommittedOffset[] {
    const topics = this.#groups.get(groupId);
    if (partitions !== null)
      return partitions.map(({ topic, partition }) =>
        answer(topic, partition, topics?.get(topic)?.get(partition)),
      );
    return [...(topics ?? [])].flatMap(([topic, offsets]) =>
      [...offsets].map(([partition, stored]) => answer(topic, partition, stored)),
    );
  }

  /** Writes tombstones for every group's offsets of the topic, those of commits under way and of open transactions included. */
  async forgetTopic(topic: string): Promise<void> {
    await this.#ports.topic.settled();
    await Promise.all(
      [...this.groupIds()].map((groupId) => this.forget(groupId, (held) => held.topic === topic)),
    );
  }

  /** Writes tombstones for those of the group's offsets that `which` names, pending ones included; by default for all. */
  async forget(groupId: string, which: (offset: HeldOffset) => boolean = () => true): Promise<void> {
    const doomed = this.#held(groupId).filter(which);
    await this.#write(
      groupId,
      doomed.map(({ topic, partition }) => ({ place: { groupId, topic, partition }, committed: undefined })),
    );
  }

  #held(groupId: string): HeldOffset[] {
    const committed = [...(this.#groups.get(groupId) ?? [])].flatMap(([topic, offsets]) =>
      [...offsets].map(([partition, stored]) =>
        heldOffset({ groupId, topic, partition }, stored, this.isPending({ groupId, topic, partition })),
      ),
    );
    const places = new Set(committed.map(({ topic, partition }) => `${topic}-${partition}`));
    const pending = this.#pending
      .ofGroup(groupId)
      .filter(({ place }) => !places.has(`${place.topic}-${place.partition}`));
    return [...committed, ...pending.map(({ place, committed: stored }) => heldOffset(place, stored, true))];
  }

  /** Takes over what a record says, without writing it. */
  apply(
    { groupId, topic, partition }: OffsetPlace,
    committed: StoredOffset | undefined,
    recordOffset: bigint,
  ): void {
    if (committed === undefined) return this.#delete({ groupId, topic, partition });
    const topics = this.#groups.get(groupId) ?? new Map<string, OffsetsOfTopic>();
    const offsets = topics.get(topic) ?? (new Map() as OffsetsOfTopic);
    this.#groups.set(groupId, topics);
    topics.set(topic, offsets);
    const place = { groupId, topic, partition };
    this.#ports.held.add(bytesOfOffset({ place, committed }) - this.#bytesAt(place));
    offsets.set(partition, { ...committed, recordOffset });
  }

  /** The same for records of a transaction that is not decided. */
  applyPending(logPartition: number, producerId: bigint, offsets: readonly PendingOffset[]): void {
    this.#pending.add(logPartition, producerId, offsets);
  }

  /** The same for the end of a transaction. */
  applyEnd(
    logPartition: number,
    { producerId, committed }: Pick<TransactionMarker, 'producerId' | 'committed'>,
  ): void {
    for (const { place, committed: offset, recordOffset } of this.#pending.take(logPartition, producerId)) {
      const known = this.#groups.get(place.groupId)?.get(place.topic)?.get(place.partition);
      if (committed && (known === undefined || known.recordOffset < recordOffset))
        this.apply(place, offset, recordOffset);
    }
  }

  async #write(groupId: string, writes: readonly OffsetWrite[]): Promise<void> {
    const batches = inBatches(writes, this.#ports.batchBytesMax);
    await Promise.all(
      batches.map((batch) =>
        this.#ports.topic.append(
          groupId,
          batch.map(({ record }) => record),
          (base) =>
            batch.forEach(({ write }, index) =>
              this.apply(write.place, write.committed, base + BigInt(index)),
            ),
        ),
      ),
    );
  }

  #delete(place: OffsetPlace): void {
    const { groupId, topic, partition } = place;
    this.#pending.drop(place);
    this.#ports.held.add(-this.#bytesAt(place));
    const topics = this.#groups.get(groupId);
    const offsets = topics?.get(topic);
    offsets?.delete(partition);
    if (offsets?.size === 0) topics?.delete(topic);
    if (topics?.size === 0) this.#groups.delete(groupId);
  }
}

const everMs = 2n ** 63n - 1n;
/** A client may keep an offset for all the milliseconds that its field holds. */
const noLaterThanEver = (atMs: bigint): bigint => (atMs < everMs ? atMs : everMs);

function answer(topic: string, partition: number, stored: StoredOffset | undefined): CommittedOffset {
  if (stored === undefined) return { topic, partition, offset: -1n, leaderEpoch: -1, metadata: '' };
  return {
    topic,
    partition,
    offset: stored.offset,
    leaderEpoch: stored.leaderEpoch,
    metadata: stored.metadata,
  };
}
