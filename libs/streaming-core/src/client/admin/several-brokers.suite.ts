import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { reach, type Engine } from '../client.fixture.ts';
import { connectProducer } from '../producer/producer.ts';
import { connectAdmin, type Admin } from './admin.ts';

const topic = 'orders';
const partitions = [0, 1, 2].map((partition) => ({ topic, partition }));
const names = (stem: string) => Array.from({ length: 12 }, (_, index) => `${stem}-${index}`);

/** Tests brokers that each lead one partition and coordinate some groups and transactional ids. */
export function adminOfSeveralBrokersSuite(engine: () => Engine): void {
  describe('the admin client', () => {
    let admin: Admin;
    const connection = () => ({ ...reach(engine()), clientId: 'admin-test', logger: silentLogger });

    beforeAll(async () => {
      admin = connectAdmin(connection());
      await admin.topics.create([
        {
          name: topic,
          assignments: [
            [1, 2],
            [2, 3],
            [3, 1],
          ],
        },
      ]);
      const producer = connectProducer(connection());
      await producer.send(partitions.map((place) => ({ ...place, key: null, value: 'x' })));
      await producer.close();
    });
    afterAll(() => admin.close());

    it('B02 asks the leader of each partition', async () => {
      expect(await admin.records.delete(partitions.map((place) => ({ ...place, offset: 1n })))).toEqual(
        partitions.map((place) => ({ ...place, logStartOffset: 1n })),
      );
    });

    it('B02 asks the coordinator of each group, and every broker for the list', async () => {
      const groupIds = names('group');
      for (const groupId of groupIds)
        await admin.groups.commitOffsets(groupId, [{ topic, partition: 0, offset: 1n }]);

      const described = await admin.groups.describe(groupIds);
      const listed = (await admin.groups.list()).map(({ groupId }) => groupId);
      await admin.groups.delete(groupIds);

      expect(
        new Set([...described.values()].map(({ coordinator }) => coordinator.port)).size,
      ).toBeGreaterThan(1);
      expect([...described.keys()]).toEqual(groupIds);
      expect(listed).toEqual(expect.arrayContaining(groupIds));
      expect(await admin.groups.list()).toEqual([]);
    });

    it('B02 asks each broker for its own log folders', async () => {
      const dirs = await admin.logDirs.describe({ partitions });
      const held = dirs.map(({ broker, logs }) => [broker, logs.map(({ partition }) => partition).sort()]);
      expect(held.sort()).toEqual([
        [1, [0, 2]],
        [2, [0, 1]],
        [3, [1, 2]],
      ]);
    });
  });
}
