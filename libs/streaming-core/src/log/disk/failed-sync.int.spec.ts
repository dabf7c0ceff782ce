import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { within } from '@millrace/testing/within';
import { systemDisk, type Disk, type SyncGuard } from './disk.ts';
import { appendAll, batchOf, logFolder, readAll, storageError } from '../data-folder/log-folder.fixture.ts';

const eio = () => Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });

/** A disk on which every sync of a folder or a small file waits until the test ends it. */
function haltedDisk() {
  const waiting: Array<{ readonly path: string; readonly end: (failure?: Error) => void }> = [];
  let halted = false;
  const halt: SyncGuard = async (path, sync) => {
    if (halted)
      await new Promise<void>((resolve, reject) => {
        waiting.push({ path, end: (failure) => (failure === undefined ? resolve() : reject(failure)) });
      });
    await sync();
  };
  const inside =
    (guard: SyncGuard = (_, sync) => sync()): SyncGuard =>
    (path, sync) =>
      guard(path, () => halt(path, sync));
  const disk: Disk = {
    ...systemDisk,
    syncPath: (path, guard) => systemDisk.syncPath(path, inside(guard)),
    replaceFile: (path, content, guard) => systemDisk.replaceFile(path, content, inside(guard)),
  };
  const begun = async (path: string) => {
    const at = (): number => waiting.findIndex((one) => one.path === path);
    await within(20_000)(() => at() >= 0, `a sync of ${path}`);
    return waiting.splice(at(), 1)[0]!;
  };
  return { disk, begun, waiting, halt: () => void (halted = true) };
}

describe('a failed sync of the data folder', () => {
  const suite = logFolder();

  async function twoChanges() {
    const halted = haltedDisk();
    const manager = await suite.open({ disk: halted.disk });
    await manager.createTopic({ name: 'orders', partitions: 1 });
    await appendAll(manager.partition('orders', 0)!, batchOf(['a', 'b']));
    halted.halt();
    const alteration = manager.alterTopicConfigs('orders', new Map([['retention.ms', '1000']]));
    (await halted.begun(join(suite.dataFolder, 'topics.json.tmp'))).end();
    const failing = await halted.begun(suite.dataFolder);
    return { ...halted, manager, alteration, failing };
  }

  it('is not repeated by another change that is about to sync the folder', async () => {
    const { manager, alteration, failing, begun, waiting } = await twoChanges();
    const allocation = manager.allocateProducerId();
    const draft = await begun(join(suite.dataFolder, 'producer-ids.tmp'));
    failing.end(eio());
    draft.end();
    await expect(allocation).rejects.toMatchObject(storageError);
    await expect(alteration).rejects.toMatchObject(storageError);
    expect(waiting).toEqual([]);
  });

  it('L03 leaves a change unacknowledged whose own sync was in flight, even if that sync succeeds', async () => {
    const { manager, alteration, failing, begun } = await twoChanges();
    const allocation = manager.allocateProducerId();
    (await begun(join(suite.dataFolder, 'producer-ids.tmp'))).end();
    const other = await begun(suite.dataFolder);
    failing.end(eio());
    other.end();
    await expect(allocation).rejects.toMatchObject(storageError);
    await expect(alteration).rejects.toMatchObject(storageError);
  });

  it('leaves a deletion of records unacknowledged even if its checkpoint had not begun', async () => {
    const { disk, halt, begun } = haltedDisk();
    const manager = await suite.open({ disk });
    await manager.createTopic({ name: 'orders', partitions: 2 });
    const partitions = [0, 1].map((partition) => manager.partition('orders', partition)!);
    for (const partition of partitions) await appendAll(partition, batchOf(['a']), batchOf(['b']));
    halt();
    const deletions = Promise.allSettled(partitions.map((partition) => partition.deleteRecordsBefore(1n)));
    (await begun(join(suite.dataFolder, 'recovery-point-offset-checkpoint.tmp'))).end(eio());
    const refused = { status: 'rejected', reason: expect.objectContaining(storageError) };
    expect(await deletions).toEqual([refused, refused]);
  });

  it('loses nothing that was acknowledged', async () => {
    const { alteration, failing } = await twoChanges();
    failing.end(eio());
    await expect(alteration).rejects.toMatchObject(storageError);
    await suite.crash();
    expect(readAll((await suite.open()).partition('orders', 0)!)).toEqual(['0:a', '1:b']);
  });
});
