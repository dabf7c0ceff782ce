import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { joinGroup, syncGroup } from '../../protocol/apis/groups.ts';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import { newTopic, reach, TestMember, uniqueName, type Engine } from '../client.fixture.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import { connectionSettings } from '../connection/connection-settings.ts';
import { CoordinatorClient } from '../connection/coordinator-client.ts';
import { quickConsumer, Reading } from './managed/consumer.fixture.ts';

/** A rebalance of the group takes longer, so no attempt of the client was repeated in this time. */
const atOnceMs = 5_000;

export function groupMismatchSuite(engine: () => Engine): void {
  describe('a consumer whose group speaks another protocol', () => {
    let admin: Admin;
    let topic: string;
    let member: TestMember;

    beforeAll(async () => {
      admin = connectAdmin({ ...reach(engine()), clientId: 'mismatch-test', logger: silentLogger });
      topic = await newTopic(admin, 2);
      member = new TestMember(engine(), uniqueName('group'), [topic]);
      await member.start();
    });
    afterAll(async () => {
      await member?.close();
      await admin?.close();
    });

    it('Q17 fails at once, names the group, both assignors and the remedy, and disturbs no member', async () => {
      const { groupId } = member;
      const consumer = quickConsumer(engine(), { groupId, topics: [topic] });
      const startedAt = performance.now();
      const reading = new Reading(consumer);

      await expect(consumer.start()).rejects.toMatchObject({
        code: 'group_mismatch',
        kind: 'fatal',
        errorName: 'INCONSISTENT_GROUP_PROTOCOL',
        message:
          `group ${groupId} uses the classic group protocol with the assignor "range", and this consumer ` +
          'offers "cooperative-sticky": give this consumer a groupId of its own, or add "range" to its assignors',
      });

      await reading.done;
      expect(reading.error).toMatchObject({ code: 'group_mismatch' });
      expect(performance.now() - startedAt).toBeLessThan(atOnceMs);
      expect(member.history).toEqual(['assigned']);
      await consumer.close();
    });

    it('Q18 says so on standard error if it is given no logger', async () => {
      const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
      const { groupId } = member;
      const consumer = quickConsumer(engine(), { groupId, topics: [topic], logger: undefined });

      await expect(consumer.start()).rejects.toMatchObject({ code: 'group_mismatch' });

      const lines = stderr.mock.calls.map(([line]) => String(line));
      stderr.mockRestore();
      expect(lines).toEqual([
        expect.stringContaining(`error of Kafka client ${groupId}: group ${groupId} uses`),
      ]);
      await consumer.close();
    });

    it('Q17 tells the listener of a group consumer, which commits nothing from then on', async () => {
      const { groupId } = member;
      const elsewhere = { name: 'elsewhere', protocols: ['eager'] as const, assign: () => new Map() };
      const other = new TestMember(engine(), groupId, [topic], { assignors: [elsewhere] });

      await expect(other.start()).rejects.toMatchObject({
        code: 'group_mismatch',
        message: expect.stringContaining(
          `group ${groupId} uses the classic group protocol with the assignor`,
        ),
      });

      expect(other.stoppedBy).toMatchObject({ code: 'group_mismatch' });
      await expect(other.consumer.commit([{ topic, partition: 0, offset: 1n }])).rejects.toMatchObject({
        code: 'group_mismatch',
      });
      await other.close();
    });

    it('Q17 names the type of members that are no consumers, such as those of Kafka Connect', async () => {
      const groupId = uniqueName('connect');
      const connectors = await startConnector(engine(), groupId);

      const consumer = quickConsumer(engine(), { groupId, topics: [topic] });
      await expect(consumer.start()).rejects.toMatchObject({
        code: 'group_mismatch',
        message:
          `group ${groupId} uses the classic group protocol for members of the type "connect", and this consumer ` +
          'offers the classic group protocol for the type "consumer": give this consumer a groupId of its own',
      });

      await consumer.close();
      connectors.close();
    });
  });
}

/** Joins a group as a member of Kafka Connect does. */
async function startConnector(engine: Engine, groupId: string): Promise<BrokerClient> {
  const brokers = new BrokerClient(
    connectionSettings({ ...reach(engine), clientId: 'connect', logger: silentLogger }),
  );
  const coordinators = new CoordinatorClient(brokers);
  const group = { kind: 'GROUP', key: groupId } as const;
  const member = { groupId, groupInstanceId: null, protocolType: 'connect' };
  const protocols = [{ name: 'sessioned', metadata: Buffer.from('worker') }];
  const times = { sessionTimeoutMs: 60_000, rebalanceTimeoutMs: 60_000 };
  const join = (memberId: string) =>
    coordinators.askOnce(group, (connection) =>
      connection.request(joinGroup, connection.versions.newest(joinGroup), {
        ...member,
        ...times,
        memberId,
        protocols,
      }),
    );
  const { memberId } = await join('');
  const { generationId, protocolName } = await join(memberId);
  const { errorCode } = await coordinators.askOnce(group, (connection) =>
    connection.request(syncGroup, connection.versions.newest(syncGroup), {
      ...member,
      memberId,
      generationId,
      protocolName,
      assignments: [{ memberId, assignment: Buffer.from('tasks') }],
    }),
  );
  expect(errorCode).toBe(0);
  return brokers;
}
