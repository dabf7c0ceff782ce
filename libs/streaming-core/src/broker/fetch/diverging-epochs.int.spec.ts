import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fetch } from '../../protocol/apis/fetch.ts';
import { listOffsets } from '../../protocol/apis/list-offsets.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { WireClient } from '../../protocol/testing/wire-client.ts';
import { batchOf, brokerFixture, makeTopic, produceBatch, type BrokerFixture } from '../broker.fixture.ts';

describe('a fetch with the epoch of the last fetched record', () => {
  let fixture: BrokerFixture;
  let client: WireClient;

  beforeEach(async () => {
    fixture = await brokerFixture();
    client = await fixture.client();
    await makeTopic(client, 'orders');
    await produceBatch(client, { topic: 'orders' }, batchOf(['a', 'b']));
  });
  afterEach(() => fixture.stop());

  const fetched = async (
    position: { fetchOffset: bigint; lastFetchedEpoch: number },
    isolationLevel = 0,
    version = 12,
  ) => {
    const partitions = [{ partition: 0, partitionMaxBytes: 1_000, ...position }];
    const body = {
      maxWaitMs: 20_000,
      minBytes: 1,
      isolationLevel,
      sessionEpoch: -1,
      topics: [{ topic: 'orders', partitions }],
    };
    return client.send(fetch, version, body);
  };
  const partitionOf = ({ responses }: Awaited<ReturnType<typeof fetched>>) => responses[0]!.partitions[0]!;

  it('returns at once where that epoch ends if the client has read beyond (KIP-595)', async () => {
    const answer = partitionOf(await fetched({ fetchOffset: 5n, lastFetchedEpoch: 0 }));
    expect(answer).toMatchObject({
      errorCode: 0,
      highWatermark: 2n,
      divergingEpoch: { epoch: 0, endOffset: 2n },
      records: Buffer.alloc(0),
    });
  });

  it('returns records where the log matches', async () => {
    const answer = partitionOf(await fetched({ fetchOffset: 1n, lastFetchedEpoch: 0 }));
    expect(answer).toMatchObject({ errorCode: 0, divergingEpoch: { epoch: -1 } });
    expect(answer.records?.length).toBeGreaterThan(0);
  });

  it('is out of range with an unknown epoch', async () => {
    expect(partitionOf(await fetched({ fetchOffset: 1n, lastFetchedEpoch: 9 })).errorCode).toBe(
      errorCodes.OFFSET_OUT_OF_RANGE,
    );
  });

  it('is rejected with an unknown isolation level', async () => {
    const answer = await fetched({ fetchOffset: 0n, lastFetchedEpoch: -1 }, 2);
    expect(answer.errorCode).toEqual(errorCodes.INVALID_REQUEST);
    expect(partitionOf(answer).errorCode).toEqual(errorCodes.INVALID_REQUEST);
    const asked = {
      replicaId: -1,
      isolationLevel: 2,
      topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp: -1n }] }],
    };
    const { topics } = await client.send(listOffsets, 5, asked);
    expect(topics[0]!.partitions[0]!.errorCode).toBe(errorCodes.INVALID_REQUEST);
  });
});
