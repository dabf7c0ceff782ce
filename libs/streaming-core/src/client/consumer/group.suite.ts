import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { heartbeat } from '../../protocol/apis/groups.ts';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import {
  newTopic,
  declare,
  delay,
  readRecords,
  sharesSettle,
  TestMember,
  textOf,
  uniqueName,
  type Engine,
  reach,
} from '../client.fixture.ts';
import { startClientProcess } from '../client-process.fixture.ts';
import { connectProducer } from '../producer/producer.ts';
import { countRequests } from '../seen-requests.fixture.ts';
import type { GroupConsumerOptions } from './group-consumer.ts';

export function groupSuite(engine: () => Engine): void {
  describe('a consumer group', () => {
    let admin: Admin;

    beforeAll(() => {
      admin = connectAdmin({ ...reach(engine()), clientId: 'group-test', logger: silentLogger });
    });
    afterAll(() => admin.close());

    const startMembers = async (
      count: number,
      topics: readonly string[],
      options: Partial<GroupConsumerOptions> = {},
    ) => {
      const groupId = uniqueName('group');
      const members = Array.from({ length: count }, () => new TestMember(engine(), groupId, topics, options));
      await Promise.all(members.map((member) => member.start()));
      return members;
    };

    const closeAll = (members: readonly TestMember[]) => Promise.all(members.map((member) => member.close()));

    it('reads every record independently of other groups, and gives each partition one owner', async () => {
      const topic = await newTopic(admin, 6);
      const producer = connectProducer({ ...reach(engine()), clientId: 'g07', logger: silentLogger });
      const sent = Array.from({ length: 60 }, (_, index) => ({
        topic,
        key: `user-${index}`,
        value: `${index}`,
      }));
      await producer.send(sent);

      const [groupA, groupB] = await Promise.all([startMembers(3, [topic]), startMembers(2, [topic])]);
      await Promise.all([sharesSettle(groupA, [2, 2, 2]), sharesSettle(groupB, [3, 3])]);

      for (const group of [groupA, groupB]) {
        const contiguous = group.map((member) => member.owned.map((one) => Number(one.split('/')[1])));
        for (const share of contiguous)
          expect(share).toEqual(share.map((_, index) => (share[0] ?? 0) + index));
        expect(contiguous.flat().sort()).toEqual([0, 1, 2, 3, 4, 5]);
        const read = await Promise.all(group.map((member) => readOwned(member, sent.length)));
        expect(read.flat().sort()).toEqual(sent.map(({ value }) => value).sort());
      }
      await Promise.all([closeAll(groupA), closeAll(groupB), producer.close()]);
    });

    const readOwned = async (member: TestMember, mostExpected: number) => {
      const positions = (member.assignment?.partitions ?? []).map((at) => ({ ...at, offset: 0n }));
      const ends = await member.consumer.endOffsets(positions);
      const count = ends.reduce((sum, { offset }) => sum + Number(offset), 0);
      expect(count).toBeLessThanOrEqual(mostExpected);
      return (await readRecords(member.consumer, positions, count)).map(textOf);
    };

    it('leaves two of eight members without a partition if there are only six', async () => {
      const members = await startMembers(8, [await newTopic(admin, 6)]);

      await sharesSettle(members, [1, 1, 1, 1, 1, 1, 0, 0], 30_000);

      await closeAll(members);
    });

    it('shares six partitions again when it shrinks from four members to three and then to two', async () => {
      const members = await startMembers(3, [await newTopic(admin, 6)]);
      await sharesSettle(members, [2, 2, 2]);
      const fourth = new TestMember(engine(), groupOf(members), topicsOf(members));
      await fourth.start();

      await sharesSettle([...members, fourth], [2, 2, 1, 1]);
      await fourth.close();
      await sharesSettle(members, [2, 2, 2]);
      await members[2]?.close();
      await sharesSettle(members.slice(0, 2), [3, 3]);

      await closeAll(members.slice(0, 2));
    });

    const groupOf = (members: readonly TestMember[]) => members[0]?.groupId ?? '';
    const topicsOf = (members: readonly TestMember[]) => members[0]?.topics ?? [];

    it('gives partition p of every topic with six partitions to one member', async () => {
      const topics = [await newTopic(admin, 6), await newTopic(admin, 6), await newTopic(admin, 6)];
      const members = await startMembers(3, topics);
      await sharesSettle(members, [6, 6, 6]);

      for (const member of members) {
        const ofTopic = (topic: string) =>
          member.owned.filter((one) => one.startsWith(topic)).map((one) => one.split('/')[1]);
        const [first, ...others] = topics.map(ofTopic);
        for (const other of others) expect(other).toEqual(first);
      }
      await closeAll(members);
    });

    it('waits for a member to drain before its partitions go to another', async () => {
      const [first] = await startMembers(1, [await newTopic(admin, 2)]);
      if (!first) throw new Error('no member');
      let drained = false;
      first.onRevoked = async () => {
        await delay(700);
        drained = true;
      };
      const second = new TestMember(engine(), first.groupId, first.topics);
      second.onAssigned = () => Promise.resolve(expect(drained).toBe(true));

      await second.start();
      await sharesSettle([first, second], [1, 1]);

      expect(first.history).toEqual(['assigned', 'revoking', 'revoked', 'assigned']);
      await closeAll([first, second]);
      expect(second.history.at(-1)).toBe('revoked');
    });

    it('lets a member take part in a rebalance while it waits in a long poll', async () => {
      const [first] = await startMembers(1, [await newTopic(admin, 2)]);
      if (!first) throw new Error('no member');
      const patient = new TestMember(engine(), first.groupId, first.topics, { fetchMaxWaitMs: 20_000 });
      await patient.start();
      await sharesSettle([first, patient], [1, 1]);
      const poll = patient.consumer
        .fetch((patient.assignment?.partitions ?? []).map((at) => ({ ...at, offset: 0n })))
        .catch(() => []);
      const started = performance.now();

      await first.close();
      await sharesSettle([patient], [2]);

      expect(performance.now() - started).toBeLessThan(15_000);
      await patient.close();
      await poll;
    });

    it('reassigns the partitions of a killed member after its session timeout', async () => {
      const [survivor] = await startMembers(1, [await newTopic(admin, 4)]);
      if (!survivor) throw new Error('no member');
      const other = await startClientProcess(
        './consumer/group-member.program.ts',
        engine(),
        survivor.groupId,
        survivor.topics[0] ?? '',
      );
      await sharesSettle([survivor], [2], 20_000);

      await other.kill();

      await sharesSettle([survivor], [4], 20_000);
      await survivor.close();
    });

    it('lets a member request a rejoin from the batch that its drain waits for', async () => {
      const [member] = await startMembers(1, [await newTopic(admin, 2)]);
      if (!member) throw new Error('no member');
      const before = member.assignment;

      member.onRevoked = () => batch;
      const batch = member.consumer.rejoin();
      await batch;

      const after = await until(
        () => member.assignment,
        (assignment) => assignment !== undefined && assignment.memberId !== before?.memberId,
      );
      expect(after?.partitions).toEqual(before?.partitions);
      expect(member.history).toEqual(['assigned', 'revoking', 'revoked', 'assigned']);
      await member.close();
    });

    it('does not wait for a member that leaves in the middle of a rebalance', async () => {
      const patient = { rebalanceTimeoutMs: 60_000 };
      const [slow, leaving] = await startMembers(2, [await newTopic(admin, 2)], patient);
      if (!slow || !leaving) throw new Error('no members');
      await sharesSettle([slow, leaving], [1, 1]);
      let release: () => void = () => undefined;
      slow.onRevoked = () => new Promise((resolve) => (release = resolve));
      const third = new TestMember(engine(), slow.groupId, slow.topics, patient);
      const thirdStarted = third.start();
      await until(
        () => [slow.history.at(-1), leaving.history.at(-1)],
        ([first, second]) => first === 'revoking' && second === 'revoked',
      );
      const started = performance.now();

      await leaving.close();
      release();
      await thirdStarted;
      await sharesSettle([slow, third], [1, 1]);

      expect(performance.now() - started).toBeLessThan(20_000);
      slow.onRevoked = () => Promise.resolve();
      await closeAll([slow, third]);
    });

    it('sends fewer heartbeats while it has only one member', async () => {
      const { key } = heartbeat;
      const settings = { sessionTimeoutMs: 9_000, rebalanceTimeoutMs: 9_000, heartbeatIntervalMs: undefined };
      const topic = await newTopic(admin, 2);
      const [alone] = await startMembers(1, [topic], settings);
      if (!alone) throw new Error('no member');
      const heartbeatsAlone = await countRequests(key, () => delay(2_500));
      const second = new TestMember(engine(), alone.groupId, [topic], settings);
      await second.start();
      await sharesSettle([alone, second], [1, 1]);
      const heartbeatsOfTwo = await countRequests(key, () => delay(2_500));

      expect(heartbeatsAlone).toBe(0);
      expect(heartbeatsOfTwo).toBeGreaterThanOrEqual(4);
      await closeAll([alone, second]);
    });

    it('treats many concurrent requests to rejoin as one', async () => {
      const [member] = await startMembers(1, [await newTopic(admin, 6)]);
      if (!member) throw new Error('no member');
      member.onRevoked = async () => {
        await member.consumer.rejoin();
      };

      await Promise.all(Array.from({ length: 6 }, () => member.consumer.rejoin()));
      await until(
        () => member.history,
        (history) => history.length >= 4,
      );
      await member.consumer.fetch([]);

      expect(member.history).toEqual(['assigned', 'revoking', 'revoked', 'assigned']);
      await member.close();
    });

    it('lets a member join again after its listener failed to take over the partitions', async () => {
      const member = new TestMember(engine(), uniqueName('group'), [await newTopic(admin, 2)]);
      let attempts = 0;
      member.onAssigned = () =>
        ++attempts < 3 ? Promise.reject(new Error('the database is away')) : Promise.resolve();

      await member.start();

      expect(attempts).toBe(3);
      expect(member.owned).toHaveLength(2);
      await member.close();
    });

    it('waits for a topic that does not exist yet', async () => {
      const topic = uniqueName('late');
      const member = new TestMember(engine(), uniqueName('group'), [topic]);
      const started = member.start();
      await delay(300);

      await admin.createTopics([declare(topic, 2)]);
      await started;

      expect(member.owned).toHaveLength(2);
      await member.close();
    });

    it('rejects the start of a member that is closed before its first assignment', async () => {
      const member = new TestMember({ bootstrapServers: ['127.0.0.1:1'] }, uniqueName('group'), ['orders']);

      const started = member.start();
      await delay(50);
      await member.close();

      await expect(started).rejects.toMatchObject({ code: 'closed' });
    });
  });
}
