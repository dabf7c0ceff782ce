import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { fetch, type FetchRequest, type FetchResponse } from '../../protocol/apis/fetch.ts';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import { fromStart, newTopic, reach, textOf, type Engine } from '../client.fixture.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import { BrokerConnection } from '../connection/broker-connection.ts';
import { connectionSettings } from '../connection/connection-settings.ts';
import { leaderOf, type ClusterBroker } from '../connection/topic-lookup.ts';
import { connectProducer } from '../producer/producer.ts';
import type { FetchPosition } from '../fetched-records.ts';
import type { Producer } from '../producer-types.ts';
import { LogReader, readerDefaults } from './log-reader.ts';

/**
 * Watches the Fetch requests of every connection. Names a partition by its index in `partitions`.
 */
function watchFetches(partitions: readonly number[]) {
  const spy = jest.spyOn(BrokerConnection.prototype, 'request');
  const calls = () => spy.mock.calls.flatMap(([{ key }], index) => (key === fetch.key ? [index] : []));
  const bodyOf = (index: number) => spy.mock.calls[index]![2] as unknown as FetchRequest;
  return {
    sent: () =>
      calls()
        .map(bodyOf)
        .map(({ sessionEpoch, topics, forgottenTopicsData }) => ({
          epoch: sessionEpoch,
          named: topics.flatMap((one) =>
            one.partitions.map(({ partition }) => partitions.indexOf(partition)),
          ),
          forgotten: forgottenTopicsData.flatMap((one) => one.partitions.map((at) => partitions.indexOf(at))),
        })),
    sessionId: async () => {
      const last = spy.mock.results[calls().at(-1)!]!;
      return ((await last.value) as unknown as FetchResponse).sessionId ?? 0;
    },
    forget: () => spy.mockClear(),
    stop: () => spy.mockRestore(),
  };
}

export function fetchSessionSuite(engine: () => Engine): void {
  describe('Q11 a reader in a fetch session', () => {
    let admin: Admin;
    let producer: Producer;
    let brokers: BrokerClient;
    let reader: LogReader;
    let fetches: ReturnType<typeof watchFetches>;
    let topic: string;
    let leader: ClusterBroker;
    /** Three partitions with the same leader. A cluster of three brokers has them among nine. */
    let partitions: readonly number[];
    let positions: FetchPosition[];

    beforeAll(() => {
      const place = { ...reach(engine()), clientId: 'fetch-session-test', logger: silentLogger };
      admin = connectAdmin(place);
      producer = connectProducer(place);
      const settings = { ...connectionSettings(place), ...readerDefaults, fetchMaxWaitMs: 100 };
      brokers = new BrokerClient(settings);
      reader = new LogReader({ ...settings, fetchConnectionsMax: 1 }, brokers);
    });
    afterAll(async () => {
      brokers.close();
      await Promise.all([admin.close(), producer.close()]);
    });

    beforeEach(async () => {
      topic = await newTopic(admin, 9);
      await producer.send(fromStart(topic, 9).map((at) => ({ ...at, key: null, value: 'first' })));
      const lookup = await brokers.lookUpTopics([topic], true);
      const leaders = fromStart(topic, 9).map((at) => leaderOf(at, lookup));
      leader = leaders[0]!;
      partitions = leaders.flatMap(({ nodeId }, at) => (nodeId === leader.nodeId ? [at] : [])).slice(0, 3);
      positions = partitions.map((partition) => ({ topic, partition, offset: 0n }));
      fetches = watchFetches(partitions);
      await read();
      while ((await fetches.sessionId()) === 0) await read();
      await read(); // names the positions behind the first records
      fetches.forget();
    });
    afterEach(() => fetches.stop());

    const write = (place: number) =>
      producer.send([{ topic, key: null, value: `to ${place}`, partition: partitions[place]! }]);
    /** Fetches from the positions, and returns the values by partition. */
    const read = async () => {
      const fetched = await reader.fetch(positions);
      for (const { error } of fetched) if (error) throw error;
      positions = fetched.map(({ topic: name, partition, nextOffset }) => ({
        topic: name,
        partition,
        offset: nextOffset,
      }));
      return fetched.map(({ records, highWatermark }) => [records.map(textOf), highWatermark]);
    };

    it('names only positions that have changed, and knows the partitions without news', async () => {
      expect(await read()).toEqual([0, 1, 2].map(() => [[], 1n]));
      await write(1);
      expect(await read()).toEqual([
        [[], 1n],
        [['to 1'], 2n],
        [[], 1n],
      ]);
      await read();
      expect(fetches.sent().map(({ named }) => named)).toEqual([[], [], [1]]);
    });

    it('forgets a partition that is no longer read, and reads it again later', async () => {
      const [first, ...others] = positions;

      positions = others;
      await write(0);
      await write(2);
      expect((await read()).map(([values]) => values)).toEqual([[], ['to 2']]);
      positions = [first!, ...positions];
      expect((await read())[0]).toEqual([['to 0'], 2n]);
      expect(fetches.sent().map(({ named, forgotten }) => ({ named, forgotten }))).toEqual([
        { named: [], forgotten: [0] },
        { named: [0, 2], forgotten: [] },
      ]);
    });

    it.each<readonly [string, (nextEpoch: number) => number]>([
      ['has dropped the session', () => -1],
      ['expects a later epoch', (nextEpoch) => nextEpoch],
    ])('continues in a new session if the broker %s', async (_what, epochOf) => {
      await read();
      const sessionId = await fetches.sessionId();
      const [{ epoch = 0 } = {}] = fetches.sent();
      const other = await brokers.connectionTo(leader, 'other');
      await other.request(fetch, other.versions.newest(fetch), {
        sessionId,
        sessionEpoch: epochOf(epoch + 1),
        maxWaitMs: 0,
        minBytes: 1,
        topics: [],
      });
      await write(1);
      fetches.forget();

      expect((await read()).map(([values]) => values)).toEqual([[], ['to 1'], []]);
      expect(fetches.sent().map(({ named }) => named)).toEqual([[], [0, 1, 2]]);
      expect(await fetches.sessionId()).not.toBe(0);
    });
  });
}
