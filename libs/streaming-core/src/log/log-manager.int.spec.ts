import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../runtime/index.ts';
import { createLogManager } from './log-manager.ts';
import { batchOf, everything, storageError, valuesIn } from './data-folder/log-folder.fixture.ts';
import { RecordBatch } from '../records/record-batch.ts';

describe('a log manager on a data folder', () => {
  let dataFolder: string;
  beforeEach(() => {
    dataFolder = mkdtempSync(join(tmpdir(), 'millrace-log-'));
  });
  afterEach(() => rmSync(dataFolder, { recursive: true, force: true }));

  it('keeps topics, ids, records and the cluster id across a restart', async () => {
    const first = await createLogManager({ dataFolder });
    const created = await first.createTopic({
      name: 'orders',
      partitions: 2,
      configs: new Map([['retention.ms', '1000']]),
    });
    const appended = first.partition('orders', 1)!.append(new RecordBatch(batchOf(['a', 'b'])));
    expect(appended).toMatchObject({
      baseOffset: 0n,
      lastOffset: 1n,
      logAppendTimeMs: -1n,
      duplicate: false,
    });
    await appended.durable;
    const { clusterId } = first;
    await first.close();

    const second = await createLogManager({ dataFolder });
    expect(second.clusterId).toBe(clusterId);
    expect(second.topics()).toEqual([created].map((topic) => expect.objectContaining(topic)));
    expect(second.topicById(created.topicId)?.name).toBe('orders');
    const partition = second.partition('orders', 1)!;
    expect(valuesIn(partition.read(0n, everything))).toEqual(['0:a', '1:b']);
    expect(partition.append(new RecordBatch(batchOf(['c']))).baseOffset).toBe(2n);
    await second.close();
  });

  it('L09 shows a record to consumers once it is on disk, and calls the listeners', async () => {
    const manager = await createLogManager({ dataFolder });
    await manager.createTopic({ name: 'orders', partitions: 1 });
    const partition = manager.partition('orders', 0)!;
    const woken = new Promise<bigint>((resolve) => partition.onMoved(() => resolve(partition.highWatermark)));
    const { durable } = partition.append(new RecordBatch(batchOf(['a'])));
    expect(partition.highWatermark).toBe(0n);
    expect(partition.read(0n, everything)).toHaveLength(0);
    await durable;
    expect(partition.highWatermark).toBe(1n);
    expect(await woken).toBe(1n);
    await manager.close();
  });

  describe('when it closes', () => {
    /** Shows whether a file was written. A replaced file has another inode. */
    const filesOf = (partition: string) => {
      const folder = join(dataFolder, partition);
      return readdirSync(folder).map((name) => {
        const { ino, mtimeNs, size } = statSync(join(folder, name), { bigint: true });
        return { name, ino, mtimeNs, size };
      });
    };

    it('does not touch the files of a partition without writes', async () => {
      const first = await createLogManager({ dataFolder });
      await first.createTopic({ name: 'orders', partitions: 3 });
      for (const partition of [0, 1])
        await first.partition('orders', partition)!.append(new RecordBatch(batchOf(['a']))).durable;
      const created = filesOf('orders-2');
      await first.close();
      expect(filesOf('orders-2')).toEqual(created);
      const left = filesOf('orders-0');
      expect(left.map(({ name }) => name)).toContain('00000000000000000001.snapshot');

      const second = await createLogManager({ dataFolder });
      expect(valuesIn(second.partition('orders', 0)!.read(0n, everything))).toEqual(['0:a']);
      await second.partition('orders', 1)!.append(new RecordBatch(batchOf(['b']))).durable;
      await second.close();
      expect(filesOf('orders-0')).toEqual(left);
      expect(filesOf('orders-1').map(({ name }) => name)).toContain('00000000000000000002.snapshot');
      expect(filesOf('orders-2')).toEqual(created);
    });

    it('does not touch unwritten files after a start that had to check them', async () => {
      const first = await createLogManager({ dataFolder });
      await first.createTopic({ name: 'orders', partitions: 1 });
      await first.partition('orders', 0)!.append(new RecordBatch(batchOf(['a']))).durable;
      await first.close();
      const left = filesOf('orders-0');
      rmSync(join(dataFolder, '.kafka_cleanshutdown'));
      await (await createLogManager({ dataFolder })).close();
      expect(filesOf('orders-0')).toEqual(left);
    });

    it('writes the files beside the log that a partition had lost', async () => {
      const first = await createLogManager({ dataFolder });
      await first.createTopic({ name: 'orders', partitions: 1 });
      await first.partition('orders', 0)!.append(new RecordBatch(batchOf(['a']))).durable;
      await first.close();
      const lost = ['00000000000000000000.timeindex', '00000000000000000001.snapshot'];
      for (const name of lost) {
        rmSync(join(dataFolder, 'orders-0', name));
        await (await createLogManager({ dataFolder })).close();
        expect(filesOf('orders-0').map((file) => file.name)).toEqual(expect.arrayContaining(lost));
      }
    });
  });

  it('forgets a deleted topic, even for callers that still hold its partition, and frees its name', async () => {
    const manager = await createLogManager({ dataFolder });
    const old = await manager.createTopic({ name: 'orders', partitions: 1 });
    const partition = manager.partition('orders', 0)!;
    await partition.append(new RecordBatch(batchOf(['a']))).durable;
    await manager.deleteTopic('orders');
    expect(manager.topic('orders')).toBeUndefined();
    expect(() => partition.read(0n, everything)).toThrow(
      expect.objectContaining({ errorName: 'UNKNOWN_TOPIC_OR_PARTITION' }),
    );
    expect(readdirSync(dataFolder).filter((name) => name.startsWith('orders'))).toEqual([]);

    const fresh = await manager.createTopic({ name: 'orders', partitions: 1 });
    expect(fresh.topicId).not.toBe(old.topicId);
    expect(manager.partition('orders', 0)!.logEndOffset).toBe(0n);
    await manager.close();
  });

  it('drops the recovery point of a deleted topic before its name is free, so that the next topic begins at 0', async () => {
    let checkpointDue: () => void = () => undefined;
    const clock = {
      ...systemClock,
      after: (_: number, work: () => void) => ((checkpointDue = work), () => undefined),
    };
    const manager = await createLogManager({ dataFolder, clock });
    await manager.createTopic({ name: 'orders', partitions: 1 });
    await manager.partition('orders', 0)!.append(new RecordBatch(batchOf(['a']))).durable;
    checkpointDue();
    await manager.createTopic({ name: 'payments', partitions: 1 });
    // Checkpoints run one at a time, so the first one is over after this.
    await manager.deleteTopic('payments');
    const points = () => readFileSync(join(dataFolder, 'recovery-point-offset-checkpoint'), 'utf8');
    expect(points()).toBe('0\n1\norders 0 1\n');
    await manager.deleteTopic('orders');
    expect(points()).toBe('0\n0\n');
    await manager.close();
  });

  it.each([
    ['TOPIC_ALREADY_EXISTS', { name: 'taken.name', partitions: 1 }],
    ['INVALID_TOPIC_EXCEPTION', { name: 'taken_name', partitions: 1 }],
    ['INVALID_TOPIC_EXCEPTION', { name: '../up', partitions: 1 }],
    ['INVALID_PARTITIONS', { name: 'none', partitions: 0 }],
    ['INVALID_CONFIG', { name: 'odd', partitions: 1, configs: new Map([['segment.bytes', 'many']]) }],
  ])('rejects a topic with %s', async (errorName, topic) => {
    const manager = await createLogManager({ dataFolder });
    await manager.createTopic({ name: 'taken.name', partitions: 1 });
    await expect(manager.createTopic(topic)).rejects.toMatchObject({ errorName });
    await manager.close();
  });

  it('does not touch foreign data, creates no part of a topic, and continues to work', async () => {
    const manager = await createLogManager({ dataFolder });
    mkdirSync(join(dataFolder, 'orders-1'));
    writeFileSync(join(dataFolder, 'orders-1', `${'0'.repeat(20)}.log`), 'precious');
    await expect(manager.createTopic({ name: 'orders', partitions: 3 })).rejects.toMatchObject(storageError);
    expect(readdirSync(dataFolder).filter((name) => name.startsWith('orders'))).toEqual(['orders-1']);
    rmSync(join(dataFolder, 'orders-1'), { recursive: true });
    await manager.createTopic({ name: 'orders', partitions: 3 });
    await manager.close();
  });

  it('finishes a deletion after a kill, but deletes no folder with a similar name', async () => {
    await (await createLogManager({ dataFolder })).close();
    const kept = ['do-not-delete', 'orders-0.0123-delete'];
    for (const name of [...kept, `orders-0.${'0123456789abcdef'.repeat(2)}-delete`]) {
      mkdirSync(join(dataFolder, name));
      writeFileSync(join(dataFolder, name, `${'0'.repeat(20)}.log`), 'precious');
    }
    await (await createLogManager({ dataFolder })).close();
    expect(readdirSync(dataFolder).filter((name) => name.endsWith('-delete'))).toEqual(kept);
  });

  it('rejects every call after close, because another process may use the folder', async () => {
    const manager = await createLogManager({ dataFolder });
    await manager.createTopic({ name: 'orders', partitions: 1 });
    const partition = manager.partition('orders', 0)!;
    await manager.close();
    expect(() => partition.append(new RecordBatch(batchOf(['a'])))).toThrow(
      expect.objectContaining(storageError),
    );
    expect(() => partition.read(0n, everything)).toThrow(expect.objectContaining(storageError));
    await expect(manager.createTopic({ name: 'more', partitions: 1 })).rejects.toMatchObject(storageError);
    await expect(manager.deleteTopic('orders')).rejects.toMatchObject(storageError);
    await expect(manager.allocateProducerId()).rejects.toMatchObject(storageError);
    await manager.close();
  });

  it('never allocates a producer id twice', async () => {
    const ids = new Set<bigint>();
    for (let run = 0; run < 2; run += 1) {
      const manager = await createLogManager({ dataFolder });
      for (const id of await Promise.all(Array.from({ length: 1_500 }, () => manager.allocateProducerId())))
        ids.add(id);
      await manager.close();
    }
    expect(ids.size).toBe(3_000);
  });

  it('L10 allows one process at a time, and takes over from one that died', async () => {
    const manager = await createLogManager({ dataFolder });
    await expect(createLogManager({ dataFolder })).rejects.toThrow(
      `data folder ${dataFolder} is in use by process ${process.pid}: stop it, or set another folder`,
    );
    await manager.close();
    writeFileSync(join(dataFolder, '.lock'), JSON.stringify({ pid: process.pid, startedAt: 'another life' }));
    await (await createLogManager({ dataFolder })).close();
    expect(readdirSync(dataFolder).filter((name) => name.startsWith('.lock'))).toEqual([]);
  });

  it('L25 rejects a folder of a newer broker and says what to do', async () => {
    await (await createLogManager({ dataFolder })).close();
    const path = join(dataFolder, 'meta.properties');
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('millrace.format.version=2', 'millrace.format.version=3'),
    );
    await expect(createLogManager({ dataFolder })).rejects.toThrow(
      'run the newer broker, or set another folder',
    );
  });
});
