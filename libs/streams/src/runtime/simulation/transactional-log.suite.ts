import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type {
  Isolation,
  OffsetsOwner,
  OffsetToCommit,
  OpenLogReader,
  TopicPartition,
  TransactionalProducer,
} from '@millrace/streaming-core/client';
import { until } from '@millrace/testing/within';

/** A log with a topic of one partition, as the loop of an application uses it. */
export interface LoopLog extends AsyncDisposable {
  readonly topic: string;
  producer(transactionalId: string): TransactionalProducer;
  reader(isolation: Isolation): Pick<OpenLogReader, 'fetch' | 'beginningOffsets' | 'endOffsets'>;
  /** Resolves once no transaction has offsets of these partitions. */
  stableOffsets(places: readonly TopicPartition[]): Promise<readonly OffsetToCommit[]>;
  deleteBefore(place: TopicPartition, offset: bigint): Promise<void>;
}

const owner: OffsetsOwner = { groupId: 'app' };

/** Tests the broker's behaviour on which the simulation of the loop relies. */
export function testTransactionalLog(start: () => Promise<LoopLog>): void {
  let log: LoopLog;
  let place: TopicPartition;
  beforeAll(async () => {
    log = await start();
    place = { topic: log.topic, partition: 0 };
  });
  afterAll(async () => log[Symbol.asyncDispose]());

  /** Returns the end of the log, from which a test continues. */
  const end = async (isolation: Isolation) => (await log.reader(isolation).endOffsets([place]))[0]!.offset;

  const read = async (offset: bigint, isolation: Isolation) => {
    const last = await end(isolation);
    const values: string[] = [];
    let next = offset;
    while (next < last) {
      const [fetched] = await log.reader(isolation).fetch([{ ...place, offset: next }]);
      if (fetched?.error) throw fetched.error;
      values.push(...(fetched?.records ?? []).map(({ value }) => String(value)));
      next = fetched?.nextOffset ?? last;
    }
    return values;
  };

  const record = (value: string) => ({ topic: log.topic, key: 'k', value, partition: 0 });
  /** Waits for the markers of a transaction, which may come a moment after its end. */
  const stable = (offset: bigint) =>
    until(
      () => end('read_committed'),
      (last) => last >= offset,
    );

  describe('readers', () => {
    it('see records of an open transaction only if they read uncommitted ones', async () => {
      const from = await end('read_uncommitted');
      const transaction = await log.producer('open').begin();
      const [written] = await transaction.send([record('a'), record('b')]);

      expect(written?.offset).toBe(from);
      expect(await read(from, 'read_uncommitted')).toEqual(['a', 'b']);
      expect(await end('read_committed')).toBe(from);
      await transaction.commit();
      await stable(from + 3n);
      expect(await read(from, 'read_committed')).toEqual(['a', 'b']);
      expect(await end('read_uncommitted')).toBe(from + 3n);
    });

    it('skip an aborted transaction, with a marker at its end', async () => {
      const from = await end('read_uncommitted');
      const transaction = await log.producer('aborting').begin();
      await transaction.send([record('c')]);
      await transaction.abort();
      await stable(from + 2n);

      expect(await read(from, 'read_committed')).toEqual([]);
      expect(await read(from, 'read_uncommitted')).toEqual(['c']);
      expect(await end('read_committed')).toBe(from + 2n);
    });

    it('learn both ends of the log with each answer', async () => {
      const from = await end('read_uncommitted');
      const transaction = await log.producer('ends').begin();
      await transaction.send([record('d')]);
      const [fetched] = await log.reader('read_committed').fetch([{ ...place, offset: from }]);

      expect(fetched).toMatchObject({
        records: [],
        nextOffset: from,
        highWatermark: from + 1n,
        lastStableOffset: from,
      });
      await transaction.abort();
      await stable(from + 2n);
    });

    it('get an error instead of records that were deleted', async () => {
      const from = await end('read_committed');
      const transaction = await log.producer('deleted').begin();
      await transaction.send([record('e'), record('f')]);
      await transaction.commit();
      await stable(from + 3n);
      await log.deleteBefore(place, from + 1n);

      const reader = log.reader('read_committed');
      expect((await reader.beginningOffsets([place]))[0]?.offset).toBe(from + 1n);
      expect(await read(from + 1n, 'read_committed')).toEqual(['f']);
      const [fetched] = await reader.fetch([{ ...place, offset: from }]);
      expect(fetched?.error).toMatchObject({ code: 'offset_out_of_range' });
    });
  });

  describe('offsets', () => {
    it('are committed with their transaction, or not at all', async () => {
      const producer = log.producer('offsets');
      const aborted = await producer.begin();
      await aborted.sendOffsets(owner, [{ ...place, offset: 7n, metadata: 'm' }]);
      await aborted.abort();
      expect(await log.stableOffsets([place])).toEqual([]);

      const committed = await producer.begin();
      await committed.sendOffsets(owner, [{ ...place, offset: 8n, metadata: 'm' }]);
      await committed.commit();
      expect(await log.stableOffsets([place])).toEqual([{ ...place, offset: 8n, metadata: 'm' }]);
    });

    it('are withheld while a transaction has them', async () => {
      const transaction = await log.producer('pending').begin();
      await transaction.sendOffsets(owner, [{ ...place, offset: 9n, metadata: null }]);
      const offsets = log.stableOffsets([place]);

      await transaction.commit();
      expect((await offsets)[0]?.offset).toBe(9n);
    });

    it('of a member that is not in the group are rejected, and fail their transaction', async () => {
      const transaction = await log.producer('stranger').begin();
      const stranger = { ...owner, memberId: 'stranger', generationId: 3 };
      const refused = transaction.sendOffsets(stranger, [{ ...place, offset: 99n }]);

      await expect(refused).rejects.toMatchObject({ code: 'not_member' });
      await expect(transaction.commit()).rejects.toMatchObject({ code: 'transaction_failed' });
      expect((await log.stableOffsets([place]))[0]?.offset).not.toBe(99n);
    });
  });

  describe('a second producer with a transactional id', () => {
    it('aborts the transaction of the first one, and fences it', async () => {
      const from = await end('read_uncommitted');
      const transaction = await log.producer('twice').begin();
      await transaction.send([record('g')]);
      await log.producer('twice').open();
      await stable(from + 2n);

      expect(await read(from, 'read_committed')).toEqual([]);
      await expect(transaction.commit()).rejects.toMatchObject({ kind: 'fenced' });
    });
  });
}
