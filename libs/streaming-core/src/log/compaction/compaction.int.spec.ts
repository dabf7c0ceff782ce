import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { appendAll, everything, logFolder } from '../log-folder.features.ts';
import type { SegmentedPartitionLog } from '../partition-log.ts';
import { RecordBatch } from '../record-batch.ts';
import { encodeBatch, type BatchOptions } from '../record-batch-encoder.ts';
import { recordsOf } from '../records.ts';
import type { PartitionLog } from '../types.ts';
import type { CompactedPartition } from './partition-compaction.ts';

const startMs = 1_700_000_000_000;
const dayMs = 86_400_000;

/** Of this thread alone: on a busy machine others run in between. */
const cpuMs = () => {
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
const batchOf = (pairs: ReadonlyArray<readonly [key: string, value: string | null]>, options: Partial<BatchOptions> = {}) =>
  encodeBatch(
    pairs.map(([key, value]) => ({ key: Buffer.from(key), value: value === null ? null : Buffer.from(value) })),
    { timestampMs: BigInt(startMs), ...options },
  );

function batchesOf(partition: PartitionLog): RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let offset = partition.logStartOffset; offset < partition.highWatermark;) {
    const bytes = partition.read(offset, everything);
    for (let at = 0; at < bytes.length;) {
      const batch = new RecordBatch(bytes, at);
      batches.push(batch);
      offset = batch.lastOffset + 1n;
      at += batch.sizeBytes;
    }
  }
  return batches;
}

const recordsIn = (partition: PartitionLog): string[] =>
  batchesOf(partition).flatMap((batch) =>
    (recordsOf(batch) ?? []).map(({ offset, key, value }) => `${offset} ${String(key)}=${value === null ? 'null' : String(value)}`),
  );

const compact = (partition: PartitionLog) => (partition as SegmentedPartitionLog).compact();

