import { describe, expect, it } from '@jest/globals';
import { seed, seededRandom } from '@millrace/testing/random';
import { packSync } from '../../records/block-codecs.ts';
import { batchHeaderBytes, batchPrefixBytes, codecNumber, RecordBatch } from '../../records/record-batch.ts';
import { encodeBatch } from '../../records/record-batch-encoder.ts';
import { systemDisk, type Disk } from '../disk/disk.ts';
import { appendAll, logFolder } from '../data-folder/log-folder.fixture.ts';

const timeMs = 1_700_000_000_000n;
/**
 * Length, attributes, time delta, offset delta, no key, no value, no headers. A client can send it,
 * since the broker unpacks no compressed batch.
 */
const smallestRecord = Buffer.from([12, 0, 0, 0, 1, 1, 0]);

/** A batch with these bytes as its records, and a header that may claim anything about them. */
function claiming(
  block: Buffer,
  header: { readonly records: number; readonly maxTimestamp: bigint },
): Buffer {
  const payload = packSync('zstd', block);
  const bytes = Buffer.concat([
    encodeBatch([{ value: null }], { timestampMs: timeMs }).subarray(0, batchHeaderBytes),
    payload,
  ]);
  bytes.writeInt32BE(bytes.length - batchPrefixBytes, 8);
  bytes.writeInt16BE(codecNumber('zstd'), 21);
  bytes.writeInt32BE(header.records - 1, 23);
  bytes.writeBigInt64BE(header.maxTimestamp, 35);
  bytes.writeInt32BE(header.records, 57);
  bytes.writeUInt32BE(new RecordBatch(bytes).computeCrc(), 17);
  return bytes;
}

const small = (records: number, maxTimestamp: bigint): Buffer =>
  claiming(Buffer.alloc(records * smallestRecord.length, smallestRecord), { records, maxTimestamp });

const honest = (...timestamps: bigint[]): Buffer =>
  encodeBatch(
    timestamps.map((timestampMs) => ({ value: null, timestampMs })),
    { timestampMs: timeMs },
  );

describe('a search for a time among batches with false headers or very many records', () => {
  const suite = logFolder();

  it('returns the first offset of a batch with nine million records, whatever its header claims', async () => {
    const records = 9_000_000;
    const partition = await suite.create();
    await appendAll(partition, honest(timeMs), small(records, timeMs + 50n), honest(timeMs + 100n));
    const whole = { offset: 1n, timestampMs: timeMs + 50n, leaderEpoch: 0 };
    expect(partition.offsetForTimestamp(timeMs + 1n)).toEqual(whole);
    expect(partition.offsetForTimestamp(timeMs)).toMatchObject({ offset: 0n });
    expect(partition.offsetForTimestamp(timeMs + 51n)).toMatchObject({ offset: BigInt(records) + 1n });
    expect(partition.maxTimestamp()).toMatchObject({
      offset: BigInt(records) + 1n,
      timestampMs: timeMs + 100n,
    });
    await appendAll(partition, small(records, timeMs + 200n));
    expect(partition.maxTimestamp()).toEqual({
      offset: BigInt(records) + 2n,
      timestampMs: timeMs + 200n,
      leaderEpoch: 0,
    });
  });

  it('finds the record in an honest batch with many records', async () => {
    const records = 500_000;
    const partition = await suite.create();
    await appendAll(partition, small(records, timeMs), honest(timeMs, timeMs + 7n, timeMs + 9n));
    expect(partition.offsetForTimestamp(timeMs + 1n)).toEqual({
      offset: BigInt(records) + 1n,
      timestampMs: timeMs + 7n,
      leaderEpoch: 0,
    });
    const later = [...Array.from({ length: 100_000 }, () => timeMs), timeMs + 20n];
    await appendAll(partition, honest(...later));
    expect(partition.maxTimestamp()).toMatchObject({
      offset: partition.logEndOffset - 1n,
      timestampMs: timeMs + 20n,
    });
  });

  it('skips batches that claim a time which none of their records has, but only a limited number of them', async () => {
    const partition = await suite.create();
    const liars = (count: number) => Array.from({ length: count }, () => small(1, timeMs + 50n));
    await appendAll(partition, ...liars(500), honest(timeMs + 50n));
    expect(partition.offsetForTimestamp(timeMs + 50n)).toMatchObject({ offset: 500n });
    await partition.deleteRecordsBefore(-1n);
    await appendAll(partition, ...liars(1_100), honest(timeMs + 60n));
    expect(partition.offsetForTimestamp(timeMs + 50n)).toEqual({
      offset: 1_501n,
      timestampMs: timeMs + 50n,
      leaderEpoch: 0,
    });
  });

  it('unpacks no second batch after one that unpacks to many megabytes', async () => {
    const partition = await suite.create();
    const value = Buffer.alloc(20 * 1024 * 1024);
    const block = encodeBatch([{ value }], { timestampMs: timeMs }).subarray(batchHeaderBytes);
    const large = claiming(block, { records: 1, maxTimestamp: timeMs + 50n });
    await appendAll(partition, large, large, honest(timeMs + 50n));
    expect(partition.offsetForTimestamp(timeMs + 1n)).toEqual({
      offset: 1n,
      timestampMs: timeMs + 50n,
      leaderEpoch: 0,
    });
  });

  it('never returns an offset below the start of the log', async () => {
    const partition = await suite.create();
    await appendAll(partition, small(2_000_000, timeMs + 50n));
    await partition.deleteRecordsBefore(1_500_000n);
    expect(partition.offsetForTimestamp(timeMs + 1n)).toMatchObject({ offset: 1_500_000n });
  });
});

describe('the highest time of a partition', () => {
  const suite = logFolder();

  it('is found without a scan of the log while the last write is not yet on disk', async () => {
    let bytesRead = 0;
    const read: Disk['read'] = (...args) => {
      const bytes = systemDisk.read(...args);
      bytesRead += bytes;
      return bytes;
    };
    const partition = await suite.create({}, { disk: { ...systemDisk, read } });
    for (let batch = 0n; batch < 5_000n; batch += 100n)
      await appendAll(
        partition,
        ...Array.from({ length: 100 }, (_, more) => honest(timeMs + batch + BigInt(more))),
      );
    const { durable } = partition.append(new RecordBatch(honest(timeMs + 9_000n)));
    bytesRead = 0;
    expect(partition.maxTimestamp()).toEqual({
      offset: 4_999n,
      timestampMs: timeMs + 4_999n,
      leaderEpoch: 0,
    });
    expect(bytesRead).toBeLessThan(32 * 1024);
    await durable;
  });

  it('is that of the flushed records that are not deleted, with times in any order', async () => {
    const partition = await suite.create({ 'index.interval.bytes': '100', 'segment.bytes': '10000' });
    const random = seededRandom(seed);
    const times = Array.from({ length: 300 }, () => timeMs + BigInt(Math.floor(random() * 1_000)));
    for (const time of times) await appendAll(partition, honest(time));
    for (let start = 0; start < times.length; start += 7) {
      await partition.deleteRecordsBefore(BigInt(start));
      const added = timeMs + BigInt(Math.floor(random() * 1_000));
      const { durable } = partition.append(new RecordBatch(honest(added)));
      const highest = times.slice(start).reduce((one, other) => (other > one ? other : one));
      const offset = BigInt(times.indexOf(highest, start));
      expect(partition.maxTimestamp()).toEqual({ offset, timestampMs: highest, leaderEpoch: 0 });
      await durable;
      times.push(added);
    }
  });
});
