/** A record of a fetch that waits for its turn. */
export interface BufferedRecord {
  readonly offset: bigint;
  /** Bytes of key, value and headers, for the limit of the buffer. */
  readonly sizeBytes: number;
}

/** A record that was read by its source's serdes, with the time that the extractor gave it. */
export interface StampedRecord {
  /** Unix time in milliseconds. */
  readonly timestampMs: number;
}

export interface QueueLimits {
  readonly bufferedRecordsMax: number;
  readonly bufferedBytesMax: number;
}

/**
 * Reads a record and extracts its time. Returns undefined if the record is skipped. The extractor
 * of a source may fall back to the partition time, which is -1 before the first record.
 */
export type Stamp<Raw, Stamped> = (raw: Raw, partitionTimeMs: number) => Stamped | undefined;

/** Numbers of records taken after which the array of the queue gives up what lies before its head. */
const compactEvery = 1_024;

/**
 * The records of one partition that a task has not processed yet. The first of them has been read,
 * so that its time is known.
 */
export class PartitionQueue<Raw extends BufferedRecord, Stamped extends StampedRecord> {
  readonly #stamp: Stamp<Raw, Stamped>;
  readonly #limits: QueueLimits;
  #waiting: Raw[] = [];
  #taken = 0;
  #bytes = 0;
  #head: { readonly raw: Raw; readonly stamped: Stamped } | undefined;
  #nextOffset: bigint;
  #partitionTimeMs: number;
  #skipped = 0;

  /** `partitionTimeMs` is the largest time processed before the restart, or -1. */
  constructor(
    from: { readonly offset: bigint; readonly partitionTimeMs: number },
    limits: QueueLimits,
    stamp: Stamp<Raw, Stamped>,
  ) {
    this.#stamp = stamp;
    this.#limits = limits;
    this.#nextOffset = from.offset;
    this.#partitionTimeMs = from.partitionTimeMs;
  }

  /** The largest time of a record that was taken, in Unix milliseconds, or -1. */
  get partitionTimeMs(): number {
    return this.#partitionTimeMs;
  }

  /** The time of the next record, or undefined if the queue is empty. */
  get headTimeMs(): number | undefined {
    return this.#head?.stamped.timestampMs;
  }

  /** The offset from which to fetch next. */
  get nextOffset(): bigint {
    return this.#nextOffset;
  }

  /** The offset to commit: every record before it was taken or skipped. */
  get committableOffset(): bigint {
    return this.#head?.raw.offset ?? this.#nextOffset;
  }

  /** The number of records that `stamp` has skipped. */
  get skipped(): number {
    return this.#skipped;
  }

  get records(): number {
    return this.#waiting.length - this.#taken + (this.#head === undefined ? 0 : 1);
  }

  /** True if the partition should not be fetched for now. */
  get isFull(): boolean {
    return this.records >= this.#limits.bufferedRecordsMax || this.#bytes >= this.#limits.bufferedBytesMax;
  }

  /** `nextOffset` may lie beyond the last record, because of markers and compaction. */
  add(records: readonly Raw[], nextOffset: bigint): void {
    for (const raw of records) {
      this.#waiting.push(raw);
      this.#bytes += raw.sizeBytes;
    }
    this.#nextOffset = nextOffset;
    this.#readHead();
  }

  take(): Stamped | undefined {
    if (this.#head === undefined) return undefined;
    const { raw, stamped } = this.#head;
    this.#head = undefined;
    this.#bytes -= raw.sizeBytes;
    this.#partitionTimeMs = Math.max(this.#partitionTimeMs, stamped.timestampMs);
    this.#readHead();
    return stamped;
  }

  #readHead(): void {
    while (this.#head === undefined && this.#taken < this.#waiting.length) {
      const raw = this.#waiting[this.#taken++]!;
      const stamped = this.#stamp(raw, this.#partitionTimeMs);
      if (stamped === undefined) {
        this.#bytes -= raw.sizeBytes;
        this.#skipped += 1;
      } else this.#head = { raw, stamped };
    }
    if (this.#taken < compactEvery && this.#taken < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#taken);
    this.#taken = 0;
  }
}
