import type { OffsetPlace, StoredOffset } from './offsets-topic-records.ts';

/** A commit in a transaction that is not decided yet, and where its record stands in the log. */
export interface PendingOffset {
  readonly place: OffsetPlace;
  readonly committed: StoredOffset;
  readonly recordOffset: bigint;
}

/** Offsets that were committed in open transactions. A transaction ends partition by partition of the offsets' topic. */
export class PendingOffsets {
  /** By partition of the log and producer, then by place: the last commit of a transaction counts. */
  readonly #open = new Map<string, Map<string, PendingOffset>>();

  add(logPartition: number, producerId: bigint, offsets: readonly PendingOffset[]): void {
    const key = keyOf(logPartition, producerId);
    const known = this.#open.get(key) ?? new Map<string, PendingOffset>();
    for (const offset of offsets) known.set(placeKey(offset.place), offset);
    this.#open.set(key, known);
  }

  /** What the producer's transaction has committed there; it is no longer pending. */
  take(logPartition: number, producerId: bigint): Iterable<PendingOffset> {
    const key = keyOf(logPartition, producerId);
    const offsets = this.#open.get(key);
    this.#open.delete(key);
    return offsets?.values() ?? [];
  }

  has(place: OffsetPlace): boolean {
    const key = placeKey(place);
    for (const offsets of this.#open.values()) if (offsets.has(key)) return true;
    return false;
  }

  hasGroup(groupId: string): boolean {
    for (const offsets of this.#open.values()) for (const { place } of offsets.values()) if (place.groupId === groupId) return true;
    return false;
  }

  forgetTopic(topic: string): void {
    for (const offsets of this.#open.values()) for (const [key, { place }] of offsets) if (place.topic === topic) offsets.delete(key);
  }
}

const keyOf = (logPartition: number, producerId: bigint): string => `${logPartition}/${producerId}`;
/** Topic names have no slash; a group id may have any character and stands last. */
const placeKey = ({ groupId, topic, partition }: OffsetPlace): string => `${topic}/${partition}/${groupId}`;
