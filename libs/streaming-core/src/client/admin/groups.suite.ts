import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../../runtime/index.ts';
import { connectProducer } from '../producer/producer.ts';
import { type Engine, newTopic, reach, TestMember, uniqueName } from '../client.fixture.ts';
import { connectAdmin, type Admin } from './admin.ts';
import type { ItemsFailed } from './items-of-call.ts';

export function adminGroupsSuite(engine: () => Engine): void {
  describe('the admin client, for groups', () => {
    let admin: Admin;
    let topic: string;
    let groupId: string;
    let member: TestMember | undefined;

    beforeAll(async () => {
      admin = connectAdmin({ ...reach(engine()), clientId: 'admin-test', logger: silentLogger });
      topic = await newTopic(admin, 2);
    });
    beforeEach(() => {
      groupId = uniqueName('group');
      member = undefined;
    });
    afterAll(() => admin.close());

    async function join(): Promise<TestMember> {
      member = new TestMember(engine(), groupId, [topic]);
      await member.start();
      return member;
    }

    const at = (partition: number, offset: bigint) => ({ topic, partition, offset });
    const offsets = async () =>
      (await admin.groups.offsets(groupId)).map(({ partition, offset }) => [partition, offset]);

    it('describes a group with its members, their hosts and their partitions', async () => {
      const { owned } = await join();

      const group = (await admin.groups.describe([groupId])).get(groupId);

      expect(group).toMatchObject({ state: 'Stable', protocolType: 'consumer', protocol: 'range' });
      expect(group?.members).toEqual([
        {
          memberId: expect.stringContaining(groupId),
          groupInstanceId: null,
          clientId: groupId,
          host: expect.stringContaining('127.0.0.1'),
          assignment: [0, 1].map((partition) => ({ topic, partition })),
        },
      ]);
      expect(owned).toHaveLength(2);
      const classic = await admin.groups.list(['classic']);
      expect(classic.find((one) => one.groupId === groupId)).toMatchObject({
        state: 'Stable',
        type: 'classic',
        protocolType: 'consumer',
      });
      await member?.close();
    });

    it('B03 neither deletes a group with members, nor its offsets, nor commits for it', async () => {
      await join();
      const inUse = { code: 'group_in_use' };

      await expect(admin.groups.delete([groupId])).rejects.toMatchObject(inUse);
      await expect(admin.groups.delete([groupId])).rejects.toThrow(/stop them/);
      await expect(admin.groups.commitOffsets(groupId, [at(0, 1n)])).rejects.toMatchObject(inUse);
      await expect(admin.groups.resetOffsets(groupId, { mode: 'to-latest' })).rejects.toMatchObject(inUse);
      await member?.consumer.commit([at(0, 0n)]);
      await expect(admin.groups.deleteOffsets(groupId, [{ topic, partition: 0 }])).rejects.toMatchObject(
        inUse,
      );
      await member?.close();
    });

    it('removes the members of a group, of which a running one joins again under another id', async () => {
      await join();
      const memberIds = async () =>
        [...(await admin.groups.describe([groupId])).values()].flatMap(({ members }) =>
          members.map(({ memberId }) => memberId),
        );
      const [first = ''] = await memberIds();

      await admin.groups.removeMembers(groupId);

      await until(memberIds, (ids) => ids.length === 1 && ids[0] !== first);
      await member?.close();
    });

    it('deletes a group, which cannot be described any more', async () => {
      await admin.groups.commitOffsets(groupId, [at(0, 3n)]);
      await admin.groups.delete([groupId]);
      await expect(admin.groups.describe([groupId])).rejects.toMatchObject({ code: 'unknown_group' });
      await admin.groups.removeMembers(groupId);
    });

    it('commits and deletes offsets of a group without members', async () => {
      await admin.groups.commitOffsets(groupId, [{ ...at(0, 3n), metadata: 'moved' }, at(1, 4n)]);
      expect(await admin.groups.offsets(groupId, { partitions: [{ topic, partition: 0 }] })).toEqual([
        { ...at(0, 3n), metadata: 'moved' },
      ]);

      await admin.groups.deleteOffsets(groupId, [{ topic, partition: 0 }]);
      expect(await offsets()).toEqual([[1, 4n]]);
    });

    it('deletes one group although another one does not exist', async () => {
      await admin.groups.commitOffsets(groupId, [at(0, 3n)]);
      const missing = uniqueName('missing');

      const failure: unknown = await admin.groups.delete([missing, groupId]).catch((error: unknown) => error);

      expect(failure).toMatchObject({ code: 'unknown_group', message: expect.stringContaining(missing) });
      expect([...(failure as ItemsFailed).succeeded.keys()]).toEqual([groupId]);
      expect((await admin.groups.list()).map((one) => one.groupId)).not.toContain(groupId);
    });

    describe('B03 resetting offsets', () => {
      const hour = 60 * 60 * 1_000;

      /** The log of partition 0 holds offsets 2 to 5, one per hour, the last one an hour ago. */
      beforeAll(async () => {
        topic = await newTopic(admin, 2);
        const producer = connectProducer({ ...reach(engine()), clientId: 'a', logger: silentLogger });
        const now = Date.now();
        for (let offset = 0; offset < 6; offset += 1)
          await producer.send([
            { topic, key: null, value: 'x', partition: 0, timestampMs: now - (6 - offset) * hour },
          ]);
        await producer.close();
        await admin.records.delete([at(0, 2n)]);
      });
      beforeEach(() => admin.groups.commitOffsets(groupId, [at(0, 4n)]));

      it.each([
        ['to the first offset that the log holds', { mode: 'to-earliest' }, 2n],
        ['to the end of the log', { mode: 'to-latest' }, 6n],
        ['to an offset', { mode: 'to-offset', offset: 3n }, 3n],
        ['to an offset before the log, which becomes its beginning', { mode: 'to-offset', offset: 1n }, 2n],
        ['to an offset beyond the log, which becomes its end', { mode: 'to-offset', offset: 99n }, 6n],
        ['by a number of offsets', { mode: 'shift-by', by: -1n }, 3n],
        ['by a number of offsets to at most the end of the log', { mode: 'shift-by', by: 99n }, 6n],
        [
          'to the first record of a time',
          { mode: 'to-datetime', time: new Date(Date.now() - 3.5 * hour) },
          3n,
        ],
        ['to the end of the log if no record is that late', { mode: 'to-datetime', time: new Date() }, 6n],
        ['to the beginning if the time is before 1970', { mode: 'to-datetime', time: new Date(-1) }, 2n],
        ['to a length of time ago', { mode: 'by-duration', durationMs: 2.5 * hour }, 4n],
      ] as const)('moves them %s', async (_, reset, to) => {
        const change = { topic, partition: 0, from: 4n, to };

        expect(await admin.groups.resetOffsets(groupId, reset, { dryRun: true })).toEqual([change]);
        expect(await offsets()).toEqual([[0, 4n]]);

        expect(await admin.groups.resetOffsets(groupId, reset)).toEqual([change]);
        expect(await offsets()).toEqual([[0, to]]);
      });

      it('covers whole topics, and partitions without a committed offset', async () => {
        const changes = await admin.groups.resetOffsets(groupId, { mode: 'to-latest' }, { topics: [topic] });
        expect(changes).toEqual([
          { topic, partition: 0, from: 4n, to: 6n },
          { topic, partition: 1, from: null, to: 0n },
        ]);
        expect(await offsets()).toEqual([
          [0, 6n],
          [1, 0n],
        ]);
      });

      it('changes nothing if a partition has no offset to shift', async () => {
        const reset = admin.groups.resetOffsets(groupId, { mode: 'shift-by', by: 1n }, { topics: [topic] });
        await expect(reset).rejects.toThrow(
          new RegExp(`${topic}/1: the group has no committed offset to shift`),
        );
        expect(await offsets()).toEqual([[0, 4n]]);
      });

      it('creates a group that does not exist, but only if it is told the topics', async () => {
        const fresh = uniqueName('group');
        const unnamed = admin.groups.resetOffsets(fresh, { mode: 'to-earliest' });
        await expect(unnamed).rejects.toThrow(/name the topics or partitions to reset/);

        await admin.groups.resetOffsets(
          fresh,
          { mode: 'to-earliest' },
          { partitions: [{ topic, partition: 0 }] },
        );
        expect(await admin.committedOffsets(fresh)).toEqual([at(0, 2n)]);
      });
    });
  });
}
