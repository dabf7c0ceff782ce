import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { systemDisk, type Disk } from './disk/disk.ts';
import {
  appendAll,
  batchOf,
  everything,
  logFolder,
  readAll,
  storageError,
  valuesIn,
} from './data-folder/log-folder.fixture.ts';
import { RecordBatch } from '../records/record-batch.ts';
import { encodeBatch } from '../records/record-batch-encoder.ts';

const letters = (count: number) =>
  Array.from({ length: count }, (_, index) => String.fromCharCode(97 + (index % 26)));
const at = (...timestamps: number[]) =>
  encodeBatch(
    timestamps.map((timestamp) => ({ timestampMs: BigInt(timestamp), value: null })),
    { timestampMs: 0n },
  );

describe('a partition', () => {
  const suite = logFolder();

  it('returns whole batches from the one that holds the offset, within the limit, at least one on request', async () => {
    const partition = await suite.create();
    await appendAll(partition, batchOf(['a', 'b', 'c']), batchOf(['d']), batchOf(['e']));
    const size = batchOf(['d']).length;
    expect(valuesIn(partition.read(1n, everything))).toEqual(['0:a', '1:b', '2:c', '3:d', '4:e']);
    expect(valuesIn(partition.read(3n, { maxBytes: 2 * size - 1, minOneBatch: false }))).toEqual(['3:d']);
    expect(valuesIn(partition.read(3n, { maxBytes: 1, minOneBatch: true }))).toEqual(['3:d']);
    expect(partition.read(3n, { maxBytes: size - 1, minOneBatch: false })).toHaveLength(0);
    expect(partition.read(5n, everything)).toHaveLength(0);
  });

  it.each([-1n, 2n])('rejects offset %d outside the log', async (offset) => {
    const partition = await suite.create();
    await appendAll(partition, batchOf(['a']));
    expect(() => partition.read(offset, everything)).toThrow(
      expect.objectContaining({ errorName: 'OFFSET_OUT_OF_RANGE' }),
    );
  });

  it('is read across rolled segments, with few open files and no memory for indexes', async () => {
    const configs = { 'segment.bytes': '400', 'index.interval.bytes': '100' };
    const values = letters(60);
    const partition = await suite.create(configs, { openFilesMax: 2, indexBytesMax: 0 });
    for (const value of values) await appendAll(partition, batchOf([value]));
    const segments = readdirSync(suite.folder).filter((name) => name.endsWith('.log'));
    expect(segments.length).toBeGreaterThan(10);
    for (const name of segments) expect(statSync(join(suite.folder, name)).size).toBeLessThanOrEqual(400);
    const expected = values.map((value, offset) => `${offset}:${value}`);
    expect(readAll(partition)).toEqual(expected);
    expect(readAll(partition, 37n)).toEqual(expected.slice(37));
    await suite.close();
    expect(readAll(await suite.reopen())).toEqual(expected);
  });

  it('keeps the same files beside the log as Kafka', async () => {
    const partition = await suite.create({ 'index.interval.bytes': '100' });
    for (const value of letters(6)) await appendAll(partition, batchOf([value]));
    await suite.close();
    const name = '0'.repeat(20);
    const sizeOf = (extension: string) => statSync(join(suite.folder, `${name}.${extension}`)).size;
    expect(sizeOf('log')).toEqual(6 * batchOf(['a']).length);
    expect(sizeOf('index')).toEqual(16);
    expect(sizeOf('timeindex')).toEqual(12);
    expect(readFileSync(join(suite.folder, 'partition.metadata'), 'utf8')).toMatch(
      /^version: 0\ntopic_id: [\w-]{22}$/,
    );
    expect(readFileSync(join(suite.dataFolder, 'recovery-point-offset-checkpoint'), 'utf8')).toBe(
      '0\n1\norders 0 6\n',
    );
  });
});

