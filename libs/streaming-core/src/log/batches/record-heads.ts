import type { RecordBatch } from './record-batch.ts';
import { MalformedBytes, readVarint, readVarlong, type Cursor } from './varint.ts';

export interface RecordTime {
  readonly offset: bigint;
  readonly timestampMs: bigint;
}

/**
 * Offset and time of each record of a batch's unpacked block, one after the other: of a million records nobody keeps more than one, and what is behind
 * the one that is wanted is not looked at. Throws MalformedBytes where the block does not go on as its header says.
 */
export function* recordTimes(batch: RecordBatch, block: Buffer): Generator<RecordTime, void> {
  const { baseOffset, baseTimestamp, maxTimestamp, isLogAppendTime, recordCount } = batch;
  const cursor: Cursor = { bytes: block, position: 0 };
  for (let index = 0; index < recordCount; index += 1) {
    const length = readVarint(cursor);
    const end = cursor.position + length;
    if (length < 0 || end > block.length) throw new MalformedBytes(`record ${index} of ${recordCount} ends beyond its batch`);
    cursor.position += 1; // attributes, unused
    const timestampDelta = readVarlong(cursor);
    const offset = baseOffset + BigInt(readVarint(cursor));
    if (cursor.position > end) throw new MalformedBytes(`the length of record ${index} disagrees with its fields`);
    yield { offset, timestampMs: isLogAppendTime ? maxTimestamp : baseTimestamp + timestampDelta };
    cursor.position = end;
  }
}
