import { encodeBatch, RecordBatch, type BatchOptions, type RecordToEncode } from '@millrace/streaming-core/wire';
import type { Dice } from './dice.ts';

/** All records of a run are of this time: what lies beyond it is an engine's own. */
export const recordTimeMs = BigInt(Date.now() - 3_600_000);

const crcAt = 17;
const attributesAt = 21;
const lastOffsetDeltaAt = 23;
const recordCountAt = 57;
const transactionalBit = 0x10;

function sealed(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(new RecordBatch(bytes).computeCrc(), crcAt);
  return bytes;
}

export function records(count: number, { key = 'k', valueBytes = 5 }: { readonly key?: string | null; readonly valueBytes?: number } = {}) {
  return Array.from({ length: count }, (_, index): RecordToEncode => {
    const value = Buffer.alloc(valueBytes, `v${index}`);
    return { key: key === null ? null : Buffer.from(`${key}${index}`), value, timestampMs: recordTimeMs + BigInt(index) };
  });
}

export const batch = (count: number, options: Partial<BatchOptions> = {}): Buffer =>
  encodeBatch(records(count), { timestampMs: recordTimeMs, ...options });

/** A batch of a transaction. */
export function transactionalBatch(count: number, options: Partial<BatchOptions>): Buffer {
  const bytes = batch(count, options);
  bytes.writeInt16BE(bytes.readInt16BE(attributesAt) | transactionalBit, attributesAt);
  return sealed(bytes);
}

function patched(patch: (bytes: Buffer) => void): Buffer {
  const bytes = batch(2);
  patch(bytes);
  return bytes;
}

/** What a producer must not send, and some that it may, by name. Null is not among them: Apache Kafka never answers it. */
export const oddBatches: Readonly<Record<string, () => Buffer>> = {
  'an empty field': () => Buffer.alloc(0),
  'a batch with a flipped bit': () => patched((bytes) => bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)),
  'a batch of magic 1': () => patched((bytes) => bytes.writeInt8(1, 16)),
  'a batch of magic 3': () => patched((bytes) => bytes.writeInt8(3, 16)),
  'a batch that is cut short': () => batch(2).subarray(0, -3),
  'a header that is cut short': () => batch(2).subarray(0, 40),
  'a batch whose length says less': () => patched((bytes) => bytes.writeInt32BE(20, 8)),
  'a batch whose length is negative': () => patched((bytes) => bytes.writeInt32BE(-1, 8)),
  'two batches': () => Buffer.concat([batch(1), batch(1)]),
  'a record count too large': () => sealed(patched((bytes) => bytes.writeInt32BE(3, recordCountAt))),
  'a last offset too large': () => sealed(patched((bytes) => bytes.writeInt32BE(5, lastOffsetDeltaAt))),
  'a control batch': () => batch(1, { control: true, producerId: 1n, producerEpoch: 0 }),
  'codec 7': () => sealed(patched((bytes) => bytes.writeInt16BE(7, attributesAt))),
  'no key': () => encodeBatch(records(1, { key: null }), { timestampMs: recordTimeMs }),
  'a record of 2000 bytes': () => encodeBatch(records(1, { valueBytes: 2_000 }), { timestampMs: recordTimeMs }),
  'a record from tomorrow': () =>
    encodeBatch([{ value: Buffer.from('v'), key: Buffer.from('k') }], { timestampMs: recordTimeMs + 100_000_000n }),
  'a record without a time': () => encodeBatch([{ value: Buffer.from('v'), key: Buffer.from('k') }], { timestampMs: -1n }),
  'a base offset of its own': () => batch(2, { baseOffset: 77n, leaderEpoch: 9 }),
  'a batch in gzip': () => batch(3, { codec: 'gzip' }),
  'a batch in zstd': () => batch(3, { codec: 'zstd' }),
};

export const oddBatch = (dice: Dice): Buffer => oddBatches[dice.pick(Object.keys(oddBatches))]!();
