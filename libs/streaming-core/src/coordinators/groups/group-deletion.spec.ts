import { describe, expect, it } from '@jest/globals';
import { days, minutes } from '../../runtime/index.ts';
import { errorCodes } from '../../protocol/errors.ts';
import {
  groupId,
  identity,
  offsetOf,
  openBench,
  restarted,
  stableGroup,
  type Bench,
} from './coordinator.bench.ts';
import { subscribedTopics } from './group.ts';

const {
  NONE,
  GROUP_ID_NOT_FOUND,
  NON_EMPTY_GROUP,
  GROUP_SUBSCRIBED_TO_TOPIC,
  UNKNOWN_TOPIC_OR_PARTITION,
  INVALID_GROUP_ID,
} = errorCodes;

/** Metadata of a consumer: `int16 version, array of topics`, then fields for the members only. */
function subscription(...topics: readonly string[]): Buffer {
  const names = topics.map((topic) => Buffer.concat([Buffer.from([0, topic.length]), Buffer.from(topic)]));
  return Buffer.concat([
    Buffer.from([0, 1, 0, 0, 0, topics.length]),
    ...names,
    Buffer.from('ffffffff00000000', 'hex'),
  ]);
}

const reading = (...topics: readonly string[]) => ({
  protocols: [{ name: 'range', metadata: subscription(...topics) }],
});

async function withCommits(bench: Bench, given: object = reading('orders')) {
  const [member] = await stableGroup(bench, 1, given);
  const me = identity(member!.joined);
  await bench.coordinator.commitOffsets(me, [offsetOf(0, 7n), offsetOf(1, 8n)]);
  const leave = () => bench.coordinator.leave(groupId, [{ memberId: me.memberId, groupInstanceId: null }]);
  return { me, leave };
}

const partitionsIn = ({ coordinator }: Bench) =>
  coordinator.fetchOffsets(groupId, null).map(({ partition }) => partition);
const place = (partition: number, topic = 'orders') => ({ topic, partition });

describe('L49 DeleteGroups', () => {
  it('removes a group without members and its offsets, also after a restart', async () => {
    const bench = await openBench();
    const { leave } = await withCommits(bench);
    expect(await bench.coordinator.deleteGroup(groupId)).toBe(NON_EMPTY_GROUP);
    await leave();
    expect(await bench.coordinator.deleteGroup(groupId)).toBe(NONE);
    expect(await bench.coordinator.deleteGroup(groupId)).toBe(GROUP_ID_NOT_FOUND);
    for (const { coordinator } of [bench, await restarted(bench)]) {
      expect(coordinator.list()).toEqual([]);
      expect(coordinator.fetchOffsets(groupId, null)).toEqual([]);
    }
  });

  it('removes offsets whose commit was in progress', async () => {
    const bench = await openBench();
    const anyone = { groupId, memberId: '', generationId: -1, groupInstanceId: null };
    await bench.coordinator.commitOffsets(anyone, [offsetOf(0, 7n)]);
    const [, deleted] = await Promise.all([
      bench.coordinator.commitOffsets(anyone, [offsetOf(1, 7n)]),
      bench.coordinator.deleteGroup(groupId),
    ]);
    expect(deleted).toBe(NONE);
    expect(partitionsIn(bench)).toEqual([]);
  });
});

describe('an offset committed in an open transaction', () => {
  const anyone = { groupId, memberId: '', generationId: -1, groupInstanceId: null };
  const producer = { producerId: 7n, producerEpoch: 0 };

  /**
   * Commits two offsets in a transaction, one of a partition with an earlier commit and one of a
   * partition without. Then runs `after` and commits the transaction.
   */
  async function committedLater(
    after: (bench: Bench) => Promise<unknown>,
    between = async (bench: Bench) => bench,
  ) {
    const bench = await openBench();
    await bench.coordinator.commitOffsets(anyone, [offsetOf(0, 7n)]);
    await bench.coordinator.commitInTransaction(anyone, [offsetOf(0, 8n), offsetOf(1, 8n)], producer);
    await after(bench);
    const next = await between(bench);
    const partition = await next.coordinator.partitionOf(groupId);
    await next.coordinator.endTransaction(partition, { ...producer, coordinatorEpoch: 0, committed: true });
    return next;
  }

  it.each([
    ['DeleteGroups', ({ coordinator }: Bench) => coordinator.deleteGroup(groupId), []],
    ['OffsetDelete', ({ coordinator }: Bench) => coordinator.deleteOffsets(groupId, [place(1)]), [0]],
    ['deleting the topic', ({ coordinator }: Bench) => coordinator.forgetTopic('orders'), []],
  ] as const)(
    'L49 is removed by %s, and neither the transaction nor a restart brings it back',
    async (_name, after, left) => {
      expect(partitionsIn(await committedLater(after))).toEqual(left);
      const next = await committedLater(after, (bench) => restarted(bench));
      expect(partitionsIn(next)).toEqual(left);
      expect(partitionsIn(await restarted(next))).toEqual(left);
    },
  );

  it('exists again if the transaction committed it after the deletion', async () => {
    const next = await committedLater(async ({ coordinator }) => {
      await coordinator.deleteGroup(groupId);
      await coordinator.commitInTransaction(anyone, [offsetOf(3, 9n)], producer);
    });
    expect(partitionsIn(next)).toEqual([3]);
    expect(next.coordinator.list()).toMatchObject([{ groupId }]);
  });
});

