import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from './admin.ts';
import { declare, uniqueName, type Engine, reach } from '../client.fixture.ts';

export function adminSuite(engine: () => Engine): void {
  describe('the admin client', () => {
    let admin: Admin;

    beforeAll(() => {
      admin = connectAdmin({ ...reach(engine()), clientId: 'admin-test', logger: silentLogger });
    });
    afterAll(() => admin.close());

    it('creates a topic only once, even if it is asked again', async () => {
      const topic = uniqueName('orders');

      await admin.createTopics([declare(topic, 3)]);
      const first = (await admin.describeTopics([topic])).get(topic);
      await admin.createTopics([declare(topic, 3)]);

      expect(first?.partitions).toBe(3);
      expect(first?.topicId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
      expect((await admin.describeTopics([topic])).get(topic)).toEqual(first);
    });

    it('creates a topic that keeps its records as long as it is declared, in time and in bytes', async () => {
      const topic = uniqueName('orders');

      await admin.createTopics([{ ...declare(topic, 1), retention: 60_000, retentionBytes: 2_000_000 }]);

      const [configs] = await admin.configs.describe([{ type: 'topic', name: topic }]);
      expect(configs?.get('retention.ms')?.value).toBe('60000');
      expect(configs?.get('retention.bytes')?.value).toBe('2000000');
    });

    it('creates a topic while another client creates the same one', async () => {
      const topic = uniqueName('orders');
      const other = connectAdmin({ ...reach(engine()), clientId: 'admin-test', logger: silentLogger });

      await Promise.all([admin.createTopics([declare(topic, 2)]), other.createTopics([declare(topic, 2)])]);

      expect([...(await admin.describeTopics([topic])).keys()]).toEqual([topic]);
      await other.close();
    });

    it('is closed at the end of its scope', async () => {
      let left: Admin;
      {
        await using scoped = connectAdmin({ ...reach(engine()), clientId: 'admin-test' });
        await scoped.describeCluster();
        left = scoped;
      }

      await expect(left.describeCluster()).rejects.toMatchObject({ code: 'closed' });
    });

    it('rejects a different partition count and names the topic, both counts and the remedy', async () => {
      const topic = uniqueName('orders');
      await admin.createTopics([declare(topic, 3)]);

      const refusal = admin.createTopics([declare(topic, 6)]);

      await expect(refusal).rejects.toMatchObject({ code: 'topic_mismatch' });
      await expect(refusal).rejects.toThrow(
        new RegExp(`${topic} has 3 partitions but is declared with 6.*declare 3`),
      );
    });

    it('rejects a replication factor above the number of brokers', async () => {
      const replicated = connectAdmin({
        ...reach(engine()),
        clientId: 'admin-test',
        logger: silentLogger,
        replicationFactor: 3,
      });

      await expect(replicated.createTopics([declare(uniqueName('orders'), 1)])).rejects.toMatchObject({
        code: 'replication_factor',
      });
      await replicated.close();
    });

    it('describes the cluster by its id and its brokers', async () => {
      const topic = uniqueName('orders');
      await admin.createTopics([declare(topic, 1)]);

      const { clusterId, brokers } = await admin.describeCluster();

      expect(brokers).toHaveLength(1);
      expect(brokers[0]).toMatchObject({ host: expect.any(String), port: expect.any(Number) });
      expect((await admin.describeTopics([topic])).get(topic)?.clusterId).toBe(clusterId);
    });

    it('deletes a topic and recreates it under the same name with another id', async () => {
      const topic = uniqueName('orders');
      await admin.createTopics([declare(topic, 1)]);
      const first = (await admin.describeTopics([topic])).get(topic);

      await admin.deleteTopics([topic, topic]);
      expect(await admin.describeTopics([topic])).toEqual(new Map());
      await admin.createTopics([declare(topic, 1)]);

      const second = (await admin.describeTopics([topic])).get(topic);
      expect(second?.clusterId).toBe(first?.clusterId);
      expect(second?.topicId).not.toBe(first?.topicId);
    });

    it('reports within the given limit that no broker answers', async () => {
      const nowhere = connectAdmin({
        bootstrapServers: ['127.0.0.1:1'],
        clientId: 'admin-test',
        logger: silentLogger,
      });

      expect(await nowhere.ping()).toBe(false);
      await expect(nowhere.waitUntilReachable(300)).rejects.toMatchObject({ code: 'unreachable' });
      expect(await admin.ping()).toBe(true);
      await admin.waitUntilReachable(20_000);
      await nowhere.close();
    });
  });
}
