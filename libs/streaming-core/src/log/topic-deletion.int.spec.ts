import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { within } from '@millrace/testing/within';
import { systemClock } from '../runtime/index.ts';
import { systemDisk, type Disk } from './disk/disk.ts';
import { appendAll, batchOf, logFolder, readAll, storageError } from './data-folder/log-folder.fixture.ts';

/** A disk that has room for a given number of small files. */
function smallDisk() {
  const state = { room: Number.POSITIVE_INFINITY };
  const disk: Disk = {
    ...systemDisk,
    async replaceFile(path, content) {
      if (state.room <= 0)
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      state.room -= 1;
      await systemDisk.replaceFile(path, content);
    },
  };
  return { state, disk };
}

describe('deleting a topic while the disk is full', () => {
  const suite = logFolder();

  it('fails before the deletion is stored: the topic stays, accepts records, survives a crash, and can be deleted later', async () => {
    const { state, disk } = smallDisk();
    const manager = await suite.open({ disk });
    await manager.createTopic({ name: 'orders', partitions: 1 });
    const partition = manager.partition('orders', 0)!;
    await appendAll(partition, batchOf(['a']));
    state.room = 0;
    await expect(manager.deleteTopic('orders')).rejects.toMatchObject(storageError);
    expect(manager.topic('orders')?.name).toBe('orders');
    await appendAll(partition, batchOf(['b']));
    expect(readAll(partition)).toEqual(['0:a', '1:b']);

    state.room = Number.POSITIVE_INFINITY;
    await suite.crash();
    const reopened = await suite.open();
    expect(readAll(reopened.partition('orders', 0)!)).toEqual(['0:a', '1:b']);
    await reopened.deleteTopic('orders');
    expect(existsSync(suite.folder)).toBe(false);
  });

  it.each([
    ['its recovery point is removed', 1],
    ['it is removed from the list', 2],
  ])(
    'succeeds even before %s: the topic and its files are gone, and its name is free once there is room',
    async (_, room) => {
      const due: Array<() => void> = [];
      const clock = {
        ...systemClock,
        after: (__: number, work: () => void) => (due.push(work), () => undefined),
      };
      const { state, disk } = smallDisk();
      const manager = await suite.open({ disk, clock });
      await manager.createTopic({ name: 'orders', partitions: 1 });
      await appendAll(manager.partition('orders', 0)!, batchOf(['a']));
      due.splice(0).forEach((work) => work());
      // This waits for the checkpoint that has the record.
      await manager.createTopic({ name: 'payments', partitions: 1 });
      state.room = room;
      await manager.deleteTopic('orders');
      expect(manager.topic('orders')).toBeUndefined();
      expect(manager.partition('orders', 0)).toBeUndefined();
      expect(existsSync(suite.folder)).toEqual(false);
      await expect(manager.createTopic({ name: 'orders', partitions: 1 })).rejects.toMatchObject(
        storageError,
      );

      state.room = Number.POSITIVE_INFINITY;
      await manager.createTopic({ name: 'orders', partitions: 1 });
      await appendAll(manager.partition('orders', 0)!, batchOf(['b']));
      await suite.crash();
      expect(readAll(await suite.reopen())).toEqual(['0:b']);
    },
  );

  it('is finished in the background, or by the next start', async () => {
    const checkpointIntervalMs = 777; // no other background work has this interval
    let tick: () => void = () => undefined;
    const clock = {
      ...systemClock,
      after: (span: number, work: () => void) => (
        span === checkpointIntervalMs && (tick = work),
        () => undefined
      ),
    };
    const listed = () => readFileSync(join(suite.dataFolder, 'topics.json'), 'utf8');
    const { state, disk } = smallDisk();
    const manager = await suite.open({ disk, clock, checkpointIntervalMs });
    for (const name of ['orders', 'payments']) await manager.createTopic({ name, partitions: 1 });
    state.room = 1;
    await manager.deleteTopic('orders');
    state.room = Number.POSITIVE_INFINITY;
    tick();
    await within(20_000)(() => !listed().includes('orders'), 'the end of the deletion');
    await manager.createTopic({ name: 'other', partitions: 1 });
    state.room = 1;
    await manager.deleteTopic('payments');
    state.room = Number.POSITIVE_INFINITY;
    await suite.crash();
    expect((await suite.open()).topics().map(({ name }) => name)).toEqual(['other']);
  });
});
