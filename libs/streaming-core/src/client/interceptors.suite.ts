import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../runtime/index.ts';
import { connectAdmin, type Admin } from './admin/admin.ts';
import { newTopic, reach, uniqueName, type Engine } from './client.fixture.ts';
import type { ConsumerInterceptor } from './consumer/managed/consumer-interceptors.ts';
import { quickConsumer } from './consumer/managed/consumer.fixture.ts';
import { connectProducer } from './producer/producer.ts';
import { connectTransactionalProducer } from './transactions/transactional-producer.ts';
import type { Producer } from './types.ts';

/** Tests the interceptors of consumers and of transactions. */
export function interceptorsSuite(engine: () => Engine): void {
  describe('interceptors', () => {
    const place = () => ({ ...reach(engine()), clientId: 'intercepted', logger: silentLogger });
    const record = (topic: string, value: string) => ({ topic, key: null, value, partition: 0 });
    let admin: Admin;
    let producer: Producer;

    beforeAll(() => {
      admin = connectAdmin(place());
      producer = connectProducer(place());
    });
    afterAll(() => Promise.all([admin.close(), producer.close()]));

    it('Q03 of a consumer choose what its loop receives, in their order, and see what is committed', async () => {
      const topic = await newTopic(admin, 1);
      await producer.send(['a', 'b', 'c', 'd'].map((value) => record(topic, value)));
      const calls: string[] = [];
      const without = (dropped: string): ConsumerInterceptor => ({
        onConsume(records) {
          calls.push(`without ${dropped}: ${records.map(({ value }) => `${value}`).join('')}`);
          return records.filter(({ value }) => `${value}` !== dropped);
        },
        onCommit: ([offset]) => void calls.push(`without ${dropped}: committed ${offset?.offset}`),
      });
      const broken: ConsumerInterceptor = {
        onConsume() {
          throw new Error('broken');
        },
        onCommit() {
          throw new Error('broken');
        },
      };
      await using consumer = quickConsumer(engine(), {
        groupId: uniqueName('intercepted'),
        topics: [topic],
        autoCommit: false,
        fetchMaxWaitMs: 50,
        interceptors: [without('a'), broken, without('d')],
      });
      const seen: string[] = [];
      for await (const { value } of consumer) {
        seen.push(`${value}`);
        if (`${value}` === 'b') await producer.send([record(topic, 'e')]);
        if (`${value}` === 'e') break;
      }
      await consumer.commit();

      expect(seen).toEqual(['b', 'c', 'e']);
      expect(calls).toEqual([
        'without a: abcd',
        'without d: bcd',
        'without a: e',
        'without d: e',
        'without a: committed 5',
        'without d: committed 5',
      ]);
    });

    it('Q03 of a transactional producer change and see the records of its transactions', async () => {
      const topic = await newTopic(admin, 1);
      const told: unknown[] = [];
      const transactional = connectTransactionalProducer({
        ...place(),
        transactionalId: uniqueName('intercepted'),
        interceptors: [
          {
            onSend: (given) => ({ ...given, value: 'changed' }),
            onAcknowledgement: (result, { value }) => void told.push([value, result]),
          },
        ],
      });
      const sent = await transactional.transaction((transaction) => transaction.send([record(topic, 'a')]));
      const transaction = await transactional.begin();
      await transaction.abort();
      await expect(transaction.send([record(topic, 'b')])).rejects.toThrow('over');
      await transactional.close();

      expect(told).toEqual([
        ['changed', sent[0]],
        ['changed', expect.objectContaining({ code: 'transaction_over' })],
      ]);
    });
  });
}
