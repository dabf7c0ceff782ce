import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { logFolder } from '../../log/data-folder/log-folder.fixture.ts';
import type { LogManager } from '../../log/log-manager.ts';
import { errorCodes } from '../../protocol/errors.ts';
import {
  groupId,
  identity,
  joining,
  offsetOf,
  rebalanceAll,
  stableGroup,
  syncing,
} from './coordinator.bench.ts';
import { createGroupCoordinator, type GroupCoordinator } from './group-coordinator.ts';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import { partitionOfId } from '../coordinator-topic.ts';
import { offsetsTopicName } from './offsets-topic.ts';

const folder = logFolder();
const clock = new ManualClock();
let memberIds = 0;

/**
 * Opens the folder as a new broker process would after kill -9: the former coordinator was not
 * closed, and neither were its logs.
 */
async function start(): Promise<{ readonly coordinator: GroupCoordinator; readonly logs: LogManager }> {
  await folder.crash();
  const logs = await folder.open();
  if (logs.topic('orders') === undefined) await logs.createTopic({ name: 'orders', partitions: 6 });
  const newMemberSuffix = () => String((memberIds += 1));
  const coordinator = await createGroupCoordinator({ logs, clock, newMemberSuffix, logger: silentLogger });
  return { coordinator, logs };
}

describe('groups on real files', () => {
  it('L15 let members continue after a restart with their generation, assignments and offsets', async () => {
    const broker = await start();
    const members = await stableGroup(broker, 3);
    await broker.coordinator.commitOffsets(identity(members[0]!.joined), [
      offsetOf(0, 41n),
      offsetOf(1, 7n, 'note'),
    ]);
    await broker.coordinator.commitOffsets(identity(members[1]!.joined), [offsetOf(0, 42n)]);
    const { coordinator } = await start();

    for (const { joined, synced } of members) {
      expect(coordinator.heartbeat(identity(joined))).toBe(errorCodes.NONE);
      expect((await coordinator.sync(syncing(joined))).assignment).toEqual(synced.assignment);
    }
    expect(coordinator.fetchOffsets(groupId, null)).toEqual([offsetOf(0, 42n), offsetOf(1, 7n, 'note')]);
    expect(coordinator.describe(groupId)).toMatchObject({ state: 'Stable', protocolName: 'range' });
  });

  it('raise their generation over several restarts', async () => {
    const generations: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const broker = await start();
      const [member] = await rebalanceAll(broker, [{}]);
      generations.push(member!.joined.generationId);
      await broker.coordinator.leave(groupId, [{ memberId: member!.joined.memberId, groupInstanceId: null }]);
    }

    expect(generations).toEqual([1, 3, 5, 7]);
  });

  it('do not bring the offsets of a deleted topic back', async () => {
    const broker = await start();
    const anyone = { groupId, memberId: '', generationId: -1, groupInstanceId: null };
    await broker.logs.createTopic({ name: 'payments', partitions: 1 });
    await broker.coordinator.commitOffsets(anyone, [
      offsetOf(5, 1n),
      { ...offsetOf(0, 2n), topic: 'payments' },
    ]);
    await broker.coordinator.forgetTopic('payments');

    expect((await start()).coordinator.fetchOffsets(groupId, null)).toEqual([offsetOf(5, 1n)]);
  });

  it('store a member of hundreds of kilobytes', async () => {
    const broker = await start();
    const protocols = [{ name: 'range', metadata: Buffer.alloc(200_000, 1) }];
    const members = await stableGroup(broker, 8, { protocols });
    const { coordinator } = await start();

    expect(members.map(({ synced }) => synced.errorCode)).toEqual(
      Array.from({ length: 8 }, () => errorCodes.NONE),
    );
    expect(coordinator.describe(groupId).members.map(({ metadata }) => metadata.length)).toEqual(
      Array.from({ length: 8 }, () => 200_000),
    );
  });

  it('are refused when their partition is damaged, rather than reported as never having committed', async () => {
    const broker = await start();
    const anyone = { memberId: '', generationId: -1, groupInstanceId: null };
    const other = 'a-group-elsewhere';
    expect(partitionOfId(other, 50)).not.toBe(partitionOfId(groupId, 50));
    for (const group of [groupId, other])
      await broker.coordinator.commitOffsets({ ...anyone, groupId: group }, [offsetOf(0, 5n)]);
    await folder.close(); // puts the damage below the recovery point
    const path = join(
      folder.dataFolder,
      `${offsetsTopicName}-${partitionOfId(groupId, 50)}`,
      '00000000000000000000.log',
    );
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 0xff;
    writeFileSync(path, bytes);
    const { coordinator } = await start();

    expect(() => coordinator.fetchOffsets(groupId, null)).toThrow(
      expect.objectContaining({ errorName: 'NOT_COORDINATOR' }),
    );
    expect((await coordinator.join(joining())).errorCode).toBe(errorCodes.NOT_COORDINATOR);
    expect((await coordinator.commitOffsets({ ...anyone, groupId }, [offsetOf(0, 6n)]))[0]?.errorCode).toBe(
      errorCodes.NOT_COORDINATOR,
    );
    expect(coordinator.fetchOffsets(other, null)).toEqual([offsetOf(0, 5n)]);
  });

  it('are in an internal topic of 50 partitions, in the partition where tools look', async () => {
    const broker = await start();
    await broker.coordinator.join(joining()).then((joined) => broker.coordinator.sync(syncing(joined)));

    expect(broker.logs.topic(offsetsTopicName)).toMatchObject({ partitions: 50, internal: true });
    expect(broker.logs.partition(offsetsTopicName, partitionOfId(groupId, 50))?.highWatermark).toBe(1n);
  });
});
