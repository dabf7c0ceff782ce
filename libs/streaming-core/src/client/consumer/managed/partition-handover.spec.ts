import { describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '../../../runtime/index.ts';
import type { BrokerClient } from '../../connection/broker-client.ts';
import type { FetchPosition } from '../../fetched-records.ts';
import type { LogReader } from '../log-reader.ts';
import { consumerSettings } from './consumer-settings.ts';
import { Deliveries } from './deliveries.ts';
import { HeldPartitions, type HeldPartition } from './held-partitions.ts';
import { OffsetCommits } from './offset-commits.ts';
import { PartitionHandover } from './partition-handover.ts';
import { RecordFeed } from './record-feed.ts';
import type { StartPositions } from './start-positions.ts';

const settings = consumerSettings({
  bootstrapServers: ['127.0.0.1:1'],
  clientId: 'handover',
  logger: silentLogger,
  groupId: 'handover',
  topics: ['orders'],
});
const [kept, added] = [0, 1].map((partition) => ({ topic: 'orders', partition })) as [Place, Place];
type Place = Pick<FetchPosition, 'topic' | 'partition'>;

/** A member whose committed offsets are 5, and whose log answers no fetch. Its listener waits for the test. */
function openMember() {
  const positioned: number[] = [];
  const fetched: string[] = [];
  const listener = Promise.withResolvers<void>();
  const partitions = new HeldPartitions();
  const deliveries: Deliveries = new Deliveries(systemClock, partitions, () => feed.pump());
  const feed: RecordFeed = new RecordFeed(
    settings,
    {
      brokers: { closing: new AbortController().signal } as Pick<BrokerClient, 'closing'> as BrokerClient,
      reader: {
        fetch: (positions) => {
          fetched.push(...positions.map(({ partition, offset }) => `${partition}@${offset}`));
          return new Promise<never>(() => undefined);
        },
      } as Pick<LogReader, 'fetch'> as LogReader,
      partitions,
      positions: {
        find: async (wanted: readonly HeldPartition[]) => {
          for (const held of wanted) {
            positioned.push(held.partition);
            held.startAt(5n);
          }
        },
      } as Pick<StartPositions, 'find'> as StartPositions,
    },
    deliveries,
  );
  const commits = new OffsetCommits(
    settings,
    partitions,
    new AbortController().signal,
    async () => undefined,
  );
  const handover = new PartitionHandover(
    settings,
    { onAssigned: ([first]) => (first?.partition === added.partition ? listener.promise : undefined) },
    { partitions, deliveries, commits, feed },
  );
  const assign = (place: Place) =>
    handover.onAssigned({ memberId: 'm', generationId: 1, partitions: [place] }, [place]);
  return { positioned, fetched, partitions, feed, handover, listener, assign };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the handover of partitions to a member', () => {
  it('L89 positions and fetches added partitions only once the listener has taken them over', async () => {
    const { positioned, fetched, feed, listener, assign } = openMember();
    await assign(kept);
    await turn();
    const assigning = assign(added);
    feed.pump(); // as an answer for the other partition does
    await turn();
    expect({ positioned, fetched }).toEqual({ positioned: [0], fetched: ['0@5'] });

    listener.resolve();
    await assigning;
    await turn();
    expect({ positioned, fetched }).toEqual({ positioned: [0, 1], fetched: ['0@5', '1@5'] });
  });

  it('L89 fetches a partition that the listener has sought from there, and not before it is done', async () => {
    const { positioned, fetched, partitions, feed, listener, assign } = openMember();
    const assigning = assign(added);
    partitions.of(added).startAt(42n);
    feed.pump(); // as a seek does
    await turn();
    expect(fetched).toEqual([]);

    listener.resolve();
    await assigning;
    await turn();
    expect({ positioned, fetched }).toEqual({ positioned: [], fetched: ['1@42'] });
  });

  it('reads nothing of partitions whose listener failed, and gives them up', async () => {
    const { positioned, fetched, partitions, feed, handover, listener, assign } = openMember();
    const assigning = assign(added);
    listener.reject(new Error('the database is away'));
    await expect(assigning).rejects.toThrow('the database is away');
    feed.pump();
    await turn();
    expect({ positioned, fetched }).toEqual({ positioned: [], fetched: [] });

    await handover.onRevoked([added]);
    expect(partitions.all).toEqual([]);
  });
});
