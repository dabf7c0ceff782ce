import type { RecordBatch } from './record-batch.ts';
import { unpackedRecords } from './record-block.ts';
import { recordHeads } from './record-heads.ts';
import { MalformedBytes, readVarint, type Cursor } from './varint.ts';

export interface StoredRecord {
  readonly offset: bigint;
  readonly timestampMs: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: ReadonlyArray<readonly [key: string, value: Buffer | null]>;
}

/**
 * The records of a batch, or undefined if its payload is malformed. The caller then treats the
 * whole batch as corrupt.
 */
export function recordsOf(batch: RecordBatch): readonly StoredRecord[] | undefined {
  const block = unpackedRecords(batch);
  if (block === undefined) return undefined;
  try {
    return [...decode(batch, { bytes: block, position: 0 })];
  } catch (error) {
    if (error instanceof MalformedBytes) return undefined;
    throw error;
  }
}

function* decode(batch: RecordBatch, cursor: Cursor): Generator<StoredRecord> {
  for (const { offset, timestampMs, end } of recordHeads(batch, cursor)) {
    yield {
      offset,
      timestampMs,
      key: readBytes(cursor),
      value: readBytes(cursor),
      headers: readHeaders(cursor),
    };
    if (cursor.position !== end)
      throw new MalformedBytes('the length of the record does not match its fields');
  }
}

function readHeaders(cursor: Cursor): Array<readonly [string, Buffer | null]> {
  const count = readVarint(cursor);
  const headers: Array<readonly [string, Buffer | null]> = [];
  for (let index = 0; index < count; index += 1)
    headers.push([(readBytes(cursor) ?? Buffer.alloc(0)).toString(), readBytes(cursor)]);
  return headers;
}

function readBytes(cursor: Cursor): Buffer | null {
  const length = readVarint(cursor);
  if (length < 0) return null;
  const end = cursor.position + length;
  if (end > cursor.bytes.length) throw new MalformedBytes('a field ends beyond its record');
  const bytes = cursor.bytes.subarray(cursor.position, end);
  cursor.position = end;
  return bytes;
}
