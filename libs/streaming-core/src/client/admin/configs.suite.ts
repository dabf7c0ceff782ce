import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../../runtime/index.ts';
import { type Engine, newTopic, reach, uniqueName } from '../client.fixture.ts';
import { connectAdmin, type Admin } from './admin.ts';
import type { ConfigChange, ConfigEntry, ConfigResource } from './config-admin.ts';
import type { ItemsFailed } from './items-failed.ts';

export function adminConfigsSuite(engine: () => Engine): void {
  describe('the admin client, for configs and the cluster', () => {
    let admin: Admin;
    let brokerId: string;

    beforeAll(async () => {
      admin = connectAdmin({ ...reach(engine()), clientId: 'admin-test', logger: silentLogger });
      brokerId = String((await admin.cluster.describe()).brokers[0]?.nodeId);
    });
    afterAll(() => admin.close());

    async function configOf(resource: ConfigResource, name: string): Promise<ConfigEntry | undefined> {
      const [configs] = await admin.configs.describe([resource]);
      return configs?.get(name);
    }

    /** Kafka applies a change a moment after it has answered. */
    const becomes = (resource: ConfigResource, name: string, value: string | undefined) =>
      until(
        () => configOf(resource, name),
        (config) => config?.value === value,
      );

    it('shows where each value comes from', async () => {
      const topic: ConfigResource = { type: 'topic', name: await newTopic(admin, 1) };

      expect(await configOf(topic, 'cleanup.policy')).toMatchObject({
        value: 'delete',
        source: 'topic',
        isDefault: false,
        sensitive: false,
      });
      expect(await configOf(topic, 'max.compaction.lag.ms')).toMatchObject({
        source: 'default',
        isDefault: true,
      });
    });

    it('sets, appends, subtracts and deletes configs of a topic, and leaves the others alone', async () => {
      const topic: ConfigResource = { type: 'topic', name: await newTopic(admin, 1) };
      const alter = (...changes: readonly ConfigChange[]) => admin.configs.alter([{ ...topic, changes }]);

      await alter({ operation: 'set', name: 'segment.bytes', value: '2097152' });
      await becomes(topic, 'segment.bytes', '2097152');
      await alter({ operation: 'append', name: 'cleanup.policy', value: 'compact' });
      await becomes(topic, 'cleanup.policy', 'delete,compact');
      await alter({ operation: 'subtract', name: 'cleanup.policy', value: 'delete' });
      await becomes(topic, 'cleanup.policy', 'compact');
      await alter({ operation: 'delete', name: 'cleanup.policy' });
      await becomes(topic, 'cleanup.policy', 'delete');

      expect(await configOf(topic, 'segment.bytes')).toMatchObject({ value: '2097152', source: 'topic' });
    });

    it('alters one topic although another one is refused, and only validates if asked to', async () => {
      const good = await newTopic(admin, 1);
      const bad = uniqueName('missing');
      const changes = [{ operation: 'set', name: 'retention.ms', value: '60000' }] as const;
      const alterations = [good, bad].map((name) => ({ type: 'topic' as const, name, changes }));

      const validated = admin.configs.alter(alterations, { validateOnly: true });
      await expect(validated).rejects.toMatchObject({ code: 'unknown_topic' });
      expect((await configOf({ type: 'topic', name: good }, 'retention.ms'))?.value).toBe('-1');

      const failure: unknown = await admin.configs.alter(alterations).catch((error: unknown) => error);
      expect([...(failure as ItemsFailed).failed.keys()]).toEqual([`topic ${bad}`]);
      await becomes({ type: 'topic', name: good }, 'retention.ms', '60000');
      await expect(admin.configs.alter([{ type: 'topic', name: good, changes: [] }])).rejects.toThrow(
        /name at least one config/,
      );
    });

    it('changes configs of one broker and of all brokers', async () => {
      const name = 'log.cleaner.backoff.ms';
      const one: ConfigResource = { type: 'broker', name: brokerId };
      const all: ConfigResource = { type: 'broker', name: '' };
      const before = await configOf(one, name);
      await admin.configs.alter([{ ...all, changes: [{ operation: 'set', name, value: '14000' }] }]);
      await admin.configs.alter([{ ...one, changes: [{ operation: 'set', name, value: '13000' }] }]);
      await becomes(all, name, '14000');
      await becomes(one, name, '13000');

      await admin.configs.alter([{ ...one, changes: [{ operation: 'delete', name }] }]);
      const inherited = await becomes(one, name, '14000');
      expect(inherited?.source).toBe('allBrokers');

      await admin.configs.alter([{ ...all, changes: [{ operation: 'delete', name }] }]);
      await becomes(one, name, before?.value ?? undefined);
      await expect(admin.configs.describe([{ type: 'broker', name: '99' }])).rejects.toThrow(
        /no broker with the id 99 is running: the ids are/,
      );
    });

    it('describes the cluster with its brokers and features', async () => {
      const { clusterId, controllerId, brokers } = await admin.cluster.describe();
      const features = await admin.cluster.features();

      expect(clusterId).toBe((await admin.describeCluster()).clusterId);
      expect(brokers.map(({ nodeId }) => nodeId)).toContain(controllerId);
      expect(brokers[0]).toMatchObject({ host: expect.any(String), port: expect.any(Number) });
      expect(features.get('transaction.version')).toMatchObject({ supportedMin: 0, level: 2 });
    });

    it('ends a call that is retried as soon as its signal aborts', async () => {
      const nowhere = connectAdmin({
        bootstrapServers: ['127.0.0.1:1'],
        clientId: 'admin-test',
        logger: silentLogger,
      });
      const stopping = new AbortController();
      const listed = nowhere.topics.list({ signal: stopping.signal });
      const created = nowhere.topics.create([{ name: 'a' }], { signal: stopping.signal });
      stopping.abort(new Error('enough'));

      const aborted = { code: 'aborted', cause: new Error('enough') };
      await expect(listed).rejects.toMatchObject(aborted);
      await expect(created).rejects.toMatchObject(aborted);
      await nowhere.close();
    });
  });
}
