import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { checkProducedBatch, onlyBatch, type InvalidRecords } from './produced-batch.ts';
import { RecordBatch } from '../../records/record-batch.ts';
import { encodeBatch, type BatchOptions, type RecordToEncode } from '../../records/record-batch-encoder.ts';
import { topicSettings } from '../topics/topic-settings.ts';

const nowMs = 1_700_000_000_000;
const two: readonly RecordToEncode[] = [
  { value: Buffer.from('a') },
  { key: Buffer.from('k'), value: Buffer.from('b') },
];
const good = (options: Partial<BatchOptions> = {}) =>
  encodeBatch(two, { timestampMs: BigInt(nowMs), ...options });

function changed(change: (bytes: Buffer) => void, options: Partial<BatchOptions> = {}): Buffer {
  const bytes = good(options);
  change(bytes);
  bytes.writeUInt32BE(new RecordBatch(bytes).computeCrc(), 17);
  return bytes;
}

function check(bytes: Buffer, configs: Record<string, string> = {}): RecordBatch {
  const batch = onlyBatch(bytes);
  checkProducedBatch(batch, topicSettings(new Map(Object.entries(configs))), nowMs);
  return batch;
}

const compacted = { 'cleanup.policy': 'compact,delete' };

const refusals = (
  [
    ['nothing at all', 'INVALID_RECORD', () => Buffer.alloc(0)],
    ['an older magic', 'INVALID_RECORD', () => changed((bytes) => bytes.writeInt8(1, 16))],
    ['an unknown magic', 'CORRUPT_MESSAGE', () => changed((bytes) => bytes.writeInt8(3, 16))],
    [
      'a length that is too short for any format',
      'CORRUPT_MESSAGE',
      () => damagedBy((bytes) => bytes.writeInt32BE(13, 8)),
    ],
    [
      'a length without room for the header',
      'CORRUPT_MESSAGE',
      () => damagedBy((bytes) => bytes.writeInt32BE(30, 8)),
    ],
    [
      'bytes after a batch that are no batch',
      'CORRUPT_MESSAGE',
      () => Buffer.concat([good(), Buffer.alloc(40)]),
    ],
    ['two batches', 'INVALID_RECORD', () => Buffer.concat([good(), good()])],
    ['a cut batch', 'INVALID_RECORD', () => good().subarray(0, -1)],
    ['a negative length', 'CORRUPT_MESSAGE', () => damagedBy((bytes) => bytes.writeInt32BE(-5, 8))],
    ['a flipped bit', 'CORRUPT_MESSAGE', () => damagedBy((bytes) => (bytes[70]! ^= 1))],
    ['a wrong record count', 'INVALID_RECORD', () => changed((bytes) => bytes.writeInt32BE(3, 57))],
    [
      'no records',
      'INVALID_RECORD',
      () => changed((bytes) => [bytes.writeInt32BE(0, 57), bytes.writeInt32BE(-1, 23)]),
    ],
    ['its own base offset', 'INVALID_RECORD', () => good({ baseOffset: 7n })],
    ['a control batch', 'INVALID_RECORD', () => changed((bytes) => bytes.writeInt16BE(0x20, 21))],
    ['an unknown codec', 'INVALID_RECORD', () => changed((bytes) => bytes.writeInt16BE(7, 21))],
    [
      'a producer id without a sequence',
      'INVALID_RECORD',
      () => changed((bytes) => bytes.writeBigInt64BE(1n, 43)),
    ],
    ['two records that claim to be as many as possible', 'INVALID_RECORD', () => claiming(2_147_483_647)],
    ['two records that claim to be one', 'INVALID_RECORD', () => claiming(1)],
    ['records that are not numbered from 0', 'INVALID_RECORD', () => changed((bytes) => (bytes[64] = 2))],
    [
      'a record that is longer than its fields',
      'INVALID_RECORD',
      () => changed((bytes) => (bytes[61]! += 2)),
    ],
    ['a record that ends beyond its batch', 'INVALID_RECORD', () => changed((bytes) => (bytes[61] = 126))],
    ['a field that ends beyond its record', 'INVALID_RECORD', () => changed((bytes) => (bytes[66] = 126))],
    ['more headers than there are', 'INVALID_RECORD', () => changed((bytes) => (bytes[68] = 126))],
    [
      'a wrong record count in a compressed batch, for a compacted topic',
      'INVALID_RECORD',
      () => claiming(3, { codec: 'gzip' }),
      compacted,
    ],
    [
      'bytes that are not gzip, for a compacted topic',
      'INVALID_RECORD',
      () => changed((bytes) => bytes.writeInt16BE(1, 21)),
      compacted,
    ],
    [
      'few bytes that unpack to more than 64 MiB, for a compacted topic',
      'INVALID_RECORD',
      () => payload(4, 1, zstdCompressSync(Buffer.alloc(64 * 1024 * 1024 + 1))),
      compacted,
    ],
    ['more records than gzip could hold', 'INVALID_RECORD', () => opaque(1, 3_000)],
    ['more records than snappy could hold', 'INVALID_RECORD', () => opaque(2, 70)],
    ['more records than lz4 could hold', 'INVALID_RECORD', () => opaque(3, 800)],
    ['more records than any batch could hold', 'INVALID_RECORD', () => opaque(4, 2_147_483_647)],
    [
      'the append time flag on a topic with LogAppendTime',
      'INVALID_TIMESTAMP',
      () => appendTimed(nowMs),
      { 'message.timestamp.type': 'LogAppendTime' },
    ],
    ['the append time flag without a time', 'INVALID_TIMESTAMP', () => appendTimed(-1)],
    ['more bytes than the topic allows', 'MESSAGE_TOO_LARGE', () => good(), { 'max.message.bytes': '70' }],
    ['more bytes than a segment allows', 'RECORD_LIST_TOO_LARGE', () => good(), { 'segment.bytes': '70' }],
    ['no key on a compacted topic', 'INVALID_RECORD', () => good(), compacted],
    [
      'no key in a compressed batch on a compacted topic',
      'INVALID_RECORD',
      () => good({ codec: 'lz4' }),
      compacted,
    ],
    [
      'a time too far back',
      'INVALID_TIMESTAMP',
      () => at(nowMs - 1_001),
      { 'message.timestamp.before.max.ms': '1000' },
    ],
    [
      'a time too far ahead',
      'INVALID_TIMESTAMP',
      () => at(nowMs + 1_001),
      { 'message.timestamp.after.max.ms': '1000' },
    ],
  ] as ReadonlyArray<readonly [string, string, () => Buffer, Record<string, string>?]>
).map(([what, errorName, bytes, configs = {}]) => ({ what, errorName, bytes, configs }));

