import type { RecordBatch } from './record-batch.ts';
import { MalformedBytes, readVarint, readVarlong, type Cursor } from './varint.ts';

export interface RecordHead {
  readonly offset: bigint;
  readonly timestampMs: bigint;
  /** Where the record ends in its block. */
  readonly end: number;
}

/**
 * Offset and time of each record of a batch's unpacked block, one after the other: of a million records nobody keeps more than one, and what is behind
 * the one that is wanted is not looked at. Meanwhile the cursor stands behind the head, for who reads on. Throws MalformedBytes where the block
 * does not go on as its header says.
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
      throw new MalformedBytes(`the length of record ${index} disagrees with its fields`);
    yield { offset, timestampMs: isLogAppendTime ? maxTimestamp : baseTimestamp + timestampDelta, end };
    cursor.position = end;
  }
}
