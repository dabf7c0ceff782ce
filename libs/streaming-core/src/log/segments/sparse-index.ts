import type { RecordBatch } from '../../records/record-batch.ts';

/*
 * Apache Kafka's index files, big-endian, offsets relative to the segment's base:
 *   .index      offset int32, position int32      last offset of the batch at the position
 *   .timeindex  timestamp int64, offset int32     highest timestamp up to and including the batch
 *                                                 that ends at the offset
 */
const offsetEntryBytes = 8;
const timeEntryBytes = 12;

/**
 * Entries in one growing buffer. Both indexes take about 20 bytes per `index.interval.bytes` of
 * log.
 */
class Entries {
  readonly #entryBytes: number;
  #bytes: Buffer;
  #used: number;

  constructor(entryBytes: number, bytes: Buffer = Buffer.alloc(0)) {
    this.#entryBytes = entryBytes;
    this.#bytes = bytes;
    this.#used = bytes.length;
  }

  get count(): number {
    return this.#used / this.#entryBytes;
  }
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#used);
  }

  /** Makes room for an entry and returns where to write it. */
  add(): { bytes: Buffer; at: number } {
    if (this.#used + this.#entryBytes > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(32 * this.#entryBytes, this.#bytes.length * 2));
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    const at = this.#used;
    this.#used += this.#entryBytes;
    return { bytes: this.#bytes, at };
  }

  /** The position in the bytes of the last entry for which `isAtOrBefore` holds. Entries rise. */
  lastWhere(isAtOrBefore: (at: number) => boolean): number | undefined {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isAtOrBefore(middle * this.#entryBytes)) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? undefined : (low - 1) * this.#entryBytes;
  }
}

/** A timestamp, and the last offset of the first batch that has it. */
export interface HighestTimestamp {
  readonly timestampMs: bigint;
  readonly offset: bigint;
}

export class SparseIndex {
  readonly baseOffset: bigint;
  readonly #intervalBytes: number;
  readonly #offsets: Entries;
  readonly #times: Entries;
  #bytesSinceEntry = 0;
  #maxTimestamp = -1n;
  #offsetOfMaxTimestamp: bigint;

  constructor(
    baseOffset: bigint,
    intervalBytes: number,
    stored?: { readonly offsets: Buffer; readonly times: Buffer },
  ) {
    this.baseOffset = baseOffset;
    this.#intervalBytes = intervalBytes;
    this.#offsets = new Entries(offsetEntryBytes, stored?.offsets);
    this.#times = new Entries(timeEntryBytes, stored?.times);
    this.#offsetOfMaxTimestamp = baseOffset;
    if (stored !== undefined && this.#times.count > 0) this.#readMaxTimestamp(stored.times);
  }

  #readMaxTimestamp(times: Buffer): void {
    this.#maxTimestamp = times.readBigInt64BE(times.length - timeEntryBytes);
    this.#offsetOfMaxTimestamp = this.baseOffset + BigInt(times.readInt32BE(times.length - 4));
  }

  /**
   * Highest timestamp of the segment, -1 if it has none, and the last offset of the first batch
   * that has it.
   */
  get maxTimestamp(): HighestTimestamp {
    return { timestampMs: this.#maxTimestamp, offset: this.#offsetOfMaxTimestamp };
  }
  /** Follows Kafka's rule: one entry of the time index is reserved for the roll of the segment. */
  isFull(bytesMax: number): boolean {
    return (
      this.#offsets.count >= Math.floor(bytesMax / offsetEntryBytes) ||
      this.#times.count >= Math.floor(bytesMax / timeEntryBytes) - 1
    );
  }
  get offsetBytes(): Buffer {
    return this.#offsets.bytes;
  }
  get timeBytes(): Buffer {
    return this.#times.bytes;
  }

  /** Adds a batch at the end of the segment. */
  observe(batch: RecordBatch, position: number): void {
    const { maxTimestamp, lastOffset } = batch;
    if (maxTimestamp > this.#maxTimestamp) {
      this.#maxTimestamp = maxTimestamp;
      this.#offsetOfMaxTimestamp = lastOffset;
    }
    if (this.#bytesSinceEntry > this.#intervalBytes) {
      const { bytes, at } = this.#offsets.add();
      bytes.writeInt32BE(Number(lastOffset - this.baseOffset), at);
      bytes.writeInt32BE(position, at + 4);
      this.addTimeEntry();
      this.#bytesSinceEntry = 0;
    }
    this.#bytesSinceEntry += batch.sizeBytes;
  }

  /** Call this when the segment is rolled, too, so that its highest timestamp is on disk. */
  addTimeEntry(): void {
    const stored = this.#times.bytes;
    if (this.#times.count > 0 && this.#maxTimestamp <= stored.readBigInt64BE(stored.length - timeEntryBytes))
      return;
    if (this.#maxTimestamp < 0n) return;
    const { bytes, at } = this.#times.add();
    bytes.writeBigInt64BE(this.#maxTimestamp, at);
    bytes.writeInt32BE(Number(this.#offsetOfMaxTimestamp - this.baseOffset), at + 8);
  }

  /**
   * The position from which to look for an offset, and the last offset of the batch that has to be
   * at that position.
   */
  lookup(offset: bigint): { readonly position: number; readonly lastOffset: bigint | undefined } {
    const relative = Number(offset - this.baseOffset);
    const bytes = this.#offsets.bytes;
    const at = this.#offsets.lastWhere((entry) => bytes.readInt32BE(entry) <= relative);
    if (at === undefined) return { position: 0, lastOffset: undefined };
    return {
      position: bytes.readInt32BE(at + 4),
      lastOffset: this.baseOffset + BigInt(bytes.readInt32BE(at)),
    };
  }

  /**
   * An offset from which to look for a timestamp: every batch that ends before it has only older
   * records.
   */
  lookupTimestamp(timestampMs: bigint): bigint {
    const bytes = this.#times.bytes;
    const at = this.#times.lastWhere((entry) => bytes.readBigInt64BE(entry) <= timestampMs);
    return at === undefined ? this.baseOffset : this.#offsetAt(bytes, at);
  }

  /**
   * The last entry whose batch ends before the offset: no record up to there is newer. Returns
   * undefined if there is none.
   */
  highestBefore(endOffset: bigint): HighestTimestamp | undefined {
    const bytes = this.#times.bytes;
    const at = this.#times.lastWhere((entry) => this.#offsetAt(bytes, entry) < endOffset);
    return at === undefined
      ? undefined
      : { timestampMs: bytes.readBigInt64BE(at), offset: this.#offsetAt(bytes, at) };
  }

  #offsetAt(times: Buffer, entry: number): bigint {
    return this.baseOffset + BigInt(times.readInt32BE(entry + 8));
  }
}

/**
 * Whether bytes from disk can be the index of a log of this size: whole entries that rise. A wrong
 * entry is noticed when it is used.
 */
export function isPlausibleIndex(
  stored: { readonly offsets: Buffer; readonly times: Buffer },
  logBytes: number,
): boolean {
  const { offsets, times } = stored;
  if (offsets.length % offsetEntryBytes !== 0 || times.length % timeEntryBytes !== 0) return false;
  if (logBytes > 0 && times.length === 0) return false;
  for (let at = 0; at < offsets.length; at += offsetEntryBytes) {
    const rises =
      at === 0 ||
      (offsets.readInt32BE(at) > offsets.readInt32BE(at - 8) &&
        offsets.readInt32BE(at + 4) > offsets.readInt32BE(at - 4));
    const relative = offsets.readInt32BE(at);
    const position = offsets.readInt32BE(at + 4);
    if (!rises || relative < 0 || position < 0 || position >= logBytes) return false;
  }
  for (let at = timeEntryBytes; at < times.length; at += timeEntryBytes)
    if (!isLater(times, at, at - timeEntryBytes) || times.readInt32BE(at + 8) < times.readInt32BE(at - 4))
      return false;
  return true;
}

/**
 * Compares two timestamps without allocating BigInts, because an index can have a quarter of a
 * million entries.
 */
function isLater(times: Buffer, at: number, than: number): boolean {
  const high = times.readInt32BE(at);
  const highThan = times.readInt32BE(than);
  return high === highThan ? times.readUInt32BE(at + 4) > times.readUInt32BE(than + 4) : high > highThan;
}
