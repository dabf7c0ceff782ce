import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { appendAll, batchOf, everything, logFolder } from '../data-folder/log-folder.fixture.ts';
import { RecordBatch } from '../../records/record-batch.ts';

describe('leader epochs', () => {
  const suite = logFolder();
  const checkpoint = () => join(suite.folder, 'leader-epoch-checkpoint');
  const onDisk = () => readFileSync(checkpoint(), 'utf8');
  /** Writes two batches in each of three starts, each batch in its own segment. */
  async function threeStarts(): Promise<void> {
    const segment = { 'segment.bytes': String(batchOf(['a', 'b']).length) };
    await appendAll(await suite.create(segment), batchOf(['a', 'b']), batchOf(['c', 'd']));
    for (const end of ['close', 'crash'] as const) {
      await suite[end]();
      await appendAll(await suite.reopen(), batchOf(['e', 'f']), batchOf(['g', 'h']));
    }
  }

  it('L24 rise by two at each start, like those of a single Kafka node, and appear in batches, file and answers', async () => {
    await threeStarts();
    const partition = await suite.reopen().catch(() => undefined);
    expect(partition).toBeUndefined(); // one process at a time
    await suite.close();
    const reopened = await suite.reopen();
    expect(reopened.leaderEpoch).toBe(6);
    expect(onDisk()).toBe('0\n3\n0 0\n2 4\n4 8\n');
    expect(
      [0n, 4n, 8n].map((offset) => new RecordBatch(reopened.read(offset, everything)).leaderEpoch),
    ).toEqual([0, 2, 4]);
    expect(reopened.endOffsetForEpoch(2)).toEqual({ leaderEpoch: 2, endOffset: 8n });
    expect(reopened.endOffsetForEpoch(6)).toEqual({ leaderEpoch: 6, endOffset: 12n });
    expect(reopened.maxTimestamp()).toMatchObject({ offset: 0n, leaderEpoch: 0 });
  });

  it('begin at 0 for a topic that is created later', async () => {
    await threeStarts();
    await suite.close();
    const manager = await suite.open();
    await manager.createTopic({ name: 'later', partitions: 1 });
    expect(manager.partition('later', 0)!.leaderEpoch).toBe(0);
  });

  it('are forgotten below the start of the log, even if the file still has them at the next start', async () => {
    await threeStarts();
    const before = onDisk();
    await suite.close();
    const partition = await suite.reopen();
    await partition.deleteRecordsBefore(5n);
    expect(onDisk()).toBe('0\n2\n2 5\n4 8\n');
    expect(partition.endOffsetForEpoch(0)).toEqual({ leaderEpoch: 0, endOffset: 5n });
    await suite.close();
    writeFileSync(checkpoint(), before);
    const reopened = await suite.reopen();
    expect(reopened.endOffsetForEpoch(0)).toEqual({ leaderEpoch: 0, endOffset: 5n });
    expect(reopened.leaderEpochAt(4n)).toBeUndefined();
  });

  it.each([
    ['is lost', () => rmSync(checkpoint())],
    ['is damaged', () => writeFileSync(checkpoint(), '0\n3\n0 0\n2 ')],
    ['is older than the log', () => writeFileSync(checkpoint(), '0\n1\n0 0\n')],
  ])('are read from the batches when their file %s', async (_, spoil) => {
    await threeStarts();
    await suite.close();
    spoil();
    const partition = await suite.reopen();
    expect([0, 2, 4].map((epoch) => partition.endOffsetForEpoch(epoch).endOffset)).toEqual([4n, 8n, 12n]);
  });
});
