import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { crc32c } from '@node-rs/crc32';
import { appendAll, batchOf, everything, readAll } from '../data-folder/log-folder.fixture.ts';
import { RecordBatch } from '../../records/record-batch.ts';
import { crashedLog, firstSegment, offline, recordingLogger } from './crashed-log.fixture.ts';

describe('the recovery of a partition', () => {
  const { suite, checkpointAt, segmentPath, flip, crashWithThree } = crashedLog();

  it('L04 truncates a torn last batch, whatever byte it ends at, and continues from there', async () => {
    const { batchBytes, log } = await crashWithThree();
    for (let cut = 2 * batchBytes; cut < log.length; cut += 1) {
      writeFileSync(segmentPath(), log.subarray(0, cut));
      checkpointAt(4);
      const partition = await suite.reopen();
      expect(readAll(partition)).toEqual(['0:a', '1:b', '2:c', '3:d']);
      expect(statSync(segmentPath()).size).toBe(2 * batchBytes);
      await appendAll(partition, batchOf(['x']));
      expect(readAll(partition, 4n)).toEqual(['4:x']);
      await suite.crash();
    }
  });

  it('truncates a last batch with any wrong byte', async () => {
    const { batchBytes, log } = await crashWithThree();
    const free = [12, 13, 14, 15]; // the leader epoch, which may have any value
    for (let at = 2 * batchBytes; at < log.length; at += 1) {
      if (free.includes(at - 2 * batchBytes)) continue;
      writeFileSync(segmentPath(), log);
      checkpointAt(4);
      flip(at);
      expect(readAll(await suite.reopen())).toEqual(['0:a', '1:b', '2:c', '3:d']);
      await suite.crash();
    }
  });

  it('truncates zeros that a power cut left at the end of the file', async () => {
    const { log } = await crashWithThree();
    writeFileSync(segmentPath(), Buffer.concat([log, Buffer.alloc(4_096)]));
    expect(readAll(await suite.reopen())).toHaveLength(6);
  });

  it('trusts a clean shutdown only once', async () => {
    const mark = join(suite.dataFolder, '.kafka_cleanshutdown');
    await suite.create();
    await suite.close();
    expect(existsSync(mark)).toBe(true);
    await suite.reopen();
    expect(existsSync(mark)).toBe(false);
  });

  it('checks only the segments from the flushed point on, so that a start takes no longer as the log grows', async () => {
    const partition = await suite.create({ 'segment.bytes': '300' });
    for (let index = 0; index < 30; index += 1) await appendAll(partition, batchOf([`v${index}`]));
    await suite.crash();
    flip(65);
    const reopened = await suite.reopen();
    expect(readAll(reopened, 27n)).toEqual(['27:v27', '28:v28', '29:v29']);
    expect(() => reopened.read(0n, everything)).toThrow(offline);
  });

  it.each(['close', 'crash'] as const)(
    'recreates a log that ends below its start, after a %s, and continues from there',
    async (end) => {
      const partition = await suite.create({ 'segment.bytes': '300' });
      for (let index = 0; index < 9; index += 1)
        await appendAll(
          partition,
          batchOf([`v${index}`], { producerId: 7n, producerEpoch: 0, baseSequence: index }),
        );
      await suite[end]();
      writeFileSync(join(suite.dataFolder, 'log-start-offset-checkpoint'), '0\n1\norders 0 30\n');
      const { logger, lines } = recordingLogger();
      const anew = await suite.reopen({ logger });
      expect(anew.logStartOffset).toEqual(30n);
      expect(anew.highWatermark).toEqual(30n);
      expect(anew.logEndOffset).toEqual(30n);
      expect(anew.read(30n, everything)).toHaveLength(0);
      expect(anew.producers()).toEqual([]);
      expect(lines).toContainEqual([
        'warn',
        'the log ends below its log start offset and is recreated there without records',
      ]);
      expect(
        readdirSync(suite.folder).filter(
          (name) => /^\d{20}\./.test(name) && !name.startsWith('00000000000000000030'),
        ),
      ).toEqual([]);
      await suite.crash();
      const again = await suite.reopen();
      await appendAll(again, batchOf(['next']));
      await suite.crash();
      expect(readAll(await suite.reopen(), 30n)).toEqual(['30:next']);
    },
  );

  it('finishes a recreation that a crash interrupted', async () => {
    await appendAll(await suite.create(), batchOf(['a', 'b']));
    await suite.crash();
    writeFileSync(join(suite.dataFolder, 'log-start-offset-checkpoint'), '0\n1\norders 0 30\n');
    writeFileSync(join(suite.folder, '00000000000000000030.log'), '');
    const anew = await suite.reopen();
    expect(anew.logStartOffset).toEqual(30n);
    expect(anew.logEndOffset).toEqual(30n);
    await appendAll(anew, batchOf(['next']));
    expect(readdirSync(suite.folder).filter((name) => name.endsWith('.log'))).toEqual([
      '00000000000000000030.log',
    ]);
  });

  it('leaves other files in the folder alone, whatever their names', async () => {
    const partition = await suite.create({ 'segment.bytes': '300' });
    const foreign = [
      '00000000000000000003.copy.log',
      '3.log',
      `${'9'.repeat(21)}.log`,
      'a.snapshot',
      'b.snapshot',
      'notes.deleted',
      'x.log.swap',
    ];
    for (const name of foreign) writeFileSync(join(suite.folder, name), 'precious');
    for (let index = 0; index < 9; index += 1) await appendAll(partition, batchOf([`v${index}`]));
    for (const end of [suite.close, suite.crash]) {
      await end();
      const reopened = await suite.reopen();
      expect(readAll(reopened)).toEqual(Array.from({ length: 9 }, (_, offset) => `${offset}:v${offset}`));
      const names = readdirSync(suite.folder);
      expect(names).toEqual(expect.arrayContaining(foreign));
      expect(names.filter((name) => /^\d{20}\.snapshot$/.test(name))).toHaveLength(2);
    }
  });

  it('deletes segments after an unfinished one', async () => {
    const partition = await suite.create({ 'segment.bytes': '300' });
    for (let index = 0; index < 12; index += 1) await appendAll(partition, batchOf([`v${index}`]));
    await suite.crash();
    checkpointAt(2);
    const path = join(suite.folder, readdirSync(suite.folder).filter((name) => name.endsWith('.log'))[1]!);
    const bytes = readFileSync(path);
    const kept = new RecordBatch(bytes).sizeBytes;
    writeFileSync(path, bytes.subarray(0, kept + 10));
    const reopened = await suite.reopen();
    const left = readAll(reopened);
    expect(left).toEqual(Array.from({ length: left.length }, (_, offset) => `${offset}:v${offset}`));
    await appendAll(reopened, batchOf(['next']));
    expect(readAll(reopened)).toEqual([...left, `${left.length}:next`]);
  });

  it('finishes a deletion and undoes a creation that a crash interrupted', async () => {
    const manager = await suite.open();
    await manager.createTopic({ name: 'orders', partitions: 1 });
    await appendAll(manager.partition('orders', 0)!, batchOf(['a']));
    await suite.crash();
    mkdirSync(join(suite.dataFolder, 'payments-0'));
    for (const name of ['partition.metadata', firstSegment])
      writeFileSync(join(suite.dataFolder, 'payments-0', name), '');
    const path = join(suite.dataFolder, 'topics.json');
    const stored = JSON.parse(readFileSync(path, 'utf8')) as { topics: Array<Record<string, unknown>> };
    stored.topics = stored.topics.map((topic) => ({ ...topic, deleting: true }));
    const checksum = crc32c(JSON.stringify(stored.topics));
    writeFileSync(path, JSON.stringify({ ...stored, checksum }));
    const reopened = await suite.open();
    expect(reopened.topics()).toEqual([]);
    expect(readdirSync(suite.dataFolder).filter((name) => /orders|payments/.test(name))).toEqual([]);
    await reopened.createTopic({ name: 'orders', partitions: 1 });
    expect(reopened.partition('orders', 0)!.logEndOffset).toBe(0n);
  });
});
