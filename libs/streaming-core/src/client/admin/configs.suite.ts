import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../../runtime/index.ts';
import { type Engine, newTopic, reach, uniqueName } from '../client.fixture.ts';
import { connectAdmin, type Admin } from './admin.ts';
import type { ConfigChange, ConfigEntry, ConfigResource } from './config-admin.ts';
import type { ItemsFailed } from './items-of-call.ts';

export function adminConfigsSuite(engine: () => Engine): void {
  describe('the admin client, for configs', () => {
    let admin: Admin;

    beforeAll(() => {
      admin = connectAdmin({ ...reach(engine()), clientId: 'admin-test', logger: silentLogger });
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

    it('alters one topic although another one is refused', async () => {
      const good = await newTopic(admin, 1);
      const bad = uniqueName('missing');
      const changes = [{ operation: 'set', name: 'retention.ms', value: '60000' }] as const;
      const alterations = [good, bad].map((name) => ({ type: 'topic' as const, name, changes }));

      const failure: unknown = await admin.configs.alter(alterations).catch((error: unknown) => error);
      expect([...(failure as ItemsFailed).failed.keys()]).toEqual([`topic ${bad}`]);
      await becomes({ type: 'topic', name: good }, 'retention.ms', '60000');
      await expect(admin.configs.alter([{ type: 'topic', name: good, changes: [] }])).rejects.toThrow(
        /name at least one config/,
      );
    });
  });
}
