import { readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { appendAll, batchOf, everything, readAll } from '../data-folder/log-folder.fixture.ts';
import { crashedLog, offline, recordingLogger } from './crashed-log.fixture.ts';
import { RecordBatch } from '../../records/record-batch.ts';

describe('a damaged partition', () => {
  const { suite, segmentPath, flip, crashWithThree } = crashedLog();

  it('L05 goes offline with an error in the log if a byte below the flushed point is wrong, and truncates nothing', async () => {
    const { batchBytes, log } = await crashWithThree();
    for (const at of [
      batchBytes,
      batchBytes + 9,
      batchBytes + 16,
      batchBytes + 20,
      batchBytes + 60,
      2 * batchBytes - 1,
    ]) {
      writeFileSync(segmentPath(), log);
      flip(at);
      const { logger, lines } = recordingLogger();
      const partition = await suite.reopen({ logger });
      expect(() => partition.read(0n, everything)).toThrow(offline);
      expect(() => partition.append(new RecordBatch(batchOf(['x'])))).toThrow(offline);
      expect(lines).toEqual([
        ['error', expect.stringContaining('orders-0 is damaged and offline: restore its folder from a copy')],
      ]);
      expect(readFileSync(segmentPath())).toHaveLength(log.length);
      await suite.crash();
    }
  });

  it('goes offline at each start if its file ends before the flushed point or is missing', async () => {
    const { batchBytes } = await crashWithThree();
    truncateSync(segmentPath(), batchBytes);
    for (let start = 0; start < 2; start += 1) {
      const partition = await suite.reopen();
      expect(() => partition.read(0n, everything)).toThrow(offline);
      await suite.close();
    }
    rmSync(suite.folder, { recursive: true });
    const partition = await suite.reopen();
    expect(() => partition.append(new RecordBatch(batchOf(['x'])))).toThrow(offline);
  });

  it('does not affect other partitions', async () => {
    const manager = await suite.open();
    await manager.createTopic({ name: 'orders', partitions: 2 });
    for (const partition of [0, 1]) await appendAll(manager.partition('orders', partition)!, batchOf(['a']));
    await suite.crash();
    flip(65);
    const reopened = await suite.open();
    expect(() => reopened.partition('orders', 0)!.read(0n, everything)).toThrow(offline);
    expect(readAll(reopened.partition('orders', 1)!)).toEqual(['0:a']);
    await reopened.deleteTopic('orders');
    expect(reopened.topics()).toEqual([]);
  });

  it('serves no wrong byte after a clean shutdown: the read fails', async () => {
    await appendAll(await suite.create(), batchOf(['a']), batchOf(['b']), batchOf(['c']));
    await suite.close();
    flip(batchOf(['a']).length + 65);
    const { logger, lines } = recordingLogger();
    const partition = await suite.reopen({ logger });
    const size = batchOf(['a']).length;
    expect(partition.read(0n, { maxBytes: size, minOneBatch: true })).toHaveLength(size);
    expect(() => partition.read(1n, everything)).toThrow(offline);
    expect(() => partition.append(new RecordBatch(batchOf(['x'])))).toThrow(offline);
    expect(lines.map(([level]) => level)).toEqual(['error']);
  });

  it('is noticed by a wrong base offset, which no checksum covers', async () => {
    await appendAll(await suite.create(), batchOf(['a']), batchOf(['b']), batchOf(['c']));
    await suite.close();
    const bytes = readFileSync(segmentPath());
    bytes.writeBigInt64BE(2n, batchOf(['a']).length); // the second batch says that it is the third
    writeFileSync(segmentPath(), bytes);
    const partition = await suite.reopen();
    expect(() => partition.read(2n, everything)).toThrow(offline);
  });

  it('is noticed by swapped batches, whose checksums are right', async () => {
    const { batchBytes, log } = await crashWithThree();
    const [a, b, c] = [0, 1, 2].map((place) => log.subarray(place * batchBytes, (place + 1) * batchBytes));
    writeFileSync(segmentPath(), Buffer.concat([b!, a!, c!]));
    const partition = await suite.reopen();
    expect(() => partition.read(0n, everything)).toThrow(offline);
  });

  it.each(['lost', 'cut', 'filled with zeros', 'of another segment'])(
    'is read correctly with an index that is %s',
    async (harm) => {
      const values = Array.from({ length: 40 }, (_, index) => `v${index}`);
      const partition = await suite.create({ 'segment.bytes': '1000', 'index.interval.bytes': '100' });
      for (const value of values) await appendAll(partition, batchOf([value]));
      await suite.close();
      const indexes = readdirSync(suite.folder).filter((name) => name.endsWith('index'));
      expect(indexes.length).toBeGreaterThan(4);
      for (const name of indexes) spoil(join(suite.folder, name), harm);
      const reopened = await suite.reopen();
      for (let from = 0; from < 40; from += 7)
        expect(readAll(reopened, BigInt(from))).toEqual(
          values.map((value, offset) => `${offset}:${value}`).slice(from),
        );
      expect(reopened.offsetForTimestamp(1_700_000_000_000n)?.offset).toBe(0n);
    },
  );

  function spoil(path: string, harm: string): void {
    const bytes = readFileSync(path);
    if (harm === 'lost') rmSync(path);
    if (harm === 'cut') writeFileSync(path, bytes.subarray(0, -3));
    if (harm === 'filled with zeros') writeFileSync(path, Buffer.alloc(bytes.length));
    if (harm === 'of another segment' && path.endsWith('.index')) writeFileSync(path, shifted(bytes));
  }

  it.each(['cut off', 'cut off and has no checksum', 'wrong'])(
    'finds times correctly with an index that is %s',
    async (harm) => {
      const timesMs = Array.from({ length: 40 }, (_, index) => 1_700_000_000_000n + BigInt(index * 100));
      const partition = await suite.create({ 'segment.bytes': '1000', 'index.interval.bytes': '100' });
      for (const timestampMs of timesMs) await appendAll(partition, batchOf(['v'], { timestampMs }));
      await suite.close();
      if (harm.endsWith('checksum')) rmSync(join(suite.folder, 'index-checksums'), { force: true });
      for (const name of readdirSync(suite.folder).filter((each) => each.endsWith('.timeindex'))) {
        const times = readFileSync(join(suite.folder, name));
        if (harm === 'wrong') times[7]! ^= 1;
        writeFileSync(join(suite.folder, name), harm === 'wrong' ? times : times.subarray(0, 12));
      }
      const reopened = await suite.reopen();
      expect(timesMs.map((timestampMs) => reopened.offsetForTimestamp(timestampMs)?.offset)).toEqual(
        timesMs.map((_, offset) => BigInt(offset)),
      );
      expect(reopened.maxTimestamp()?.timestampMs).toBe(timesMs.at(-1));
    },
  );
});

/** Entries that rise as they should, but point between batches. */
function shifted(bytes: Buffer): Buffer {
  const wrong = Buffer.from(bytes);
  for (let at = 4; at < wrong.length; at += 8) wrong.writeInt32BE(wrong.readInt32BE(at) - 3, at);
  return wrong;
}
