import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { fetch, type FetchRequest, type FetchResponse } from '../../protocol/apis/fetch.ts';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import { fromStart, newTopic, reach, textOf, type Engine } from '../client.fixture.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import { BrokerConnection } from '../connection/broker-connection.ts';
import { connectionSettings } from '../connection/connection-settings.ts';
import { connectProducer } from '../producer/producer.ts';
import type { FetchPosition, Producer } from '../types.ts';
import { LogReader, readerDefaults } from './log-reader.ts';

/** The Fetch requests of every connection, with what they name, and their answers. */
function watchFetches() {
  const spy = jest.spyOn(BrokerConnection.prototype, 'request');
  const calls = () => spy.mock.calls.flatMap(([{ key }], index) => (key === fetch.key ? [index] : []));
  const bodyOf = (index: number) => spy.mock.calls[index]![2] as unknown as FetchRequest;
  return {
    sent: () =>
      calls()
        .map(bodyOf)
        .map(({ sessionEpoch, topics, forgottenTopicsData }) => ({
          epoch: sessionEpoch,
          named: topics.flatMap(({ partitions }) => partitions.map(({ partition }) => partition)),
          forgotten: forgottenTopicsData.flatMap(({ partitions }) => partitions),
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
  describe('a reader in a fetch session', () => {
    let admin: Admin;
    let producer: Producer;
    let brokers: BrokerClient;
    let reader: LogReader;
    let fetches: ReturnType<typeof watchFetches>;
    let topic: string;
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
      topic = await newTopic(admin, 3);
      positions = fromStart(topic, 3);
      fetches = watchFetches();
    });
    afterEach(() => fetches.stop());

    const write = (partition: number) =>
      producer.send([{ topic, key: null, value: `to ${partition}`, partition }]);
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
    const readUntilBegun = async () => {
      while ((await fetches.sessionId()) === 0) await read();
      fetches.forget();
    };

    it('names only positions that have changed, and knows the partitions without news', async () => {
      await Promise.all([write(0), write(1), write(2)]);
      await read();
      await readUntilBegun();

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

    it('forgets a partition that is not read any more, and takes it up again', async () => {
      await read();
      await readUntilBegun();
      const [first, ...others] = positions;

      positions = others;
      await write(0);
      await write(2);
      expect((await read()).map(([values]) => values)).toEqual([[], ['to 2']]);
      positions = [first!, ...positions];
      expect((await read())[0]).toEqual([['to 0'], 1n]);
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
      await readUntilBegun();
      await read();
      const sessionId = await fetches.sessionId();
      const [{ epoch = 0 } = {}] = fetches.sent();
      const { brokers: nodes } = await brokers.lookUpTopics([topic]);
      const other = await brokers.connectionTo([...nodes.values()][0]!, 'other');
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