describe('looking up a time', () => {
  const suite = logFolder();
  const offsetAt = (partition: Awaited<ReturnType<typeof suite.create>>, timestamp: number) =>
    partition.offsetForTimestamp(BigInt(timestamp))?.offset;

  it('finds the first record in offset order, across batches and segments, with times in any order', async () => {
    const partition = await suite.create({ 'segment.bytes': '220', 'index.interval.bytes': '70' });
    await appendAll(partition, at(10, 12), at(50, 20), at(15), at(40, 60, 30), at(60), at(90));
    const expected = [[0, 0n], [11, 1n], [13, 2n], [50, 2n], [51, 6n], [61, 9n], [91, undefined]] as const; // prettier-ignore
    for (const [timestamp, offset] of expected) {
      expect({ timestamp, offset: offsetAt(partition, timestamp) }).toEqual({ timestamp, offset });
    }
    expect(partition.maxTimestamp()).toEqual({ offset: 9n, timestampMs: 90n, leaderEpoch: 0 });
    await suite.close();
    const reopened = await suite.reopen();
    for (const [timestamp, offset] of expected) {
      expect({ timestamp, offset: offsetAt(reopened, timestamp) }).toEqual({ timestamp, offset });
    }
  });

  it('sees only what is below the high watermark', async () => {
    const partition = await suite.create();
    expect(partition.maxTimestamp()).toBeUndefined();
    await appendAll(partition, at(10));
    const { durable } = partition.append(new RecordBatch(at(20)));
    expect(offsetAt(partition, 15)).toBeUndefined();
    expect(partition.maxTimestamp()).toEqual({ offset: 0n, timestampMs: 10n, leaderEpoch: 0 });
    await durable;
    expect(partition.maxTimestamp()).toEqual({ offset: 1n, timestampMs: 20n, leaderEpoch: 0 });
  });

  it('uses the append time on a topic with LogAppendTime', async () => {
    const clock = { now: () => 5_000, monotonic: () => 0, after: () => () => undefined };
    const partition = await suite.create({ 'message.timestamp.type': 'LogAppendTime' }, { clock });
    const { durable, logAppendTimeMs } = partition.append(new RecordBatch(at(10, 20)));
    await durable;
    expect(logAppendTimeMs).toBe(5_000n);
    expect(partition.offsetForTimestamp(21n)).toEqual({ offset: 0n, timestampMs: 5_000n, leaderEpoch: 0 });
  });
});

describe('a batch that lies about its records', () => {
  const suite = logFolder();

  it('does not advance the log: the next batch gets the offset that it would have had', async () => {
    const partition = await suite.create();
    await appendAll(partition, batchOf(['a']));
    const lie = batchOf(['b']);
    lie.writeInt32BE(2_147_483_647, 57);
    lie.writeInt32BE(2_147_483_646, 23);
    lie.writeUInt32BE(new RecordBatch(lie).computeCrc(), 17);
    expect(() => partition.append(new RecordBatch(lie))).toThrow(
      expect.objectContaining({ errorName: 'INVALID_RECORD' }),
    );
    await appendAll(partition, batchOf(['c']));
    expect(readAll(partition)).toEqual(['0:a', '1:c']);
  });
});

