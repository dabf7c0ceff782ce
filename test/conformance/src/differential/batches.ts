import {
  encodeBatch,
  RecordBatch,
  type BatchOptions,
  type RecordToEncode,
} from '@millrace/streaming-core/records';

/** The time of all records of a run. Later times are an engine's own. */
export const recordTimeMs = BigInt(Date.now() - 3_600_000);

const crcAt = 17;
export const attributesAt = 21;
const transactionalBit = 0x10;

/** Gives the batch a checksum that fits its present contents. */
export function sealed(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(new RecordBatch(bytes).computeCrc(), crcAt);
  return bytes;
}

export function records(
  count: number,
  { key = 'k', valueBytes = 5 }: { readonly key?: string | null; readonly valueBytes?: number } = {},
) {
  return Array.from({ length: count }, (_, index): RecordToEncode => {
    const value = Buffer.alloc(valueBytes, `v${index}`);
    return {
      key: key === null ? null : Buffer.from(`${key}${index}`),
      value,
      timestampMs: recordTimeMs + BigInt(index),
    };
  });
}

export const batch = (count: number, options: Partial<BatchOptions> = {}): Buffer =>
  encodeBatch(records(count), { timestampMs: recordTimeMs, ...options });

export function transactionalBatch(count: number, options: Partial<BatchOptions>): Buffer {
  const bytes = batch(count, options);
  bytes.writeInt16BE(bytes.readInt16BE(attributesAt) | transactionalBit, attributesAt);
  return sealed(bytes);
}
