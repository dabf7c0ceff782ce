import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin } from '../admin.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import { connectionSettings } from '../connection/connection-settings.ts';
import { connectTransactionalProducer } from '../transactions/transactional-producer.ts';
import { logEnd, LogReader } from './log-reader.ts';

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
    const looking = reader.offsets(
      [first, second].map((topic) => ({ topic, partition: 0 })),
      logEnd,
    );
    const identifying = reader.identify([first]);

    expect(await looking).toEqual([first, second].map((topic) => ({ topic, partition: 0, offset: 0n })));
    await identifying;
  });

  it('returns an end before an open transaction for read_committed, and after it for read_uncommitted', async () => {
    const topic = `reader-transaction-${process.pid}`;
    await admin.createTopics([
      { name: topic, key: 'k', partitions: 1, retention: 'unlimited', cleanup: 'delete' },
    ]);
    const committed = new LogReader({ ...settings, isolation: 'read_committed' }, brokers);
    const producer = connectTransactionalProducer({ ...options, transactionalId: topic });
    const endOf = async (each: LogReader) =>
      (await each.offsets([{ topic, partition: 0 }], logEnd))[0]?.offset;
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

  it.each(['nobody-made-this', '__consumer_offsets'])('rejects %s as an unknown topic', async (topic) => {
    await expect(reader.offsets([{ topic, partition: 0 }], logEnd)).rejects.toMatchObject({
      code: 'unknown_topic',
    });
  });
});
