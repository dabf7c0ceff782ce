import type { OffsetPlace, StoredOffset } from './offsets-topic-records.ts';

/** A commit in a transaction that is not decided yet, and where its record stands in the log. */
export interface PendingOffset {
  readonly place: OffsetPlace;
  readonly committed: StoredOffset;
  readonly recordOffset: bigint;
}

interface PendingPlace {
  readonly offset: PendingOffset;
  transactions: number;
}

/** Offsets that were committed in open transactions. A transaction ends partition by partition of the offsets' topic. */
export class PendingOffsets {
  /** By partition of the log and producer, then by place: the last commit of a transaction counts. */
  readonly #open = new Map<string, Map<string, PendingOffset>>();
  /** By group, then by place: in how many transactions it is, and what the first of them has committed. */
  readonly #places = new Map<string, Map<string, PendingPlace>>();

  add(logPartition: number, producerId: bigint, offsets: readonly PendingOffset[]): void {
    const key = keyOf(logPartition, producerId);
    const known = this.#open.get(key) ?? new Map<string, PendingOffset>();
    for (const offset of offsets) {
      const at = placeKey(offset.place);
      if (!known.has(at)) this.#enter(offset);
      known.set(at, offset);
    }
    this.#open.set(key, known);
  }

  /** What the producer's transaction has committed there; it is no longer pending. */
  take(logPartition: number, producerId: bigint): readonly PendingOffset[] {
    const key = keyOf(logPartition, producerId);
    const offsets = [...(this.#open.get(key)?.values() ?? [])];
    this.#open.delete(key);
    for (const { place } of offsets) this.#leave(place);
    return offsets;
  }

  /** The place's offset was deleted: what was about to be committed there is not, either. */
  drop(place: OffsetPlace): void {
    if (!this.has(place)) return;
    const key = placeKey(place);
    for (const offsets of this.#open.values()) if (offsets.delete(key)) this.#leave(place);
  }

  has(place: OffsetPlace): boolean {
    return this.#places.get(place.groupId)?.has(placeKey(place)) ?? false;
  }

  hasGroup(groupId: string): boolean {
    return this.#places.has(groupId);
  }

  groupIds(): IterableIterator<string> {
    return this.#places.keys();
  }

  /** One of each place of the group. */
  ofGroup(groupId: string): readonly PendingOffset[] {
    return [...(this.#places.get(groupId)?.values() ?? [])].map(({ offset }) => offset);
  }

  #enter(offset: PendingOffset): void {
    const places = this.#places.get(offset.place.groupId) ?? new Map<string, PendingPlace>();
    this.#places.set(offset.place.groupId, places);
    const known = places.get(placeKey(offset.place));
    if (known === undefined) places.set(placeKey(offset.place), { offset, transactions: 1 });
    else known.transactions += 1;
  }

  #leave(place: OffsetPlace): void {
    const places = this.#places.get(place.groupId);
    const known = places?.get(placeKey(place));
    if (places === undefined || known === undefined) return;
    known.transactions -= 1;
    if (known.transactions === 0) places.delete(placeKey(place));
    if (places.size === 0) this.#places.delete(place.groupId);
  }
}

const keyOf = (logPartition: number, producerId: bigint): string => `${logPartition}/${producerId}`;
/** Topic names have no slash; a group id may have any character and stands last. */
const placeKey = ({ groupId, topic, partition }: OffsetPlace): string => `${topic}/${partition}/${groupId}`;
