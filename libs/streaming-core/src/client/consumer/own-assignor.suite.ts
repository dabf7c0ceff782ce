import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import {
  delay,
  newTopic,
  reach,
  sharesSettle,
  TestMember,
  uniqueName,
  type Engine,
} from '../client.fixture.ts';
import type { TopicPartition } from '../topic-partition.ts';
import { allPartitions, type Assignor } from './assignor.ts';

export function ownAssignorSuite(engine: () => Engine): void {
  describe('a consumer group with an assignor of its own', () => {
    let admin: Admin;

    beforeAll(() => {
      admin = connectAdmin({ ...reach(engine()), clientId: 'own-assignor-test', logger: silentLogger });
    });
    afterAll(() => admin.close());

    /** Two members for one topic of three partitions. */
    const twoMembers = async (assignorsOf: (index: number) => readonly Assignor[]) => {
      const topics = [await newTopic(admin, 3)];
      const groupId = uniqueName('group');
      return [0, 1].map(
        (index) => new TestMember(engine(), groupId, topics, { assignors: assignorsOf(index) }),
      );
    };

    const startAll = (members: readonly TestMember[]) => Promise.all(members.map((member) => member.start()));

    const closeAll = (members: readonly TestMember[]) => Promise.all(members.map((member) => member.close()));

    it('shares partitions as it says, also if it asks other systems first', async () => {
      const allToTheLast: Assignor = {
        name: 'all-to-the-last',
        protocols: ['eager'],
        async assign(members, partitionCounts) {
          await delay(50);
          const shares = members.map(
            ({ memberId }) => [memberId, { partitions: [] as TopicPartition[] }] as const,
          );
          shares.at(-1)?.[1].partitions.push(...allPartitions(partitionCounts));
          return new Map(shares);
        },
      };
      const members = await twoMembers(() => [allToTheLast]);
      await startAll(members);

      await sharesSettle(members, [3, 0]);

      await closeAll(members);
    });

    it('assigns anew when its leader asks for it, and the members keep their ids', async () => {
      let rounds = 0;
      let leader: TestMember | undefined;
      /** Gives everything to another member in each round. */
      const inTurns = (own: () => TestMember | undefined): Assignor => ({
        name: 'in-turns',
        protocols: ['eager'],
        assign(members, partitionCounts) {
          rounds += 1;
          leader = own();
          const ids = members.map(({ memberId }) => memberId).sort();
          const all = allPartitions(partitionCounts);
          return new Map(
            ids.map((id, index) => [id, { partitions: index === rounds % ids.length ? all : [] }]),
          );
        },
      });
      const members: readonly TestMember[] = await twoMembers((index) => [inTurns(() => members[index])]);
      await startAll(members);
      await sharesSettle(members, [3, 0]);
      const before = members.map(({ assignment, owned }) => ({ id: assignment?.memberId, owned }));
      const settled = rounds;

      await leader?.consumer.rebalance();
      await until(
        () => rounds,
        (count) => count > settled,
      );
      await sharesSettle(members, [3, 0]);

      expect(rounds).toBe(settled + 1);
      expect(members.map(({ assignment }) => assignment?.memberId)).toEqual(before.map(({ id }) => id));
      expect(members.map(({ owned }) => owned)).toEqual(before.map(({ owned }) => owned).reverse());
      await closeAll(members);
    });
  });
}
