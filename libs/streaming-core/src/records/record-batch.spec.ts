import { crc32c } from '@node-rs/crc32';
import { describe, expect, it } from '@jest/globals';
import { RecordBatch } from './record-batch.ts';
import { encodeBatch } from './record-batch-encoder.ts';
import { recordsOf } from './records.ts';

const timestampMs = 1_700_000_000_000n;
const text = (value: string) => Buffer.from(value);

/** Bytes that the decoders of other clients have read. */
const golden = {
  one: '00000000000000000000003a0000000002e99b8dd80000000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff0000000110000000026b027600',
  two: '00000000000000000000004900000000026bc77ff10000000000010000018bcfe568000000018bcfe56805ffffffffffffffffffffffffffff000000021e000000010a68656c6c6f02026802310e000a02026b0100',
  commitMarker:
    '0000000000000007000000420000000002d75fc58e0030000000000000018bcfe568000000018bcfe5680000000000000003e80003ffffffff000000012000000008000000010c00000000000000',
};

describe('CRC-32C', () => {
  it.each([
    ['123456789', text('123456789'), 0xe3069283],
    ['32 zero bytes', Buffer.alloc(32), 0x8a9136aa],
    ['nothing', Buffer.alloc(0), 0],
  ])('of %s is the published value', (_, bytes, expected) => expect(crc32c(bytes)).toBe(expected));
});

describe('encodeBatch', () => {
  it('produces the bytes that other clients read: one record', () => {
    expect(encodeBatch([{ key: text('k'), value: text('v') }], { timestampMs }).toString('hex')).toBe(
      golden.one,
    );
  });

  it('produces the bytes that other clients read: headers, null key, null value, a later timestamp', () => {
    const records = [
      { key: null, value: text('hello'), headers: [['h', text('1')] as const] },
      { key: text('k'), value: null, timestampMs: timestampMs + 5n },
    ];
    expect(encodeBatch(records, { timestampMs }).toString('hex')).toBe(golden.two);
  });

  it('produces the bytes that other clients read: a commit marker', () => {
    const marker = [{ key: Buffer.from('00000001', 'hex'), value: Buffer.from('000000000000', 'hex') }];
    const options = { timestampMs, baseOffset: 7n, producerId: 1000n, producerEpoch: 3, control: true };
    expect(encodeBatch(marker, options).toString('hex')).toBe(golden.commitMarker);
  });
});

describe('a view over a batch', () => {
  it.each(Object.entries(golden))(
    'reads the size and checksum of a batch that it did not write: %s',
    (_, hex) => {
      const batch = new RecordBatch(Buffer.from(hex, 'hex'));
      expect(batch.sizeBytes).toBe(hex.length / 2);
      expect(batch.computeCrc()).toBe(batch.crc);
      expect(batch.magic).toBe(2);
    },
  );

  it('reads every field of the header', () => {
    const batch = new RecordBatch(Buffer.from(golden.commitMarker, 'hex'));
    expect(batch).toMatchObject({
      baseOffset: 7n,
      lastOffset: 7n,
      producerId: 1000n,
      producerEpoch: 3,
      baseSequence: -1,
      recordCount: 1,
    });
    expect(batch).toMatchObject({
      isControl: true,
      isTransactional: true,
      isLogAppendTime: false,
      codec: 'none',
      leaderEpoch: 0,
    });
    expect(batch).toMatchObject({ baseTimestamp: timestampMs, maxTimestamp: timestampMs });
  });

  it('keeps its checksum when it is placed in a log', () => {
    const batch = new RecordBatch(Buffer.from(golden.two, 'hex'));
    batch.place(9_007_199_254_740_993n, 4);
    expect(batch).toMatchObject({
      baseOffset: 9_007_199_254_740_993n,
      lastOffset: 9_007_199_254_740_994n,
      leaderEpoch: 4,
    });
    expect(batch.computeCrc()).toBe(batch.crc);
  });

  it('updates the checksum when it is stamped with the append time, and gives every record that time', () => {
    const batch = new RecordBatch(Buffer.from(golden.two, 'hex'));
    batch.stampAppendTime(1_800_000_000_000n);
    expect(batch.computeCrc()).toBe(batch.crc);
    expect(recordsOf(batch)?.map((record) => record.timestampMs)).toEqual([
      1_800_000_000_000n,
      1_800_000_000_000n,
    ]);
  });
});

describe('the records of a batch', () => {
  it('are read with offsets, timestamps, nulls and headers', () => {
    const batch = new RecordBatch(Buffer.from(golden.two, 'hex'));
    batch.place(10n, 0);
    expect(recordsOf(batch)).toEqual([
      { offset: 10n, timestampMs, key: null, value: text('hello'), headers: [['h', text('1')]] },
      { offset: 11n, timestampMs: timestampMs + 5n, key: text('k'), value: null, headers: [] },
    ]);
  });

  it.each(['gzip', 'zstd'] as const)('are read through %s', (codec) => {
    const batch = new RecordBatch(
      encodeBatch([{ value: text('a') }, { value: text('b') }], { timestampMs, codec }),
    );
    expect(batch.codec).toBe(codec);
    expect(recordsOf(batch)?.map((record) => String(record.value))).toEqual(['a', 'b']);
  });

  it('are undefined if the payload does not match the codec', () => {
    const bytes = encodeBatch([{ value: text('a') }], { timestampMs });
    for (const codec of [1, 2, 3, 4]) {
      bytes.writeInt16BE(codec, 21);
      expect(recordsOf(new RecordBatch(bytes))).toBeUndefined();
    }
  });

  it('are undefined if the bytes end too early, wherever they end', () => {
    const whole = Buffer.from(golden.two, 'hex');
    for (let cut = 62; cut < whole.length; cut += 1) {
      const bytes = Buffer.from(whole.subarray(0, cut));
      bytes.writeInt32BE(cut - 12, 8);
      expect(recordsOf(new RecordBatch(bytes))).toBeUndefined();
    }
  });
});
