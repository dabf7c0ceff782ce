/** A record of a fetch that waits for its turn. */
export interface BufferedRecord {
  readonly offset: bigint;
  /** The bytes of key, value and headers, for the limit of the buffer. */
  readonly sizeBytes: number;
}

/** A record that its source's serdes have decoded, with the time that the extractor gave it. */
export interface StampedRecord {
  /** Unix time in milliseconds. */
  readonly timestampMs: number;
}

/** Records that are decoded one by one when they are taken. */
export interface WaitingRecords<Raw> {
  /** The largest possible number of records. */
  readonly countMax: number;
  /**
   * The bytes of their batches as fetched, including the batch headers, and possibly compressed.
   */
  readonly sizeBytes: number;
  /** Returns the next record, or undefined after the last. */
  next(): Raw | undefined;
}

export interface QueueLimits {
  readonly bufferedRecordsMax: number;
  readonly bufferedBytesMax: number;
}

/**
 * Decodes a record and extracts its time. Returns undefined if the record is skipped. The extractor
 * of a source may fall back to the partition time, which is -1 before the first record.
 */
export type Stamp<Raw, Stamped> = (raw: Raw, partitionTimeMs: number) => Stamped | undefined;

/** The records of one fetch that are still to be processed. */
interface Run<Raw> {
  readonly waiting: WaitingRecords<Raw>;
  records: number;
  bytes: number;
}

/**
 * The records of one partition that a task has not processed yet. The first one is already decoded,
 * so that its time is known.
 */
export class PartitionQueue<Raw extends BufferedRecord, Stamped extends StampedRecord> {
  readonly #stamp: Stamp<Raw, Stamped>;
  readonly #limits: QueueLimits;
  readonly #endOffset: bigint | undefined;
  readonly #runs: Run<Raw>[] = [];
  #records = 0;
  #bytes = 0;
  #rawHead: Raw | undefined;
  #head: Stamped | undefined;
  #nextOffset: bigint;
  #partitionTimeMs: number;
  #skipped = 0;

  /**
   * `partitionTimeMs` is the largest time processed before the restart, or -1. Records from
   * `endOffset` on are left out.
   */
  constructor(
    from: {
      readonly offset: bigint;
      readonly partitionTimeMs: number;
      readonly endOffset?: bigint | undefined;
    },
    limits: QueueLimits,
    stamp: Stamp<Raw, Stamped>,
  ) {
    this.#stamp = stamp;
    this.#limits = limits;
    this.#nextOffset = from.offset;
    this.#partitionTimeMs = from.partitionTimeMs;
    this.#endOffset = from.endOffset;
  }

  /** The largest time of a record that was taken, in Unix milliseconds, or -1. */
  get partitionTimeMs(): number {
    return this.#partitionTimeMs;
  }

  /** The time of the next record, or undefined if the queue is empty. */
  get headTimeMs(): number | undefined {
    return this.#head?.timestampMs;
  }

  /** The next record as it was fetched, or undefined if the queue is empty. */
  get rawHead(): Raw | undefined {
    return this.#rawHead;
  }

  /** The offset from which to fetch next. */
  get nextOffset(): bigint {
    return this.#nextOffset;
  }

  /** The offset to commit: every record before it has been taken or skipped. */
  get committableOffset(): bigint {
    return this.#rawHead?.offset ?? this.#nextOffset;
  }

  /** The number of records that `stamp` has skipped. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The largest possible number of waiting records. */
  get records(): number {
    return this.#records + (this.#head === undefined ? 0 : 1);
  }

  /** Whether everything before `endOffset` was fetched. */
  get isAtEnd(): boolean {
    return this.#endOffset !== undefined && this.#nextOffset >= this.#endOffset;
  }

  /** Whether the partition should not be fetched for now. */
  get isFull(): boolean {
    if (this.isAtEnd) return true;
    const { bufferedRecordsMax, bufferedBytesMax } = this.#limits;
    const bytes = this.#bytes + (this.#rawHead?.sizeBytes ?? 0);
    return this.records >= bufferedRecordsMax || bytes >= bufferedBytesMax;
  }

  /**
   * Adds the records of a fetch. `nextOffset` may lie beyond the last record, because of markers
   * and compaction.
   */
  add(waiting: WaitingRecords<Raw>, nextOffset: bigint): void {
    const { countMax: records, sizeBytes: bytes } = waiting;
    this.#nextOffset = this.#upToEnd(nextOffset);
    // Compaction leaves behind batches without records.
    if (records === 0) return;
    this.#runs.push({ waiting, records, bytes });
    this.#records += records;
    this.#bytes += bytes;
    this.#readHead();
  }

  /** The number of offsets to this end of the partition, or to the end of the queue if that is earlier. */
  lagTo(end: bigint): bigint {
    return this.#upToEnd(end) - this.#nextOffset;
  }

  #upToEnd(offset: bigint): bigint {
    return this.#endOffset !== undefined && offset > this.#endOffset ? this.#endOffset : offset;
  }

  take(): Stamped | undefined {
    const stamped = this.#head;
    if (stamped === undefined) return undefined;
    this.#head = undefined;
    this.#rawHead = undefined;
    this.#partitionTimeMs = Math.max(this.#partitionTimeMs, stamped.timestampMs);
    this.#readHead();
    return stamped;
  }

  #readHead(): void {
    while (this.#head === undefined) {
      const raw = this.#nextRaw();
      if (raw === undefined) return;
      const stamped = this.#stamp(raw, this.#partitionTimeMs);
      if (stamped === undefined) this.#skipped += 1;
      else {
        this.#head = stamped;
        this.#rawHead = raw;
      }
    }
  }

  /** Takes the next record of the first run that has one left. */
  #nextRaw(): Raw | undefined {
    for (let run = this.#runs[0]; run !== undefined; run = this.#runs[0]) {
      const raw = run.waiting.next();
      if (raw !== undefined && this.#upToEnd(raw.offset + 1n) > raw.offset) {
        this.#release(run, 1, Math.min(run.bytes, raw.sizeBytes));
        return raw;
      }
      this.#release(run, run.records, run.bytes);
      this.#runs.shift();
    }
    return undefined;
  }

  #release(run: Run<Raw>, records: number, bytes: number): void {
    run.records -= records;
    run.bytes -= bytes;
    this.#records -= records;
    this.#bytes -= bytes;
  }
}