describe('L49 OffsetDelete', () => {
  it('removes the named offsets, also after a restart, and keeps the others', async () => {
    const bench = await openBench();
    const { leave } = await withCommits(bench);
    await leave();
    const { errorCode, partitions } = await bench.coordinator.deleteOffsets(groupId, [
      place(0),
      place(0, 'nowhere'),
    ]);
    expect(errorCode).toEqual(NONE);
    expect(partitions.map((each) => each.errorCode)).toEqual([NONE, UNKNOWN_TOPIC_OR_PARTITION]);
    for (const each of [bench, await restarted(bench)]) expect(partitionsIn(each)).toEqual([1]);
  });

  it('keeps offsets of a topic that a member subscribes to, and removes those of another', async () => {
    for (const [topic, expected, left] of [
      ['orders', GROUP_SUBSCRIBED_TO_TOPIC, [0, 1]],
      ['others', NONE, [1]],
    ] as const) {
      // prettier-ignore
      const bench = await openBench();
      await withCommits(bench, reading(topic));
      const { partitions } = await bench.coordinator.deleteOffsets(groupId, [place(0)]);
      expect(partitions).toEqual([{ ...place(0), errorCode: expected }]);
      expect(partitionsIn(bench)).toEqual(left);
    }
  });

  it("keeps offsets when the members' metadata does not name the topics", async () => {
    const bench = await openBench();
    await withCommits(bench, { protocols: [{ name: 'range', metadata: Buffer.from('?') }] });
    expect((await bench.coordinator.deleteOffsets(groupId, [place(0)])).partitions).toMatchObject([
      { errorCode: GROUP_SUBSCRIBED_TO_TOPIC },
    ]);
  });

  it('rejects an empty group id, an unknown group, and a group of another protocol type that has members', async () => {
    const bench = await openBench();
    const codeOf = async (id: string) => (await bench.coordinator.deleteOffsets(id, [place(0)])).errorCode;
    expect(await codeOf('')).toEqual(INVALID_GROUP_ID);
    expect(await codeOf('unheard-of')).toEqual(GROUP_ID_NOT_FOUND);
    await withCommits(bench, { protocolType: 'connect' });
    expect(await codeOf(groupId)).toBe(NON_EMPTY_GROUP);
  });
});

describe('L50 offset retention while a group has members', () => {
  it.each([
    ['others', []],
    ['orders', [0, 1]],
  ])('that subscribe to %s keeps these partitions of orders: %j', async (topic, left) => {
    const bench = await openBench();
    const { me } = await withCommits(bench, { ...reading(topic), sessionTimeoutMs: minutes(30) });
    for (let past = 0; past < days(8); past += minutes(29)) {
      bench.coordinator.heartbeat(me);
      await bench.clock.advance(minutes(29));
    }
    expect(partitionsIn(bench)).toEqual(left);
  });
});

describe("a consumer's metadata", () => {
  it('names its topics, whatever bytes follow', () => {
    expect(subscribedTopics(subscription('a', 'bc'))).toEqual(['a', 'bc']);
    expect(subscribedTopics(subscription())).toEqual([]);
    for (const other of [Buffer.alloc(0), Buffer.from('x'), subscription('abc').subarray(0, 8)])
      expect(subscribedTopics(other)).toBeUndefined();
  });
});
