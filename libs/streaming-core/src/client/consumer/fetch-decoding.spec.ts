import { describe, expect, it } from '@jest/globals';
import { decodeRecords } from './fetch-decoding.ts';

const at = { topic: 'orders', partition: 0 };
type Batch = Parameters<typeof decodeRecords>[2][number];

const batch = (firstOffset: bigint, offsetDeltas: readonly number[], more: Partial<Batch> = {}): Batch => ({
  firstOffset,
  length: 0,
  partitionLeaderEpoch: 0,
  magic: 2,
  crc: 0,
  attributes: 0,
  lastOffsetDelta: offsetDeltas.at(-1) ?? 0,
  firstTimestamp: 1_000n,
  maxTimestamp: 9_000n,
  producerId: -1n,
  producerEpoch: -1,
  firstSequence: -1,
  records: offsetDeltas.map((offsetDelta) => ({
    length: 0,
    attributes: 0,
    timestampDelta: BigInt(offsetDelta * 10),
    offsetDelta,
    key: null,
    value: Buffer.from(`${firstOffset + BigInt(offsetDelta)}`),
    headers: [],
  })),
  ...more,
});

const offsets = (decoded: ReturnType<typeof decodeRecords>) => decoded.records.map(({ offset }) => offset);

describe('decoding fetched batches', () => {
  it('leaves out the records of a batch that lie before the position', () => {
    const decoded = decodeRecords(at, 12n, [batch(10n, [0, 1, 2, 3])]);

    expect(offsets(decoded)).toEqual([12n, 13n]);
    expect(decoded.nextOffset).toBe(14n);
  });

  it('continues after holes left by compaction and after transaction markers', () => {
    const decoded = decodeRecords(at, 0n, [
      batch(0n, [0, 4], { lastOffsetDelta: 6 }),
      batch(7n, [0], { attributes: 0x30 }),
    ]);

    expect(offsets(decoded)).toEqual([0n, 4n]);
    expect(decoded.nextOffset).toBe(8n);
  });

  it('keeps the position if there are no batches, and never moves it back', () => {
    expect(decodeRecords(at, 5n, []).nextOffset).toBe(5n);
    expect(decodeRecords(at, 20n, [batch(10n, [0, 1])])).toEqual({ records: [], nextOffset: 20n });
  });

  it("uses the record's timestamp, or the broker's if the batch says so", () => {
    expect(decodeRecords(at, 0n, [batch(0n, [0, 3])]).records.map(({ timestampMs }) => timestampMs)).toEqual([
      1_000, 1_030,
    ]);
    expect(
      decodeRecords(at, 0n, [batch(0n, [0, 3], { attributes: 0x08 })]).records.map(
        ({ timestampMs }) => timestampMs,
      ),
    ).toEqual([9_000, 9_000]);
  });
});
