import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { systemDisk, type Disk } from '../disk/disk.ts';
import {
  appendAll,
  batchOf,
  everything,
  logFolder,
  readAll,
  storageError,
} from '../data-folder/log-folder.fixture.ts';

const outOfRange = expect.objectContaining({ errorName: 'OFFSET_OUT_OF_RANGE' });

describe('deleting the records before an offset', () => {
  const suite = logFolder();
  const logFiles = () => readdirSync(suite.folder).filter((name) => name.endsWith('.log'));
  const startsOnDisk = () => readFileSync(join(suite.dataFolder, 'log-start-offset-checkpoint'), 'utf8');
  /** Writes ten records in batches of two, with two batches per segment. */
  async function ten() {
    const size = batchOf(['a', 'b']).length;
    const partition = await suite.create({ 'segment.bytes': String(2 * size) });
    for (let value = 0; value < 10; value += 2)
      await appendAll(partition, batchOf([String(value), String(value + 1)]));
    return partition;
  }

  it('raises the log start, even into the middle of a batch, which is still read whole, and deletes the segments below', async () => {
    const partition = await ten();
    expect(await partition.deleteRecordsBefore(5n)).toBe(5n);
    expect(partition.logStartOffset).toBe(5n);
    expect(() => partition.read(4n, everything)).toThrow(outOfRange);
    expect(readAll(partition, 5n)).toEqual(['4:4', '5:5', '6:6', '7:7', '8:8', '9:9']);
    expect(logFiles()).toEqual(['00000000000000000004.log', '00000000000000000008.log']);
    expect(startsOnDisk()).toBe('0\n1\norders 0 5\n');
  });

  it('treats -1 as the high watermark, ignores a lower offset and rejects one beyond the end', async () => {
    const partition = await ten();
    await expect(partition.deleteRecordsBefore(11n)).rejects.toThrow(outOfRange);
    await expect(partition.deleteRecordsBefore(-2n)).rejects.toThrow(outOfRange);
    expect(await partition.deleteRecordsBefore(-1n)).toBe(10n);
    expect(await partition.deleteRecordsBefore(3n)).toBe(10n);
    expect(readAll(partition, 10n)).toEqual([]);
    await appendAll(partition, batchOf(['x']));
    expect(readAll(partition, 10n)).toEqual(['10:x']);
  });

  it('is rejected for a compacted topic before the offset is checked, and for a damaged partition whatever its policy', async () => {
    const partition = await suite.create({ 'cleanup.policy': 'compact' });
    await expect(partition.deleteRecordsBefore(99n)).rejects.toThrow(
      expect.objectContaining({ errorName: 'POLICY_VIOLATION' }),
    );
    await suite.close();
    rmSync(suite.folder, { recursive: true });
    await expect((await suite.reopen()).deleteRecordsBefore(0n)).rejects.toThrow(
      expect.objectContaining(storageError),
    );
  });

  it.each(['close', 'crash'] as const)('L18 survives a restart after %s', async (end) => {
    await (await ten()).deleteRecordsBefore(7n);
    await suite[end]();
    const partition = await suite.reopen();
    expect(partition.logStartOffset).toEqual(7n);
    expect(partition.logEndOffset).toEqual(10n);
    expect(readAll(partition, 7n)).toEqual(['6:6', '7:7', '8:8', '9:9']);
  });

  it('is completed by the next start if a crash came before the files were deleted', async () => {
    await ten();
    await suite.crash();
    writeFileSync(join(suite.dataFolder, 'log-start-offset-checkpoint'), '0\n1\norders 0 8\n');
    const partition = await suite.reopen();
    expect(logFiles()).toEqual(['00000000000000000008.log']);
    expect(readAll(partition, 8n)).toEqual(['8:8', '9:9']);
  });

  it('L18 does not hide the loss of the first segment', async () => {
    const partition = await ten();
    await partition.deleteRecordsBefore(1n);
    await suite.close();
    rmSync(join(suite.folder, `${'0'.repeat(20)}.log`));
    const reopened = await suite.reopen();
    expect(() => reopened.read(4n, everything)).toThrow(expect.objectContaining(storageError));
    await suite.close();
    expect(startsOnDisk()).toBe('0\n1\norders 0 1\n');
  });

  it('does not affect a topic that is recreated with the same name', async () => {
    await (await ten()).deleteRecordsBefore(-1n);
    await suite.close();
    const manager = await suite.open();
    await manager.deleteTopic('orders');
    await manager.createTopic({ name: 'orders', partitions: 1 });
    expect(manager.partition('orders', 0)!.logStartOffset).toBe(0n);
    await appendAll(manager.partition('orders', 0)!, batchOf(['x']));
    expect(readAll(manager.partition('orders', 0)!)).toEqual(['0:x']);
  });

  /** A disk that writes the checkpoint of log starts once `admit` resolves. */
  function startsDisk(admit: () => Promise<void>): Disk {
    return {
      ...systemDisk,
      async replaceFile(path, content, guard) {
        if (path.endsWith('log-start-offset-checkpoint')) await admit();
        await systemDisk.replaceFile(path, content, guard);
      },
    };
  }
  const noRoom = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  /**
   * Reopens the log so that nothing but a raised log start writes checkpoints: those for rolled
   * segments are done.
   */
  async function tenAtRest(disk: Disk) {
    await ten();
    await suite.close();
    return suite.reopen({ checkpointIntervalMs: 3_600_000, disk });
  }

  it('is rejected each time while the disk is full, and succeeds once there is room', async () => {
    let full = false;
    const admit = () => (full ? Promise.reject(noRoom()) : Promise.resolve());
    const partition = await tenAtRest(startsDisk(admit));
    const before = logFiles();
    full = true;
    for (const offset of [5n, 5n, 3n])
      await expect(partition.deleteRecordsBefore(offset)).rejects.toThrow(
        expect.objectContaining(storageError),
      );
    expect(logFiles()).toEqual(before);
    full = false;
    expect(await partition.deleteRecordsBefore(5n)).toBe(5n);
    expect(startsOnDisk()).toBe('0\n1\norders 0 5\n');
    expect(logFiles()).toEqual(['00000000000000000004.log', '00000000000000000008.log']);
  });

  it('is acknowledged only once it is on disk, even if a pending request already covers the offset', async () => {
    const gate = Promise.withResolvers<void>();
    let admit = () => Promise.resolve();
    const partition = await tenAtRest(startsDisk(() => admit()));
    admit = () => gate.promise;
    const told: string[] = [];
    const asked = [8n, 8n, 3n].map(async (offset) => {
      await partition.deleteRecordsBefore(offset);
      told.push(startsOnDisk());
    });
    await partition.flush();
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([]);
    gate.resolve();
    await Promise.all(asked);
    expect(told).toEqual(Array.from({ length: 3 }, () => '0\n1\norders 0 8\n'));
  });

  it('deletes no file for a higher log start that the disk does not accept', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    let asked = 0;
    let gated = false;
    const admit = () => {
      if (!gated) return Promise.resolve();
      [first, second][asked]!.resolve();
      return gates[asked++]!.promise;
    };
    const partition = await tenAtRest(startsDisk(admit));
    gated = true;
    const lower = partition.deleteRecordsBefore(4n);
    await first.promise;
    const higher = partition.deleteRecordsBefore(8n);
    higher.catch(() => undefined);
    gates[0]!.resolve();
    expect(await lower).toBe(4n);
    expect(await partition.deleteRecordsBefore(3n)).toBe(4n);
    expect(logFiles()).toEqual(['00000000000000000004.log', '00000000000000000008.log']);
    await second.promise;
    gates[1]!.reject(noRoom());
    await expect(higher).rejects.toThrow(expect.objectContaining(storageError));
    gated = false;
    expect(startsOnDisk()).toBe('0\n1\norders 0 4\n');
  });
});
