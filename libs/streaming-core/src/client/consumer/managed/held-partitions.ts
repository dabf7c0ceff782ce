import type { FetchedPartition, FetchedRecord } from '../../fetched-records.ts';
import type { TopicPartition } from '../../topic-partition.ts';
import { ClientError } from '../../errors/client-error.ts';
import { nameOf } from '../../partition-map.ts';

/** A position from which a partition is read. A seek begins another reading. */
export interface Reading {
  /** The offset to fetch next. */
  nextOffset: bigint;
  /** Whether a fetch or a failure keeps the partition from being fetched. */
  isBusy: boolean;
}

/** Something taken from a partition. It is finished when everything below `upTo` is. */
export interface Taken<Content> {
  readonly content: Content;
  readonly held: HeldPartition;
  readonly reading: Reading;
  readonly upTo: bigint;
}

interface Chunk {
  readonly records: readonly FetchedRecord[];
  readonly nextOffset: bigint;
  readonly bytes: number;
  taken: number;
}

/** The number of fetch answers that a partition may buffer: one to deliver, and the next one. */
const chunksMax = 2;

type Answer = Pick<FetchedPartition<FetchedRecord>, 'records' | 'nextOffset'>;

/**
 * A partition that is assigned to a consumer: where it is read, what is buffered, and how far the
 * application has finished it. A partition without a reading has no position yet.
 */
export class HeldPartition implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  isPaused = false;
  /** Whether the listener still takes the partition over. Nothing of it is fetched before. */
  isArriving = false;
  /** Whether the partition is being given up. Nothing of it is delivered or fetched any more. */
  isRevoked = false;
  /**
   * Whether the log did not have the last position, so that the committed offset is useless too.
   */
  isOutOfRange = false;
  /** The last committed offset, or undefined if it is unknown or was committed before a seek. */
  committed: bigint | undefined;
  #finished: bigint | undefined;
  #reading: Reading | undefined;
  #chunks: Chunk[] = [];

  constructor({ topic, partition }: TopicPartition) {
    this.topic = topic;
    this.partition = partition;
  }

  get reading(): Reading | undefined {
    return this.#reading;
  }

  /** Everything below this offset is finished. */
  get finished(): bigint | undefined {
    return this.#finished;
  }

  /** Whether an automatic commit is due. It never goes back behind an offset that was committed. */
  get isAhead(): boolean {
    return this.#finished !== undefined && (this.committed === undefined || this.#finished > this.committed);
  }

  /** The offset of the next record to deliver, as far as it is known. */
  get position(): bigint | undefined {
    const next = this.#chunks.find(({ records }) => records.length > 0);
    return next?.records[next.taken]?.offset ?? this.#reading?.nextOffset;
  }

  get bufferedBytes(): number {
    return this.#chunks.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get canDeliver(): boolean {
    return !this.isPaused && !this.isRevoked && this.#chunks.length > 0;
  }

  get canFetch(): boolean {
    const isIdle = this.#reading !== undefined && !this.#reading.isBusy;
    const isHeldUp = this.isPaused || this.isArriving || this.isRevoked;
    return isIdle && this.#chunks.length < chunksMax && !isHeldUp;
  }

  /** Whether the place to begin has to be found. */
  get needsPosition(): boolean {
    return this.#reading === undefined && !this.isArriving && !this.isRevoked;
  }

  /** True if a part of a fetch answer was delivered, and the rest was not. */
  get isWithinAnswer(): boolean {
    return this.#chunks[0] !== undefined && this.#chunks[0].taken > 0;
  }

  /** Drops what is buffered or on its way. Everything before the offset counts as finished. */
  startAt(offset: bigint): void {
    this.#reading = { nextOffset: offset, isBusy: false };
    this.#chunks = [];
    this.#finished = offset;
    this.committed = undefined;
    this.isOutOfRange = false;
  }

  /** The log does not have the position of this reading. */
  leaveRange(reading: Reading): void {
    if (reading !== this.#reading) return;
    this.#reading = undefined;
    this.isOutOfRange = true;
  }

  /** Buffers the answer to a fetch of this reading. */
  accept(reading: Reading, { records, nextOffset }: Answer, bytes: number): void {
    reading.isBusy = false;
    if (reading !== this.#reading || nextOffset <= reading.nextOffset) return;
    reading.nextOffset = nextOffset;
    this.#chunks.push({ records, nextOffset, bytes, taken: 0 });
  }

  takeRecord(): Taken<FetchedRecord> | undefined {
    const chunk = this.#firstChunk();
    if (chunk === undefined) return undefined;
    const content = chunk.records[chunk.taken]!;
    chunk.taken += 1;
    const isLast = chunk.taken === chunk.records.length;
    if (isLast) this.#chunks.shift();
    return this.#taken(content, isLast ? chunk.nextOffset : content.offset + 1n);
  }

  takeRecords(): Taken<readonly FetchedRecord[]> | undefined {
    const chunk = this.#firstChunk();
    if (chunk === undefined) return undefined;
    this.#chunks.shift();
    return this.#taken(
      chunk.taken === 0 ? chunk.records : chunk.records.slice(chunk.taken),
      chunk.nextOffset,
    );
  }

  /** Has no effect if the partition was sought since. */
  finish(reading: Reading, upTo: bigint): void {
    if (reading === this.#reading) this.#finished = upTo;
  }

  /** Skips chunks without records, which only had markers or aborted records. */
  #firstChunk(): Chunk | undefined {
    for (let [chunk] = this.#chunks; chunk !== undefined; [chunk] = this.#chunks) {
      if (chunk.records.length > 0) return chunk;
      this.#chunks.shift();
      this.#finished = chunk.nextOffset;
    }
    return undefined;
  }

  #taken<Content>(content: Content, upTo: bigint): Taken<Content> {
    return { content, held: this, reading: this.#reading!, upTo };
  }
}

/** The partitions that are assigned to a consumer. */
export class HeldPartitions {
  readonly #held = new Map<string, HeldPartition>();
  #all: readonly HeldPartition[] = [];
  #inTurn: HeldPartition | undefined;

  get all(): readonly HeldPartition[] {
    return this.#all;
  }

  get bufferedBytes(): number {
    return this.#all.reduce((sum, { bufferedBytes }) => sum + bufferedBytes, 0);
  }

  add(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) this.#held.set(nameOf(at), new HeldPartition(at));
    this.#all = [...this.#held.values()];
  }

  remove(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) this.#held.delete(nameOf(at));
    this.#all = [...this.#held.values()];
  }

  has(at: TopicPartition): boolean {
    return this.#held.has(nameOf(at));
  }

  /** Rejects partitions that other members own. */
  of(at: TopicPartition): HeldPartition {
    const held = this.#held.get(nameOf(at));
    if (held === undefined)
      throw new ClientError('not_member', `${nameOf(at)} is not assigned to this consumer at the moment`);
    return held;
  }

  /** Takes all of a fetch answer from one partition before the next partition has its turn. */
  take<Content>(from: (held: HeldPartition) => Taken<Content> | undefined): Taken<Content> | undefined {
    const all = this.#all;
    const start = this.#inTurn === undefined ? 0 : Math.max(0, all.indexOf(this.#inTurn));
    for (let step = 0; step < all.length; step += 1) {
      const held = all[(start + step) % all.length]!;
      const taken = held.canDeliver ? from(held) : undefined;
      if (taken === undefined) continue;
      this.#inTurn = held.isWithinAnswer ? held : all[(start + step + 1) % all.length];
      return taken;
    }
    return undefined;
  }
}