describe('compaction', () => {
  const suite = logFolder();
  const segments = () => readdirSync(suite.folder).filter((name) => name.endsWith('.log'));

  it('keeps the last record of every key, where it was, and never touches the active segment', async () => {
    const partition = await suite.create(compacted, { clock: calendar() });
    for (const value of ['1', '2', '3', '4', '5', '6']) await appendAll(partition, batchOf([['a', value], ['b', value], [`c${value}`, value]])); // prettier-ignore
    expect(segments().length).toBeGreaterThan(1);
    await compact(partition);
    const active = Number(segments().at(-1)!.slice(0, 20));
    const kept = recordsIn(partition);
    const below = kept.filter((line) => Number(line.split(' ')[0]) < active);
    expect(below.filter((line) => / [ab]=/.test(line))).toEqual([`${active - 3} a=${active / 3}`, `${active - 2} b=${active / 3}`]);
    for (const value of ['1', '2', '3', '4', '5', '6']) expect(kept).toContain(`${3 * (Number(value) - 1) + 2} c${value}=${value}`);
    expect(partition.logEndOffset).toBe(18n);
    await suite.crash();
    expect(recordsIn(await suite.reopen())).toEqual(kept);
    await suite.close();
    expect(recordsIn(await suite.reopen())).toEqual(kept);
  });

  it('keeps a deletion until its time is up, then drops it', async () => {
    const clock = calendar();
    const partition = await suite.create({ ...compacted, 'delete.retention.ms': String(dayMs) }, { clock });
    const roll = () => appendAll(partition, batchOf([['roll', 'x'.repeat(300)]]), batchOf([['roll', 'y'.repeat(300)]]));
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

  it.each(['none', 'gzip', 'zstd', 'snappy', 'lz4'] as const)('takes apart and rewrites batches of %s', async (codec) => {
    const partition = await suite.create(compacted, { clock: calendar() });
    for (const value of ['1', '2', '3', '4', '5', '6', '7'])
      await appendAll(partition, batchOf([['a', value], [`k${value}`, value.repeat(20)], ['b', null]], { codec })); // prettier-ignore
    await compact(partition);
    const lines = recordsIn(partition);
    expect(lines.filter((line) => line.includes(' a=')).length).toBeLessThan(6);
    for (const value of ['1', '2', '3']) expect(lines).toContain(`${3 * (Number(value) - 1) + 1} k${value}=${value.repeat(20)}`);
    for (const batch of batchesOf(partition)) {
      expect(batch.computeCrc()).toBe(batch.crc);
      if (batch.recordCount > 0) expect(batch.codec).toBe(codec);
    }
  });

  it('drops what was aborted, and markers once nothing of their transaction is left and delete.retention.ms has passed', async () => {
    const clock = calendar();
    const partition = await suite.create({ ...compacted, 'delete.retention.ms': '1000' }, { clock });
    const [committed, aborted] = [{ producerId: 1n, producerEpoch: 0 }, { producerId: 2n, producerEpoch: 0 }]; // prettier-ignore
    const inTransaction = { transactional: true, baseSequence: 0 };
    partition.append(batchOf([['a', 'kept']], { ...committed, ...inTransaction }), { inTransaction: true });
    partition.append(batchOf([['a', 'lost'], ['b', 'lost']], { ...aborted, ...inTransaction }), { inTransaction: true }); // prettier-ignore
    partition.appendMarker({ ...aborted, coordinatorEpoch: 0, committed: false });
    partition.appendMarker({ ...committed, coordinatorEpoch: 0, committed: true });
    const roll = () => appendAll(partition, batchOf([['roll', 'x'.repeat(300)]]), batchOf([['roll', 'y'.repeat(300)]]));
    await roll();
    await compact(partition);
    const shape = () => batchesOf(partition).map((batch) => [Number(batch.baseOffset), batch.isControl, batch.recordCount]);
    expect(recordsIn(partition)[0]).toBe('0 a=kept');
    expect(shape().slice(0, 4)).toEqual([[0, false, 1], [1, false, 0], [3, true, 1], [4, true, 1]]); // prettier-ignore
    partition.append(batchOf([['b', 'more']], { ...aborted, ...inTransaction, baseSequence: 2 }), { inTransaction: true });
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
    const configs = { ...compacted, 'min.compaction.lag.ms': String(dayMs), 'min.cleanable.dirty.ratio': '0.5' };
    await manager.createTopic({ name: 'orders', partitions: 1, configs: new Map(Object.entries(configs)) });
    const partition = manager.partition('orders', 0)!;
    const open = { producerId: 1n, producerEpoch: 0 };
    partition.append(batchOf([['a', 'x'.repeat(300)]], { ...open, baseSequence: 0, transactional: true }), { inTransaction: true });
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

  it('goes round by round when the keys do not fit in its memory', async () => {
    const rounds: CompactedPartition[] = [];
    const clock = calendar();
    const options = { clock, cleanerDedupeBufferBytes: 1_024, onCompacted: (round: CompactedPartition) => void rounds.push(round) };
    const partition = await suite.create({ ...compacted, 'segment.bytes': '4000' }, options);
    const keys = Array.from({ length: 200 }, (_, key) => `key-${key}`);
    for (const turn of ['1', '2']) for (const key of keys) await appendAll(partition, batchOf([[key, turn]]));
    await appendAll(partition, batchOf([['last', 'x'.repeat(3_900)]]));
    for (let round = 0; round < 40; round += 1) await compact(partition);
    expect(rounds.length).toBeGreaterThan(5);
    const active = Number(segments().at(-1)!.slice(0, 20));
    const lines = recordsIn(partition).filter((line) => Number(line.split(' ')[0]) < active);
    expect(lines).toEqual(keys.map((key, place) => `${200 + place} ${key}=2`).filter((line) => Number(line.split(' ')[0]) < active));
  });

  it('holds up nobody for more than 5 ms at a time', async () => {
    const rounds: CompactedPartition[] = [];
    const clock = calendar();
    const partition = await suite.create(
      { ...compacted, 'segment.bytes': '1000000' },
      { clock, flush: 'none', onCompacted: (round) => void rounds.push(round) },
    );
    const codecs = ['none', 'gzip', 'lz4'] as const;
    for (let turn = 0; turn < 24; turn += 1) {
      const pairs = Array.from({ length: 1_000 }, (_, key) => [`key-${(turn * 350 + key) % 4_000}`, 'v'.repeat(100)] as const);
      partition.append(batchOf(pairs, { codec: codecs[turn % 3]! }));
    }
    await compact(partition);
    expect(rounds).toHaveLength(1);
    expect(rounds[0]!.bytesAfter).toBeLessThan(rounds[0]!.bytesBefore);
    expect(rounds[0]!.longestSliceMs).toBeLessThan(5);
  });
});
