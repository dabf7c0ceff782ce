import { describe, expect, it } from '@jest/globals';
import { systemClock, type Clock } from '../../runtime/clock.ts';
import { appendAll, batchOf, logFolder, readAll, storageError } from '../data-folder/log-folder.fixture.ts';
import { systemDisk, type Disk, type SyncGuard } from './disk.ts';
import { RecordBatch } from '../../records/record-batch.ts';

/** A disk on which a given number of syncs of folders and small files find no descriptor. */
function fewFiles() {
  let missing = 0;
  const opening =
    (guard: SyncGuard = (_, sync) => sync()): SyncGuard =>
    (path, sync) =>
      guard(path, async () => {
        missing -= 1;
        if (missing >= 0)
          throw Object.assign(new Error('EMFILE: too many open files, open'), { code: 'EMFILE' });
        await sync();
      });
  const disk: Disk = { ...systemDisk, syncPath: (path, guard) => systemDisk.syncPath(path, opening(guard)) };
  return { disk, lack: (syncs: number) => void (missing = syncs) };
}

/** A clock on which short pauses end at once. */
const hasty: Clock = {
  ...systemClock,
  after(span, work) {
    if (span >= 1_000) return systemClock.after(span, work);
    const turn = setImmediate(work);
    return () => clearImmediate(turn);
  },
};

describe('a sync that finds no descriptor', () => {
  const suite = logFolder();

  async function rolling(clock: Clock) {
    const { disk, lack } = fewFiles();
    const errors: string[] = [];
    const ignore = () => undefined;
    const logger = {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: (_: object, message: string) => void errors.push(message),
    };
    const manager = await suite.open({ disk, clock, logger });
    await manager.createTopic({
      name: 'orders',
      partitions: 1,
      configs: new Map([['segment.bytes', '100']]),
    });
    const partition = manager.partition('orders', 0)!;
    await appendAll(partition, batchOf(['a']));
    return { manager, partition, errors, lack };
  }

  it('L96 has not failed: it is repeated until it succeeds, with one log line, and its callers wait', async () => {
    const { manager, partition, errors, lack } = await rolling(systemClock);
    lack(10);
    await appendAll(partition, batchOf(['b']));
    expect(readAll(partition)).toEqual(['0:a', '1:b']);
    expect(manager.offlineCause).toBeUndefined();
    expect(errors).toEqual(['a sync is waiting, too many open files: raise the limit (ulimit -n)']);
  });

  it('takes the log directory offline after too many attempts', async () => {
    const { manager, partition, lack } = await rolling(hasty);
    lack(Infinity);
    await expect(partition.append(new RecordBatch(batchOf(['b']))).durable).rejects.toMatchObject(
      storageError,
    );
    expect(manager.offlineCause?.message).toMatch(/the log directory is offline/);
  });
});
