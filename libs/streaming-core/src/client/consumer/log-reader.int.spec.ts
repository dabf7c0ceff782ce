import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin } from '../admin/admin.ts';
import { connectProducer } from '../producer/producer.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import { connectionSettings } from '../connection/connection-settings.ts';
import { connectTransactionalProducer } from '../transactions/transactional-producer.ts';
import { LogReader } from './log-reader.ts';
import { logBeginning, logEnd } from './offset-lookup.ts';
import { connectLogReader } from './open-log-reader.ts';

const options = {
  bootstrapServers: [process.env.MILLRACE_TEST_BROKER ?? ''],
  clientId: 'log-reader-test',
  logger: silentLogger,
};
const first = `reader-first-${process.pid}`;
const second = `reader-second-${process.pid}`;

describe('a reader of the log', () => {
  const limits = {
    fetchMaxWaitMs: 10,
    fetchMaxBytes: 1_000_000,
    fetchMaxBytesPerPartition: 1_000_000,
    fetchConnectionsMax: 1,
    operationTimeoutMs: 5_000,
  };
  const settings = { ...connectionSettings(options), ...limits };
  const brokers = new BrokerClient(settings);
  const reader = new LogReader({ ...settings, isolation: 'read_uncommitted' }, brokers);
  const admin = connectAdmin(options);

  beforeAll(() =>
    admin.createTopics(
      [first, second].map((name) => ({
        name,
        key: 'k',
        partitions: 1,
        retention: 'unlimited',
        cleanup: 'delete',
      })),
    ),
  );
  afterAll(async () => {
    brokers.close();
    await admin.close();
  });

  it('returns the ends of several topics while another call refreshes the metadata', async () => {
    await reader.identify([first]);
    const looking = reader.lookup.ends([first, second].map((topic) => ({ topic, partition: 0 })));
    const identifying = reader.identify([first]);

    expect(await looking).toEqual([first, second].map((topic) => ({ topic, partition: 0, offset: 0n })));
    await identifying;
  });

  it('returns an offset for each query, even if queries repeat a partition', async () => {
    const query = (timestamp: bigint) => ({ topic: first, partition: 0, timestamp });
    const found = await reader.lookup.find([query(logEnd), query(logBeginning), query(logEnd)]);
    expect(found.map(({ offset }) => offset)).toEqual([0n, 0n, 0n]);
  });

  it('returns an end before an open transaction for read_committed, and after it for read_uncommitted', async () => {
    const topic = `reader-transaction-${process.pid}`;
    await admin.createTopics([{ name: topic, partitions: 1, retention: 'unlimited', cleanup: 'delete' }]);
    const committed = new LogReader({ ...settings, isolation: 'read_committed' }, brokers);
    const producer = connectTransactionalProducer({ ...options, transactionalId: topic });
    const endOf = async (each: LogReader) => (await each.lookup.ends([{ topic, partition: 0 }]))[0]?.offset;
    const ends = async () => ({ uncommitted: await endOf(reader), committed: await endOf(committed) });
    try {
      const transaction = await producer.begin();
      await transaction.send([{ topic, key: null, value: 'undecided', partition: 0 }]);
      expect(await ends()).toEqual({ uncommitted: 1n, committed: 0n });
      await transaction.commit();
      expect(await ends()).toEqual({ uncommitted: 2n, committed: 2n }); // the marker has offset 1
    } finally {
      await producer.close();
    }
  });

  it('reads only the incarnation of a topic that a position names, even if another one was identified since', async () => {
    const topic = `reader-anew-${process.pid}`;
    const declaration = {
      name: topic,
      key: 'k',
      partitions: 1,
      retention: 'unlimited',
      cleanup: 'delete',
    } as const;
    const idNow = async () => (await reader.identify([topic])).get(topic)?.topicId;
    const fetch = async (topicId?: string) =>
      (await reader.fetch([{ topic, partition: 0, offset: 0n, topicId }]))[0];
    await admin.createTopics([declaration]);
    const before = await idNow();
    await admin.deleteTopics([topic]);
    await admin.createTopics([declaration]);
    const now = await idNow();

    expect(await fetch(before)).toMatchObject({ records: [], error: { code: 'topic_recreated' } });
    for (const each of [await fetch(now), await fetch()])
      expect(each).toMatchObject({ nextOffset: 0n, highWatermark: 0n });
    expect((await fetch(now))?.error).toBeUndefined();
  });

  it('finds the first record of a time or later in each partition, and nothing after the last record', async () => {
    const topic = `reader-times-${process.pid}`;
    await admin.createTopics([{ name: topic, partitions: 2, retention: 'unlimited', cleanup: 'delete' }]);
    const producer = connectProducer(options);
    for (const timestampMs of [1_000, 2_000, 3_000])
      await producer.send([{ topic, key: null, value: 'v', partition: 0, timestampMs }]);
    await producer.close();
    await using log = connectLogReader(options);

    const at = (timestampMs: number) =>
      log.offsetsForTimes([
        { topic, partition: 1, timestampMs },
        { topic, partition: 0, timestampMs },
      ]);

    expect(await at(1_500)).toEqual([undefined, { topic, partition: 0, offset: 1n, timestampMs: 2_000 }]);
    expect(await at(3_000)).toEqual([undefined, { topic, partition: 0, offset: 2n, timestampMs: 3_000 }]);
    expect(await at(3_001)).toEqual([undefined, undefined]);
    expect(await log.endOffsets([{ topic, partition: 0 }])).toEqual([{ topic, partition: 0, offset: 3n }]);
  });

  it('answers callers that read a partition from different offsets at the same time, each with its records', async () => {
    const topic = `reader-callers-${process.pid}`;
    await admin.createTopics([{ name: topic, partitions: 1, retention: 'unlimited', cleanup: 'delete' }]);
    const producer = connectProducer(options);
    for (const value of ['a', 'b']) await producer.send([{ topic, key: null, value, partition: 0 }]);
    await producer.close();
    await using log = connectLogReader(options);
    await log.identify([topic]);

    const fetched = await Promise.all(
      [0n, 1n, 0n].map((offset) => log.fetch([{ topic, partition: 0, offset }])),
    );

    expect(fetched.map(([page]) => page?.records.map(({ offset }) => offset))).toEqual([
      [0n, 1n],
      [1n],
      [0n, 1n],
    ]);
  });

  it('yields the records from a position on, waits for new ones, and ends when the signal aborts', async () => {
    const topic = `reader-iteration-${process.pid}`;
    await admin.createTopics([{ name: topic, partitions: 1, retention: 'unlimited', cleanup: 'delete' }]);
    const producer = connectProducer(options);
    const send = (value: string) => producer.send([{ topic, key: null, value, partition: 0 }]);
    for (const value of ['a', 'b']) await send(value);
    const stop = new AbortController();
    const seen: string[] = [];
    await using log = connectLogReader(options);

    for await (const { value } of log.records([{ topic, partition: 0, offset: 1n }], {
      signal: stop.signal,
    })) {
      seen.push(`${value}`);
      if (seen.length === 1) await send('c');
      else stop.abort();
    }

    expect(seen).toEqual(['b', 'c']);
    await producer.close();
  });

  it('throws the error of a partition that cannot be read', async () => {
    await using log = connectLogReader(options);
    const records = log.records([{ topic: first, partition: 0, offset: 9n }]);

    await expect(records.next()).rejects.toMatchObject({ code: 'offset_out_of_range' });
  });

  it.each(['nobody-made-this', '__consumer_offsets'])('rejects %s as an unknown topic', async (topic) => {
    await expect(reader.lookup.ends([{ topic, partition: 0 }])).rejects.toMatchObject({
      code: 'unknown_topic',
    });
  });
});
