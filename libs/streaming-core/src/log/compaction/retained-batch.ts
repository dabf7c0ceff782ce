import { pack } from '../../records/block-codecs.ts';
import { batchHeaderBytes, batchPrefixBytes, RecordBatch } from '../../records/record-batch.ts';
import {
  MalformedBytes,
  readVarint,
  readVarlong,
  writeVarint,
  writeVarlong,
  type Cursor,
} from '../../records/varint.ts';
import type { WorkSlices } from '../../runtime/work-slices.ts';
import { type AbortedTransaction } from '../transactions/aborted-transactions.ts';

/** One record inside an unpacked block. */
export interface RecordView {
  readonly start: number;
  readonly end: number;
  /** Position after the timestamp delta. */
  readonly rest: number;
  readonly timestampDelta: bigint;
  readonly offsetDelta: number;
  readonly key: Buffer | null;
  readonly hasValue: boolean;
}

const codecBits = 0x07;
const horizonBit = 0x40;
const recordsPerLook = 8;
/**
 * How many bytes a record can grow by with another timestamp delta: 9 for the delta, 4 for the
 * length.
 */
const rebasedGrowthMax = 13;

/** Throws MalformedBytes if the records do not match the header. */
export function* recordViews(block: Buffer, recordCount: number): Generator<RecordView, void> {
  const cursor: Cursor = { bytes: block, position: 0 };
  for (let index = 0; index < recordCount; index += 1) {
    const start = cursor.position;
    const length = readVarint(cursor);
    const end = cursor.position + length;
    if (length < 0 || end > block.length)
      throw new MalformedBytes(`record ${index} of ${recordCount} ends beyond its batch`);
    cursor.position += 1; // attributes, unused
    const timestampDelta = readVarlong(cursor);
    const rest = cursor.position;
    const offsetDelta = readVarint(cursor);
    const keyBytes = readVarint(cursor);
    const key = keyBytes < 0 ? null : block.subarray(cursor.position, cursor.position + keyBytes);
    cursor.position += Math.max(keyBytes, 0);
    const hasValue = readVarint(cursor) >= 0;
    yield { start, end, rest, timestampDelta, offsetDelta, key, hasValue };
    cursor.position = end;
  }
}

/** Which records of a block are kept, as marks, because there may be a million records. */
interface RetainedRecords {
  /** 1 or 0 for each record, by its index in the block. */
  readonly marks: Uint8Array;
  readonly count: number;
  readonly bytes: number;
  readonly hasTombstones: boolean;
}

/** Marks the records of a block that `isRetained` keeps. */
export async function retainedRecords(
  batch: RecordBatch,
  block: Buffer,
  isRetained: (record: RecordView) => boolean,
  slices: WorkSlices,
): Promise<RetainedRecords> {
  const marks = new Uint8Array(batch.recordCount);
  let index = 0;
  let count = 0;
  let bytes = 0;
  let hasTombstones = false;
  for (const record of recordViews(block, batch.recordCount)) {
    if ((index + 1) % recordsPerLook === 0) await slices.pause();
    if (isRetained(record)) {
      marks[index] = 1;
      count += 1;
      bytes += record.end - record.start;
      hasTombstones ||= !record.hasValue;
    }
    index += 1;
  }
  return { marks, count, bytes, hasTombstones };
}

interface Rewrite {
  readonly block: Buffer;
  readonly retained: RetainedRecords;
  /** The new delete horizon. Undefined keeps the one that the batch has, if any. */
  readonly horizonMs: bigint | undefined;
  readonly slices: WorkSlices;
}

/**
 * The batch with fewer records. Offsets, base offset, last offset and codec stay the same. A new
 * delete horizon takes the place of the base timestamp, so that the timestamp deltas count from it
 * (KIP-534).
 */
