import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { connectProducer } from '../producer/producer.ts';
import { type Engine, newTopic, reach, uniqueName } from '../client.fixture.ts';
import { connectAdmin, type Admin } from './admin.ts';
import { ItemsFailed } from './items-of-call.ts';

export function adminTopicsSuite(engine: () => Engine): void {
  describe('the admin client, for topics', () => {
    let admin: Admin;
    let brokerId: number;

    beforeAll(async () => {
      admin = connectAdmin({ ...reach(engine()), clientId: 'admin-test', logger: silentLogger });
      brokerId = (await admin.describeCluster()).brokers[0]?.nodeId ?? -1;
    });
    afterAll(() => admin.close());

    it('B04 creates topics with partitions, replicas and raw configs, which are writable at once', async () => {
      const topic = uniqueName('orders');
      const created = await admin.topics.create([
        { name: topic, partitions: 3, replicationFactor: 1, configs: { 'retention.ms': '60000' } },
      ]);

      const described = (await admin.topics.describe([topic])).get(topic);
      expect(created.get(topic)).toEqual({
        topicId: described?.topicId,
        partitions: 3,
        replicationFactor: 1,
      });
      expect(described?.partitions).toEqual(
        [0, 1, 2].map((partition) => ({
          partition,
          leader: brokerId,
          leaderEpoch: expect.any(Number),
          replicas: [brokerId],
          inSyncReplicas: [brokerId],
          offlineReplicas: [],
        })),
      );
      const [configs] = await admin.configs.describe([{ type: 'topic', name: topic }]);
      expect(configs?.get('retention.ms')).toMatchObject({ value: '60000', source: 'topic' });
      const producer = connectProducer({ ...reach(engine()), clientId: 'a', logger: silentLogger });
      await producer.send([{ topic, key: null, value: '1', partition: 2 }]);
      await producer.close();
    });

    it('creates topics with explicit replica assignments', async () => {
      const topic = uniqueName('orders');
      const assignments = [[brokerId], [brokerId]];
      await admin.topics.create([{ name: topic, assignments }]);
      expect((await admin.topics.describe([topic])).get(topic)?.partitions).toHaveLength(2);

      const both = admin.topics.create([{ name: uniqueName('a'), partitions: 1, assignments }]);
      await expect(both).rejects.toMatchObject({ code: 'argument_invalid' });
      await expect(both).rejects.toThrow(/leave out partitions/);
    });

    it('B01 creates what it can if one topic of three is refused, and reports each', async () => {
      const existing = await newTopic(admin, 1);
      const first = uniqueName('orders');
      const second = uniqueName('orders');
      const topics = [first, existing, second].map((name) => ({ name, partitions: 1 }));

      const failure: unknown = await admin.topics.create(topics).catch((error: unknown) => error);

      expect(failure).toBeInstanceOf(ItemsFailed);
      expect(failure).toMatchObject({
        code: 'topic_exists',
        message: expect.stringMatching(/^1 of 3 failed: /),
      });
      const { failed, succeeded } = failure as ItemsFailed;
      expect([...failed.keys()]).toEqual([existing]);
      expect([...succeeded.keys()]).toEqual([first, second]);
      expect((await admin.topics.describe([first, second])).size).toBe(2);
    });

    it('rejects a config that does not exist, and names it', async () => {
      const topic = { name: uniqueName('orders'), partitions: 1, configs: { 'retention.mz': '1' } };
      await expect(admin.topics.create([topic])).rejects.toThrow(/retention\.mz/);
    });

    it('B04 deletes topics, and refuses one that does not exist', async () => {
      const topics = [await newTopic(admin, 1), await newTopic(admin, 1)];

      await admin.topics.delete(topics);
      expect(await admin.describeTopics(topics)).toEqual(new Map());

      await expect(admin.topics.delete(topics)).rejects.toMatchObject({ code: 'unknown_topic' });
    });

    it('lists every topic, and the internal ones if asked to', async () => {
      const topic = await newTopic(admin, 1);
      await admin.groups.commitOffsets(uniqueName('group'), [{ topic, partition: 0, offset: 0n }]);

      const names = (await admin.topics.list()).map(({ name }) => name);
      const all = await admin.topics.list({ internal: true });

      expect(names).toContain(topic);
      expect(names).not.toContain('__consumer_offsets');
      expect(all.find(({ name }) => name === '__consumer_offsets')?.internal).toBe(true);
    });

    it('describes the topics that exist beside one that does not', async () => {
      const topic = await newTopic(admin, 1);
      const missing = uniqueName('missing');
      const failure: unknown = await admin.topics.describe([topic, missing]).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'unknown_topic', message: expect.stringContaining(missing) });
      expect([...(failure as ItemsFailed).succeeded.keys()]).toEqual([topic]);
    });

    it('deletes records before an offset, and reports where each log begins', async () => {
      const topic = await newTopic(admin, 3);
      const producer = connectProducer({ ...reach(engine()), clientId: 'a', logger: silentLogger });
      const records = [0, 1, 2].flatMap((partition) =>
        ['1', '2', '3'].map((value) => ({ topic, key: null, value, partition })),
      );
      await producer.send(records);
      await producer.close();
      const before = [
        { topic, partition: 0, offset: 2n },
        { topic, partition: 1, offset: -1n },
      ];

      expect(await admin.records.delete(before)).toEqual([
        { topic, partition: 0, logStartOffset: 2n },
        { topic, partition: 1, logStartOffset: 3n },
      ]);
      const beyond = { topic, partition: 2, offset: 4n };
      const failure: unknown = await admin.records
        .delete([{ topic, partition: 0, offset: 3n }, beyond])
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'offset_out_of_range',
        message: expect.stringMatching(/give -1/),
      });
      expect((failure as ItemsFailed).succeeded.get(`${topic}/0`)).toMatchObject({ logStartOffset: 3n });
    });

    it('shows the log folders of every broker with the size of each log', async () => {
      const topic = await newTopic(admin, 2);
      const producer = connectProducer({ ...reach(engine()), clientId: 'a', logger: silentLogger });
      await producer.send([{ topic, key: null, value: 'x'.repeat(10_000), partition: 1 }]);
      await producer.close();

      const dirs = await admin.logDirs.describe();
      const logs = dirs.flatMap((dir) => dir.logs).filter((log) => log.topic === topic);

      expect(dirs.map(({ broker }) => broker)).toContain(brokerId);
      expect(dirs.every(({ totalBytes, usableBytes }) => totalBytes >= usableBytes && usableBytes > 0n)).toBe(
        true,
      );
      expect(logs.map(({ partition }) => partition).sort()).toEqual([0, 1]);
      expect(logs.find(({ partition }) => partition === 1)?.sizeBytes).toBeGreaterThan(10_000n);

      const [dir] = await admin.logDirs.describe({ partitions: [{ topic, partition: 0 }] });
      expect(dir?.logs).toEqual([{ topic, partition: 0, sizeBytes: 0n, offsetLag: 0n, future: false }]);
    });
  });
}
