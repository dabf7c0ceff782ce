import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { appendAll, logFolder } from '../data-folder/log-folder.fixture.ts';
import { RecordBatch } from '../../records/record-batch.ts';
import {
  batchOf,
  batchesOf,
  calendar,
  compact,
  compacted,
  dayMs,
  recordsIn,
  startMs,
} from './compacted-log.fixture.ts';

describe('compaction', () => {
  const suite = logFolder();
  const segments = () => readdirSync(suite.folder).filter((name) => name.endsWith('.log'));

  it('keeps the last record of each key at its offset, and never changes the active segment', async () => {
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

  it('L98 lets a read at any offset return records: clients that find only an emptied batch stop', async () => {
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

  it('L20 keeps a tombstone for delete.retention.ms, then drops it', async () => {
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
    'unpacks and rewrites batches of %s',
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

  it('L20 drops aborted records, and drops markers once nothing of their transaction is left and delete.retention.ms has passed', async () => {
    const clock = calendar();
    const partition = await suite.create({ ...compacted, 'delete.retention.ms': '1000' }, { clock });
    const committed = { producerId: 1n, producerEpoch: 0 };
    const aborted = { producerId: 2n, producerEpoch: 0 }; // prettier-ignore
    const inTransaction = { transactional: true, baseSequence: 0 };
    partition.append(new RecordBatch(batchOf([['a', 'kept']], { ...committed, ...inTransaction })), {
      inTransaction: true,
    });
    partition.append(new RecordBatch(batchOf([['a', 'lost'], ['b', 'lost']], { ...aborted, ...inTransaction })), { inTransaction: true }); // prettier-ignore
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
    partition.append(
      new RecordBatch(batchOf([['b', 'more']], { ...aborted, ...inTransaction, baseSequence: 2 })),
      {
        inTransaction: true,
      },
    );
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

  it('keeps a tombstone that the round did not reach, and for its whole time: the record that it deletes is still there', async () => {
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
});
