import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import type { TopicPartition } from '../../client/index.ts';
import { migrate, streamingCoreMigrations } from '../../postgres/index.ts';
import { storedLag, type StoredLagOptions } from './stored-lag.ts';

const clusterId = 'cluster-1';
const topicId = randomUUID();
const beginning = 5n;
const end = 100n;
/** The offset of partition 1 at the moment from which a group starts. */
const sinceOffset = 70n;

/** A topic with three partitions, whose log holds the offsets 5 to 99. */
const reader: StoredLagOptions['reader'] = {
  identify: (topics) =>
    Promise.resolve(
      new Map(topics.includes('notes') ? [['notes', { clusterId, topicId, partitions: 3 }]] : []),
    ),
  beginningOffsets: (partitions) => Promise.resolve(partitions.map((at) => ({ ...at, offset: beginning }))),
  endOffsets: (partitions) => Promise.resolve(partitions.map((at) => ({ ...at, offset: end }))),
  offsetsForTimes: (times) =>
    Promise.resolve(
      times.map((time) => (time.partition === 1 ? { ...time, offset: sinceOffset } : undefined)),
    ),
  ofOffsets: (offsets) =>
    Promise.resolve(
      offsets.map(({ offset, ...at }) => ({
        ...at,
        committedOffset: offset,
        endOffset: end,
        lag: end - offset,
      })),
    ),
};

describe('the lag of a group whose offsets are in PostgreSQL', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
  });
  afterAll(() => database.drop());

  const stored = (partition: number, nextOffset: bigint, log: { cluster?: string; topic?: string } = {}) =>
    database.sql.query(
      `INSERT INTO consumer_offset (consumer_group, cluster_id, topic_id, partition, topic, next_offset)
       VALUES ('clerk', $1, $2, $3, 'notes', $4)`,
      [log.cluster ?? clusterId, log.topic ?? topicId, partition, String(nextOffset)],
    );

  it('counts from the stored offset, or from the beginning if there is none for this log', async () => {
    await stored(0, 60n);
    await stored(1, 90n, { cluster: 'cluster-0' });
    await stored(1, 95n, { topic: randomUUID() });

    const lags = await storedLag({
      database: database.sql,
      reader,
      group: 'clerk',
      topics: ['notes', 'not-made-yet'],
    });

    const at = (partition: number): TopicPartition => ({ topic: 'notes', partition });
    expect(lags).toEqual([
      { ...at(0), committedOffset: 60n, endOffset: end, lag: 40n },
      { ...at(1), committedOffset: beginning, endOffset: end, lag: 95n },
      { ...at(2), committedOffset: beginning, endOffset: end, lag: 95n },
    ]);
  });

  it('counts from where the group starts if that is a moment, for a partition without an offset', async () => {
    await database.sql.query("INSERT INTO consumer_start VALUES ('porter', 'notes', now())");

    const lags = await storedLag({ database: database.sql, reader, group: 'porter', topics: ['notes'] });

    expect(lags.map(({ partition, committedOffset }) => [partition, committedOffset])).toEqual([
      [0, end],
      [1, sinceOffset],
      [2, end],
    ]);
  });
});
