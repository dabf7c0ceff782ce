import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin } from '../admin/admin.ts';
import type { PollOperation } from '../operation-reports.ts';
import { connectProducer } from '../producer/producer.ts';
import type { FetchedRecord, UndecodedPartition } from '../fetched-records.ts';
import { connectLogReader } from './open-log-reader.ts';

const options = {
  bootstrapServers: [process.env.MILLRACE_TEST_BROKER ?? ''],
  clientId: `undecoded-fetch-${process.pid}`,
  logger: silentLogger,
};
const topic = options.clientId;
const from = [{ topic, partition: 0, offset: 1n }];

const taken = ({ records }: UndecodedPartition): readonly FetchedRecord[] => {
  const all: FetchedRecord[] = [];
  for (let record = records.next(); record !== undefined; record = records.next()) all.push(record);
  return all;
};

describe('a fetch whose records are decoded later', () => {
  const reader = connectLogReader(options);

  beforeAll(async () => {
    const admin = connectAdmin(options);
    await using producer = connectProducer(options);
    await admin.topics.create([{ name: topic, partitions: 1 }]);
    await producer.send(['first', 'second', 'third'].map((value) => ({ topic, key: null, value })));
    await admin.close();
  });
  afterAll(() => reader.close());

  it('brings the records of other fetches, and leaves out those before its position', async () => {
    const [fetched] = await reader.fetchUndecoded(from);
    const [decoded] = await reader.fetch(from);

    expect(taken(fetched!)).toEqual(decoded?.records);
    expect(decoded?.records.map(({ value }) => String(value))).toEqual(['second', 'third']);
    expect(fetched).toMatchObject({ nextOffset: 3n, highWatermark: 3n, records: { countMax: 3 } });
  });

  it('tells the error of a partition', async () => {
    const [beyond] = await reader.fetchUndecoded([{ topic, partition: 0, offset: 9n }]);

    expect(beyond?.error).toMatchObject({ code: 'offset_out_of_range' });
    expect(taken(beyond!)).toEqual([]);
  });

  it('reports its records once all of them were taken', async () => {
    const reports: unknown[] = [];
    const report = (message: unknown) => void reports.push(message);
    subscribe('millrace.client.fetched', report);
    try {
      const [fetched] = await reader.fetchUndecoded(from);
      expect(reports).toEqual([]);
      taken(fetched!);
      fetched!.records.next();
    } finally {
      unsubscribe('millrace.client.fetched', report);
    }

    expect(reports).toEqual([{ clientId: options.clientId, topic, records: 2, bytes: 11 }]);
  });

  it('reports a poll with its records, which the caller gets nevertheless', async () => {
    const polls: PollOperation[] = [];
    const ended = (poll: unknown) => void polls.push(poll as PollOperation);
    const { asyncEnd } = tracingChannel('millrace.client.poll');
    asyncEnd.subscribe(ended);
    try {
      const [fetched] = await reader.fetchUndecoded(from);

      expect(taken(fetched!).map(({ value }) => String(value))).toEqual(['second', 'third']);
    } finally {
      asyncEnd.unsubscribe(ended);
    }

    expect(polls[0]?.result?.[0]?.records).toHaveLength(2);
  });
});
