import { appendFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { systemClock } from '../../runtime/index.ts';
import { decodeAborted } from './aborted-transactions.ts';
import {
  appendAll,
  batchOf,
  everything,
  logFolder,
  storageError,
  valuesIn,
} from '../data-folder/log-folder.fixture.ts';
import { OpenFiles } from '../segments/open-files.ts';
import type { PartitionLog } from '../partition-log-port.ts';
import { RecordBatch } from '../../records/record-batch.ts';

interface Producer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

const ann: Producer = { producerId: 1n, producerEpoch: 0 };
const bob: Producer = { producerId: 2n, producerEpoch: 0 };
const inTransaction = { inTransaction: true };
const indexOf = (base: number) => `${String(base).padStart(20, '0')}.txnindex`;

const transactional = (producer: Producer, baseSequence: number, ...values: string[]) =>
  batchOf(values, { ...producer, baseSequence, transactional: true });
const write = (log: PartitionLog, producer: Producer, sequence: number, ...values: string[]) =>
  log.append(new RecordBatch(transactional(producer, sequence, ...values)), inTransaction);
const end = (log: PartitionLog, producer: Producer, committed: boolean) =>
  log.appendMarker({ ...producer, coordinatorEpoch: 0, committed });
const committedRecords = (log: PartitionLog) =>
  valuesIn(log.read(log.logStartOffset, { ...everything, committed: true })).map((one) => one.slice(2));
const aborted = (log: PartitionLog, from = log.logStartOffset) =>
  log
    .abortedTransactions(from, log.read(from, everything))
    .map(({ producerId, firstOffset }) => [producerId, firstOffset]);

describe('transactions on a partition', () => {
  const suite = logFolder();
  /**
   * The clock shows the time of the batches: a marker written a week later would roll the segment.
   */
  const now = { flush: 'none', clock: { ...systemClock, now: () => 1_700_000_000_000 } } as const;

  it('L34 keep the last stable offset at the first open one until its marker is written', async () => {
    const log = await suite.create({}, now);
    await appendAll(log, batchOf(['plain']));
    write(log, ann, 0, 'a');
    write(log, bob, 0, 'b');
    await appendAll(log, batchOf(['behind']));
    expect(log.lastStableOffset).toEqual(1n);
    expect(log.highWatermark).toEqual(4n);
    end(log, bob, true);
    expect(log.lastStableOffset).toBe(1n);
    expect(log.read(2n, { ...everything, committed: true })).toHaveLength(0);
    end(log, ann, false);
    expect(log.lastStableOffset).toBe(6n);
    expect(aborted(log)).toEqual([[1n, 1n]]);
  });

  it('end only once the marker is on disk', async () => {
    const log = await suite.create();
    await write(log, ann, 0, 'a').durable;
    const { durable } = end(log, ann, false);
    expect(log.lastStableOffset).toEqual(0n);
    expect(log.highWatermark).toEqual(1n);
    await durable;
    expect(log.lastStableOffset).toBe(2n);
  });

  it('accept no batch that the coordinator has not announced, and no other batch while one is open', async () => {
    const log = await suite.create({}, now);
    const invalid = expect.objectContaining({ errorName: 'INVALID_TXN_STATE' });
    expect(() => log.append(new RecordBatch(transactional(ann, 0, 'a')))).toThrow(invalid);
    write(log, ann, 0, 'a');
    expect(log.append(new RecordBatch(transactional(ann, 1, 'b'))).baseOffset).toBe(1n);
    expect(() => log.append(new RecordBatch(batchOf(['c'], { ...ann, baseSequence: 2 })))).toThrow(invalid);
    expect(log.append(new RecordBatch(transactional(ann, 1, 'b')))).toMatchObject({
      baseOffset: 1n,
      duplicate: true,
    });
    end(log, ann, true);
    expect(() => log.append(new RecordBatch(transactional(ann, 2, 'd')))).toThrow(invalid);
  });

  it('accept no batch of a newer epoch while one is open: it would fence the marker and block the last stable offset forever', async () => {
    const log = await suite.create({}, now);
    write(log, ann, 0, 'a');
    const later = { ...ann, producerEpoch: 1, baseSequence: 0 };
    expect(() => log.append(new RecordBatch(batchOf(['b'], later)))).toThrow(
      expect.objectContaining({ errorName: 'INVALID_TXN_STATE' }),
    );
    end(log, ann, true);
    expect(log.lastStableOffset).toEqual(2n);
    expect(log.append(new RecordBatch(batchOf(['b'], later))).baseOffset).toEqual(2n);
  });

  it('end permanently with a marker of the next epoch: late batches are rejected, new ones begin at sequence 0', async () => {
    const log = await suite.create({}, now);
    write(log, ann, 0, 'a');
    end(log, { ...ann, producerEpoch: 1 }, true);
    expect(() => write(log, ann, 1, 'late')).toThrow(
      expect.objectContaining({ errorName: 'INVALID_PRODUCER_EPOCH' }),
    );
    expect(() => end(log, ann, false)).toThrow(
      expect.objectContaining({ errorName: 'INVALID_PRODUCER_EPOCH' }),
    );
    const next = { ...ann, producerEpoch: 1 };
    expect(() => write(log, next, 1, 'b')).toThrow(
      expect.objectContaining({ errorName: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }),
    );
    expect(write(log, next, 0, 'b').baseOffset).toBe(2n);
  });

  it('begin with the batch that arrived first, even though it was rejected', async () => {
    const log = await suite.create({}, now);
    log.expectTransaction({ ...ann, baseSequence: 0, beginsAtSequence0: false });
    expect(() => log.append(new RecordBatch(transactional(ann, 0, 'a')))).toThrow(
      expect.objectContaining({ errorName: 'INVALID_TXN_STATE' }),
    );
    log.expectTransaction({ ...ann, baseSequence: 1, beginsAtSequence0: false });
    expect(() => write(log, ann, 1, 'b')).toThrow(
      expect.objectContaining({ errorName: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }),
    );
    expect(write(log, ann, 0, 'a').baseOffset).toEqual(0n);
    expect(write(log, ann, 1, 'b').baseOffset).toEqual(1n);
    end(log, { ...ann, producerEpoch: 1 }, true);
    expect(() => log.expectTransaction({ ...ann, baseSequence: 2, beginsAtSequence0: false })).toThrow(
      expect.objectContaining({ errorName: 'INVALID_PRODUCER_EPOCH' }),
    );
  });

  it('continue their sequence after a marker of the same epoch', async () => {
    const log = await suite.create({}, now);
    write(log, ann, 0, 'a');
    end(log, ann, true);
    expect(() => write(log, ann, 0, 'b')).not.toThrow(); // a duplicate of the first
    expect(write(log, ann, 1, 'b').baseOffset).toBe(2n);
  });

  it('ignore a second marker', async () => {
    const log = await suite.create({}, now);
    write(log, ann, 0, 'a');
    end(log, ann, false);
    end(log, ann, false);
    expect(log.lastStableOffset).toBe(3n);
    expect(aborted(log)).toEqual([[1n, 0n]]);
    expect(aborted(log, 2n)).toEqual([]);
  });

  it('list the aborted ones that have records or their marker in a range', async () => {
    const log = await suite.create({}, now);
    write(log, ann, 0, 'a'); // 0
    write(log, bob, 0, 'b'); // 1
    end(log, bob, false); // 2
    await appendAll(log, batchOf(['plain'])); // 3
    end(log, ann, false); // 4
    write(log, bob, 1, 'c'); // 5
    end(log, bob, false); // 6
    expect(aborted(log)).toEqual([
      [1n, 0n],
      [2n, 1n],
      [2n, 5n],
    ]);
    expect(aborted(log, 3n)).toEqual([
      [1n, 0n],
      [2n, 5n],
    ]);
    const first = log.read(0n, { maxBytes: 1, minOneBatch: true });
    expect(log.abortedTransactions(0n, first)).toEqual([
      { producerId: 1n, firstOffset: 0n, lastOffset: 4n, lastStableOffset: 5n },
    ]);
    expect(log.abortedTransactions(7n, Buffer.alloc(0))).toEqual([]);
  });

  it('continue after a crash where they were, even the open ones', async () => {
    const log = await suite.create({}, now);
    write(log, ann, 0, 'a');
    end(log, ann, false);
    write(log, bob, 0, 'b');
    await suite.crash();
    const again = await suite.reopen(now);
    expect(again.lastStableOffset).toBe(2n);
    expect(aborted(again)).toEqual([[1n, 0n]]);
    expect(again.hasOpenTransaction(2n, 0)).toBe(true);
    expect(again.append(new RecordBatch(transactional(bob, 1, 'c'))).baseOffset).toBe(3n);
    end(again, bob, true);
    expect(again.lastStableOffset).toBe(5n);
    expect(committedRecords(again)).toEqual(['a', expect.anything(), 'b', 'c', expect.anything()]);
  });

  it('are restored from snapshot and index after a clean shutdown', async () => {
    const log = await suite.create({}, now);
    write(log, ann, 0, 'a');
    end(log, { ...ann, producerEpoch: 1 }, false);
    write(log, bob, 0, 'b');
    const before = log.producers().map((state) => ({ ...state, seenAtMs: 0 }));
    await suite.close();
    const again = await suite.reopen(now);
    expect(again.producers().map((state) => ({ ...state, seenAtMs: 0 }))).toEqual(before);
    expect(again.lastStableOffset).toBe(2n);
    expect(aborted(again)).toEqual([[1n, 0n]]);
  });

  describe('over several segments', () => {
    /** Writes a transaction into each segment and aborts every second one. */
    async function written(): Promise<PartitionLog> {
      const log = await suite.create({ 'segment.bytes': '300' }, now);
      for (let turn = 0; turn < 12; turn += 1) {
        write(log, ann, turn, `value-${turn}`.padEnd(60, '.'));
        end(log, ann, turn % 2 === 0);
      }
      return log;
    }
    const all = async (log: PartitionLog) => {
      const found: unknown[] = [];
      for (let from = log.logStartOffset; from < log.highWatermark; from += 2n)
        found.push(...aborted(log, from).slice(0, 1));
      return found;
    };
    const expected = [1n, 3n, 5n, 7n, 9n, 11n].map((turn) => [1n, turn * 2n]);

    it('are found after a segment could not be created and the previous one continued', async () => {
      const log = await suite.create({ 'segment.bytes': '300' }, now);
      for (let turn = 0; turn < 2; turn += 1) {
        write(log, ann, turn, 'value'.padEnd(60, '.'));
        end(log, ann, true);
      }
      const full = Object.assign(new Error('ENOSPC: no space left on device, open'), { code: 'ENOSPC' });
      const create = jest.spyOn(OpenFiles.prototype, 'create').mockImplementationOnce(() => {
        throw full;
      });
      expect(() => write(log, ann, 2, 'value'.padEnd(60, '.'))).toThrow(
        expect.objectContaining(storageError),
      );
      create.mockRestore();
      expect(existsSync(join(suite.folder, indexOf(4)))).toBe(false);
      write(log, ann, 2, 'a');
      end(log, ann, false);
      expect(existsSync(join(suite.folder, '00000000000000000004.log'))).toEqual(false);
      expect(aborted(log, 4n)).toEqual([[1n, 4n]]);
      for (let turn = 3; turn < 6; turn += 1) {
        write(log, ann, turn, 'value'.padEnd(60, '.'));
        end(log, ann, false);
      }
      expect([4n, 6n, 8n, 10n].flatMap((from) => aborted(log, from).slice(0, 1))).toEqual(
        [4n, 6n, 8n, 10n].map((first) => [1n, first]),
      );
    });

    it("have an index per segment in Kafka's format", async () => {
      const log = await written();
      expect(new Set((await all(log)).map(String))).toEqual(new Set(expected.map(String)));
      const first = decodeAborted(readFileSync(join(suite.folder, indexOf(0))));
      expect(first).toEqual([]);
    });

    it.each([
      ['lost', (path: string) => rmSync(path)],
      ['truncated', (path: string) => truncateSync(path, 20)],
      ['not an index', (path: string) => writeFileSync(path, 'x'.repeat(34))],
      ['too long', (path: string) => appendFileSync(path, Buffer.alloc(5))],
      ['empty', (path: string) => truncateSync(path, 0)],
      ['of another producer', flipProducer],
    ])('L34 are found again when an index is %s', async (_, damage) => {
      await written();
      await suite.close();
      const path = join(suite.folder, indexOf(6));
      expect(existsSync(path)).toBe(true);
      damage(path);
      const again = await suite.reopen(now);
      expect(new Set((await all(again)).map(String))).toEqual(new Set(expected.map(String)));
    });

    it('are not hidden by an index that is damaged while the log is open: the read fails', async () => {
      const log = await written();
      flipProducer(join(suite.folder, indexOf(6)));
      await expect(all(log)).rejects.toMatchObject(storageError);
      await suite.crash();
      expect(new Set((await all(await suite.reopen(now))).map(String))).toEqual(
        new Set(expected.map(String)),
      );
    });
  });
});

function flipProducer(path: string): void {
  const bytes = readFileSync(path);
  bytes[9]! ^= 4;
  writeFileSync(path, bytes);
}
