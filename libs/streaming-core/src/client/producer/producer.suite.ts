import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import { produce } from '../../protocol/apis/produce.ts';
import type { ClientError } from '../errors/client-error.ts';
import {
  newTopic,
  declare,
  fromStart,
  readRecords,
  TestMember,
  textOf,
  uniqueName,
  type Engine,
  reach,
} from '../client.fixture.ts';
import { partitionOfKey } from './partitioners.ts';
import { connectProducer } from './producer.ts';
import { countRequests } from '../seen-requests.fixture.ts';
import type { Producer } from '../producer-types.ts';

export function producerSuite(engine: () => Engine): void {
  describe('the producer', () => {
    let admin: Admin;
    let producer: Producer;
    let reader: TestMember;

    beforeAll(() => {
      const place = reach(engine());
      admin = connectAdmin({ ...place, clientId: 'producer-test', logger: silentLogger });
      producer = connectProducer({
        ...place,
        clientId: 'producer-test',
        logger: silentLogger,
        unknownTopicTimeoutMs: 800,
      });
      reader = new TestMember(engine(), 'reader-without-group', []);
    });
    afterAll(async () => {
      await Promise.all([admin.close(), producer.close(), reader.close()]);
    });

    it('appends records that can be read from any offset', async () => {
      const topic = await newTopic(admin, 1);
      const values = [100, 103, 106, 109, 112].map((id) => JSON.stringify({ order_id: id }));

      const written = await producer.send(values.map((value) => ({ topic, key: null, value, partition: 0 })));
      const middle = await readRecords(reader.consumer, [{ topic, partition: 0, offset: 2n }], 3);

      expect(written.map(({ offset }) => offset)).toEqual([0n, 1n, 2n, 3n, 4n]);
      expect(middle.map(textOf)).toEqual(values.slice(2));
      const [atEnd] = await reader.consumer.fetch([{ topic, partition: 0, offset: 5n }]);
      expect(atEnd).toMatchObject({ topic, partition: 0, records: [], nextOffset: 5n, highWatermark: 5n });
      const [beyond] = await reader.consumer.fetch([{ topic, partition: 0, offset: 6n }]);
      expect(beyond?.error).toMatchObject({ code: 'offset_out_of_range' });
      expect(beyond?.nextOffset).toBe(6n);
      expect(await producer.send([{ topic, key: null, value: '115', partition: 0 }])).toEqual([
        { topic, partition: 0, offset: 5n },
      ]);
      expect(
        (await readRecords(reader.consumer, [{ topic, partition: 0, offset: 0n }], 6)).map(textOf),
      ).toEqual([...values, '115']);
    });

    it('keeps the records of a key in one partition, in order', async () => {
      const topic = await newTopic(admin, 3);

      await producer.send([{ topic, key: 'user_123', value: '456' }]);
      await producer.send([{ topic, key: 'user_123', value: '789' }]);

      const records = await readRecords(reader.consumer, fromStart(topic, 3), 2);
      expect(records.map(({ partition, offset }) => [partition, offset])).toEqual([
        [2, 0n],
        [2, 1n],
      ]);
      expect(records.map(textOf)).toEqual(['456', '789']);
      expect(records[0]?.key?.toString()).toBe('user_123');
    });

    it('preserves headers, timestamps, empty text and null', async () => {
      const topic = await newTopic(admin, 1);
      await producer.send([
        {
          topic,
          key: 'ключ',
          value: '日本',
          headers: { ce_type: 'OrderCreated', empty: '' },
          timestampMs: 1_700_000_000_123,
        },
        { topic, key: '', value: '' },
        { topic, key: null, value: null },
      ]);

      const [full, empty, absent] = await readRecords(reader.consumer, fromStart(topic, 1), 3);

      expect(full).toMatchObject({
        key: Buffer.from('ключ'),
        value: Buffer.from('日本'),
        timestampMs: 1_700_000_000_123,
      });
      expect(full?.headers).toEqual(
        new Map([
          ['ce_type', 'OrderCreated'],
          ['empty', ''],
        ]),
      );
      expect(empty?.key?.length).toEqual(0);
      expect(empty?.value?.length).toEqual(0);
      expect(absent?.key).toEqual(null);
      expect(absent?.value).toEqual(null);
      expect(Math.abs((absent?.timestampMs ?? 0) - Date.now())).toBeLessThan(60_000);
    });

    it('keeps the order of twenty concurrent sends and writes nothing twice', async () => {
      const topic = await newTopic(admin, 6);
      const batch = (call: number) =>
        Array.from({ length: 50 }, (_, index) => ({
          topic,
          key: `key-${index % 10}`,
          value: `${call * 50 + index}`,
        }));

      const written = await Promise.all(Array.from({ length: 20 }, (_, call) => producer.send(batch(call))));
      const records = await readRecords(reader.consumer, fromStart(topic, 6), 1_000);

      expect(records.length).toBe(1_000);
      expect(new Set(records.map(textOf)).size).toBe(1_000);
      for (const key of new Set(records.map((record) => String(record.key)))) {
        const ofKey = records.filter((record) => String(record.key) === key);
        expect(new Set(ofKey.map(({ partition }) => partition))).toEqual(
          new Set([partitionOfKey(Buffer.from(key), 6)]),
        );
        const values = ofKey.map((record) => Number(textOf(record)));
        expect(values).toEqual([...values].sort((left, right) => left - right));
      }
      const where = new Map(records.map((record) => [textOf(record), [record.partition, record.offset]]));
      written.forEach((call, index) =>
        call.forEach(({ partition, offset }, at) =>
          expect(where.get(`${index * 50 + at}`)).toEqual([partition, offset]),
        ),
      );
    });

    it('spreads records without a key over the partitions', async () => {
      const topic = await newTopic(admin, 3);
      const partitions = new Set<number>();

      for (let turn = 0; turn < 3; turn += 1) {
        const written = await producer.send([
          { topic, key: null, value: 'a' },
          { topic, key: null, value: 'b' },
        ]);
        expect(written[0]?.partition).toBe(written[1]?.partition);
        partitions.add(written[0]?.partition ?? -1);
      }

      expect(partitions).toEqual(new Set([0, 1, 2]));
    });

    it('splits a send that is too large for one batch into several requests', async () => {
      const topic = await newTopic(admin, 1);
      const value = 'x'.repeat(400_000);

      const written = await producer.send(Array.from({ length: 7 }, () => ({ topic, key: 'k', value })));

      expect(written.map(({ offset }) => offset)).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n]);
      expect(
        (await readRecords(reader.consumer, fromStart(topic, 1), 7)).every(
          (record) => record.value?.length === 400_000,
        ),
      ).toBe(true);
    });

    it('rejects an unknown topic within its time limit, a partition that does not exist and a record that is too large', async () => {
      const topic = await newTopic(admin, 2);
      const missing = uniqueName('nobody-made-this');
      const started = performance.now();

      await expect(producer.send([{ topic: missing, key: 'k', value: 'v' }])).rejects.toMatchObject({
        code: 'unknown_topic',
        message: expect.stringContaining('topics create'),
      });
      expect(performance.now() - started).toBeLessThan(15_000);
      await expect(producer.send([{ topic, key: 'k', value: 'v', partition: 2 }])).rejects.toMatchObject({
        code: 'record_invalid',
      });
      await expect(producer.send([{ topic, key: 'k', value: 'v'.repeat(1_000_001) }])).rejects.toMatchObject({
        code: 'record_too_large',
      });
      expect((await producer.send([{ topic, key: 'k', value: 'v', partition: 1 }]))[0]?.offset).toBe(0n);
    });

    it('finds a topic that is created while it waits', async () => {
      const topic = uniqueName('late');
      const patient = connectProducer({
        ...reach(engine()),
        clientId: 'patient',
        logger: silentLogger,
        unknownTopicTimeoutMs: 20_000,
      });

      const sending = patient.send([{ topic, key: 'k', value: 'v' }]);
      await admin.createTopics([declare(topic, 1)]);

      await expect(sending).resolves.toEqual([{ topic, partition: 0, offset: 0n }]);
      await patient.close();
    });

    it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
      'compresses with %s, and readers get the same values',
      async (compression) => {
        const topic = await newTopic(admin, 1);
        const compressing = connectProducer({
          ...reach(engine()),
          clientId: 'compressing',
          logger: silentLogger,
          compression,
        });
        const values = Array.from({ length: 100 }, (_, index) => `value ${index} ${'x'.repeat(100)}`);

        await compressing.send(values.map((value) => ({ topic, key: 'k', value })));
        await compressing.close();

        expect((await readRecords(reader.consumer, fromStart(topic, 1), 100)).map(textOf)).toEqual(values);
      },
    );

    it('combines concurrent sends per leader, and fails only those to an unknown topic', async () => {
      const topic = await newTopic(admin, 3);
      await producer.send([{ topic, key: 'so that the topic is known', value: '' }]);

      const requests = await countRequests(produce.key, async () => {
        const sends = Array.from({ length: 100 }, (_, index) =>
          producer.send([{ topic, key: `key-${index}`, value: `${index}` }]),
        );
        const lost = producer.send([{ topic: uniqueName('nobody-made-this'), key: null, value: '' }]);
        await expect(lost).rejects.toMatchObject({ code: 'unknown_topic' });
        await Promise.all(sends);
      });

      const described = (await admin.topics.describe([topic])).get(topic);
      expect(requests).toBe(new Set(described?.partitions.map(({ leader }) => leader)).size);
      expect(await readRecords(reader.consumer, fromStart(topic, 3), 101)).toHaveLength(101);
    });

    it('L37 continues with a topic that was recreated with fewer partitions', async () => {
      const topic = await newTopic(admin, 6);
      const orders = (round: string) =>
        Array.from({ length: 30 }, (_, index) => ({ topic, key: `key-${index}`, value: round }));
      await producer.send(orders('before'));
      await admin.deleteTopics([topic]);
      await admin.createTopics([declare(topic, 2)]);

      const attempts: string[] = [];
      const again = async () => {
        attempts.push(
          await producer.send(orders('after')).then(
            () => 'written',
            (error: ClientError) => error.code,
          ),
        );
        return attempts.at(-1);
      };
      await until(again, (outcome) => outcome === 'written');

      expect(new Set(attempts.slice(0, -1))).toEqual(new Set(attempts.length > 1 ? ['topic_recreated'] : []));
      const records = await readRecords(reader.consumer, fromStart(topic, 2), 30);
      expect(new Set(records.map(textOf))).toEqual(new Set(['after']));
      expect(new Set(records.map(({ partition }) => partition))).toEqual(new Set([0, 1]));
      await expect(producer.send([{ topic, key: null, value: '', partition: 2 }])).rejects.toMatchObject({
        code: 'record_invalid',
      });
    });

    it('sends queued records when it closes, and rejects later sends', async () => {
      const topic = await newTopic(admin, 1);
      const closing = connectProducer({ ...reach(engine()), clientId: 'closing', logger: silentLogger });

      const sends = [1, 2, 3].map((value) => closing.send([{ topic, key: 'k', value: `${value}` }]));
      await closing.close();

      await expect(Promise.all(sends)).resolves.toHaveLength(3);
      await expect(closing.send([{ topic, key: 'k', value: '4' }])).rejects.toMatchObject({ code: 'closed' });
    });

    it('fails a send at its delivery timeout if no broker answers', async () => {
      const lost = connectProducer({
        bootstrapServers: ['127.0.0.1:1'],
        clientId: 'lost',
        logger: silentLogger,
        deliveryTimeoutMs: 300,
      });
      await expect(lost.send([{ topic: 'orders', key: 'k', value: 'v' }])).rejects.toMatchObject({
        code: 'unreachable',
      });
      await lost.close();
    });
  });
}
