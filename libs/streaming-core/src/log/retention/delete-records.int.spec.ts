import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { appendAll, batchOf, everything, logFolder, readAll, storageError } from '../data-folder/log-folder.features.ts';

const outOfRange = expect.objectContaining({ errorName: 'OFFSET_OUT_OF_RANGE' });

describe('deleting the records before an offset', () => {
  const suite = logFolder();
  const logFiles = () => readdirSync(suite.folder).filter((name) => name.endsWith('.log'));
  const startsOnDisk = () => readFileSync(join(suite.dataFolder, 'log-start-offset-checkpoint'), 'utf8');
  /** Ten records in batches of two, two batches to a segment. */
  async function ten() {
    const size = batchOf(['a', 'b']).length;
    const partition = await suite.create({ 'segment.bytes': String(2 * size) });
    for (let value = 0; value < 10; value += 2) await appendAll(partition, batchOf([String(value), String(value + 1)]));
    return partition;
  }

  it('raises the start, into the middle of a batch too, gives the batch whole and drops the segments below', async () => {
    const partition = await ten();
    expect(await partition.deleteRecordsBefore(5n)).toBe(5n);
    expect(partition.logStartOffset).toBe(5n);
    expect(() => partition.read(4n, everything)).toThrow(outOfRange);
    expect(readAll(partition, 5n)).toEqual(['4:4', '5:5', '6:6', '7:7', '8:8', '9:9']);
    expect(logFiles()).toEqual(['00000000000000000004.log', '00000000000000000008.log']);
    expect(startsOnDisk()).toBe('0\n1\norders 0 5\n');
  });

  it('takes -1 for the high watermark, changes nothing for a lower offset and refuses one beyond', async () => {
    const partition = await ten();
    await expect(partition.deleteRecordsBefore(11n)).rejects.toThrow(outOfRange);
    await expect(partition.deleteRecordsBefore(-2n)).rejects.toThrow(outOfRange);
    expect(await partition.deleteRecordsBefore(-1n)).toBe(10n);
    expect(await partition.deleteRecordsBefore(3n)).toBe(10n);
    expect(readAll(partition, 10n)).toEqual([]);
    await appendAll(partition, batchOf(['x']));
    expect(readAll(partition, 10n)).toEqual(['10:x']);
  });

  it('is refused first of all where the last record of each key is kept, and for a damaged partition whatever its policy', async () => {
    const partition = await suite.create({ 'cleanup.policy': 'compact' });
    await expect(partition.deleteRecordsBefore(99n)).rejects.toThrow(expect.objectContaining({ errorName: 'POLICY_VIOLATION' }));
    await suite.close();
    rmSync(suite.folder, { recursive: true });
    await expect((await suite.reopen()).deleteRecordsBefore(0n)).rejects.toThrow(expect.objectContaining(storageError));
  });

  it.each(['close', 'crash'] as const)('holds over a restart after %s', async (end) => {
    await (await ten()).deleteRecordsBefore(7n);
    await suite[end]();
    const partition = await suite.reopen();
    expect([partition.logStartOffset, partition.logEndOffset]).toEqual([7n, 10n]);
    expect(readAll(partition, 7n)).toEqual(['6:6', '7:7', '8:8', '9:9']);
  });

  it('is finished by the next start when a crash came before the files were gone', async () => {
    await ten();
    await suite.crash();
    writeFileSync(join(suite.dataFolder, 'log-start-offset-checkpoint'), '0\n1\norders 0 8\n');
    const partition = await suite.reopen();
    expect(logFiles()).toEqual(['00000000000000000008.log']);
    expect(readAll(partition, 8n)).toEqual(['8:8', '9:9']);
  });

  it('does not pass for the loss of the first segment', async () => {
    const partition = await ten();
    await partition.deleteRecordsBefore(1n);
    await suite.close();
    rmSync(join(suite.folder, `${'0'.repeat(20)}.log`));
    const reopened = await suite.reopen();
    expect(() => reopened.read(4n, everything)).toThrow(expect.objectContaining(storageError));
    await suite.close();
    expect(startsOnDisk()).toBe('0\n1\norders 0 1\n');
  });

  it('is no part of a topic of the same name that comes later', async () => {
    await (await ten()).deleteRecordsBefore(-1n);
    await suite.close();
    const manager = await suite.open();
    await manager.deleteTopic('orders');
    await manager.createTopic({ name: 'orders', partitions: 1 });
    expect(manager.partition('orders', 0)!.logStartOffset).toBe(0n);
    await appendAll(manager.partition('orders', 0)!, batchOf(['x']));
    expect(readAll(manager.partition('orders', 0)!)).toEqual(['0:x']);
  });
});
