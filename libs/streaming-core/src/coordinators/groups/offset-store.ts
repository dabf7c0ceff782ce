import type { Clock } from '../../runtime/index.ts';
import type { TransactionMarker } from '../../records/records.ts';
import type { HeldBytes } from '../../runtime/held-bytes.ts';
import { type OffsetPlace, type StoredOffset } from './offsets-topic.ts';
import type { CoordinatorTopic, Producer } from '../coordinator-topic.ts';
import {
  PendingOffsets,
  type PendingOffset,
  bytesOfCommit,
  bytesOfOffset,
  type OffsetWrite,
  pendingOf,
  inBatches,
  type HeldOffset,
  heldOffset,
} from './pending-offsets.ts';
import type { CommittedOffset, GroupPartition } from './group-requests.ts';

/**
 * A committed offset and the offset of its record in the log. If there are a plain and a
 * transactional commit, the later record counts, as it would after a reload.
 */
interface KeptOffset extends StoredOffset {
  readonly recordOffset: bigint;
}

type OffsetsOfTopic = Map<number, KeptOffset>;

interface OffsetStorePorts {
  readonly topic: CoordinatorTopic;
  readonly clock: Clock;
  readonly batchBytesMax: number;
  /** Memory held for all committed offsets, pending or not. */
  readonly held: HeldBytes;
}

/**
 * Committed offsets by group, topic and partition. Only durable offsets can be fetched, because
 * memory changes once the record is on disk.
 */
export class OffsetStore {
  readonly #ports: OffsetStorePorts;
  readonly #groups = new Map<string, Map<string, OffsetsOfTopic>>();
  readonly #pending: PendingOffsets;
  /** For each group, the number of commits that are written but not yet applied. */
  readonly #committing = new Map<string, number>();

  constructor(ports: OffsetStorePorts) {
    this.#ports = ports;
    this.#pending = new PendingOffsets(ports.held);
  }

  /** The ids of all groups with offsets, including those of open transactions. */
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

  /**
   * Whether the memory limit has room for these offsets. A commit replaces what is held for the
   * same partition, but a commit in a transaction comes on top of it.
   */
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

  /** Resolves when all offsets are durable and visible. Rejects when the log rejects the write. */
  async commit(groupId: string, offsets: readonly CommittedOffset[], retentionMs?: bigint): Promise<void> {
    await this.#whileCommitting(groupId, () =>
      this.#write(groupId, this.#writesOf(groupId, offsets, retentionMs)),
    );
  }

  /** Whether a commit of the group is in progress, so that the offsets held may be outdated. */
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

  /**
   * Resolves when all offsets are durable. They become visible when the transaction commits, and
   * are dropped when it aborts.
   */
  async commitInTransaction(
    groupId: string,
    offsets: readonly CommittedOffset[],
    producer: Producer,
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

  /**
   * Ends the producer's transaction on a partition of the offsets' topic. Resolves when that is
   * durable.
   */
  async endTransaction(partition: number, marker: TransactionMarker): Promise<void> {
    await this.#ports.topic.appendMarker(partition, marker, () => this.applyEnd(partition, marker));
  }

  /** Whether an undecided transaction has committed an offset for this partition. */
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

  /**
   * Returns offset -1 for what was never committed. With `partitions` null, returns all offsets of
   * the group.
   */
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

  /**
   * Writes tombstones for all groups' offsets of the topic, including those of commits in progress
   * and of open transactions.
   */
  async forgetTopic(topic: string): Promise<void> {
    await this.#ports.topic.settled();
    await Promise.all(
      [...this.groupIds()].map((groupId) => this.forget(groupId, (held) => held.topic === topic)),
    );
  }

  /**
   * Writes tombstones for the group's offsets that `which` selects, including pending ones. By
   * default these are all of them.
   */
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

  /** Applies a record to memory without writing it. */
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

  /** Applies records of an undecided transaction to memory. */
  applyPending(logPartition: number, producerId: bigint, offsets: readonly PendingOffset[]): void {
    this.#pending.add(logPartition, producerId, offsets);
  }

  /** Applies the end of a transaction to memory. */
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
/** Keeps the sum of a commit time and a client's retention time within the int64 field. */
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
