import { randomBytes } from 'node:crypto';
import { fstatSync, mkdirSync, readFileSync, readdirSync, rmdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { systemDisk } from '../disk/disk.ts';
import { appendAll, everything, logFolder, storageError } from '../data-folder/log-folder.fixture.ts';
import type { SegmentedPartitionLog } from '../partition-log.ts';
import { batchesIn } from '../../records/batches-in.ts';
import { RecordBatch } from '../../records/record-batch.ts';
import { encodeBatch, type BatchOptions } from '../../records/record-batch-encoder.ts';
import { recordsOf } from '../../records/records.ts';
import type { PartitionLog } from '../partition-log-port.ts';
import type { CompactedPartition } from './cleaning-result.ts';

const startMs = 1_700_000_000_000;
const dayMs = 86_400_000;

/**
 * Of this thread alone: on a busy machine others run in between. The kernel brings a thread's time up to date at its clock's ticks, 4 ms apart, or
 * when the process's is asked for.
 */
const cpuMs = () => {
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** A clock whose days pass when a test says so; slices are measured by what they compute. */
function calendar() {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    monotonic: cpuMs,
    after: () => () => undefined,
    pass: (ms: number) => void (nowMs += ms),
  };
}

const compacted = { 'cleanup.policy': 'compact', 'segment.bytes': '400', 'min.cleanable.dirty.ratio': '0' };

/** Pairs of key and value; null deletes. */
const batchOf = (
  pairs: ReadonlyArray<readonly [key: string, value: string | null]>,
  options: Partial<BatchOptions> = {},
) =>
  encodeBatch(
    pairs.map(([key, value]) => ({
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
    })),
    { timestampMs: BigInt(startMs), ...options },
  );

function batchesOf(partition: PartitionLog): RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let offset = partition.logStartOffset; offset < partition.highWatermark;) {
    const bytes = partition.read(offset, everything);
    batches.push(...batchesIn(bytes));
    offset = batches.at(-1)!.lastOffset + 1n;
  }
  return batches;
}

const recordsIn = (partition: PartitionLog): string[] =>
  batchesOf(partition).flatMap((batch) =>
    (recordsOf(batch) ?? []).map(
      ({ offset, key, value }) => `${offset} ${String(key)}=${value === null ? 'null' : String(value)}`,
    ),
  );

const compact = (partition: PartitionLog) => (partition as SegmentedPartitionLog).compact();

