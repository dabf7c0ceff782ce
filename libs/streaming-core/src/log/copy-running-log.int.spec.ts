import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { within } from '@millrace/testing/within';
import { copyRunningLog } from './copy-running-log.ts';
import { createLogManager, type LogManager } from './log-manager.ts';
import { appendAll, batchOf, logFolder, readAll } from './data-folder/log-folder.fixture.ts';
import { encodeBatch } from '../records/record-batch-encoder.ts';
import type { SegmentedPartitionLog } from './partition-log.ts';
import type { PartitionLog } from './partition-log-port.ts';
import { RecordBatch } from '../records/record-batch.ts';

const until = within(20_000);
const partitions = [0, 1, 2];
const compact = (partition: PartitionLog) => (partition as SegmentedPartitionLog).compact();
const smallSegments = new Map([['segment.bytes', '2000']]);

describe('a copy of a log that is being written', () => {
  const suite = logFolder();

  /** Appends until `stop` is called, and counts the acknowledged values of each partition. */
  function writers(manager: LogManager) {
    const acknowledged = partitions.map(() => 0);
    let stopped = false;
    const write = async (index: number) => {
      const log = manager.partition('orders', index)!;
      const producerId = await manager.allocateProducerId();
      for (let sequence = 0; !stopped; sequence += 1) {
        await log.append(
          new RecordBatch(
            batchOf([`value ${sequence}`], { producerId, producerEpoch: 0, baseSequence: sequence }),
          ),
        ).durable;
        acknowledged[index] = sequence + 1;
      }
    };
    const written = Promise.all(partitions.map(write));
    return { acknowledged, stop: () => ((stopped = true), written) };
  }

  const isPrefix = (log: PartitionLog): boolean =>
    readAll(log).every((value, offset) => value === `${offset}:value ${offset}`);

  it('R15 has everything that was acknowledged before, in order, across several segments, and accepts appends', async () => {
    const manager = await suite.open({ checkpointIntervalMs: 5 });
    await manager.createTopic({ name: 'orders', partitions: partitions.length, configs: smallSegments });
    const { acknowledged, stop } = writers(manager);
    await until(() => Math.min(...acknowledged) >= 100, 'a hundred records in each partition');
    const copy = join(suite.dataFolder, '..', `${suite.dataFolder.split('/').at(-1)}-copy`);
    try {
      for (let round = 0; round < 5; round += 1) {
        const before = [...acknowledged];
        await copyRunningLog(suite.dataFolder, copy);

        const copied = await createLogManager({ dataFolder: copy });
        for (const index of partitions) {
          const log = copied.partition('orders', index)!;
          expect(isPrefix(log)).toBe(true);
          expect(Number(log.highWatermark)).toBeGreaterThanOrEqual(before[index]!);
          const producerId = await copied.allocateProducerId();
          expect(producerId).toBeGreaterThan(2n);
          await log.append(
            new RecordBatch(batchOf(['next'], { producerId, producerEpoch: 0, baseSequence: 0 })),
          ).durable;
          expect(readAll(log).at(-1)).toMatch(/:next$/);
        }
        await copied.close();
        rmSync(copy, { recursive: true });
      }
    } finally {
      await stop();
      rmSync(copy, { recursive: true, force: true });
    }
  });

  it('is consistent even if retention deletes and compaction replaces segments meanwhile', async () => {
    const configs = { 'segment.bytes': '2000', 'min.cleanable.dirty.ratio': '0' };
    const manager = await suite.open({ flush: 'none', retentionCheckIntervalMs: 10, cleanerBackoffMs: 10 });
    const kinds = { kept: { 'cleanup.policy': 'compact' }, short: { 'retention.bytes': '4000' } };
    for (const [name, more] of Object.entries(kinds))
      await manager.createTopic({
        name,
        partitions: 1,
        configs: new Map(Object.entries({ ...configs, ...more })),
      });
    // Writes two segments at full speed when a copy begins, then slowly: if copying took longer
    // than filling a segment, the copy would never end.
    let stopped = false;
    let written = 0;
    let calmFrom = Infinity;
    const write = async () => {
      for (; !stopped; written += 1) {
        const records = [{ key: Buffer.from(`key-${written % 5}`), value: Buffer.from(String(written)) }];
        for (const name of Object.keys(kinds))
          manager
            .partition(name, 0)!
            .append(new RecordBatch(encodeBatch(records, { timestampMs: BigInt(Date.now()) })));
        await new Promise((resolve) => setTimeout(resolve, written < calmFrom ? 1 : 100));
      }
    };
    const writing = write();
    const copy = `${suite.dataFolder}-copy`;
    try {
      for (let round = 0; round < 4; round += 1) {
        const acknowledged = written;
        const startBefore = manager.partition('short', 0)!.logStartOffset;
        await until(() => manager.partition('short', 0)!.logStartOffset > startBefore, 'retention to delete');
        calmFrom = written + 60;
        await copyRunningLog(suite.dataFolder, copy);
        calmFrom = Infinity;
        const copied = await createLogManager({ dataFolder: copy, cleanerEnabled: false });
        const kept = copied.partition('kept', 0)!;
        const short = copied.partition('short', 0)!;
        expect(Number(kept.highWatermark)).toBeGreaterThanOrEqual(acknowledged);
        for (const log of [kept, short])
          for (const line of readAll(log, log.logStartOffset))
            expect(line).toBe(`${line.split(':')[0]}:${line.split(':')[0]}`);
        const keys = new Set(readAll(kept).map((line) => Number(line.split(':')[0]) % 5));
        expect(keys.size).toBe(Math.min(5, Number(kept.highWatermark)));
        expect(readAll(short, short.logStartOffset).at(-1)).toMatch(`${short.highWatermark - 1n}:`);
        await copied.close();
        rmSync(copy, { recursive: true });
      }
    } finally {
      stopped = true;
      await writing;
      rmSync(copy, { recursive: true, force: true });
    }
  });

  /**
   * Copies the topic `orders`, then runs `meanwhile` before the copy ends. A named pipe in the
   * folder of a later topic holds the copy up until the test writes to it.
   */
  async function copiedBefore(manager: LogManager, meanwhile: () => Promise<void>): Promise<LogManager> {
    await manager.createTopic({ name: 'stays', partitions: 1 });
    const pipe = join(suite.dataFolder, 'stays-0', 'pipe');
    execFileSync('mkfifo', [pipe]);
    const copy = `${suite.dataFolder}-copy`;
    const copying = copyRunningLog(suite.dataFolder, copy);
    try {
      await until(() => existsSync(join(copy, 'stays-0')), 'the copy of the topic before');
      await meanwhile();
    } finally {
      await (await open(pipe, 'w')).close();
      await copying;
    }
    return createLogManager({ dataFolder: copy, cleanerEnabled: false });
  }

  it('begins at the log start offset even if that is beyond what was copied', async () => {
    const manager = await suite.open();
    await manager.createTopic({ name: 'orders', partitions: 1, configs: smallSegments });
    const log = manager.partition('orders', 0)!;
    const append = async (records: number) => {
      for (let index = 0; index < records; index += 1)
        await appendAll(log, batchOf([`value ${log.logEndOffset}`]));
    };
    await append(50);
    const copied = await copiedBefore(manager, async () => {
      await append(50);
      await log.deleteRecordsBefore(80n);
    });
    try {
      const partition = copied.partition('orders', 0)!;
      expect(partition.logStartOffset).toEqual(80n);
      expect(partition.highWatermark).toEqual(80n);
      await appendAll(partition, batchOf(['value 80']));
      expect(readAll(partition, 80n)).toEqual(['80:value 80']);
    } finally {
      await copied.close();
      rmSync(copied.dataFolder, { recursive: true });
    }
  });

  it('does not count as compacted if the segments were copied before', async () => {
    const manager = await suite.open({ cleanerEnabled: false });
    const configs = new Map([
      ...smallSegments,
      ['cleanup.policy', 'compact'],
      ['min.cleanable.dirty.ratio', '0'],
    ]);
    await manager.createTopic({ name: 'orders', partitions: 1, configs });
    const log = manager.partition('orders', 0)!;
    for (let index = 0; index < 100; index += 1)
      await appendAll(
        log,
        encodeBatch([{ key: Buffer.from('key'), value: Buffer.from(String(index)) }], {
          timestampMs: BigInt(Date.now()),
        }),
      );
    const copied = await copiedBefore(manager, () => compact(log));
    try {
      const partition = copied.partition('orders', 0)!;
      expect(readAll(log).length).toBeLessThan(100);
      expect(readAll(partition)).toHaveLength(100);
      await compact(partition);
      expect(readAll(partition)).toEqual(readAll(log));
    } finally {
      await copied.close();
      rmSync(copied.dataFolder, { recursive: true });
    }
  });
});
