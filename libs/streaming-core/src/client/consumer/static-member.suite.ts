import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import { newTopic, sharesSettle, TestMember, uniqueName, type Engine, reach } from '../client.fixture.ts';
import { startClientProcess } from '../client-process.fixture.ts';
import type { GroupConsumerOptions } from './group-consumer.ts';

export function staticMemberSuite(engine: () => Engine): void {
  describe('a member with a groupInstanceId (KIP-345)', () => {
    let admin: Admin;
    let topic: string;
    let groupId: string;

    beforeAll(() => {
      admin = connectAdmin({ ...reach(engine()), clientId: 'static-test', logger: silentLogger });
    });
    afterAll(() => admin.close());

    const started = async (groupInstanceId: string, options: Partial<GroupConsumerOptions> = {}) => {
      const member = new TestMember(engine(), groupId, [topic], { groupInstanceId, ...options });
      await member.start();
      return member;
    };
    const newGroup = async (partitions: number) => {
      topic = await newTopic(admin, partitions);
      groupId = uniqueName('group');
    };

    it('gets its partitions back at once after a kill, and the other members notice nothing', async () => {
      await newGroup(4);
      const other = await started('shelf-2');
      const killed = await startClientProcess(
        './consumer/group-member.program.ts',
        engine(),
        groupId,
        topic,
        'shelf-1',
      );
      await sharesSettle([other], [2], 20_000);
      const before = [...other.history];
      await killed.kill();

      const successor = await started('shelf-1');

      expect([...other.owned, ...successor.owned].sort()).toEqual(
        [0, 1, 2, 3].map((partition) => `${topic}/${partition}`),
      );
      expect(other.history).toEqual(before);
      expect(successor.assignment?.generationId).toBe(other.assignment?.generationId);
      await Promise.all([other.close(), successor.close()]);
    });

    it('leaves on a clean stop, so that the others get its partitions without waiting for its session timeout', async () => {
      await newGroup(2);
      const patient = { sessionTimeoutMs: 60_000, rebalanceTimeoutMs: 60_000 };
      const first = await started('shelf-1', patient);
      const second = await started('shelf-2', patient);
      await sharesSettle([first, second], [1, 1]);

      await first.close();
      await sharesSettle([second], [2]);

      expect(first.stoppedBy).toBeUndefined();
      await second.close();
    });

    it('stops with an error if another process takes its name, and does not disturb that process', async () => {
      await newGroup(2);
      const older = await started('shelf-1');
      const younger = await started('shelf-1');

      const error = await until(
        () => older.stoppedBy,
        (stopped) => stopped !== undefined,
      );

      expect(error).toMatchObject({
        code: 'fenced_instance',
        message: expect.stringContaining('groupInstanceId "shelf-1"'),
      });
      expect(older.history).toEqual(['assigned', 'revoking', 'revoked']);
      await expect(older.consumer.commit([{ topic, partition: 0, offset: 1n }])).rejects.toMatchObject({
        code: 'fenced_instance',
      });
      await older.close();
      await younger.consumer.commit([{ topic, partition: 0, offset: 1n }]);
      expect(younger.history).toEqual(['assigned']);
      expect(younger.owned).toHaveLength(2);
      await younger.close();
    });
  });
}