export async function rewriteBatch(
  batch: RecordBatch,
  { block, retained, horizonMs, slices }: Rewrite,
): Promise<Buffer> {
  if (retained.count === 0) return emptyBatch(batch);
  const shift = horizonMs === undefined ? 0n : batch.baseTimestamp - horizonMs;
  const records = Buffer.allocUnsafe(retained.bytes + (shift === 0n ? 0 : retained.count * rebasedGrowthMax));
  let index = 0;
  let filled = 0;
  let highest = -1n;
  for (const record of recordViews(block, batch.recordCount)) {
    if ((index + 1) % recordsPerLook === 0) await slices.pause();
    if (retained.marks[index++] === 0) continue;
    const timestampMs = batch.baseTimestamp + record.timestampDelta;
    if (timestampMs > highest) highest = timestampMs;
    if (shift === 0n) filled += block.copy(records, filled, record.start, record.end);
    else
      for (const part of rebased(block, record, record.timestampDelta + shift))
        filled += part.copy(records, filled);
  }
  const codec = batch.codec ?? 'none';
  const kept = records.subarray(0, filled);
  const payload = codec === 'none' ? kept : await slices.outside(() => pack(codec, kept));
  return withHeader(batch, payload, {
    attributes: horizonMs === undefined ? batch.attributes : batch.attributes | horizonBit,
    baseTimestamp: horizonMs ?? batch.baseTimestamp,
    maxTimestamp: batch.isLogAppendTime ? batch.maxTimestamp : highest,
    recordCount: retained.count,
  });
}

/** The batch without records. It still has the last offset and the last sequence. */
export const emptyBatch = (batch: RecordBatch): Buffer =>
  withHeader(batch, Buffer.alloc(0), {
    attributes: batch.attributes & ~codecBits & ~horizonBit,
    baseTimestamp: batch.maxTimestamp,
    maxTimestamp: batch.maxTimestamp,
    recordCount: 0,
  });

/** The record with a new length, attributes and timestamp delta. */
function rebased(block: Buffer, record: RecordView, timestampDelta: bigint): readonly Buffer[] {
  const head: number[] = [0];
  writeVarlong(head, timestampDelta);
  const length: number[] = [];
  writeVarint(length, head.length + record.end - record.rest);
  return [Buffer.from(length), Buffer.from(head), block.subarray(record.rest, record.end)];
}

interface HeaderFields {
  readonly attributes: number;
  readonly baseTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly recordCount: number;
}

function withHeader(batch: RecordBatch, payload: Buffer, fields: HeaderFields): Buffer {
  const bytes = Buffer.concat([batch.bytes.subarray(batch.start, batch.start + batchHeaderBytes), payload]);
  bytes.writeInt32BE(bytes.length - batchPrefixBytes, 8);
  bytes.writeInt16BE(fields.attributes, 21);
  bytes.writeBigInt64BE(fields.baseTimestamp, 27);
  bytes.writeBigInt64BE(fields.maxTimestamp, 35);
  bytes.writeInt32BE(fields.recordCount, 57);
  bytes.writeUInt32BE(new RecordBatch(bytes).computeCrc(), 17);
  return bytes;
}

/** Tells compaction how the transactions below the last stable offset ended. */
export class DecidedTransactions {
  readonly #aborted: ReadonlyMap<bigint, readonly AbortedTransaction[]>;
  /** Producers that have had a batch since their last marker. */
  readonly #met = new Set<bigint>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#aborted = Map.groupBy(aborted, ({ producerId }) => producerId);
  }

  isAborted(batch: RecordBatch): boolean {
    if (!batch.isTransactional || batch.isControl) return false;
    const { producerId, baseOffset } = batch;
    return (
      this.#aborted
        .get(producerId)
        ?.some((one) => one.firstOffset <= baseOffset && baseOffset < one.lastOffset) ?? false
    );
  }

  /** Call this for each batch in the order of the log. */
  meet(batch: RecordBatch): void {
    if (batch.isTransactional && !batch.isControl) this.#met.add(batch.producerId);
  }

  /** True for a marker whose transaction has no batches left. */
  endsNothing(marker: RecordBatch): boolean {
    return !this.#met.delete(marker.producerId);
  }
}