describe('the check of a produced batch', () => {
  it('accepts one whole batch', () => expect(check(good()).recordCount).toBe(2));

  it.each(refusals)('rejects $what with $errorName', ({ errorName, bytes, configs }) => {
    expect(() => check(bytes(), configs)).toThrow(expect.objectContaining({ errorName }));
  });

  it('accepts records without a time', () => {
    expect(check(at(-1), { 'message.timestamp.before.max.ms': '1000' }).maxTimestamp).toBe(-1n);
  });

  it.each([1, 2, 3, 4])(
    'does not unpack codec %d, and accepts as many records as the bytes could hold',
    (codec) => {
      expect(check(opaque(codec, 62)).recordCount).toBe(62);
    },
  );

  it('ignores bytes after the batch that are not another batch', () => {
    const bytes = good();
    expect(onlyBatch(bytes).bytes).toBe(bytes);
    for (const tail of [Buffer.alloc(5), good().subarray(0, 40)])
      expect(onlyBatch(Buffer.concat([bytes, tail])).bytes).toEqual(bytes);
  });

  it('names the wrong records if it looks at them', () => {
    const times = { 'message.timestamp.before.max.ms': '1000' };
    const late = (options: Partial<BatchOptions> = {}) =>
      encodeBatch([two[0]!, { ...two[1], timestampMs: BigInt(nowMs - 1_001) }].reverse(), {
        timestampMs: BigInt(nowMs),
        ...options,
      });
    expect(wrongIn(good(), compacted)).toEqual([0]);
    expect(wrongIn(late(), times)).toEqual([0]);
    expect(wrongIn(late(), { ...times, ...compacted })).toEqual([0, 1]);
    expect(wrongIn(late({ codec: 'zstd' }), times)).toEqual([]);
  });

  it('names only the first hundred wrong records, whatever is wrong with each', () => {
    const keyed = (index: number) => ({ key: index % 2 === 0 ? null : Buffer.from('k'), value: null });
    const bytes = encodeBatch(
      Array.from({ length: 50_000 }, (_, index) => keyed(index)),
      { timestampMs: BigInt(nowMs - 1_001), codec: 'zstd' },
    );
    const first = Array.from({ length: 100 }, (_, index) => index);
    expect(wrongIn(bytes, { ...compacted, 'message.timestamp.before.max.ms': '1000' })).toEqual(first);
    expect(wrongIn(bytes, compacted)).toEqual(first.map((index) => 2 * index));
  });

  it('accepts times at the limits, and any time if the broker sets its own', () => {
    const limits = { 'message.timestamp.before.max.ms': '1000', 'message.timestamp.after.max.ms': '1000' };
    check(at(nowMs - 1_000), limits);
    check(at(nowMs + 1_000), limits);
    check(at(0), { ...limits, 'message.timestamp.type': 'LogAppendTime' });
  });
});

function wrongIn(bytes: Buffer, configs: Record<string, string>): unknown {
  try {
    check(bytes, configs);
  } catch (error) {
    return (error as InvalidRecords).records;
  }
  return undefined;
}

/** A batch whose header consistently claims another number of records. */
function claiming(records: number, options: Partial<BatchOptions> = {}): Buffer {
  return changed((bytes) => {
    bytes.writeInt32BE(records, 57);
    bytes.writeInt32BE(records - 1, 23);
  }, options);
}

/** A batch that claims a codec for these bytes. */
function payload(codec: number, records: number, bytes: Buffer): Buffer {
  const batch = Buffer.concat([claiming(records).subarray(0, 61), bytes]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt16BE(codec, 21);
  batch.writeUInt32BE(new RecordBatch(batch).computeCrc(), 17);
  return batch;
}

const opaque = (codec: number, records: number) => payload(codec, records, Buffer.alloc(20, 1));

/** A batch that was changed without a new checksum. */
function damagedBy(change: (bytes: Buffer) => unknown): Buffer {
  const bytes = good();
  change(bytes);
  return bytes;
}

const at = (timestampMs: number) => encodeBatch([{ value: null }], { timestampMs: BigInt(timestampMs) });
const appendTimed = (timestampMs: number) => {
  const bytes = at(timestampMs);
  bytes.writeInt16BE(0x08, 21);
  bytes.writeUInt32BE(new RecordBatch(bytes).computeCrc(), 17);
  return bytes;
};
