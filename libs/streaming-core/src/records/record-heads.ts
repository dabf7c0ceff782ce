import type { RecordBatch } from './record-batch.ts';
import { MalformedBytes, readVarint, readVarlong, type Cursor } from './varint.ts';

export interface RecordHead {
  readonly offset: bigint;
  readonly timestampMs: bigint;
  /** Position in the block at which the record ends. */
  readonly end: number;
}

/**
 * Yields the offset and time of each record in a batch's unpacked block. It decodes one record at a
 * time, so that a batch of a million records takes no memory for them, and the records after the
 * wanted one are not decoded. While the caller handles a record, the cursor is behind the head, so
 * that the caller can read on. Throws MalformedBytes if the block does not match its header.
 */
export function* recordHeads(batch: RecordBatch, cursor: Cursor): Generator<RecordHead, void> {
  const { baseOffset, baseTimestamp, maxTimestamp, isLogAppendTime, recordCount } = batch;
  for (let index = 0; index < recordCount; index += 1) {
    const length = readVarint(cursor);
    const end = cursor.position + length;
    if (length < 0 || end > cursor.bytes.length)
      throw new MalformedBytes(`record ${index} of ${recordCount} ends beyond its batch`);
    cursor.position += 1; // attributes, unused
    const timestampDelta = readVarlong(cursor);
    const offset = baseOffset + BigInt(readVarint(cursor));
    if (cursor.position > end)
      throw new MalformedBytes(`the length of record ${index} does not match its fields`);
    yield { offset, timestampMs: isLogAppendTime ? maxTimestamp : baseTimestamp + timestampDelta, end };
    cursor.position = end;
  }
}
