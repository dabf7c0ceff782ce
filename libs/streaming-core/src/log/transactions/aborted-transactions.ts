/** An aborted transaction, as seen by one partition. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  /** Offset of its first record on the partition. */
  readonly firstOffset: bigint;
  /** Offset of its marker. */
  readonly lastOffset: bigint;
  /**
   * The partition's last stable offset after the marker: transactions that end later begin at or
   * above it.
   */
  readonly lastStableOffset: bigint;
}

/*
 * Apache Kafka's aborted transaction index, `<base offset>.txnindex`, big-endian, with one entry
 * per marker in the segment:
 *   version int16 = 0, producerId int64, firstOffset int64, lastOffset int64,
 *   lastStableOffset int64
 */
const version = 0;
export const abortedEntryBytes = 34;

export function encodeAborted({
  producerId,
  firstOffset,
  lastOffset,
  lastStableOffset,
}: AbortedTransaction): Buffer {
  const bytes = Buffer.alloc(abortedEntryBytes);
  bytes.writeInt16BE(version, 0);
  bytes.writeBigInt64BE(producerId, 2);
  bytes.writeBigInt64BE(firstOffset, 10);
  bytes.writeBigInt64BE(lastOffset, 18);
  bytes.writeBigInt64BE(lastStableOffset, 26);
  return bytes;
}

/**
 * Returns undefined unless the bytes are whole entries in the order of their markers. A power cut,
 * for example, can leave zeros. The caller then rebuilds the index from the log.
 */
export function decodeAborted(bytes: Buffer): AbortedTransaction[] | undefined {
  if (bytes.length % abortedEntryBytes !== 0) return undefined;
  const entries: AbortedTransaction[] = [];
  for (let at = 0; at < bytes.length; at += abortedEntryBytes) {
    const entry = decodeEntry(bytes, at);
    const previous = entries.at(-1);
    if (bytes.readInt16BE(at) !== version || entry.firstOffset >= entry.lastOffset) return undefined;
    if (previous !== undefined && previous.lastOffset >= entry.lastOffset) return undefined;
    entries.push(entry);
  }
  return entries;
}

const decodeEntry = (bytes: Buffer, at: number): AbortedTransaction => ({
  producerId: bytes.readBigInt64BE(at + 2),
  firstOffset: bytes.readBigInt64BE(at + 10),
  lastOffset: bytes.readBigInt64BE(at + 18),
  lastStableOffset: bytes.readBigInt64BE(at + 26),
});
