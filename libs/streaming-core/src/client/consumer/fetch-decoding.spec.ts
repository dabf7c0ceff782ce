import { describe, expect, it } from '@jest/globals';
import { batchHeaderBytes, batchPrefixBytes, currentMagic, RecordBatch } from '../../records/record-batch.ts';
import { encodeBatch } from '../../records/record-batch-encoder.ts';
import { MalformedBytes, writeVarint, writeVarlong } from '../../records/varint.ts';
import { decodedPartition, fetchedPartitions, missingPartition } from './fetch-answer.ts';
import { decodeBatches } from './fetch-decoding.ts';

const at = { topic: 'orders', partition: 0 };
const logAppendTime = 0x08;
const marker = 0x30;

type Header = readonly [name: string, value: Buffer | null];

function writeHeaders(body: number[], headers: readonly Header[]): void {
  writeVarint(body, headers.length);
  for (const [name, value] of headers) {
    writeVarint(body, name.length);
    body.push(...Buffer.from(name));
    writeVarint(body, value?.length ?? -1);
    body.push(...(value ?? []));
  }
}

/** A batch whose records have these offset deltas, and times that are 10 ms apart for each offset. */
function batch(
  firstOffset: bigint,
  offsetDeltas: readonly number[],
  { attributes = 0, lastOffsetDelta = offsetDeltas.at(-1) ?? 0, headers = [] as readonly Header[] } = {},
): Buffer {
  const block = offsetDeltas.flatMap((offsetDelta) => {
    const body = [0];
    writeVarlong(body, BigInt(offsetDelta * 10));
    writeVarint(body, offsetDelta);
    writeVarint(body, -1); // no key
    const value = [...Buffer.from(`${firstOffset + BigInt(offsetDelta)}`)];
    writeVarint(body, value.length);
    body.push(...value);
    writeHeaders(body, headers);
    const record: number[] = [];
    writeVarint(record, body.length);
    return [...record, ...body];
  });
  const bytes = Buffer.concat([Buffer.alloc(batchHeaderBytes), Buffer.from(block)]);
  bytes.writeBigInt64BE(firstOffset, 0);
  bytes.writeInt32BE(bytes.length - batchPrefixBytes, 8);
  bytes.writeInt8(currentMagic, 16);
  bytes.writeInt16BE(attributes, 21);
  bytes.writeInt32BE(lastOffsetDelta, 23);
  bytes.writeBigInt64BE(1_000n, 27);
  bytes.writeBigInt64BE(9_000n, 35);
  bytes.writeInt32BE(offsetDeltas.length, 57);
  bytes.writeUInt32BE(new RecordBatch(bytes).computeCrc(), 17);
  return bytes;
}

const decode = (position: bigint, ...batches: readonly Buffer[]) => {
  const { records, nextOffset } = decodeBatches(at, position, Buffer.concat(batches));
  return { records: records.rest(), nextOffset };
};
const offsets = (decoded: ReturnType<typeof decode>) => decoded.records.map(({ offset }) => offset);
const times = (decoded: ReturnType<typeof decode>) => decoded.records.map(({ timestampMs }) => timestampMs);

