import type { GroupPartition, CommittedOffset } from './group-requests.ts';
import type { HeldBytes } from '../../runtime/held-bytes.ts';
import { type OffsetPlace, type StoredOffset, offsetRecord } from './offsets-topic.ts';

/** A commit in an undecided transaction, and the offset of its record in the log. */
export interface PendingOffset {
  readonly place: OffsetPlace;
  readonly committed: StoredOffset;
  readonly recordOffset: bigint;
}

interface PendingPlace {
  readonly offset: PendingOffset;
  transactions: number;
}

/**
 * Offsets committed in open transactions. A transaction ends separately in each partition of the
 * offsets' topic.
 */
export class PendingOffsets {
  readonly #held: HeldBytes;
  /**
   * Commits by log partition and producer, then by place. The last commit of a transaction counts.
   */
  readonly #open = new Map<string, Map<string, PendingOffset>>();
  /**
   * By group and place: the number of transactions with a commit there, and the commit of the
   * first.
   */
  readonly #places = new Map<string, Map<string, PendingPlace>>();

  constructor(held: HeldBytes) {
    this.#held = held;
  }

  add(logPartition: number, producerId: bigint, offsets: readonly PendingOffset[]): void {
    const key = keyOf(logPartition, producerId);
    const known = this.#open.get(key) ?? new Map<string, PendingOffset>();
    for (const offset of offsets) {
      const at = placeKey(offset.place);
      const before = known.get(at);
      if (before === undefined) this.#enter(offset);
      known.set(at, offset);
      this.#held.add(bytesOfOffset(offset) - bytesOfOffset(before));
    }
    this.#open.set(key, known);
  }

  /**
   * Removes and returns the offsets that the producer's transaction has committed in the partition.
   */
  take(logPartition: number, producerId: bigint): readonly PendingOffset[] {
    const key = keyOf(logPartition, producerId);
    const offsets = [...(this.#open.get(key)?.values() ?? [])];
    this.#open.delete(key);
    for (const offset of offsets) this.#release(offset);
    return offsets;
  }

  /** Drops all pending commits of a place whose offset was deleted. */
  drop(place: OffsetPlace): void {
    if (!this.has(place)) return;
    const key = placeKey(place);
    for (const offsets of this.#open.values()) {
      const offset = offsets.get(key);
      if (offset === undefined) continue;
      offsets.delete(key);
      this.#release(offset);
    }
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

  /** Returns one pending commit for each place of the group. */
  ofGroup(groupId: string): readonly PendingOffset[] {
    return [...(this.#places.get(groupId)?.values() ?? [])].map(({ offset }) => offset);
  }

  #release(offset: PendingOffset): void {
    this.#held.add(-bytesOfOffset(offset));
    this.#leave(offset.place);
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
/** The group id comes last, since it may contain any character. Topic names contain no slash. */
const placeKey = ({ groupId, topic, partition }: OffsetPlace): string => `${topic}/${partition}/${groupId}`;

/**
 * Measured: up to 500 bytes for the only offset of its topic, or for the entry of an open
 * transaction.
 */
const bytesEach = 500;
/**
 * Strings may take two bytes per UTF-16 unit. The names of a place are in the place and in its key.
 */
const bytesPerUnit = 2;

/** Estimates the memory of one offset, for the limit over all groups. */
export const bytesOfOffset = (
  offset: { readonly place: OffsetPlace; readonly committed: Pick<StoredOffset, 'metadata'> } | undefined,
): number =>
  offset === undefined
    ? 0
    : bytesEach +
      bytesPerUnit *
        (offset.place.groupId.length + offset.place.topic.length + offset.committed.metadata.length);

/** Estimates the memory of an offset that is about to be committed. */
export const bytesOfCommit = (groupId: string, { topic, partition, metadata }: CommittedOffset): number =>
  bytesOfOffset({ place: { groupId, topic, partition }, committed: { metadata: metadata ?? '' } });

export interface OffsetWrite {
  readonly place: OffsetPlace;
  readonly committed: StoredOffset | undefined;
}

interface EncodedWrite<Write> {
  readonly write: Write;
  readonly record: ReturnType<typeof offsetRecord>;
}

export const pendingOf = (
  batch: ReadonlyArray<EncodedWrite<Omit<PendingOffset, 'recordOffset'>>>,
  base: bigint,
): PendingOffset[] => batch.map(({ write }, index) => ({ ...write, recordOffset: base + BigInt(index) }));

export function inBatches<Write extends OffsetWrite>(
  writes: readonly Write[],
  batchBytesMax: number,
): Array<Array<EncodedWrite<Write>>> {
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

/** An offset of a group and the partition it is for. Times are Unix milliseconds. */
export interface HeldOffset extends GroupPartition {
  readonly committedAtMs: number;
  /** Undefined when the broker's retention setting applies. */
  readonly expiresAtMs: number | undefined;
  /** Whether an undecided transaction has also committed it. */
  readonly isPending: boolean;
}

export const heldOffset = (
  { topic, partition }: OffsetPlace,
  { committedAtMs, expiresAtMs }: StoredOffset,
  isPending: boolean,
): HeldOffset => ({
  topic,
  partition,
  isPending,
  committedAtMs: Number(committedAtMs),
  expiresAtMs: expiresAtMs === undefined ? undefined : Number(expiresAtMs),
});
