import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { systemDisk, type Disk } from './disk/disk.ts';
import { appendAll, batchOf, logFolder, readAll, storageError } from './data-folder/log-folder.fixture.ts';
import { RecordBatch } from '../records/record-batch.ts';

const refused = (errorName: string) => expect.objectContaining({ errorName });

describe('changing a topic', () => {
  const suite = logFolder();

  it('adds partitions that survive a crash, and rejects a number that is not higher', async () => {
    const manager = await suite.open();
    const { topicId } = await manager.createTopic({ name: 'orders', partitions: 2 });
    await appendAll(manager.partition('orders', 1)!, batchOf(['a']));
    for (const partitions of [2, 1, 0, -1])
      await expect(manager.addPartitions('orders', partitions)).rejects.toThrow(
        refused('INVALID_PARTITIONS'),
      );
    await expect(manager.addPartitions('nobody', 3)).rejects.toThrow(refused('UNKNOWN_TOPIC_OR_PARTITION'));
    expect(await manager.addPartitions('orders', 4)).toMatchObject({ topicId, partitions: 4 });
    await appendAll(manager.partition('orders', 3)!, batchOf(['b']));
    await suite.crash();
    const reopened = await suite.open();
    expect(reopened.topic('orders')).toMatchObject({ topicId, partitions: 4 });
    expect([1, 3].map((partition) => readAll(reopened.partition('orders', partition)!))).toEqual([
      ['0:a'],
      ['0:b'],
    ]);
  });

  it('leaves no folder of partitions that could not be added on a full disk', async () => {
    let full = false;
    const disk: Disk = {
      ...systemDisk,
      replaceFile: (path, content) =>
        full
          ? Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }))
          : systemDisk.replaceFile(path, content),
    };
    const manager = await suite.open({ disk });
    await manager.createTopic({ name: 'orders', partitions: 1 });
    full = true;
    await expect(manager.addPartitions('orders', 2)).rejects.toMatchObject(storageError);
    expect(existsSync(join(suite.dataFolder, 'orders-1'))).toBe(false);
    full = false;
    await manager.addPartitions('orders', 2);
    expect(readAll(manager.partition('orders', 1)!)).toEqual([]);
  });

  it('applies new configs at once, keeps them across a restart, and rejects invalid ones', async () => {
    const manager = await suite.open();
    await manager.createTopic({ name: 'orders', partitions: 1 });
    const partition = manager.partition('orders', 0)!;
    await appendAll(partition, batchOf(['a']));
    await expect(manager.alterTopicConfigs('orders', new Map([['segment.bytes', 'many']]))).rejects.toThrow(
      refused('INVALID_CONFIG'),
    );
    await manager.alterTopicConfigs('orders', new Map([['max.message.bytes', '10']]));
    expect(() => partition.append(new RecordBatch(batchOf(['a'])))).toThrow(refused('MESSAGE_TOO_LARGE'));
    await suite.crash();
    const reopened = await suite.open();
    expect(reopened.topic('orders')!.configs).toEqual(new Map([['max.message.bytes', '10']]));
    expect(() => reopened.partition('orders', 0)!.append(new RecordBatch(batchOf(['a'])))).toThrow(
      refused('MESSAGE_TOO_LARGE'),
    );
  });
});
