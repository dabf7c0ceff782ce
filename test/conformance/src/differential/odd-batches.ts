import { batchHeaderBytes, encodeBatch, type CompressionCodec } from '@millrace/streaming-core/records';
import { attributesAt, batch, records, recordTimeMs, sealed } from './batches.ts';
import type { Dice } from './dice.ts';

const lengthAt = 8;
const magicAt = 16;
const lastOffsetDeltaAt = 23;
const maxTimestampAt = 35;
const recordCountAt = 57;
const appendTimeBit = 0x08;
const deleteHorizonBit = 0x40;
const codecs: readonly CompressionCodec[] = ['gzip', 'snappy', 'lz4', 'zstd'];

const nobody = 987_654_321n;
const one = { key: Buffer.from('k'), value: Buffer.from('v') };
const alone = (record: Parameters<typeof encodeBatch>[0][number], timestampMs = recordTimeMs): Buffer =>
  encodeBatch([record], { timestampMs });

function patched(patch: (bytes: Buffer) => void, bytes = batch(2)): Buffer {
  patch(bytes);
  return bytes;
}

const resealed = (patch: (bytes: Buffer) => void, bytes?: Buffer): Buffer => sealed(patched(patch, bytes));

/**
 * Changes a byte in the first of two records: its length, attributes, timestamp, offset delta, key,
 * value and headers are one byte each.
 */
const inFirstRecord = (at: number, value: number): Buffer =>
  resealed((bytes) => bytes.writeUInt8(value, batchHeaderBytes + at));

function withPayload(bytes: Buffer, payload: Buffer): Buffer {
  const changed = Buffer.concat([bytes.subarray(0, batchHeaderBytes), payload]);
  changed.writeInt32BE(changed.length - lengthAt - 4, lengthAt);
  return sealed(changed);
}

const damagedBlock = (codec: CompressionCodec): Buffer => {
  const bytes = batch(3, { codec });
  const payload = Buffer.from(bytes.subarray(batchHeaderBytes));
  return withPayload(bytes, payload.fill(0xff, 0, Math.ceil(payload.length / 2)));
};

const perCodec = (
  name: (codec: CompressionCodec) => string,
  make: (codec: CompressionCodec) => Buffer,
): Record<string, () => Buffer> =>
  Object.fromEntries(codecs.map((codec) => [name(codec), () => make(codec)]));

/**
 * Batches that a producer must not send, and some that it may, by name. Null is not among them,
 * because Apache Kafka never answers it.
 */