describe('a partition on a disk', () => {
  const suite = logFolder();

  it('L06 that is full rejects the append, leaves no part of it, serves reads, and continues when there is room', async () => {
    let room = Number.POSITIVE_INFINITY;
    const disk: Disk = {
      ...systemDisk,
      write(file, bytes, from, position) {
        if (room <= 0)
          throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
        const part = bytes.subarray(0, Math.min(bytes.length, from + room));
        room -= part.length - from;
        return systemDisk.write(file, part, from, position);
      },
    };
    const partition = await suite.create({}, { disk });
    await appendAll(partition, batchOf(['a']));
    room = 30;
    expect(() => partition.append(new RecordBatch(batchOf(['lost'])))).toThrow(
      expect.objectContaining(storageError),
    );
    expect(readAll(partition)).toEqual(['0:a']);
    expect(statSync(join(suite.folder, `${'0'.repeat(20)}.log`)).size).toBe(batchOf(['a']).length);
    room = Number.POSITIVE_INFINITY;
    await appendAll(partition, batchOf(['b']));
    expect(readAll(partition)).toEqual(['0:a', '1:b']);
  });

  it('without free descriptors rejects the append with the remedy, and continues when there are some', async () => {
    let files = 0;
    const write = (...[file, bytes, from, position]: Parameters<Disk['write']>) => {
      if (files > 0) return systemDisk.write(file, bytes, from, position);
      throw Object.assign(new Error('EMFILE: too many open files, open'), { code: 'EMFILE' });
    };
    const partition = await suite.create({}, { disk: { ...systemDisk, write } });
    expect(() => partition.append(new RecordBatch(batchOf(['lost'])))).toThrow(
      /too many open files: raise the limit \(ulimit -n\)/,
    );
    files = 1;
    await appendAll(partition, batchOf(['a']));
    expect(readAll(partition)).toEqual(['0:a']);
  });

  it('whose fsync fails acknowledges nothing, never syncs again, and goes offline with the whole directory', async () => {
    let syncs = 0;
    let broken = false;
    const disk: Disk = {
      ...systemDisk,
      async sync(file, path) {
        syncs += 1;
        if (broken) throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
        await systemDisk.sync(file, path);
      },
    };
    const manager = await suite.open({ disk });
    for (const name of ['orders', 'payments']) await manager.createTopic({ name, partitions: 1 });
    const orders = manager.partition('orders', 0)!;
    const payments = manager.partition('payments', 0)!;
    await appendAll(orders, batchOf(['a']));
    broken = true;
    syncs = 0;
    const appended = [
      orders.append(new RecordBatch(batchOf(['b']))),
      orders.append(new RecordBatch(batchOf(['c']))),
    ];
    for (const { durable } of appended) await expect(durable).rejects.toMatchObject(storageError);
    broken = false;
    expect(orders.highWatermark).toBe(1n);
    for (const partition of [orders, payments])
      expect(() => partition.append(new RecordBatch(batchOf(['d'])))).toThrow(
        expect.objectContaining(storageError),
      );
    expect(() => orders.read(0n, everything)).toThrow(expect.objectContaining(storageError));
    await expect(manager.createTopic({ name: 'more', partitions: 1 })).rejects.toMatchObject(storageError);
    await expect(manager.allocateProducerId()).rejects.toMatchObject(storageError);
    await manager.close();
    expect(syncs).toBe(1);
  });
});

describe('the flush policy', () => {
  const suite = logFolder();

  it.each(['none', 'interval'] as const)('%s shows and acknowledges a record at once', async (flush) => {
    const partition = await suite.create({}, { flush });
    const { durable } = partition.append(new RecordBatch(batchOf(['a'])));
    expect(partition.highWatermark).toBe(1n);
    await durable;
    expect(readAll(partition)).toEqual(['0:a']);
  });

  it('interval syncs after the interval', async () => {
    const due: Array<() => void> = [];
    const clock = {
      now: () => 1_700_000_000_000,
      monotonic: () => 0,
      after: (_: number, work: () => void) => (due.push(work), () => undefined),
    };
    let synced: () => void = () => undefined;
    const sync = new Promise<void>((resolve) => (synced = resolve));
    const disk: Disk = { ...systemDisk, sync: (file, path) => systemDisk.sync(file, path).then(synced) };
    const partition = await suite.create({}, { flush: 'interval', clock, disk });
    partition.append(new RecordBatch(batchOf(['a'])));
    for (const work of due.splice(0)) work();
    await sync;
  });

  it('commit shares a sync among waiting appends', async () => {
    let syncs = 0;
    const disk: Disk = { ...systemDisk, sync: (file, path) => ((syncs += 1), systemDisk.sync(file, path)) };
    const partition = await suite.create({}, { disk });
    await appendAll(partition, ...letters(100).map((value) => batchOf([value])));
    expect(partition.highWatermark).toBe(100n);
    expect(syncs).toBeLessThanOrEqual(2);
  });
});
