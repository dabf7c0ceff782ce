import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import {
  newTopic,
  declare,
  fromStart,
  readRecords,
  sharesSettle,
  TestMember,
  textOf,
  uniqueName,
  type Engine,
  reach,
} from '../client.fixture.ts';
import { connectGroupOffsets } from './group-offsets.ts';
import { connectProducer } from '../producer/producer.ts';
import type { Producer } from '../producer-types.ts';

export function consumerSuite(engine: () => Engine): void {
  describe('a consumer', () => {
    let admin: Admin;
    let producer: Producer;

    beforeAll(() => {
      const place = reach(engine());
      admin = connectAdmin({ ...place, clientId: 'consumer-test', logger: silentLogger });
      producer = connectProducer({ ...place, clientId: 'consumer-test', logger: silentLogger });
    });
    afterAll(async () => {
      await Promise.all([admin.close(), producer.close()]);
    });

    it('returns the error of a bad partition together with the records of the others', async () => {
      const topic = uniqueName('orders');
      const [broker] = (await admin.describeCluster()).brokers;
      const onOneLeader = [broker!.nodeId];
      await admin.topics.create([{ name: topic, assignments: [onOneLeader, onOneLeader, onOneLeader] }]);
      await producer.send(
        [0, 2].map((partition) => ({ topic, key: null, value: `at ${partition}`, partition })),
      );
      const reader = new TestMember(engine(), 'reader', []);

      const fetched = await reader.consumer.fetch([
        { topic, partition: 0, offset: 0n },
        { topic, partition: 1, offset: 77n },
        { topic, partition: 2, offset: 0n },
        { topic: 'nobody-made-this', partition: 0, offset: 0n },
        { topic, partition: 9, offset: 0n },
      ]);

      expect(fetched.map(({ error }) => (error as { code?: string } | undefined)?.code)).toEqual([
        undefined,
        'offset_out_of_range',
        undefined,
        'unknown_topic',
        'unknown_topic',
      ]);
      expect([fetched[0], fetched[2]].map((one) => textOf(one?.records[0]))).toEqual(['at 0', 'at 2']);
      await reader.close();
    });

    it('waits in a long poll and returns as soon as a record arrives', async () => {
      const topic = await newTopic(admin, 1);
      const reader = new TestMember(engine(), 'reader', [], { fetchMaxWaitMs: 20_000 });
      const started = performance.now();

      const polling = reader.consumer.fetch(fromStart(topic, 1));
      await producer.send([{ topic, key: 'k', value: 'v' }]);
      const [answer] = await polling;

      expect(textOf(answer?.records[0])).toBe('v');
      expect(performance.now() - started).toBeLessThan(15_000);
      await reader.close();
    });

    it('does not make a fetch wait for a long poll', async () => {
      const quiet = await newTopic(admin, 1);
      const busy = await newTopic(admin, 1);
      await producer.send([{ topic: busy, key: 'k', value: 'v' }]);
      const reader = new TestMember(engine(), 'reader', [], { fetchMaxWaitMs: 20_000 });
      const started = performance.now();

      const polling = reader.consumer.fetch(fromStart(quiet, 1)).catch(() => []);
      const [answer] = await reader.consumer.fetch(fromStart(busy, 1));
      const answered = performance.now() - started;

      expect(answer?.records).toHaveLength(1);
      expect(answered).toBeLessThan(15_000);
      await Promise.all([polling, reader.close()]);
    });

    it('returns the first and the next offset of each partition', async () => {
      const topic = await newTopic(admin, 2);
      await producer.send(['a', 'b', 'c'].map((value) => ({ topic, key: null, value, partition: 1 })));
      const reader = new TestMember(engine(), 'reader', []);
      const partitions = [0, 1].map((partition) => ({ topic, partition }));

      expect(await reader.consumer.endOffsets(partitions)).toEqual([
        { topic, partition: 0, offset: 0n },
        { topic, partition: 1, offset: 3n },
      ]);
      expect(await reader.consumer.beginningOffsets(partitions)).toEqual([
        { topic, partition: 0, offset: 0n },
        { topic, partition: 1, offset: 0n },
      ]);
      expect(await reader.consumer.endOffsets([])).toEqual([]);
      await reader.close();
    });

    it('identifies a topic by its id, and never applies an offset to a recreated topic', async () => {
      const topic = await newTopic(admin, 1);
      await producer.send([{ topic, key: 'k', value: 'old' }]);
      const reader = new TestMember(engine(), 'reader', []);
      const first = (await reader.consumer.identify([topic])).get(topic);
      await readRecords(reader.consumer, fromStart(topic, 1), 1);

      await admin.deleteTopics([topic]);
      await admin.createTopics([declare(topic, 1)]);
      const refused = await until(
        async () => (await reader.consumer.fetch(fromStart(topic, 1)))[0],
        (answer) => (answer?.error as { code?: string } | undefined)?.code === 'topic_recreated',
      );
      const second = (await reader.consumer.identify([topic])).get(topic);
      await producer.send([{ topic, key: 'k', value: 'new' }]);

      expect(refused?.records).toEqual([]);
      expect(second).toMatchObject({ clusterId: first?.clusterId, partitions: 1 });
      expect(second?.topicId).not.toBe(first?.topicId);
      expect((await readRecords(reader.consumer, fromStart(topic, 1), 1)).map(textOf)).toEqual(['new']);
      await expect(reader.consumer.identify(['nobody-made-this'])).rejects.toMatchObject({
        code: 'unknown_topic',
      });
      await reader.close();
    });

    it('accepts commits from members only, and shows the committed offsets to lag tools', async () => {
      const topic = await newTopic(admin, 2);
      const groupId = uniqueName('lag');
      const member = new TestMember(engine(), groupId, [topic]);
      const offsets = [{ topic, partition: 1, offset: 42n }];

      await expect(member.consumer.commit(offsets)).rejects.toMatchObject({ code: 'not_member' });
      await member.start();
      await sharesSettle([member], [2]);
      await member.consumer.commit(offsets);

      expect(await admin.committedOffsets(groupId)).toEqual(offsets);
      expect((await admin.listGroups()).find((group) => group.groupId === groupId)?.state).toMatch(/stable/i);
      member.onRevoked = () => member.consumer.commit([{ topic, partition: 1, offset: 43n }]);
      await member.close();
      expect(await admin.committedOffsets(groupId)).toEqual([{ topic, partition: 1, offset: 43n }]);
      await expect(member.consumer.commit(offsets)).rejects.toMatchObject({ code: 'not_member' });
    });

    it('returns the offsets that its group has committed, with their metadata', async () => {
      const topic = await newTopic(admin, 2);
      const member = new TestMember(engine(), uniqueName('notes'), [topic]);
      const places = [0, 1].map((partition) => ({ topic, partition }));
      expect(await member.consumer.committed(places)).toEqual([]);
      await member.start();
      await sharesSettle([member], [2]);
      await member.consumer.commit([{ topic, partition: 1, offset: 42n, metadata: '{"store":"a"}' }]);

      expect(await member.consumer.committed(places)).toEqual([
        { topic, partition: 1, offset: 42n, metadata: '{"store":"a"}' },
      ]);
      await member.close();
    });

    it('accepts commits from outside a group while it has no members', async () => {
      const topic = await newTopic(admin, 2);
      const groupId = uniqueName('nobody');
      const offsets = connectGroupOffsets({
        ...reach(engine()),
        clientId: 'offsets-test',
        logger: silentLogger,
        groupId,
      });
      expect(await offsets.committed()).toEqual([]);
      await offsets.commit([{ topic, partition: 0, offset: 7n, metadata: 'first' }]);
      await offsets.commit([{ topic, partition: 1, offset: 8n }]);
      await offsets.commit([{ topic, partition: 0, offset: 9n, metadata: 'second' }]);

      const found = await offsets.committed();
      expect(found.toSorted((one, other) => one.partition - other.partition)).toMatchObject([
        { topic, partition: 0, offset: 9n, metadata: 'second' },
        { topic, partition: 1, offset: 8n },
      ]);
      const member = new TestMember(engine(), groupId, [topic]);
      await member.start();
      await sharesSettle([member], [2]);
      await expect(offsets.commit([{ topic, partition: 0, offset: 10n }])).rejects.toMatchObject({
        code: 'not_member',
      });
      await Promise.all([member.close(), offsets.close()]);
    });
  });
}
