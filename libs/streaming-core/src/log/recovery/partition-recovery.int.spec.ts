import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Logger } from '../../runtime/index.ts';
import {
  appendAll,
  batchOf,
  everything,
  logFolder,
  readAll,
  storageError,
} from '../data-folder/log-folder.fixture.ts';
import { RecordBatch } from '../../records/record-batch.ts';

const offline = expect.objectContaining(storageError);
const firstSegment = `${'0'.repeat(20)}.log`;

function recordingLogger() {
  const lines: Array<readonly [level: string, message: string]> = [];
  const at = (level: string) => (_: object, message: string) => void lines.push([level, message]);
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { logger, lines };
}

describe('recovery after a crash', () => {
  const suite = logFolder();
  const checkpointAt = (offset: number) =>
    writeFileSync(join(suite.dataFolder, 'recovery-point-offset-checkpoint'), `0\n1\norders 0 ${offset}\n`);
  const segmentPath = () => join(suite.folder, firstSegment);
  function flip(position: number): void {
    const bytes = readFileSync(segmentPath());
    bytes[position]! ^= 0x10;
    writeFileSync(segmentPath(), bytes);
  }

  /** Three batches on disk, the last of them possibly not finished. */
  async function crashWithThree(): Promise<{ batchBytes: number; log: Buffer }> {
    await appendAll(await suite.create(), batchOf(['a', 'b']), batchOf(['c', 'd']), batchOf(['e', 'f']));
    await suite.crash();
    checkpointAt(4);
    const log = readFileSync(segmentPath());
    return { batchBytes: log.length / 3, log };
  }

  it('cuts a last batch that ends at any byte, and goes on from there', async () => {
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
  }, 60_000);

  it('cuts a last batch with any byte wrong that says what it is', async () => {
    const { batchBytes, log } = await crashWithThree();
    const free = [12, 13, 14, 15]; // the leader epoch: any value is one
    for (let at = 2 * batchBytes; at < log.length; at += 1) {
      if (free.includes(at - 2 * batchBytes)) continue;
      writeFileSync(segmentPath(), log);
      checkpointAt(4);
      flip(at);
      expect(readAll(await suite.reopen())).toEqual(['0:a', '1:b', '2:c', '3:d']);
      await suite.crash();
    }
  }, 60_000);

  it('cuts zeros that a power cut left where data had been announced', async () => {
    const { log } = await crashWithThree();
    writeFileSync(segmentPath(), Buffer.concat([log, Buffer.alloc(4_096)]));
    expect(readAll(await suite.reopen())).toHaveLength(6);
  });

  it('takes a partition offline, aloud, when a byte below the flushed point is wrong, and cuts nothing', async () => {
    const { batchBytes, log } = await crashWithThree();
    for (const at of [
      batchBytes,
      batchBytes + 9,
      batchBytes + 16,
      batchBytes + 20,
      batchBytes + 60,
      2 * batchBytes - 1,
    ]) {
      writeFileSync(segmentPath(), log);
      flip(at);
      const { logger, lines } = recordingLogger();
      const partition = await suite.reopen({ logger });
      expect(() => partition.read(0n, everything)).toThrow(offline);
      expect(() => partition.append(batchOf(['x']))).toThrow(offline);
      expect(lines).toEqual([
        ['error', expect.stringContaining('orders-0 is damaged and offline: restore its folder from a copy')],
      ]);
      expect(readFileSync(segmentPath())).toHaveLength(log.length);
      await suite.crash();
    }
  });

  it('takes a partition offline whose file ends before the flushed point, or is gone, and stays so at the next start', async () => {
    const { batchBytes } = await crashWithThree();
    truncateSync(segmentPath(), batchBytes);
    for (let start = 0; start < 2; start += 1) {
      const partition = await suite.reopen();
      expect(() => partition.read(0n, everything)).toThrow(offline);
      await suite.close();
    }
    rmSync(suite.folder, { recursive: true });
    const partition = await suite.reopen();
    expect(() => partition.append(batchOf(['x']))).toThrow(offline);
  });

  it('leaves the other partitions at work when one is damaged', async () => {
    const manager = await suite.open();
    await manager.createTopic({ name: 'orders', partitions: 2 });
    for (const partition of [0, 1]) await appendAll(manager.partition('orders', partition)!, batchOf(['a']));
    await suite.crash();
    flip(65);
    const reopened = await suite.open();
    expect(() => reopened.partition('orders', 0)!.read(0n, everything)).toThrow(offline);
    expect(readAll(reopened.partition('orders', 1)!)).toEqual(['0:a']);
    await reopened.deleteTopic('orders');
    expect(reopened.topics()).toEqual([]);
  });

  it('never serves a wrong byte after a clean shutdown either: it is found when it is read', async () => {
    await appendAll(await suite.create(), batchOf(['a']), batchOf(['b']), batchOf(['c']));
    await suite.close();
    flip(batchOf(['a']).length + 65);
    const { logger, lines } = recordingLogger();
    const partition = await suite.reopen({ logger });
    const size = batchOf(['a']).length;
    expect(partition.read(0n, { maxBytes: size, minOneBatch: true })).toHaveLength(size);
    expect(() => partition.read(1n, everything)).toThrow(offline);
    expect(() => partition.append(batchOf(['x']))).toThrow(offline);
    expect(lines.map(([level]) => level)).toEqual(['error']);
  });

  it('is not led astray by a wrong base offset, which no checksum covers', async () => {
    await appendAll(await suite.create(), batchOf(['a']), batchOf(['b']), batchOf(['c']));
    await suite.close();
    const bytes = readFileSync(segmentPath());
    bytes.writeBigInt64BE(2n, batchOf(['a']).length); // the second batch says that it is the third
    writeFileSync(segmentPath(), bytes);
    const partition = await suite.reopen();
    expect(() => partition.read(2n, everything)).toThrow(offline);
  });

  it('trusts a clean shutdown once only', async () => {
    const mark = join(suite.dataFolder, '.kafka_cleanshutdown');
    await suite.create();
    await suite.close();
    expect(existsSync(mark)).toBe(true);
    await suite.reopen();
    expect(existsSync(mark)).toBe(false);
  });

  it('notices swapped batches, whose checksums are right', async () => {
    const { batchBytes, log } = await crashWithThree();
    const [a, b, c] = [0, 1, 2].map((place) => log.subarray(place * batchBytes, (place + 1) * batchBytes));
    writeFileSync(segmentPath(), Buffer.concat([b!, a!, c!]));
    const partition = await suite.reopen();
    expect(() => partition.read(0n, everything)).toThrow(offline);
  });

  it.each(['lost', 'cut', 'filled with zeros', 'of another segment'])(
    'reads right with an index that is %s',
    async (harm) => {
      const values = Array.from({ length: 40 }, (_, index) => `v${index}`);
      const partition = await suite.create({ 'segment.bytes': '1000', 'index.interval.bytes': '100' });
      for (const value of values) await appendAll(partition, batchOf([value]));
      await suite.close();
      const indexes = readdirSync(suite.folder).filter((name) => name.endsWith('index'));
      expect(indexes.length).toBeGreaterThan(4);
      for (const name of indexes) spoil(join(suite.folder, name), harm);
      const reopened = await suite.reopen();
      for (let from = 0; from < 40; from += 7)
        expect(readAll(reopened, BigInt(from))).toEqual(
          values.map((value, offset) => `${offset}:${value}`).slice(from),
        );
      expect(reopened.offsetForTimestamp(1_700_000_000_000n)?.offset).toBe(0n);
    },
  );

  function spoil(path: string, harm: string): void {
    const bytes = readFileSync(path);
    if (harm === 'lost') rmSync(path);
    if (harm === 'cut') writeFileSync(path, bytes.subarray(0, -3));
    if (harm === 'filled with zeros') writeFileSync(path, Buffer.alloc(bytes.length));
    if (harm === 'of another segment' && path.endsWith('.index')) writeFileSync(path, shifted(bytes));
  }

  it.each(['without its last times', 'without its last times, unknown', 'with a wrong time'])(
    'finds times with an index %s',
    async (harm) => {
      const timesMs = Array.from({ length: 40 }, (_, index) => 1_700_000_000_000n + BigInt(index * 100));
      const partition = await suite.create({ 'segment.bytes': '1000', 'index.interval.bytes': '100' });
      for (const timestampMs of timesMs) await appendAll(partition, batchOf(['v'], { timestampMs }));
      await suite.close();
      if (harm.endsWith('unknown')) rmSync(join(suite.folder, 'index-checksums'), { force: true });
      for (const name of readdirSync(suite.folder).filter((each) => each.endsWith('.timeindex'))) {
        const times = readFileSync(join(suite.folder, name));
        if (harm === 'with a wrong time') times[7]! ^= 1;
        writeFileSync(join(suite.folder, name), harm === 'with a wrong time' ? times : times.subarray(0, 12));
      }
      const reopened = await suite.reopen();
      expect(timesMs.map((timestampMs) => reopened.offsetForTimestamp(timestampMs)?.offset)).toEqual(
        timesMs.map((_, offset) => BigInt(offset)),
      );
      expect(reopened.maxTimestamp()?.timestampMs).toBe(timesMs.at(-1));
    },
  );

  it('checks only the segments from the flushed point on, so that starting takes no longer as the log grows', async () => {
    const partition = await suite.create({ 'segment.bytes': '300' });
    for (let index = 0; index < 30; index += 1) await appendAll(partition, batchOf([`v${index}`]));
    await suite.crash();
    flip(65);
    const reopened = await suite.reopen();
    expect(readAll(reopened, 27n)).toEqual(['27:v27', '28:v28', '29:v29']);
    expect(() => reopened.read(0n, everything)).toThrow(offline);
  });

  it.each(['close', 'crash'] as const)(
    'begins anew at its start where it ends below, after %s, and goes on from there',
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
        'the log ends below its start: it begins anew there, without records',
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

  it('ends what a crash left of beginning anew', async () => {
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

  it('leaves files alone that are not of the log, whatever they are called', async () => {
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

  it('drops segments behind an unfinished one', async () => {
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

  it('finishes a deletion and forgets a creation that a crash interrupted', async () => {
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
    writeFileSync(path, JSON.stringify({ ...stored, checksum: undefined }));
    const reopened = await suite.open();
    expect(reopened.topics()).toEqual([]);
    expect(readdirSync(suite.dataFolder).filter((name) => /orders|payments/.test(name))).toEqual([]);
    await reopened.createTopic({ name: 'orders', partitions: 1 });
    expect(reopened.partition('orders', 0)!.logEndOffset).toBe(0n);
  });
});

/** Entries that rise as they should, but point nowhere. */
function shifted(bytes: Buffer): Buffer {
  const wrong = Buffer.from(bytes);
  for (let at = 4; at < wrong.length; at += 8) wrong.writeInt32BE(wrong.readInt32BE(at) - 3, at);
  return wrong;
}
