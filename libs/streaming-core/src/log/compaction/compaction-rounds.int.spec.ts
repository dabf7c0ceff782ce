import { randomBytes } from 'node:crypto';
import { fstatSync, mkdirSync, readFileSync, readdirSync, rmdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { systemDisk } from '../disk/disk.ts';
import { appendAll, everything, logFolder, storageError } from '../data-folder/log-folder.fixture.ts';
import { RecordBatch } from '../../records/record-batch.ts';
import type { CompactedPartition } from './clean-log.ts';
import { batchOf, calendar, compact, compacted, dayMs, recordsIn } from './compacted-log.fixture.ts';

describe('compaction', () => {
  const suite = logFolder();
  const segments = () => readdirSync(suite.folder).filter((name) => name.endsWith('.log'));

  it('L60 syncs the new segment and the list of its gaps: without the list, a power cut would make the segment look damaged', async () => {
    const synced = new Set<number>();
    const sync = (file: number, path: string) =>
      systemDisk.sync(file, path).then(() => void synced.add(fstatSync(file).ino));
    const partition = await suite.create(compacted, { clock: calendar(), disk: { ...systemDisk, sync } });
    for (const value of ['1', '2', '3', '4', '5', '6']) await appendAll(partition, batchOf([['a', value], ['b', value], [`c${value}`, value]])); // prettier-ignore
    await compact(partition);
    const lists = readdirSync(suite.folder).filter((name) => name.endsWith('.gaps'));
    expect(lists.length).toBeGreaterThan(0);
    const unsynced = lists
      .flatMap((name) => [name, name.replace('.gaps', '.log')])
      .filter((name) => !synced.has(statSync(join(suite.folder, name)).ino));
    expect(unsynced).toEqual([]);
  });

  it.each(['close', 'crash'] as const)(
    'does not hide the loss of the last batches of a compacted segment, after a %s',
    async (end) => {
      const partition = await suite.create({ ...compacted, 'segment.bytes': '300' }, { clock: calendar() });
      for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) await appendAll(partition, batchOf([[key, '1'], ['z', key]])); // prettier-ignore
      await compact(partition);
      await suite[end]();
      const [first, second] = segments();
      expect(Number(second?.slice(0, 20))).toBeGreaterThan(2);
      truncateSync(
        join(suite.folder, first!),
        new RecordBatch(readFileSync(join(suite.folder, first!))).sizeBytes,
      );
      const reopened = await suite.reopen();
      expect(() => reopened.read(0n, everything)).toThrow(expect.objectContaining(storageError));
    },
  );

  it('waits for open transactions, for min.compaction.lag.ms and for enough dirty records', async () => {
    const clock = calendar();
    const manager = await suite.open({ clock });
    const configs = {
      ...compacted,
      'min.compaction.lag.ms': String(dayMs),
      'min.cleanable.dirty.ratio': '0.5',
    };
    await manager.createTopic({ name: 'orders', partitions: 1, configs: new Map(Object.entries(configs)) });
    const partition = manager.partition('orders', 0)!;
    const open = { producerId: 1n, producerEpoch: 0 };
    partition.append(
      new RecordBatch(batchOf([['a', 'x'.repeat(300)]], { ...open, baseSequence: 0, transactional: true })),
      {
        inTransaction: true,
      },
    );
    for (const value of ['1', '2', '3', '4']) await appendAll(partition, batchOf([['a', value.repeat(300)]]));
    const before = recordsIn(partition);
    clock.pass(2 * dayMs);
    await compact(partition);
    expect(recordsIn(partition)).toEqual(before);
    partition.appendMarker({ ...open, coordinatorEpoch: 0, committed: true });
    await compact(partition);
    const after = recordsIn(partition);
    expect(after.length).toBeLessThan(before.length);
    await appendAll(partition, batchOf([['a', '9'.repeat(300)]]));
    await compact(partition);
    expect(recordsIn(partition).length).toBe(after.length + 1);
  });

  it('takes the log offline if the swap of segments fails halfway, and finishes the swap at the next start', async () => {
    const partition = await suite.create(compacted, { clock: calendar() });
    for (const value of ['1', '2', '3', '4', '5', '6']) await appendAll(partition, batchOf([['a', value], ['b', value], [`c${value}`, value]])); // prettier-ignore
    const before = recordsIn(partition);
    const inTheWay = join(suite.folder, `${'0'.repeat(20)}.index.deleted`);
    mkdirSync(inTheWay);
    await compact(partition);
    expect(() => partition.append(new RecordBatch(batchOf([['a', '7']])))).toThrow(
      expect.objectContaining(storageError),
    );
    await suite.close();
    rmdirSync(inTheWay);

    const reopened = await suite.reopen();
    const kept = recordsIn(reopened);
    expect(kept.length).toBeLessThan(before.length);
    expect(kept).toEqual(expect.arrayContaining(before.slice(-3)));
    expect(segments().length).toBe(readdirSync(suite.folder).filter((name) => name.includes('.log')).length);
  });

  it('L21 runs several rounds if the keys do not fit into its memory', async () => {
    const rounds: CompactedPartition[] = [];
    const clock = calendar();
    const options = {
      clock,
      cleanerDedupeBufferBytes: 1_024,
      onCompacted: (round: CompactedPartition) => void rounds.push(round),
    };
    const partition = await suite.create({ ...compacted, 'segment.bytes': '4000' }, options);
    const keys = Array.from({ length: 200 }, (_, key) => `key-${key}`);
    for (const turn of ['1', '2']) for (const key of keys) await appendAll(partition, batchOf([[key, turn]]));
    await appendAll(partition, batchOf([['last', 'x'.repeat(3_900)]]));
    for (let round = 0; round < 40; round += 1) await compact(partition);
    expect(rounds.length).toBeGreaterThan(5);
    const active = Number(segments().at(-1)!.slice(0, 20));
    const lines = recordsIn(partition).filter((line) => Number(line.split(' ')[0]) < active);
    expect(lines).toEqual(
      keys
        .map((key, place) => `${200 + place} ${key}=2`)
        .filter((line) => Number(line.split(' ')[0]) < active),
    );
  });

  it.each([
    { codec: 'none', records: 1_000, batches: 12 },
    { codec: 'zstd', records: 8_000, batches: 3 },
  ] as const)(
    'L21 blocks the thread for at most 5 ms at a time: $records records per batch, $codec',
    async ({ codec, records, batches }) => {
      const rounds: CompactedPartition[] = [];
      const clock = calendar();
      const partition = await suite.create(
        { ...compacted, 'segment.bytes': '1100000' },
        { clock, flush: 'none', onCompacted: (round) => void rounds.push(round) },
      );
      const last = new Map<string, string>();
      // One round below 5 ms is enough, because a garbage collection can fall into a slice.
      const shortestMs = () => Math.min(...rounds.map(({ longestSliceMs }) => longestSliceMs));
      const isEnough = () => rounds.length >= 4 && shortestMs() < 5;
      for (let round = 0; round < 12 && !isEnough(); round += 1) {
        for (let turn = 0; turn < batches; turn += 1) {
          const noise = randomBytes(75 * records).toString('base64');
          const pairs = Array.from(
            { length: records },
            (_, key) =>
              [`key-${(turn * 350 + key) % 10_000}`, noise.slice(100 * key, 100 * key + 100)] as const,
          );
          partition.append(new RecordBatch(batchOf(pairs, { codec })));
          for (const [key, text] of pairs) last.set(key, text);
        }
        await compact(partition);
      }
      expect(rounds.length).toBeGreaterThanOrEqual(4);
      for (const { bytesAfter, bytesBefore } of rounds) expect(bytesAfter).toBeLessThan(bytesBefore);
      const kept = new Map(
        recordsIn(partition).map(
          (line) => line.slice(line.indexOf(' ') + 1).split('=', 2) as [string, string],
        ),
      );
      expect([...kept].sort()).toEqual([...last].sort());
      expect(shortestMs()).toBeLessThan(5);
    },
    120_000,
  );
});
