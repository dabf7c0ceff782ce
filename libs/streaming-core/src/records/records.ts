import type { RecordBatch } from './record-batch.ts';
import { unpackedRecords } from './record-block.ts';
import { MalformedBytes, readVarint, type Cursor, readVarlong } from './varint.ts';
import { encodeBatch } from './record-batch-encoder.ts';

/*
 * The control record that ends a transaction on one partition (KIP-98), big-endian:
 *   key    version int16 = 0, type int16: 0 abort, 1 commit
 *   value  version int16 = 0, coordinatorEpoch int32
 */
const recordVersion = 0;
const types = { abort: 0, commit: 1 } as const;

export interface TransactionMarker {
  readonly producerId: bigint;
  /**
   * The epoch of the transaction, or the next one: late batches of the transaction are then
   * rejected (KIP-890).
   */
  readonly producerEpoch: number;
  /** Leader epoch of the coordinator's partition of `__transaction_state`. */
  readonly coordinatorEpoch: number;
  readonly committed: boolean;
}

export function encodeMarker(marker: TransactionMarker, nowMs: number): Buffer {
  const { producerId, producerEpoch, coordinatorEpoch, committed } = marker;
  const key = Buffer.alloc(4);
  key.writeInt16BE(recordVersion, 0);
  key.writeInt16BE(committed ? types.commit : types.abort, 2);
  const value = Buffer.alloc(6);
  value.writeInt16BE(recordVersion, 0);
  value.writeInt32BE(coordinatorEpoch, 2);
  return encodeBatch([{ key, value }], {
    timestampMs: BigInt(nowMs),
    producerId,
    producerEpoch,
    control: true,
  });
}

/** Returns undefined for any other batch, including other control batches. */
export function markerOf(batch: RecordBatch): TransactionMarker | undefined {
  if (!batch.isControl || !batch.isTransactional) return undefined;
  const record = recordsOf(batch)?.[0];
  if (record?.key == null || record.value === null || record.key.length < 4 || record.value.length < 6)
    return undefined;
  const type = record.key.readInt16BE(2);
  if (type !== types.abort && type !== types.commit) return undefined;
  const { producerId, producerEpoch } = batch;
  return {
    producerId,
    producerEpoch,
    coordinatorEpoch: record.value.readInt32BE(2),
    committed: type === types.commit,
  };
}

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

interface RecordHead {
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
