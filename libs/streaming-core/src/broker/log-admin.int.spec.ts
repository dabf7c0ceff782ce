import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPartitions, deleteRecords } from '../protocol/apis/topic-admin.ts';
import { describeLogDirs } from '../protocol/apis/cluster.ts';
import { listOffsets, offsetForLeaderEpoch } from '../protocol/apis/list-offsets.ts';
import { metadata } from '../protocol/apis/metadata.ts';
import { errorCodes } from '../protocol/errors.ts';
import type { WireClient } from '../protocol/testing/wire-client.ts';
import { batchOf, brokerFixture, makeTopic, produceBatch, type BrokerFixture } from './broker.fixture.ts';

/** The expected responses were taken from Apache Kafka 4.3.1. */
describe('the administration of a log', () => {
  let fixture: BrokerFixture;
  let client: WireClient;
  beforeAll(async () => {
    fixture = await brokerFixture();
    client = await fixture.client();
  });
  afterAll(() => fixture.stop());

  const nowMs = BigInt(Date.now());
  const fill = async (name: string, configs: Readonly<Record<string, string>> = {}) => {
    await makeTopic(client, name, configs);
    for (const ago of [50n, 10n, 30n])
      await produceBatch(client, { topic: name }, batchOf(['v'], { timestampMs: nowMs - ago }));
  };

  const cut = async (name: string, offset: bigint, partitionIndex = 0) => {
    const { topics } = await client.send(deleteRecords, 2, {
      topics: [{ name, partitions: [{ partitionIndex, offset }] }],
      timeoutMs: 1_000,
    });
    const [{ lowWatermark, errorCode }] = topics[0]!.partitions as [
      (typeof topics)[number]['partitions'][number],
    ];
    return [lowWatermark, errorCode];
  };

  it('deletes records up to an offset, on topics that allow it', async () => {
    await fill('cut');
    await fill('cut-compact', { 'cleanup.policy': 'compact' });
    await fill('cut-both', { 'cleanup.policy': 'compact,delete' });
    expect(await cut('cut', 1n)).toEqual([1n, errorCodes.NONE]);
    expect(await cut('cut', 0n)).toEqual([1n, errorCodes.NONE]);
    expect(await cut('cut', 4n)).toEqual([-1n, errorCodes.OFFSET_OUT_OF_RANGE]);
    expect(await cut('cut', -2n)).toEqual([-1n, errorCodes.OFFSET_OUT_OF_RANGE]);
    expect(await cut('cut', 1n, 9)).toEqual([-1n, errorCodes.UNKNOWN_TOPIC_OR_PARTITION]);
    expect(await cut('nobody', 1n)).toEqual([-1n, errorCodes.UNKNOWN_TOPIC_OR_PARTITION]);
    expect(await cut('cut-compact', 1n)).toEqual([-1n, errorCodes.POLICY_VIOLATION]);
    expect(await cut('cut-both', 1n)).toEqual([1n, errorCodes.NONE]);
    expect(await cut('cut', -1n)).toEqual([3n, errorCodes.NONE]);
  });

  const ask = async (version: number, name: string, timestamp: bigint) => {
    const partitions = [{ partitionIndex: 0, timestamp }];
    const { topics } = await client.send(listOffsets, version, { topics: [{ name, partitions }] });
    const [found] = topics[0]!.partitions;
    return [found!.errorCode, found!.offset, found!.timestamp, found!.leaderEpoch];
  };

  it('lists offsets by timestamp and by every special value of the version', async () => {
    await fill('listed');
    await cut('listed', 1n);
    const none = [errorCodes.NONE, -1n, -1n, -1];
    expect(await ask(11, 'listed', -1n)).toEqual([errorCodes.NONE, 3n, -1n, 0]);
    expect(await ask(11, 'listed', -2n)).toEqual([errorCodes.NONE, 1n, -1n, 0]);
    expect(await ask(11, 'listed', -3n)).toEqual([errorCodes.NONE, 1n, nowMs - 10n, 0]);
    expect(await ask(11, 'listed', -4n)).toEqual([errorCodes.NONE, 1n, -1n, 0]);
    for (const value of [-5n, -6n]) expect(await ask(11, 'listed', value)).toEqual(none);
    for (const [version, value] of [
      [11, -7n],
      [10, -6n],
      [8, -5n],
      [7, -4n],
      [6, -3n],
    ] as const)
      expect({ version, errorCode: (await ask(version, 'listed', value))[0] }).toEqual({
        version,
        errorCode: errorCodes.UNSUPPORTED_VERSION,
      });
    expect(await ask(11, 'listed', 0n)).toEqual([errorCodes.NONE, 1n, nowMs - 10n, 0]);
    expect(await ask(11, 'listed', nowMs - 20n)).toEqual([errorCodes.NONE, 1n, nowMs - 10n, 0]);
    expect(await ask(11, 'listed', nowMs)).toEqual(none);
  });

  it('finds neither a timestamp nor the highest one among deleted records', async () => {
    await fill('listed-late');
    await cut('listed-late', 2n);
    expect(await ask(7, 'listed-late', 0n)).toEqual([errorCodes.NONE, 2n, nowMs - 30n, 0]);
    expect(await ask(7, 'listed-late', -3n)).toEqual([errorCodes.NONE, 2n, nowMs - 30n, 0]);
    await cut('listed-late', -1n);
    expect(await ask(7, 'listed-late', -3n)).toEqual([errorCodes.NONE, -1n, -1n, -1]);
  });

  it('L24 returns where a leader epoch ends, and fences clients with another epoch', async () => {
    await fill('epochs');
    const end = async (leaderEpoch: number, currentLeaderEpoch = -1, partition = 0) => {
      const partitions = [{ partition, currentLeaderEpoch, leaderEpoch }];
      const { topics } = await client.send(offsetForLeaderEpoch, 4, {
        topics: [{ topic: 'epochs', partitions }],
      });
      const [found] = topics[0]!.partitions;
      return [found!.errorCode, found!.leaderEpoch, found!.endOffset];
    };
    expect(await end(0)).toEqual([errorCodes.NONE, 0, 3n]);
    for (const unknown of [-1, 1, 7]) expect(await end(unknown)).toEqual([errorCodes.NONE, -1, -1n]);
    expect(await end(0, 3)).toEqual([errorCodes.UNKNOWN_LEADER_EPOCH, -1, -1n]);
    expect(await end(0, -1, 9)).toEqual([errorCodes.UNKNOWN_TOPIC_OR_PARTITION, -1, -1n]);
  });

  it('L26 G46 adds partitions by count and by assignment, and never removes any', async () => {
    await makeTopic(client, 'grown');
    const grow = async (
      count: number,
      assignments: ReadonlyArray<readonly number[]> | null = null,
      validateOnly = false,
      name = 'grown',
    ) => {
      const topics = [
        {
          name,
          count,
          assignments: assignments?.map((brokerIds) => ({ brokerIds: [...brokerIds] })) ?? null,
        },
      ];
      return (await client.send(createPartitions, 3, { topics, timeoutMs: 1_000, validateOnly })).results[0]!
        .errorCode;
    };
    for (const count of [1, 0, -1]) expect(await grow(count)).toBe(errorCodes.INVALID_PARTITIONS);
    expect(await grow(2, null, false, 'nobody')).toBe(errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
    for (const assignments of [[], [[7]], [[]], [[1, 1]], [[1], [1]]])
      expect(await grow(2, assignments)).toBe(errorCodes.INVALID_REPLICA_ASSIGNMENT);
    expect(await grow(1_000_000)).toBe(errorCodes.INVALID_PARTITIONS);
    expect(await grow(3, null, true)).toBe(errorCodes.NONE);
    expect(await grow(2)).toBe(errorCodes.NONE);
    expect(await grow(4, [[1], [1]])).toBe(errorCodes.NONE);
    const twice = { name: 'grown', count: 5, assignments: null };
    const { results } = await client.send(createPartitions, 3, {
      topics: [twice, twice],
      timeoutMs: 1_000,
      validateOnly: false,
    });
    expect(results.map(({ errorCode }) => errorCode)).toEqual([errorCodes.INVALID_REQUEST]);
    const { topics } = await client.send(metadata, 12, { topics: [{ name: 'grown' }] });
    expect(topics[0]!.partitions).toHaveLength(4);
    expect((await produceBatch(client, { topic: 'grown', partition: 3 }, batchOf(['v']))).errorCode).toBe(
      errorCodes.NONE,
    );
  });

  it('describes the one log folder', async () => {
    await fill('sized');
    const asked = [{ topic: 'sized', partitions: [0, 9] }, { topic: 'nobody', partitions: [0] }]; // prettier-ignore
    const { results } = await client.send(describeLogDirs, 5, { topics: asked });
    const partitionSize = 3n * BigInt(batchOf(['v']).length);
    expect(results).toEqual([
      expect.objectContaining({
        errorCode: errorCodes.NONE,
        logDir: fixture.dataFolder,
        topics: [
          {
            name: 'sized',
            partitions: [{ partitionIndex: 0, partitionSize, offsetLag: 0n, isFutureKey: false }],
          },
        ],
      }),
    ]);
    expect(results[0]!.usableBytes).toBeGreaterThan(0n);
    expect(results[0]!.totalBytes).toBeGreaterThanOrEqual(results[0]!.usableBytes);
    const [every] = (await client.send(describeLogDirs, 4, { topics: null })).results;
    expect(every!.topics.map(({ name }) => name)).toContain('cut-both');
  });
});

describe('the end of a partition with records that are not on disk yet', () => {
  it('includes what acks=1 has acknowledged, by position and by timestamp', async () => {
    const fixture = await brokerFixture({ flush: 'commit' });
    try {
      const client = await fixture.client();
      const now = BigInt(Date.now());
      const offsetFor = async (timestamp: bigint) => {
        const { topics } = await client.send(listOffsets, 9, {
          topics: [{ name: 'one-ack', partitions: [{ partitionIndex: 0, timestamp }] }],
        });
        return topics[0]!.partitions[0]!.offset;
      };
      await makeTopic(client, 'one-ack');
      for (let round = 0n; round < 20n; round += 1n) {
        const timestampMs = now + round;
        const questions = [
          { asked: -1n, offset: round + 1n },
          { asked: -3n, offset: round },
          { asked: timestampMs, offset: round },
        ];
        const { asked, offset } = questions[Number(round % 3n)]!;
        await produceBatch(client, { topic: 'one-ack', acks: 1 }, batchOf(['v'], { timestampMs }));
        expect({ asked, offset: await offsetFor(asked) }).toEqual({ asked, offset });
      }
      await produceBatch(client, { topic: 'one-ack', acks: 1 }, batchOf(['v']));
      const all = [{ partitionIndex: 0, offset: 21n }];
      const { topics } = await client.send(deleteRecords, 2, {
        topics: [{ name: 'one-ack', partitions: all }],
        timeoutMs: 1_000,
      });
      expect(topics[0]!.partitions[0]).toMatchObject({ errorCode: errorCodes.NONE, lowWatermark: 21n });
    } finally {
      await fixture.stop();
    }
  });
});