const oddBatches: Readonly<Record<string, () => Buffer>> = {
  'an empty field': () => Buffer.alloc(0),
  'a batch with a flipped bit': () =>
    patched((bytes) => bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)),
  'a batch of magic 0': () => patched((bytes) => bytes.writeInt8(0, magicAt)),
  'a batch of magic 1': () => patched((bytes) => bytes.writeInt8(1, magicAt)),
  'a batch of magic 3': () => patched((bytes) => bytes.writeInt8(3, magicAt)),
  'a batch of magic -1': () => patched((bytes) => bytes.writeInt8(-1, magicAt)),
  'a batch that is cut short': () => batch(2).subarray(0, -3),
  'a header that is cut short': () => batch(2).subarray(0, 40),
  'a prefix that is cut short': () => batch(2).subarray(0, 15),
  'a batch with too small a length': () => patched((bytes) => bytes.writeInt32BE(20, lengthAt)),
  'a batch whose length has no room for a header': () => patched((bytes) => bytes.writeInt32BE(30, lengthAt)),
  'a batch whose length is too small for any format': () =>
    patched((bytes) => bytes.writeInt32BE(13, lengthAt)),
  'a batch whose length is negative': () => patched((bytes) => bytes.writeInt32BE(-1, lengthAt)),
  'two batches': () => Buffer.concat([batch(1), batch(1)]),
  'a batch and a few bytes': () => Buffer.concat([batch(1), Buffer.alloc(5)]),
  'a batch and the beginning of another': () => Buffer.concat([batch(1), batch(1).subarray(0, 40)]),
  'a batch followed by zeros': () => Buffer.concat([batch(1), Buffer.alloc(40)]),
  'a record count too large': () => resealed((bytes) => bytes.writeInt32BE(3, recordCountAt)),
  'a last offset too large': () => resealed((bytes) => bytes.writeInt32BE(5, lastOffsetDeltaAt)),
  'one record more than there are': () =>
    resealed((bytes) => [bytes.writeInt32BE(3, recordCountAt), bytes.writeInt32BE(2, lastOffsetDeltaAt)]),
  'one record fewer than there are': () =>
    resealed((bytes) => [bytes.writeInt32BE(1, recordCountAt), bytes.writeInt32BE(0, lastOffsetDeltaAt)]),
  'no records': () =>
    resealed((bytes) => [bytes.writeInt32BE(0, recordCountAt), bytes.writeInt32BE(-1, lastOffsetDeltaAt)]),
  'a record with too large a length': () => inFirstRecord(0, 126),
  'a key that ends beyond its record': () => inFirstRecord(4, 126),
  'a control batch': () => batch(1, { control: true, producerId: 1n, producerEpoch: 0 }),
  'no key': () => encodeBatch(records(3, { key: null }), { timestampMs: recordTimeMs }),
  'a key in one of three records': () =>
    encodeBatch([...records(1, { key: null }), one, ...records(1, { key: null })], {
      timestampMs: recordTimeMs,
    }),
  'a null value': () => alone({ key: one.key, value: null }),
  'neither key nor value': () => alone({ key: null, value: null }),
  headers: () =>
    alone({
      ...one,
      headers: [
        ['h', Buffer.from('x')],
        ['h', null],
        ['', Buffer.alloc(0)],
      ],
    }),
  'a record of 2000 bytes': () =>
    encodeBatch(records(1, { valueBytes: 2_000 }), { timestampMs: recordTimeMs }),
  'a record from tomorrow': () => alone(one, recordTimeMs + 100_000_000n),
  'a record from tomorrow among others': () =>
    encodeBatch([one, { ...one, timestampMs: recordTimeMs + 100_000_000n }, one], {
      timestampMs: recordTimeMs,
    }),
  'a record without a time': () => alone(one, -1n),
  'the append time as timestamp type': () =>
    resealed((bytes) => bytes.writeInt16BE(appendTimeBit, attributesAt)),
  'a delete horizon': () => resealed((bytes) => bytes.writeInt16BE(deleteHorizonBit, attributesAt)),
  'a base offset of its own': () => batch(2, { baseOffset: 77n, leaderEpoch: 9 }),
  'a producer without epoch': () => batch(2, { producerId: nobody, producerEpoch: -1, baseSequence: 0 }),
  'a producer without sequence': () => batch(2, { producerId: nobody, producerEpoch: 0, baseSequence: -1 }),
  'an epoch without producer': () => batch(2, { producerId: -1n, producerEpoch: 3, baseSequence: 3 }),
  ...perCodec(
    (codec) => `a batch in ${codec}`,
    (codec) => batch(3, { codec }),
  ),
  ...perCodec(
    (codec) => `no key, in ${codec}`,
    (codec) => encodeBatch(records(2, { key: null }), { timestampMs: recordTimeMs, codec }),
  ),
};

/**
 * Batches that the engines treat differently, so that their logs differ afterwards. Each kind is
 * equally likely. They are sent alone and last in a session.
 */
export const batchesApart: ReadonlyArray<Readonly<Record<string, () => Buffer>>> = [
  perCodec(
    (codec) => `a record from tomorrow, in ${codec}`,
    (codec) =>
      encodeBatch([one, { ...one, timestampMs: recordTimeMs + 100_000_000n }], {
        timestampMs: recordTimeMs,
        codec,
      }),
  ),
  { 'codec 7': () => resealed((bytes) => bytes.writeInt16BE(7, attributesAt)) },
  { 'records that are not numbered from 0': () => inFirstRecord(3, 2) },
  {
    'a highest time that no record has': () =>
      resealed((bytes) => bytes.writeBigInt64BE(recordTimeMs + 50n, maxTimestampAt)),
  },
  {
    ...perCodec((codec) => `bytes that are not ${codec}`, damagedBlock),
    ...perCodec(
      (codec) => `one record more than there are, in ${codec}`,
      (codec) =>
        resealed(
          (bytes) => [bytes.writeInt32BE(4, recordCountAt), bytes.writeInt32BE(3, lastOffsetDeltaAt)],
          batch(3, { codec }),
        ),
    ),
  },
];

export function oddBatch(
  dice: Dice,
  from: Readonly<Record<string, () => Buffer>> = oddBatches,
): { readonly about: string; readonly bytes: Buffer } {
  const about = dice.pick(Object.keys(from));
  return { about, bytes: from[about]!() };
}
