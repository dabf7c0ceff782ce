import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../runtime/index.ts';
import { connectAdmin, type Admin } from './admin/admin.ts';
import {
  controlOf,
  newTopic,
  delay,
  fromStart,
  readRecords,
  readToEnd,
  sharesSettle,
  TestMember,
  textOf,
  uniqueName,
  type Engine,
  reach,
} from './client.fixture.ts';
import { connectProducer } from './producer/producer.ts';
import type { Producer } from './producer-types.ts';

const outageMs = Number(process.env.MILLRACE_TEST_OUTAGE_MS ?? 1_500);

export function healingSuite(engine: () => Engine): void {
  describe('an outage of the broker', () => {
    let admin: Admin;
    let producer: Producer;

    beforeAll(() => {
      const place = reach(engine());
      admin = connectAdmin({
        ...place,
        clientId: 'healing-test',
        logger: silentLogger,
        operationTimeoutMs: 30_000,
      });
      producer = connectProducer({ ...place, clientId: 'healing-test', logger: silentLogger });
    });
    afterAll(async () => {
      await Promise.all([admin.close(), producer.close()]);
    });

    const control = () => controlOf(engine());

    it('A07 causes no loss, repetition or reordering for a producer, a reader and group members', async () => {
      const topic = await newTopic(admin, 2);
      const groupId = uniqueName('group');
      const members = [0, 1].map(() => new TestMember(engine(), groupId, [topic]));
      await Promise.all(members.map((member) => member.start()));
      await sharesSettle(members, [1, 1]);
      let next = 0;
      let stop = false;
      const sending = (async () => {
        while (!stop) {
          await producer.send(Array.from({ length: 5 }, () => ({ topic, key: 'k', value: `${next++}` })));
          await delay(5);
        }
      })();

      await delay(300);
      await control().kill();
      await delay(outageMs);
      const sentBefore = next;
      await control().start();
      await until(
        () => next,
        (sent) => sent > sentBefore + 50,
        30_000,
      );
      stop = true;
      await sending;
      await sharesSettle(members, [1, 1], 30_000);
      const reader = new TestMember(engine(), 'reader', []);
      const read = await readRecords(reader.consumer, fromStart(topic, 2), next);

      expect(read.map(textOf)).toEqual(Array.from({ length: next }, (_, index) => `${index}`));
      const fetches = await Promise.all(
        members.map((member) =>
          member.consumer.fetch((member.assignment?.partitions ?? []).map((at) => ({ ...at, offset: 0n }))),
        ),
      );
      expect(fetches.flat().every(({ error }) => error === undefined)).toBe(true);
      await Promise.all([...members, reader].map((member) => member.close()));
    });

    it('makes a send fail at its deadline if connections stay open, and later sends succeed', async () => {
      const topic = await newTopic(admin, 1);
      const place = reach(engine());
      const hasty = connectProducer({
        ...place,
        clientId: 'hasty',
        logger: silentLogger,
        deliveryTimeoutMs: 5_000,
      });
      const isSent = (value: string) =>
        hasty.send([{ topic, key: 'k', value }]).then(
          () => true,
          () => false,
        );
      // On a busy machine, connecting may take longer than the delivery timeout.
      await until(() => isSent('while it connects'), Boolean);
      await hasty.send([{ topic, key: 'k', value: 'before' }]);

      control().freeze();
      const uncertain = hasty.send([{ topic, key: 'k', value: 'uncertain' }]);
      await expect(uncertain).rejects.toMatchObject({ code: 'timeout' });
      control().thaw();
      await until(() => isSent('after'), Boolean);

      const reader = new TestMember(engine(), 'reader', []);
      // Apache Kafka fences a broker that was frozen, and the partition has no leader for a moment.
      const values = (await until(() => readToEnd(reader.consumer, topic).catch(() => undefined), Boolean))!;
      expect(values.filter((value) => value === 'before')).toHaveLength(1);
      expect(values.filter((value) => value === 'uncertain').length).toBeLessThanOrEqual(1);
      expect(values.filter((value) => value === 'after').length).toBeGreaterThanOrEqual(1);
      await Promise.all([hasty.close(), reader.close()]);
    });

    it('only delays the requests that a producer, a member and an admin client send during it', async () => {
      const topic = await newTopic(admin, 1);
      await control().kill();
      const place = reach(engine());
      const late = connectProducer({ ...place, clientId: 'late', logger: silentLogger });
      const member = new TestMember(engine(), uniqueName('group'), [topic]);

      const sent = late.send([{ topic, key: 'k', value: 'v' }]);
      const started = member.start();
      const exists = admin.describeTopics([topic]);
      await delay(1_000);
      await expect(member.consumer.fetch(fromStart(topic, 1))).rejects.toMatchObject({ code: 'unreachable' });
      await control().start();

      await expect(sent).resolves.toHaveLength(1);
      await expect(exists).resolves.toHaveProperty('size', 1);
      await started;
      expect(member.owned).toEqual([`${topic}/0`]);
      expect((await readRecords(member.consumer, fromStart(topic, 1), 1)).map(textOf)).toEqual(['v']);
      await Promise.all([late.close(), member.close()]);
    });
  });
}
