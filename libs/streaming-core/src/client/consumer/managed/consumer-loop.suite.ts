import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../../../runtime/index.ts';
import { connectAdmin, type Admin } from '../../admin/admin.ts';
import { newTopic, reach, uniqueName, type Engine } from '../../client.fixture.ts';
import { connectProducer } from '../../producer/producer.ts';
import type { Producer } from '../../producer-types.ts';
import { quickConsumer, Reading } from './consumer.fixture.ts';

/** Tests a consumer that is alone in its group. */
export function consumerLoopSuite(engine: () => Engine): void {
  describe('a loop over a consumer', () => {
    let admin: Admin;
    let producer: Producer;
    let topic: string;
    let groupId: string;

    beforeAll(() => {
      const place = { ...reach(engine()), clientId: 'loop-test', logger: silentLogger };
      admin = connectAdmin(place);
      producer = connectProducer(place);
    });
    afterAll(async () => {
      await Promise.all([admin.close(), producer.close()]);
    });

    const newGroup = async (partitions: number, ...values: readonly string[]) => {
      topic = await newTopic(admin, partitions);
      groupId = uniqueName('loop');
      await send(...values);
    };
    const send = async (...values: readonly string[]) =>
      void (await producer.send(values.map((value) => ({ topic, key: null, value, partition: 0 }))));
    const connect = (options: Parameters<typeof quickConsumer>[1] | object = {}) =>
      quickConsumer(engine(), { groupId, topics: [topic], ...options });
    const committed = () => admin.committedOffsets(groupId);
    const at = (offset: bigint) => [{ topic, partition: 0, offset }];

    it('L84 receives the record again that it had in hand when it broke, but none that it has finished', async () => {
      await newGroup(1, 'a', 'b', 'c');
      const first = connect();
      for await (const { value } of first) if (`${value}` === 'b') break;
      await first.close();
      expect(await committed()).toEqual(at(1n));

      await using second = connect();
      const reading = new Reading(second);

      expect(await reading.sees(2)).toEqual(['0:b', '0:c']);
      await second.close();
      await reading.done;
      expect(await committed()).toEqual(at(3n));
    });

    it('L84 commits by itself what is finished, and never the record in hand', async () => {
      await newGroup(1, 'a', 'b', 'c');
      await using consumer = connect({ autoCommit: { intervalMs: 50 } });
      let release = () => {};
      const held = new Promise<void>((resolve) => (release = resolve));
      const reading = new Reading(consumer, (value) => (value === 'c' ? held : undefined));

      await until(committed, (offsets) => offsets[0]?.offset === 2n);
      expect(reading.seen).toEqual(['0:a', '0:b']);
      release();

      await until(committed, (offsets) => offsets[0]?.offset === 3n);
    });

    it('commits only on request without autoCommit: a record, offsets with metadata, or everything delivered', async () => {
      await newGroup(1, 'a', 'b', 'c', 'd');
      const consumer = connect({ autoCommit: false });
      const after: bigint[] = [];
      for await (const record of consumer) {
        if (`${record.value}` === 'b') await consumer.commit(record);
        if (`${record.value}` === 'c') await consumer.commit([{ ...at(1n)[0]!, metadata: 'seen' }]);
        if (`${record.value}` === 'd') break;
        after.push((await committed())[0]?.offset ?? -1n);
      }
      const [noted] = await consumer.committed([{ topic, partition: 0 }]);
      await consumer.commit();
      await consumer.close();

      expect(after).toEqual([-1n, 2n, 1n]);
      expect(noted).toMatchObject({ offset: 1n, metadata: 'seen' });
      expect(await committed()).toEqual(at(4n));
    });

    it('receives batches, each of one partition, which are finished as a whole', async () => {
      await newGroup(2, 'a', 'b', 'c');
      const consumer = connect();
      for await (const { records, partition, nextOffset } of consumer.batches()) {
        expect(records.map(({ value }) => `${value}`)).toEqual(['a', 'b', 'c']);
        expect({ partition, nextOffset }).toEqual({ partition: 0, nextOffset: 3n });
        await consumer.commit();
        break;
      }
      await consumer.close();

      expect((await committed()).find(({ partition }) => partition === 0)?.offset).toBe(3n);
    });

    it('continues at the offset that it seeks, and drops what was buffered', async () => {
      await newGroup(1, 'a', 'b', 'c');
      await using consumer = connect();
      const seen: string[] = [];
      for await (const { value } of consumer) {
        seen.push(`${value}`);
        if (seen.length === 1) consumer.seek({ topic, partition: 0, offset: 2n });
        if (seen.length === 2) consumer.seek({ topic, partition: 0, offset: 0n });
        if (seen.length === 3) break;
      }

      expect(seen).toEqual(['a', 'c', 'a']);
      expect(consumer.position({ topic, partition: 0 })).toBe(1n);
      expect(() => consumer.seek({ topic, partition: 7, offset: 0n })).toThrow('not assigned');
    });

    it('L87 receives nothing of a paused partition, and what was buffered after it is resumed', async () => {
      await newGroup(2, 'a', 'b');
      await using consumer = connect();
      const partitions = [{ topic, partition: 0 }];
      const reading = new Reading(consumer, (value) => {
        if (value === 'a') consumer.pause(partitions);
      });
      await reading.sees(1);
      await producer.send([{ topic, key: null, value: 'other', partition: 1 }]);
      await reading.sees(2);
      const buffered = consumer.bufferedBytes;
      consumer.resume(partitions);

      expect(await reading.sees(3)).toEqual(['0:a', '1:other', '0:b']);
      expect(buffered).toBeGreaterThan(0);
    });

    it('begins with new records by latest, and throws by none if its group has no offset', async () => {
      await newGroup(1, 'old');
      await using none = connect({ autoOffsetReset: 'none', groupId: uniqueName('none') });
      const refused = new Reading(none);
      await using latest = connect({ autoOffsetReset: 'latest' });
      const reading = new Reading(latest);
      await until(
        () => latest.assignment.map((place) => latest.position(place)),
        ([position]) => position === 1n,
      );
      await send('new');

      expect(await reading.sees(1)).toEqual(['0:new']);
      await refused.done;
      expect(refused.error).toMatchObject({
        code: 'offset_out_of_range',
        message: expect.stringContaining("autoOffsetReset is 'none'"),
      });
    });

    it('continues at the reset position if the log does not have its offset any more', async () => {
      await newGroup(1, 'a', 'b');
      await using consumer = connect({
        onAssigned: () => consumer.seek({ topic, partition: 0, offset: 99n }),
      });

      expect(await new Reading(consumer).sees(2)).toEqual(['0:a', '0:b']);
    });

    it('L84 ends when the signal aborts, after the record in hand, which is committed', async () => {
      await newGroup(1, 'a', 'b');
      const stop = new AbortController();
      const consumer = connect({ signal: stop.signal });
      const seen: string[] = [];
      for await (const { value } of consumer) {
        stop.abort();
        seen.push(`${value}`);
      }
      await consumer.close();

      expect(seen).toEqual(['a']);
      expect(await committed()).toEqual(at(1n));
    });

    it('is the only one, because a request for more finishes what was delivered', async () => {
      await newGroup(1, 'a');
      await using consumer = connect();
      const reading = new Reading(consumer);
      await reading.sees(1);

      await expect(consumer.batches().next()).rejects.toMatchObject({ code: 'settings_refused' });
    });
  });
}