describe('decoding fetched batches', () => {
  it('leaves out the records of a batch that lie before the position', () => {
    const decoded = decode(12n, batch(10n, [0, 1, 2, 3]));

    expect(offsets(decoded)).toEqual([12n, 13n]);
    expect(decoded.nextOffset).toBe(14n);
  });

  it('keeps repeated headers in their order with raw values, and the last value of each name as text', () => {
    const headers: readonly Header[] = [
      ['trace', Buffer.from([0xff, 0x00])],
      ['step', Buffer.from('one')],
      ['trace', Buffer.from('last')],
      ['empty', null],
    ];
    const [record] = decode(0n, batch(0n, [0], { headers })).records;

    expect(record?.headerList).toEqual(headers.map(([name, value]) => ({ name, value })));
    expect([...(record?.headers ?? [])]).toEqual([
      ['trace', 'last'],
      ['step', 'one'],
      ['empty', ''],
    ]);
    expect(decode(0n, batch(0n, [0])).records[0]?.headerList).toEqual([]);
  });

  it('continues after holes left by compaction and after transaction markers', () => {
    const decoded = decode(
      0n,
      batch(0n, [0, 4], { lastOffsetDelta: 6 }),
      batch(7n, [0], { attributes: marker }),
    );

    expect(offsets(decoded)).toEqual([0n, 4n]);
    expect(decoded.nextOffset).toBe(8n);
  });

  it('keeps the position if there are no batches, and never moves it back', () => {
    expect(decode(5n).nextOffset).toBe(5n);
    expect(decode(20n, batch(10n, [0, 1]))).toEqual({ records: [], nextOffset: 20n });
  });

  it("uses the record's timestamp, or the broker's if the batch says so", () => {
    expect(times(decode(0n, batch(0n, [0, 3])))).toEqual([1_000, 1_030]);
    expect(times(decode(0n, batch(0n, [0, 3], { attributes: logAppendTime })))).toEqual([9_000, 9_000]);
  });

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'reads keys, values and headers of a batch with codec %s',
    (codec) => {
      const bytes = encodeBatch(
        [
          {
            key: Buffer.from('k'),
            value: Buffer.from('v'),
            headers: [
              ['name', Buffer.from('first')],
              ['empty', null],
              ['name', Buffer.from('last')],
            ],
          },
          { key: null, value: null },
        ],
        { timestampMs: -5n, codec },
      );

      expect(decode(0n, bytes).records).toEqual([
        {
          ...at,
          offset: 0n,
          timestampMs: -5,
          key: Buffer.from('k'),
          value: Buffer.from('v'),
          headers: new Map([
            ['name', 'last'],
            ['empty', ''],
          ]),
        },
        { ...at, offset: 1n, timestampMs: -5, key: null, value: null, headers: new Map() },
      ]);
    },
  );

  it('leaves a batch that the broker cut off to the next fetch', () => {
    const decoded = decode(0n, batch(0n, [0, 1]), batch(2n, [0]).subarray(0, -1));

    expect(offsets(decoded)).toEqual([0n, 1n]);
    expect(decoded.nextOffset).toBe(2n);
  });

  it.each<readonly [string, (bytes: Buffer) => void]>([
    ['a changed byte', (bytes) => bytes.writeInt8(7, bytes.length - 2)],
    ['an older format version', (bytes) => bytes.writeInt8(1, 16)],
    ['a negative size', (bytes) => bytes.writeInt32BE(-5, 8)],
  ])('rejects %s', (_what, change) => {
    const bytes = batch(0n, [0, 1]);
    change(bytes);
    expect(() => decode(0n, bytes)).toThrow(MalformedBytes);
    expect(offsets(decode(0n, batch(0n, [0, 1]), bytes))).toEqual([0n, 1n]);
  });

  it('names the batch that is not what its producer wrote', () => {
    const bytes = batch(10n, [0, 1]);
    bytes.writeInt8(7, bytes.length - 2);
    const answer = { partitionIndex: 0, errorCode: 0, records: bytes, abortedTransactions: null };
    const ends = { highWatermark: 12n, lastStableOffset: 12n };
    const responses = [{ topic: 'orders', topicId: '', partitions: [{ ...answer, ...ends }] }] as never;
    const [fetched] = fetchedPartitions(
      [{ ...at, offset: 10n }],
      { responses },
      {
        topicOf: () => undefined,
        leftOut: missingPartition,
      },
    );

    expect(fetched?.error?.message).toMatch(
      /^the batch of orders\/0 at offset 10 cannot be read \(its checksum does not match\): restore /,
    );
  });

  it('fails the partition with all its records if one of them is malformed', () => {
    const bytes = batch(10n, [0, 1]);
    bytes.writeInt32BE(3, 57);
    bytes.writeUInt32BE(new RecordBatch(bytes).computeCrc(), 17);
    const { records, nextOffset } = decodeBatches(at, 10n, bytes);

    const decoded = decodedPartition(
      { ...at, offset: 10n },
      { ...at, records, nextOffset, highWatermark: 12n },
    );

    expect(decoded).toMatchObject({ records: [], nextOffset: 10n, highWatermark: 12n });
    expect(decoded.error?.message).toContain('the batch of orders/0 at offsets 10 to 11 cannot be read');
  });

  it.each<readonly [string, (bytes: Buffer) => void]>([
    ['one record less than its header claims', (bytes) => bytes.writeInt32BE(3, 57)],
    ['an unknown codec', (bytes) => bytes.writeInt16BE(7, 21)],
    ['bytes that its codec does not know', (bytes) => bytes.writeInt16BE(1, 21)],
  ])('names a batch with %s and how to go on without it, when its turn comes', (_what, change) => {
    const bytes = batch(12n, [0, 1]);
    change(bytes);
    bytes.writeUInt32BE(new RecordBatch(bytes).computeCrc(), 17);
    const { records } = decodeBatches(at, 10n, Buffer.concat([batch(10n, [0, 1]), bytes]));

    expect(records.next()?.offset).toBe(10n);
    expect(records.next()?.offset).toBe(11n);
    expect(() => records.rest()).toThrow(
      /^the batch of orders\/0 at offsets 12 to 13 cannot be read \(.+\): .* continue at offset 14\. /,
    );
  });
});
