import { describe, expect, it } from '@jest/globals';
import { encodeBatch } from '../../records/record-batch-encoder.ts';
import { errorCodes } from '../../protocol/errors.ts';
import {
  awaiting,
  settle,
  groupId,
  identity,
  joining,
  offsetOf,
  openBench,
  rebalanceAll,
  restarted,
  stableGroup,
  syncing,
} from './coordinator.bench.ts';
import { partitionOfId } from '../coordinator-topic.ts';
import { offsetsTopicName } from './offsets-topic.ts';
import { RecordBatch } from '../../records/record-batch.ts';

describe('a restart', () => {
  it('lets members continue without a rebalance, in the same generation and with the same assignments', async () => {
    const bench = await openBench();
    const members = await stableGroup(bench, 3);
    const next = await restarted(bench);

    for (const { joined, synced } of members) {
      expect(next.coordinator.heartbeat(identity(joined))).toBe(errorCodes.NONE);
      expect((await next.coordinator.sync(syncing(joined))).assignment).toEqual(synced.assignment);
    }
    expect(next.coordinator.describe(groupId)).toEqual(bench.coordinator.describe(groupId));
  });

  it('makes a group over the size limit rejoin, and rejects the members that come too late', async () => {
    const before = await openBench();
    const [first, second] = await stableGroup(before, 2);
    const { coordinator } = await restarted(before, { groupMembersMax: 1 });

    expect(coordinator.heartbeat(identity(first!.joined))).toBe(errorCodes.REBALANCE_IN_PROGRESS);
    const waiting = awaiting(coordinator.join(joining({ memberId: first!.joined.memberId })));
    const late = await coordinator.join(joining({ memberId: second!.joined.memberId }));
    await settle();
    expect(late.errorCode).toBe(errorCodes.GROUP_MAX_SIZE_REACHED);
    expect(waiting.result).toMatchObject({ errorCode: errorCodes.NONE, leader: first!.joined.memberId });
  });

  it('restarts the sessions, which still expire', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 1);
    await bench.coordinator.close();
    await bench.clock.advance(60_000);
    const next = await restarted(bench);
    await bench.clock.advance(9_999);
    expect(next.coordinator.heartbeat(identity(first!.joined))).toBe(errorCodes.NONE);
    await bench.clock.advance(10_000);

    expect(next.coordinator.describe(groupId).state).toBe('Empty');
  });

  it('keeps the leader: a follower that rejoins is answered at once, while the leader starts a rebalance', async () => {
    const bench = await openBench();
    const [leader, follower] = await stableGroup(bench, 2);
    const { coordinator } = await restarted(bench);

    expect(await coordinator.join(joining({ memberId: follower!.joined.memberId }))).toMatchObject({
      generationId: 2,
      leader: leader!.joined.memberId,
    });
    const led = coordinator.join(joining({ memberId: leader!.joined.memberId }));
    void coordinator.join(joining({ memberId: follower!.joined.memberId }));
    expect(await led).toMatchObject({ generationId: 3, leader: leader!.joined.memberId });
  });

  it('keeps a leader that did not join first', async () => {
    const bench = await openBench();
    await rebalanceAll(bench, [{ groupInstanceId: 'away', rebalanceTimeoutMs: 8_000 }]);
    const joined = bench.coordinator.join(joining({ rebalanceTimeoutMs: 8_000 }));
    await bench.clock.advance(8_000);
    const leader = await joined;
    await bench.coordinator.sync(syncing(leader));
    const { coordinator } = await restarted(bench);
    const again = awaiting(coordinator.join(joining({ memberId: leader.memberId })));
    await settle();

    expect(leader.leader).toBe(leader.memberId);
    expect(again.result).toBeUndefined();
    expect(coordinator.describe(groupId).state).toBe('PreparingRebalance');
  });

  it('keeps static members and their new ids', async () => {
    const bench = await openBench();
    const [first] = await rebalanceAll(bench, [{ groupInstanceId: 'a' }], ([id]) => ({ [id!]: 'all' }));
    const back = await bench.coordinator.join(joining({ groupInstanceId: 'a' }));
    const { coordinator } = await restarted(bench);

    expect(coordinator.heartbeat(identity(back, 'a'))).toBe(errorCodes.NONE);
    expect(coordinator.heartbeat(identity(first!.joined, 'a'))).toBe(errorCodes.FENCED_INSTANCE_ID);
  });

  it('keeps an empty group, so that its generation continues', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 1);
    await bench.coordinator.leave(groupId, [{ memberId: first!.joined.memberId, groupInstanceId: null }]);
    const { coordinator } = await restarted(bench);

    expect(coordinator.describe(groupId)).toMatchObject({ state: 'Empty', protocolType: 'consumer' });
    expect((await coordinator.join(joining())).generationId).toBe(3);
  });

  it('restores the newest offset of each partition, in its group', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 1);
    for (const offset of [1n, 2n, 3n])
      await bench.coordinator.commitOffsets(identity(first!.joined), [
        offsetOf(0, offset),
        offsetOf(1, offset * 10n),
      ]);
    const { coordinator } = await restarted(bench);

    expect(coordinator.fetchOffsets(groupId, null)).toEqual([offsetOf(0, 3n), offsetOf(1, 30n)]);
    expect(coordinator.fetchOffsets('other', null)).toEqual([]);
  });

  it('skips and logs records of an unknown kind', async () => {
    const bench = await openBench();
    await bench.coordinator.commitOffsets(
      { groupId, memberId: '', generationId: -1, groupInstanceId: null },
      [offsetOf(0, 1n)],
    );
    const log = bench.logs.asManager().partition(offsetsTopicName, 0)!;
    const foreign = [Buffer.from([0, 9, 1]), Buffer.from([0, 1, 0, 99]), Buffer.from([0]), null];
    for (const key of foreign)
      log.append(new RecordBatch(encodeBatch([{ key, value: Buffer.from([0, 3]) }], { timestampMs: 0n })));

    expect((await restarted(bench)).coordinator.fetchOffsets(groupId, null)).toEqual([offsetOf(0, 1n)]);
  });
});

describe('the partition of a group', () => {
  it('is the one that Kafka would use', () => {
    expect(partitionOfId('test', 50)).toBe(48); // "test".hashCode() is 3556498
    expect(partitionOfId('polygenelubricants', 50)).toBe(0); // its hashCode is -2147483648
    expect(partitionOfId('omega-9', 50)).toBe(41); // its hashCode is -1349290291
    expect(partitionOfId('', 50)).toBe(0);
  });

  it('belongs to an internal, compacted topic of 50 partitions, which the first record creates', async () => {
    const bench = await openBench();
    await bench.coordinator.join(joining({ requireKnownMemberId: true }));
    expect(bench.logs.asManager().topic(offsetsTopicName)).toBeUndefined();
    await stableGroup(bench, 1);

    const topic = bench.logs.asManager().topic(offsetsTopicName);
    expect(topic).toMatchObject({ partitions: 50, internal: true });
    expect(topic?.configs.get('cleanup.policy')).toBe('compact');
  });
});
