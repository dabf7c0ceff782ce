import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../../../runtime/index.ts';
import { connectAdmin, type Admin } from '../../admin/admin.ts';
import {
  declare,
  newTopic,
  reach,
  sharesSettle,
  TestMember,
  uniqueName,
  type Engine,
} from '../../client.fixture.ts';
import { connectProducer } from '../../producer/producer.ts';
import type { Producer } from '../../producer-types.ts';
import { allPartitions, type Assignor, type GroupMember } from '../assignor.ts';
import { rangeAssignor } from '../range-assignor.ts';
import { assignmentsSettle, namesOf, quickConsumer, Reading } from './consumer.fixture.ts';
import type { Consumer } from './consumer-types.ts';

/** Tests consumers that share partitions. */
export function consumerGroupSuite(engine: () => Engine): void {
  describe('consumers of one group', () => {
    let admin: Admin;
    let producer: Producer;

    beforeAll(() => {
      const place = { ...reach(engine()), clientId: 'shared-test', logger: silentLogger };
      admin = connectAdmin(place);
      producer = connectProducer(place);
    });
    afterAll(async () => {
      await Promise.all([admin.close(), producer.close()]);
    });

    const toEach = (topic: string, partitions: number, value: string) =>
      producer.send(
        Array.from({ length: partitions }, (_, partition) => ({ topic, key: null, value, partition })),
      );
    const gate = () => {
      let open = () => {};
      const opened = new Promise<void>((resolve) => (open = resolve));
      return { open, opened };
    };

    it('L85 continue to read the partitions that they keep while others are revoked', async () => {
      const topic = await newTopic(admin, 4);
      const options = { groupId: uniqueName('coop'), topics: [topic] };
      const { open, opened } = gate();
      let revoked: readonly { readonly partition: number }[] = [];
      await using first = quickConsumer(engine(), {
        ...options,
        onRevoked: (partitions) => {
          revoked = partitions;
          return opened;
        },
      });
      const reading = new Reading(first);
      await assignmentsSettle([first], [4]);
      await using second = quickConsumer(engine(), options);
      const other = new Reading(second);
      await until(
        () => revoked,
        (partitions) => partitions.length === 2,
      );

      await toEach(topic, 4, 'during');
      const kept = await reading.sees(2);
      open();
      const moved = await other.sees(2);

      expect(kept.some((one) => revoked.some(({ partition }) => one.startsWith(`${partition}:`)))).toBe(
        false,
      );
      expect([...kept, ...moved].sort()).toEqual([0, 1, 2, 3].map((partition) => `${partition}:during`));
    });

    it('L85 hand over a partition once its record in hand is finished and committed', async () => {
      const topic = await newTopic(admin, 2);
      const options = { groupId: uniqueName('handover'), topics: [topic] };
      const { open, opened } = gate();
      await using first = quickConsumer(engine(), options);
      let inHand: number | undefined;
      const reading = new Reading(first, (_value, partition) => {
        inHand = partition;
        return opened;
      });
      await assignmentsSettle([first], [2]);
      await producer.send([{ topic, key: null, value: 'slow', partition: 1 }]);
      await until(
        () => inHand,
        (partition) => partition === 1,
      );
      await using second = quickConsumer(engine(), options);
      const other = new Reading(second);
      await second.start(); // gets nothing before partition 1 is given up

      expect(second.assignment).toEqual([]);
      open();
      await assignmentsSettle([first, second], [1, 1]);
      await toEach(topic, 2, 'later');
      await until(
        () => [...reading.seen, ...other.seen],
        (seen) => seen.length === 3,
      );

      expect([...reading.seen, ...other.seen].sort()).toEqual(['0:later', '1:later', '1:slow']);
    });

    it('L85 lose nothing and repeat nothing while members join and close', async () => {
      const topic = await newTopic(admin, 6);
      const options = { groupId: uniqueName('moving'), topics: [topic] };
      const readings: Reading[] = [];
      const join = () => {
        const consumer = quickConsumer(engine(), options);
        readings.push(new Reading(consumer));
        return consumer;
      };
      const all = () => readings.flatMap(({ seen }) => seen);
      const members: Consumer[] = [join()];
      await assignmentsSettle(members, [6]);
      for (const [round, sizes] of [
        [3, 3],
        [2, 2, 2],
      ].entries()) {
        members.push(join());
        await toEach(topic, 6, `join ${round}`);
        await assignmentsSettle(members, sizes);
      }
      await toEach(topic, 6, 'close');
      await members.shift()?.close();
      await assignmentsSettle(members, [3, 3]);

      await until(all, (seen) => seen.length >= 18);
      await Promise.all(members.map((member) => member.close()));
      expect(all()).toHaveLength(18);
      expect(new Set(all()).size).toBe(18);
    });

    it('share partitions with a member that only knows range', async () => {
      const topic = await newTopic(admin, 4);
      const groupId = uniqueName('mixed');
      const plain = new TestMember(engine(), groupId, [topic]);
      await plain.start();
      const revocations: number[] = [];
      await using consumer = quickConsumer(engine(), {
        groupId,
        topics: [topic],
        assignors: [rangeAssignor],
        onRevoked: (partitions) => void revocations.push(partitions.length),
      });
      await consumer.start();
      await sharesSettle([plain], [2]);
      await assignmentsSettle([consumer], [2]);
      await plain.close();
      await assignmentsSettle([consumer], [4]);

      expect(revocations).toEqual([2]);
    });

    it('share partitions by an assignor of the application, which sends data in both directions', async () => {
      const topic = await newTopic(admin, 3);
      const received: Array<readonly [size: string, hint: string, partitions: number]> = [];
      const largest = (size: number): Assignor => ({
        name: 'largest-takes-all',
        protocols: ['eager'],
        userData: () => Buffer.from([size]),
        assign: (members, counts) => {
          const sizeOf = (member: GroupMember) => member.userData?.[0] ?? 0;
          const [first] = members.toSorted((one, other) => sizeOf(other) - sizeOf(one));
          return new Map(
            members.map((member) => [
              member.memberId,
              { partitions: member === first ? allPartitions(counts) : [], userData: Buffer.from('hint') },
            ]),
          );
        },
        onAssignment: ({ partitions, userData }) =>
          void received.push([`${size}`, `${userData}`, partitions.length]),
      });
      const join = (size: number) =>
        quickConsumer(engine(), { groupId: topic, topics: [topic], assignors: [largest(size)] });
      await using small = join(1);
      await small.start();
      await using large = join(9);
      await large.start();
      await assignmentsSettle([large], [3]);
      await until(
        () => received,
        (all) => all.length === 3,
      );

      expect(received[0]).toEqual(['1', 'hint', 3]);
      expect(received.slice(1)).toEqual(expect.arrayContaining([['9', 'hint', 3]]));
      expect(received.slice(1)).toEqual(expect.arrayContaining([['1', 'hint', 0]]));
      expect(small.assignment).toEqual([]);
    });

    it('L88 read topics that match their pattern, also those created later, and partitions added later', async () => {
      const stem = uniqueName('pattern');
      await admin.createTopics([declare(`${stem}-a`, 1), declare(`other-${stem}`, 1)]);
      const options = { groupId: stem, pattern: new RegExp(`^${stem}`), topicRefreshMs: 100 };
      await using first = quickConsumer(engine(), options);
      await using second = quickConsumer(engine(), options);
      const readings = [first, second].map((consumer) => new Reading(consumer));
      await assignmentsSettle([first, second], [0, 1]);

      await admin.createTopics([declare(`${stem}-b`, 2)]);
      await assignmentsSettle([first, second], [1, 2]);

      expect([...namesOf(first), ...namesOf(second)].sort()).toEqual([
        `${stem}-a/0`,
        `${stem}-b/0`,
        `${stem}-b/1`,
      ]);
      await toEach(`${stem}-b`, 2, 'new');
      await until(
        () => readings.flatMap(({ seen }) => seen).sort(),
        (seen) => seen.join() === '0:new,1:new',
      );
    });

    it('L89 read on while their listener takes over added partitions, and these only from where it seeks', async () => {
      const stem = uniqueName('seek');
      const old = `${stem}-a`;
      const added = `${stem}-b`;
      await admin.createTopics([declare(old, 1)]);
      const { open, opened } = gate();
      let arriving = false;
      await using consumer = quickConsumer(engine(), {
        groupId: stem,
        pattern: new RegExp(`^${stem}`),
        topicRefreshMs: 100,
        onAssigned: async (partitions) => {
          if (partitions[0]?.topic !== added) return;
          arriving = true;
          await opened;
          consumer.seek({ topic: added, partition: 0, offset: 1n });
        },
      });
      const reading = new Reading(consumer);
      await assignmentsSettle([consumer], [1]);
      await admin.createTopics([declare(added, 1)]);
      await producer.send(
        ['before', 'after'].map((value) => ({ topic: added, key: null, value, partition: 0 })),
      );
      await until(
        () => arriving,
        (isArriving) => isArriving,
      );
      for (let round = 1; round <= 10; round += 1) {
        await toEach(old, 1, `old ${round}`);
        await reading.sees(round);
      }
      open();
      const seen = await reading.sees(11);

      expect(seen.filter((one) => !one.startsWith('0:old'))).toEqual(['0:after']);
    });

    it('L88 read a topic once it is created', async () => {
      const topic = uniqueName('late');
      await using consumer = quickConsumer(engine(), { groupId: topic, topics: [topic] });
      await consumer.start();
      expect(consumer.assignment).toEqual([]);

      await admin.createTopics([declare(topic, 2)]);

      await assignmentsSettle([consumer], [2]);
    });

    it('stop with an error if another process takes their name, and report their partitions as lost', async () => {
      const topic = await newTopic(admin, 2);
      const options = { groupId: uniqueName('static'), topics: [topic], groupInstanceId: 'shelf-1' };
      const lost: number[] = [];
      await using older = quickConsumer(engine(), {
        ...options,
        onLost: (partitions) => void lost.push(partitions.length),
      });
      const reading = new Reading(older);
      await assignmentsSettle([older], [2]);
      await using younger = quickConsumer(engine(), options);
      await younger.start();
      await reading.done;

      expect(reading.error).toMatchObject({ code: 'fenced_instance' });
      expect(lost).toEqual([2]);
      expect(older.assignment).toEqual([]);
      await expect(older.commit([{ topic, partition: 0, offset: 1n }])).rejects.toMatchObject({
        code: 'not_member',
      });
      expect(younger.assignment).toHaveLength(2);
    });
  });
}
