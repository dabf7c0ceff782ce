import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import { fromStart, newTopic, reach, textOf, uniqueName, type Engine } from '../client.fixture.ts';
import { isRetriableError } from '../errors/client-error.ts';
import { connectProducer } from '../producer/producer.ts';
import type { ProducerOptions } from '../producer/producer-settings.ts';
import type { ProducerRecord } from '../producer-types.ts';
import { connectTransactionalProducer } from '../transactions/transactional-producer.ts';
import type { Transaction } from '../transaction-types.ts';
import { LogReader } from './log-reader.ts';
import { connectLogReader, type OpenLogReader } from './open-log-reader.ts';
import type { RawBatch } from './raw-log-reader.ts';

/** Says in one text what a batch is: its offsets, its records or its marker, and its transaction. */
const summaryOf = (batch: RawBatch): string => {
  const { baseOffset, lastOffset } = batch;
  const what = batch.isControl
    ? batch.marker?.type
    : `${batch.records.map(textOf).join(' ')} ${batch.transaction}`;
  return `${baseOffset}-${lastOffset} ${what}`;
};

export function rawLogSuite(engine: () => Engine): void {
  describe('a raw read of the log', () => {
    const closes: (() => Promise<void>)[] = [];
    let admin: Admin;
    let reader: OpenLogReader;
    let topic: string;

    const place = () => ({ ...reach(engine()), clientId: 'raw-log-test', logger: silentLogger });
    beforeAll(() => {
      admin = connectAdmin(place());
      reader = connectLogReader({ ...place(), isolation: 'read_committed', fetchMaxWaitMs: 200 });
      closes.push(
        () => admin.close(),
        () => reader.close(),
      );
    });
    afterAll(() => Promise.all(closes.map((close) => close())));
    beforeEach(async () => {
      topic = await newTopic(admin, 1);
    });

    const record = (value: string | null): ProducerRecord => ({ topic, key: 'k', value, partition: 0 });
    const send = async (records: readonly ProducerRecord[], options: Partial<ProducerOptions> = {}) => {
      await using producer = connectProducer({ ...place(), ...options });
      await producer.send(records);
    };
    const transactional = () => {
      const producer = connectTransactionalProducer({
        ...place(),
        transactionalId: uniqueName('raw-log'),
      });
      closes.push(() => producer.close());
      return producer;
    };
    const write = (transaction: Transaction, ...values: readonly string[]) =>
      transaction.send(values.map(record));
    const batches = async (offset = 0n, from = reader): Promise<readonly RawBatch[]> => {
      const all: RawBatch[] = [];
      for (let position = offset; ;) {
        const [fetched] = await from.fetchRaw([{ topic, partition: 0, offset: position }]);
        if (fetched!.error && !isRetriableError(fetched!.error)) throw fetched!.error;
        all.push(...fetched!.batches);
        position = fetched!.nextOffset;
        if (!fetched!.error && position >= fetched!.highWatermark) return all;
      }
    };
    const summaries = async (offset = 0n, from = reader) => (await batches(offset, from)).map(summaryOf);
    /** Waits for the markers, because an end is acknowledged before they are written. */
    const settled = (count: number) =>
      until(
        () => summaries(),
        (seen) => seen.length === count && !seen.some((each) => each.endsWith('open')),
      );

    it('shows the header of a plain batch, which has no producer', async () => {
      await send([record('a'), record('b')], { acks: 1 });

      const [batch] = await batches();

      expect(batch).toMatchObject({
        baseOffset: 0n,
        lastOffset: 1n,
        leaderEpoch: 0,
        producerId: -1n,
        producerEpoch: -1,
        baseSequence: -1,
        codec: 'none',
        timestampType: 'CreateTime',
        isTransactional: false,
        isControl: false,
        transaction: 'none',
      });
      expect(batch!.sizeBytes).toBeGreaterThan(61);
      expect(summaryOf(batch!)).toBe('0-1 a b none');
    });

    it('shows the producer, its epoch and the sequence of idempotent batches', async () => {
      await using producer = connectProducer(place());
      await producer.send([record('a'), record('b')]);
      await producer.send([record('c')]);

      const [first, second] = await batches();

      expect(first).toMatchObject({ producerEpoch: 0, baseSequence: 0, transaction: 'none' });
      expect(first!.producerId).toBeGreaterThanOrEqual(0n);
      expect(second).toMatchObject({ producerId: first!.producerId, baseSequence: 2 });
    });

    it('shows committed and aborted transactions with their markers', async () => {
      const producer = transactional();
      await producer.transaction((transaction) => write(transaction, 'a', 'b'));
      const aborted = await producer.begin();
      await write(aborted, 'c');
      await aborted.abort();
      await settled(4); // Kafka answers before it has written the marker
      await send([record('d')]);

      expect(await settled(5)).toEqual([
        '0-1 a b committed',
        '2-2 commit',
        '3-3 c aborted',
        '4-4 abort',
        '5-5 d none',
      ]);
      const [data, marker] = await batches();
      expect(data).toMatchObject({ isTransactional: true, isControl: false });
      expect(marker).toMatchObject({
        isTransactional: true,
        isControl: true,
        producerId: data!.producerId,
        baseSequence: -1,
        marker: { coordinatorEpoch: expect.any(Number), timestampMs: expect.any(Number) },
      });
    });

    it('knows that a batch is aborted if the read begins within its transaction', async () => {
      const aborted = await transactional().begin();
      await write(aborted, 'a');
      await write(aborted, 'b', 'c');
      await aborted.abort();
      await settled(3);

      expect(await summaries(2n)).toEqual(['1-2 c aborted', '3-3 abort']);
    });

    it('shows transactions as open from the last stable offset on, until the first of them has ended', async () => {
      const first = await transactional().begin();
      const second = await transactional().begin();
      await send([record('before')]);
      await write(first, 'a');
      await write(second, 'b');
      await second.commit();
      await send([record('after')]);

      const seen = await until(
        () => summaries(),
        (all) => all.length === 5,
      );
      expect(seen.filter((each) => !each.endsWith('none'))).toEqual(
        expect.arrayContaining(['1-1 a open', '2-2 b open']),
      );
      expect(seen.some((each) => each.endsWith('commit'))).toBe(true);

      await first.abort();
      expect(await settled(6)).toEqual(expect.arrayContaining(['1-1 a aborted', '2-2 b committed']));
    });

    it('shows a transaction as ended if it ends while it is being read', async () => {
      const transaction = await transactional().begin();
      await write(transaction, 'a');
      const stableEnd = () => reader.endOffsets([{ topic, partition: 0 }]);
      const fetchUndecoded = Reflect.get(LogReader.prototype, 'fetchUndecoded');
      const spy = jest.spyOn(LogReader.prototype, 'fetchUndecoded');
      spy.mockImplementationOnce(async function (this: LogReader, positions) {
        const fetched = await fetchUndecoded.call(this, positions);
        await transaction.commit();
        await until(stableEnd, ([end]) => end!.offset === 2n);
        return fetched;
      });

      const [fetched] = await reader.fetchRaw([{ topic, partition: 0, offset: 0n }]);
      spy.mockRestore();

      expect(fetched!.batches.map(summaryOf)).toEqual(['0-0 a committed', '1-1 commit']);
    });

    it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
      'shows the codec %s and the unpacked records',
      async (codec) => {
        const value = 'v'.repeat(5_000);
        await send([record(value)], { compression: codec });

        const [batch] = await batches();

        expect(batch).toMatchObject({ codec, records: [{ value: Buffer.from(value) }] });
        expect(batch!.sizeBytes).toBeLessThan(1_000);
      },
    );

    it('shows tombstones, and headers that are empty, null or repeated', async () => {
      await send([
        record(null),
        { ...record(''), headers: [] },
        {
          ...record('v'),
          headers: [
            ['name', ''],
            ['name', null],
          ],
        },
      ]);

      expect((await batches())[0]).toMatchObject({
        records: [
          { key: Buffer.from('k'), value: null, headerList: [] },
          { value: Buffer.alloc(0), headerList: [] },
          {
            headerList: [
              { name: 'name', value: Buffer.alloc(0) },
              { name: 'name', value: null },
            ],
          },
        ],
      });
    });

    it('reads a log in fetches of one batch, also across the last stable offset', async () => {
      await transactional().transaction((transaction) => write(transaction, 'a'));
      await settled(2);
      const open = await transactional().begin();
      await write(open, 'b');
      await write(open, 'c');
      await using small = connectLogReader({ ...place(), fetchMaxBytes: 1, fetchMaxWaitMs: 200 });

      expect(await summaries(0n, small)).toEqual([
        '0-0 a committed',
        '1-1 commit',
        '2-2 b open',
        '3-3 c open',
      ]);
      await open.abort();
    });

    it('reads several partitions, each with its own transactions', async () => {
      topic = await newTopic(admin, 3);
      const sent = (partition: number) => ({ ...record(`${partition}`), partition });
      const read = async () => {
        const seen = await Promise.all(
          fromStart(topic, 3).map(async (start) => {
            const [fetched] = await reader.fetchRaw([start]);
            const [rest] = await reader.fetchRaw([{ ...start, offset: fetched!.nextOffset }]);
            return [...fetched!.batches, ...rest!.batches].map(summaryOf);
          }),
        );
        return seen;
      };
      const haveBatches = (count: number) =>
        until(read, ([first, second]) => first!.length + second!.length === count);

      await transactional().transaction((transaction) => transaction.send([sent(0), sent(1)]));
      await haveBatches(4); // the coordinator writes the markers after it has answered
      const open = await transactional().begin();
      await open.send([sent(1)]);
      await send([sent(2)]);

      expect(await haveBatches(5)).toEqual([
        ['0-0 0 committed', '1-1 commit'],
        ['0-0 1 committed', '1-1 commit', '2-2 1 open'],
        ['0-0 2 none'],
      ]);
      await open.abort();
    });

    it('tells the error of a partition, and reads the others', async () => {
      await send([record('a')]);
      const beyond = await newTopic(admin, 1);
      const read = () =>
        reader.fetchRaw([
          { topic, partition: 0, offset: 0n },
          { topic: beyond, partition: 0, offset: 9n },
        ]);

      // The partitions may have different leaders, which answer different fetches.
      const [readable] = await until(read, ([one]) => one!.batches.length > 0);
      // A leader that has just been elected answers with an error that passes.
      const isFinal = (error: unknown) => error !== undefined && !isRetriableError(error);
      const [, refused] = await until(read, ([, other]) => isFinal(other!.error));

      expect(readable!.batches.map(summaryOf)).toEqual(['0-0 a none']);
      expect(refused).toMatchObject({ batches: [], nextOffset: 9n, error: { code: 'offset_out_of_range' } });
    });
  });
}
