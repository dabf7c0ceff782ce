import { packSync } from './block-codecs.ts';
import {
  batchHeaderBytes,
  batchPrefixBytes,
  currentMagic,
  RecordBatch,
  type CompressionCodec,
} from './record-batch.ts';
import { writeVarint, writeVarlong } from './varint.ts';

export interface RecordToEncode {
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly timestampMs?: bigint;
  readonly headers?: ReadonlyArray<readonly [key: string, value: Buffer | null]>;
}

export interface BatchOptions {
  readonly baseOffset?: bigint;
  readonly leaderEpoch?: number;
  /** The time of records without their own. */
  readonly timestampMs: bigint;
  readonly producerId?: bigint;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly codec?: CompressionCodec;
  readonly transactional?: boolean;
  /** Makes the batch a transaction marker: control and transactional bits (0x30). */
  readonly control?: boolean;
}

const attributes = {
  codec: { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 },
  transactional: 0x10,
  marker: 0x30,
} as const;

/**
 * Encodes a version 2 batch for the broker's own topics and for tests. Clients' batches are never
 * encoded again.
 */
export function encodeBatch(records: readonly RecordToEncode[], options: BatchOptions): Buffer {
  const timestamps = records.map((record) => record.timestampMs ?? options.timestampMs);
  const baseTimestamp = timestamps[0] ?? options.timestampMs;
  const block = Buffer.concat(
    records.map((record, index) => encodeRecord(record, index, timestamps[index]! - baseTimestamp)),
  );
  const payload = packSync(options.codec ?? 'none', block);
  const bytes = Buffer.alloc(batchHeaderBytes + payload.length);
  bytes.writeBigInt64BE(options.baseOffset ?? 0n, 0);
  bytes.writeInt32BE(bytes.length - batchPrefixBytes, 8);
  bytes.writeInt32BE(options.leaderEpoch ?? 0, 12);
  bytes.writeInt8(currentMagic, 16);
  bytes.writeInt16BE(attributesOf(options), 21);
  bytes.writeInt32BE(records.length - 1, 23);
  bytes.writeBigInt64BE(baseTimestamp, 27);
  bytes.writeBigInt64BE(
    timestamps.reduce((highest, one) => (one > highest ? one : highest), baseTimestamp),
    35,
  );
  bytes.writeBigInt64BE(options.producerId ?? -1n, 43);
  bytes.writeInt16BE(options.producerEpoch ?? -1, 51);
  bytes.writeInt32BE(options.baseSequence ?? -1, 53);
  bytes.writeInt32BE(records.length, 57);
  payload.copy(bytes, batchHeaderBytes);
  bytes.writeUInt32BE(new RecordBatch(bytes).computeCrc(), 17);
  return bytes;
}

function attributesOf({ codec = 'none', transactional = false, control = false }: BatchOptions): number {
  return (
    attributes.codec[codec] |
    (transactional ? attributes.transactional : 0) |
    (control ? attributes.marker : 0)
  );
}

function encodeRecord(record: RecordToEncode, offsetDelta: number, timestampDelta: bigint): Buffer {
  const head: number[] = [0];
  writeVarlong(head, timestampDelta);
  writeVarint(head, offsetDelta);
  const parts = [
    Buffer.from(head),
    lengthPrefixed(record.key ?? null),
    lengthPrefixed(record.value ?? null),
    varint(record.headers?.length ?? 0),
  ];
  for (const [key, value] of record.headers ?? [])
    parts.push(lengthPrefixed(Buffer.from(key)), lengthPrefixed(value));
  const body = Buffer.concat(parts);
  return Buffer.concat([varint(body.length), body]);
}

const lengthPrefixed = (value: Buffer | null): Buffer =>
  value === null ? varint(-1) : Buffer.concat([varint(value.length), value]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  writeVarint(bytes, value);
  return Buffer.from(bytes);
}