describe('compaction', () => {
  const suite = logFolder();
  const segments = () => readdirSync(suite.folder).filter((name) => name.endsWith('.log'));

  it('has the new segment and the list of its gaps on disk: without the list a power cut would make it pass for damaged', async () => {
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

  it('keeps the last record of every key, where it was, and never touches the active segment', async () => {
    const partition = await suite.create(compacted, { clock: calendar() });
    for (const value of ['1', '2', '3', '4', '5', '6']) await appendAll(partition, batchOf([['a', value], ['b', value], [`c${value}`, value]])); // prettier-ignore
    expect(segments().length).toBeGreaterThan(1);
    await compact(partition);
    const active = Number(segments().at(-1)!.slice(0, 20));
    const kept = recordsIn(partition);
    const below = kept.filter((line) => Number(line.split(' ')[0]) < active);
    expect(below.filter((line) => / [ab]=/.test(line))).toEqual([
      `${active - 3} a=${active / 3}`,
      `${active - 2} b=${active / 3}`,
    ]);
    for (const value of ['1', '2', '3', '4', '5', '6'])
      expect(kept).toContain(`${3 * (Number(value) - 1) + 2} c${value}=${value}`);
    expect(partition.logEndOffset).toBe(18n);
    await suite.crash();
    expect(recordsIn(await suite.reopen())).toEqual(kept);
    await suite.close();
    expect(recordsIn(await suite.reopen())).toEqual(kept);
  });

  it.each(['close', 'crash'] as const)(
    'is missed when the last batches of a compacted segment are lost, after a %s',
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

  it('gives a reader records wherever it asks: an emptied batch by itself stops clients that look for one', async () => {
    const partition = await suite.create({ ...compacted, 'segment.bytes': '100' }, { clock: calendar() });
    for (let value = 0; value < 12; value += 1) await appendAll(partition, batchOf([['a', `${value}`], [value % 4 === 0 ? `b${value}` : 'a', `${value}`]])); // prettier-ignore
    await compact(partition);
    const first = { maxBytes: 1, minOneBatch: true };
    const counts = Array.from(
      { length: 24 },
      (_, offset) => new RecordBatch(partition.read(BigInt(offset), first)).recordCount,
    );
    expect(counts).not.toContain(0);
    expect(new RecordBatch(partition.read(2n, first)).baseOffset).toBe(8n);
    expect(recordsIn(partition)).toEqual(['1 b0=0', '9 b4=4', '17 b8=8', '21 a=10', '22 a=11', '23 a=11']);
  });

  it('keeps a deletion until its time is up, then drops it', async () => {
    const clock = calendar();
    const partition = await suite.create({ ...compacted, 'delete.retention.ms': String(dayMs) }, { clock });
    const roll = () =>
      appendAll(partition, batchOf([['roll', 'x'.repeat(300)]]), batchOf([['roll', 'y'.repeat(300)]]));
    await appendAll(partition, batchOf([['a', '1'], ['b', '1']]), batchOf([['a', null], ['c', null]])); // prettier-ignore
    await roll();
    await compact(partition);
    expect(recordsIn(partition).slice(0, 3)).toEqual(['1 b=1', '2 a=null', '3 c=null']);
    expect(batchesOf(partition)[1]!.deleteHorizonMs).toBe(BigInt(startMs + dayMs));
    clock.pass(dayMs - 1);
    await roll();
    await compact(partition);
    expect(recordsIn(partition).slice(0, 3)).toEqual(['1 b=1', '2 a=null', '3 c=null']);
    clock.pass(1);
    await roll();
    await compact(partition);
    expect(recordsIn(partition)[1]).toMatch(/^\d+ roll=/);
  });

  it.each(['none', 'gzip', 'zstd', 'snappy', 'lz4'] as const)(
    'takes apart and rewrites batches of %s',
    async (codec) => {
      const partition = await suite.create(compacted, { clock: calendar() });
      for (const value of ['1', '2', '3', '4', '5', '6', '7'])
      await appendAll(partition, batchOf([['a', value], [`k${value}`, value.repeat(20)], ['b', null]], { codec })); // prettier-ignore
      await compact(partition);
      const lines = recordsIn(partition);
      expect(lines.filter((line) => line.includes(' a=')).length).toBeLessThan(6);
      for (const value of ['1', '2', '3'])
        expect(lines).toContain(`${3 * (Number(value) - 1) + 1} k${value}=${value.repeat(20)}`);
      for (const batch of batchesOf(partition)) {
        expect(batch.computeCrc()).toBe(batch.crc);
        if (batch.recordCount > 0) expect(batch.codec).toBe(codec);
      }
    },
  );

  it('drops what was aborted, and markers once nothing of their transaction is left and delete.retention.ms has passed', async () => {
    const clock = calendar();
    const partition = await suite.create({ ...compacted, 'delete.retention.ms': '1000' }, { clock });
    const committed = { producerId: 1n, producerEpoch: 0 };
    const aborted = { producerId: 2n, producerEpoch: 0 }; // prettier-ignore
    const inTransaction = { transactional: true, baseSequence: 0 };
    partition.append(batchOf([['a', 'kept']], { ...committed, ...inTransaction }), { inTransaction: true });
    partition.append(batchOf([['a', 'lost'], ['b', 'lost']], { ...aborted, ...inTransaction }), { inTransaction: true }); // prettier-ignore
    partition.appendMarker({ ...aborted, coordinatorEpoch: 0, committed: false });
    partition.appendMarker({ ...committed, coordinatorEpoch: 0, committed: true });
    const roll = () =>
      appendAll(partition, batchOf([['roll', 'x'.repeat(300)]]), batchOf([['roll', 'y'.repeat(300)]]));
    await roll();
    await compact(partition);
    const shape = () =>
      batchesOf(partition).map((batch) => [Number(batch.baseOffset), batch.isControl, batch.recordCount]);
    expect(recordsIn(partition)[0]).toBe('0 a=kept');
    expect(shape().slice(0, 4)).toEqual([[0, false, 1], [1, false, 0], [3, true, 1], [4, true, 1]]); // prettier-ignore
    partition.append(batchOf([['b', 'more']], { ...aborted, ...inTransaction, baseSequence: 2 }), {
      inTransaction: true,
    });
    partition.appendMarker({ ...aborted, coordinatorEpoch: 0, committed: true });
    await roll();
    for (const _ of [1, 2, 3]) {
      clock.pass(2_000);
      await roll();
      await compact(partition);
    }
    expect(shape().slice(0, 2)).toEqual([[0, false, 1], [4, true, 1]]); // prettier-ignore
    await suite.crash();
    const again = await suite.reopen({ clock });
    expect(again.lastStableOffset).toBe(again.highWatermark);
  });

  it('waits for an open transaction, for min.compaction.lag.ms and for enough that is dirty, and then for none of them', async () => {
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
    partition.append(batchOf([['a', 'x'.repeat(300)]], { ...open, baseSequence: 0, transactional: true }), {
      inTransaction: true,
    });
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

  it('takes the log offline when the exchange of segments fails half-way, and the next start finishes it', async () => {
    const partition = await suite.create(compacted, { clock: calendar() });
    for (const value of ['1', '2', '3', '4', '5', '6']) await appendAll(partition, batchOf([['a', value], ['b', value], [`c${value}`, value]])); // prettier-ignore
    const before = recordsIn(partition);
    const inTheWay = join(suite.folder, `${'0'.repeat(20)}.index.deleted`);
    mkdirSync(inTheWay);
    await compact(partition);
    expect(() => partition.append(batchOf([['a', '7']]))).toThrow(expect.objectContaining(storageError));
    await suite.close();
    rmdirSync(inTheWay);

    const reopened = await suite.reopen();
    const kept = recordsIn(reopened);
    expect(kept.length).toBeLessThan(before.length);
    expect(kept).toEqual(expect.arrayContaining(before.slice(-3)));
    expect(segments().length).toBe(readdirSync(suite.folder).filter((name) => name.includes('.log')).length);
  });

  it('goes round by round when the keys do not fit in its memory', async () => {
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

  it('keeps a deletion, and for its whole time, that the round did not reach: what it deletes is still there', async () => {
    const clock = calendar();
    const options = { clock, cleanerDedupeBufferBytes: 400 };
    const partition = await suite.create(
      { ...compacted, 'segment.bytes': '8000', 'delete.retention.ms': '1000' },
      options,
    );
    const others = Array.from({ length: 40 }, (_, key) => batchOf([[`key-${key}`, '1']]));
    await appendAll(partition, batchOf([['gone', 'v']]), ...others, batchOf([['gone', null]]));
    await appendAll(partition, batchOf([['last', 'x'.repeat(7_900)]]));
    const ofGone = () => recordsIn(partition).filter((line) => line.includes('gone='));
    for (let round = 0; round < 3; round += 1) {
      await compact(partition);
      expect(ofGone()).toEqual(['0 gone=v', '41 gone=null']);
      clock.pass(1_001);
    }
    await compact(partition);
    expect(ofGone()).toEqual(['41 gone=null']);
    expect(batchesOf(partition).at(-2)!.deleteHorizonMs).toBe(BigInt(clock.now() + 1_000));
  });

  it.each([
    { codec: 'none', records: 1_000, batches: 12 },
    { codec: 'zstd', records: 8_000, batches: 3 },
  ] as const)(
    'holds up nobody for more than 5 ms at a time: $records records a batch, $codec',
    async ({ codec, records, batches }) => {
      const rounds: CompactedPartition[] = [];
      const clock = calendar();
      const partition = await suite.create(
        { ...compacted, 'segment.bytes': '1100000' },
        { clock, flush: 'none', onCompacted: (round) => void rounds.push(round) },
      );
      const last = new Map<string, string>();
      // A garbage collection of all that this process does falls into a slice now and then, so one round has to stay below.
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
          partition.append(batchOf(pairs, { codec }));
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
