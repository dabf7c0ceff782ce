import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import {
  newTopic,
  declare,
  sharesSettle,
  TestMember,
  uniqueName,
  type Engine,
  reach,
} from '../client.fixture.ts';
import { connectLagReader, type LagReader } from './lag-reader.ts';
import { connectProducer } from '../producer/producer.ts';
import type { Producer, ProducerRecord } from '../producer-types.ts';

const ageMs = 60_000;

export function lagSuite(engine: () => Engine): void {
  describe('a reader of lag', () => {
    let admin: Admin;
    let producer: Producer;
    let lag: LagReader;

    beforeAll(() => {
      const connection = { ...reach(engine()), clientId: 'lag-test', logger: silentLogger };
      admin = connectAdmin(connection);
      producer = connectProducer(connection);
      lag = connectLagReader(connection);
    });
    afterAll(() => Promise.all([admin.close(), producer.close(), lag.close()]));

    /** Creates records of which only the third is a minute old. */
    const records = (topic: string, partition: number, count: number, value = 'v'): ProducerRecord[] =>
      Array.from({ length: count }, (_, n) => ({
        topic,
        key: null,
        value,
        partition,
        timestampMs: Date.now() - (n === 2 ? ageMs : 0),
      }));

    async function committed(topic: string, groupId: string, offsets: readonly bigint[]): Promise<void> {
      const member = new TestMember(engine(), groupId, [topic]);
      await member.start();
      await sharesSettle([member], [3]);
      await member.consumer.commit(offsets.map((offset, partition) => ({ topic, partition, offset })));
      await member.close();
    }

    it('returns the lag of a group per partition, in offsets and in time', async () => {
      const topic = uniqueName('lagging');
      const groupId = uniqueName('slow');
      await admin.createTopics([declare(topic, 3)]);
      await producer.send([...records(topic, 0, 5), ...records(topic, 1, 4)]);
      await committed(topic, groupId, [2n, 4n]);

      const [first, second, ...others] = await lag.ofGroup(groupId);

      expect(first).toMatchObject({ topic, partition: 0, committedOffset: 2n, endOffset: 5n, lag: 3n });
      expect(first?.lagMs).toBeGreaterThanOrEqual(ageMs);
      expect(first?.lagMs).toBeLessThan(ageMs * 2);
      expect(second).toEqual({ topic, partition: 1, committedOffset: 4n, endOffset: 4n, lag: 0n, lagMs: 0 });
      expect(others).toEqual([]); // nobody has committed anything for the third partition
    });

    it('returns the age even if every batch is larger than the limit of a fetch', async () => {
      const topic = await newTopic(admin, 3);
      const large = 'x'.repeat(60_000);
      for (const partition of [0, 1, 2]) await producer.send(records(topic, partition, 3, large));

      const lags = await lag.ofOffsets([0, 1, 2].map((partition) => ({ topic, partition, offset: 2n })));

      expect(lags.map(({ lag: behind }) => behind)).toEqual([1n, 1n, 1n]);
      for (const { lagMs } of lags) expect(lagMs).toBeGreaterThanOrEqual(ageMs);
    });

    it('R32 counts the records of a topic, even after the first of them were deleted', async () => {
      const topic = await newTopic(admin, 3);
      const unwritten = await newTopic(admin, 1);
      await producer.send([...records(topic, 0, 2), ...records(topic, 2, 3)]);
      const held = async () =>
        Object.fromEntries(await lag.offsetsHeld([topic, unwritten, uniqueName('gone')]));
      expect(await held()).toEqual({ [topic]: 5n, [unwritten]: 0n });

      await admin.records.delete([{ topic, partition: 2, offset: 2n }]);

      expect(await held()).toEqual({ [topic]: 3n, [unwritten]: 0n });
    });

    it('returns nothing for an unknown group and for a deleted topic', async () => {
      expect(await lag.ofGroup(uniqueName('nobody'))).toEqual([]);
      expect(await lag.ofOffsets([{ topic: uniqueName('gone'), partition: 0, offset: 3n }])).toEqual([]);
    });

    it('starts again with a recreated topic', async () => {
      const topic = await newTopic(admin, 3);
      await producer.send(records(topic, 0, 3));
      expect(await lag.ofOffsets([{ topic, partition: 0, offset: 2n }])).toMatchObject([
        { lag: 1n, endOffset: 3n },
      ]);
      await admin.deleteTopics([topic]);
      await admin.createTopics([declare(topic, 3)]);
      await producer.send(records(topic, 0, 1));

      expect(await lag.ofOffsets([{ topic, partition: 0, offset: 0n }])).toMatchObject([
        { lag: 1n, endOffset: 1n },
      ]);
    });
  });
}
