import { describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '../../../runtime/index.ts';
import type { BrokerClient } from '../../connection/broker-client.ts';
import type { FetchedPartition, FetchedRecord, FetchPosition } from '../../fetched-records.ts';
import type { LogReader } from '../log-reader.ts';
import { consumerSettings } from './consumer-settings.ts';
import { Deliveries } from './deliveries.ts';
import { HeldPartitions } from './held-partitions.ts';
import { RecordFeed } from './record-feed.ts';
import type { StartPositions } from './start-positions.ts';

const settings = consumerSettings({
  bootstrapServers: ['127.0.0.1:1'],
  clientId: 'feed',
  logger: silentLogger,
  groupId: 'feed',
  topics: ['orders'],
  maxBufferedBytes: 2_000,
});

const record = (partition: number, offset: bigint): FetchedRecord => ({
  topic: 'orders',
  partition,
  offset,
  timestampMs: 0,
  key: null,
  value: Buffer.alloc(1_000),
  headers: new Map(),
  headerList: [],
});

/** A feed whose log has one record of 1,000 bytes at every offset. */
function openFeed(partitionCount: number) {
  const fetches: Array<readonly FetchPosition[]> = [];
  const partitions = new HeldPartitions();
  const deliveries: Deliveries = new Deliveries(systemClock, partitions, () => feed.pump());
  const fetch = async (
    positions: readonly FetchPosition[],
  ): Promise<readonly FetchedPartition<FetchedRecord>[]> => {
    fetches.push(positions);
    return positions.map(({ topic, partition, offset }) => ({
      topic,
      partition,
      records: [record(partition, offset)],
      nextOffset: offset + 1n,
      highWatermark: -1n,
    }));
  };
  const feed: RecordFeed = new RecordFeed(
    settings,
    {
      brokers: { closing: new AbortController().signal } as Pick<BrokerClient, 'closing'> as BrokerClient,
      reader: { fetch } as Pick<LogReader, 'fetch'> as LogReader,
      partitions,
      positions: { find: () => Promise.resolve() } as Pick<StartPositions, 'find'> as StartPositions,
    },
    deliveries,
  );
  partitions.add(Array.from({ length: partitionCount }, (_, partition) => ({ topic: 'orders', partition })));
  for (const held of partitions.all) held.startAt(0n);
  return {
    feed,
    fetches,
    partitions,
    loop: deliveries.open(
      (held) => held.takeRecord(),
      () => feed.pump(),
    ),
  };
}

describe('the feed of a consumer', () => {
  it('L87 sends no fetch while more bytes are buffered than the limit', async () => {
    const { fetches, partitions, loop } = openFeed(3);

    await loop.next();
    expect(partitions.bufferedBytes).toBeGreaterThan(2_000);
    expect(fetches.map((positions) => positions.length)).toEqual([3]);
    await loop.next();
    expect(fetches.map((positions) => positions.length)).toEqual([3, 3]);

    for (let taken = 0; taken < 10; taken += 1) await loop.next();
    expect(partitions.bufferedBytes).toBeLessThanOrEqual(2_000 + 3 * 1_100);
  });

  it('Q12 fetches up to two answers while the loop works on the one before', async () => {
    const { fetches, loop } = openFeed(1);

    await loop.next();

    expect(fetches.map(([position]) => position?.offset)).toEqual([0n, 1n, 2n]);
  });

  it('never fetches a partition that is paused, given up or already being fetched', async () => {
    const { feed, fetches, partitions } = openFeed(4);
    const [paused, revoked, busy] = partitions.all;
    paused!.isPaused = true;
    revoked!.isRevoked = true;
    busy!.reading!.isBusy = true;

    feed.pump();

    expect(fetches.flat().map(({ partition }) => partition)).toEqual([3]);
  });
});
