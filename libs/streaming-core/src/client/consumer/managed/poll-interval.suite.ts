import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../../../runtime/index.ts';
import { connectAdmin, type Admin } from '../../admin/admin.ts';
import { newTopic, reach, uniqueName, type Engine } from '../../client.fixture.ts';
import { connectProducer } from '../../producer/producer.ts';
import type { Producer } from '../../producer-types.ts';
import type { ConsumerOptions } from './consumer-settings.ts';
import { assignmentsSettle, quickConsumer, Reading } from './consumer.fixture.ts';

/** Tests a consumer whose application does not ask for more within the poll interval. */
export function pollIntervalSuite(engine: () => Engine): void {
  describe('Q04 a consumer whose loop is overdue', () => {
    let admin: Admin;
    let producer: Producer;

    beforeAll(() => {
      const place = { ...reach(engine()), clientId: 'overdue-test', logger: silentLogger };
      admin = connectAdmin(place);
      producer = connectProducer(place);
    });
    afterAll(async () => {
      await Promise.all([admin.close(), producer.close()]);
    });

    /**
     * Starts a consumer whose loop hangs until `release`, and waits until it has lost its
     * partition.
     */
    const startOverdue = async (options: Partial<ConsumerOptions> = {}) => {
      const topic = await newTopic(admin, 1);
      const groupId = uniqueName('overdue');
      const lost: number[] = [];
      const warnings: string[] = [];
      const consumer = quickConsumer(engine(), {
        groupId,
        topics: [topic],
        autoCommit: { intervalMs: 50 },
        maxPollIntervalMs: 2_000,
        logger: { ...silentLogger, warn: (_fields: object, text: string) => void warnings.push(text) },
        onLost: (partitions) => void lost.push(partitions.length),
        ...options,
      });
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      const reading = new Reading(consumer, () => released);
      await assignmentsSettle([consumer], [1]);
      const [first] = await members(groupId);
      await producer.send([{ topic, key: null, value: 'slow', partition: 0 }]);
      await until(
        () => lost,
        (all) => all.length > 0,
      );
      return { topic, groupId, consumer, reading, release, lost, warnings, memberId: first };
    };
    const members = async (groupId: string) => {
      const { state, members: all } = (await admin.groups.describe([groupId])).get(groupId)!;
      return state === 'Stable' ? all.map(({ memberId }) => memberId) : [];
    };

    it('gives its partitions to another member, commits nothing of them, and joins again', async () => {
      const { topic, groupId, consumer, reading, release, lost, warnings } = await startOverdue();
      await using slow = consumer;
      await using other = quickConsumer(engine(), { groupId, topics: [topic], autoCommit: false });
      expect(await new Reading(other).sees(1)).toEqual(['0:slow']);
      expect(slow.assignment).toEqual([]);

      release();
      await until(
        () => members(groupId),
        (ids) => ids.length === 2,
      );

      expect(reading.seen).toEqual(['0:slow']);
      expect((await admin.committedOffsets(groupId)).map(({ offset }) => offset)).not.toContain(1n);
      expect(lost).toEqual([1]);
      expect(warnings).toEqual([expect.stringContaining('raise maxPollIntervalMs')]);
      await other.close();
      expect(await reading.sees(2)).toEqual(['0:slow', '0:slow']);
    });

    it('does not leave its group if it is a static member, and joins again as the same member', async () => {
      const { groupId, consumer, reading, release, memberId } = await startOverdue({
        groupInstanceId: 'shelf-1',
        sessionTimeoutMs: 30_000,
        rebalanceTimeoutMs: 30_000,
      });
      await using slow = consumer;
      const place = slow.assignment;
      release();

      expect(await reading.sees(2)).toEqual(['0:slow', '0:slow']);
      expect(place).toEqual([]);
      const again = await until(
        () => members(groupId),
        (ids) => ids.length > 0,
      );
      expect(again).toEqual([memberId]);
    });
  });
}
