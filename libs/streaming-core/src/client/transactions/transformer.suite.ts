import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { seed, seededRandom } from '@millrace/testing/random';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import {
  declare,
  delay,
  fromStart,
  reach,
  readRecords,
  TestMember,
  textOf,
  uniqueName,
  type Engine,
} from '../client.fixture.ts';
import { startClientProcess } from '../client-process.fixture.ts';
import { connectProducer } from '../producer/producer.ts';
import { connectTransformer, type Transformer } from './transformer.ts';
import type { ConsumedRecord } from '../fetched-records.ts';
import type { Producer } from '../producer-types.ts';
import { upperCasing } from './upper-casing.fixture.ts';

/** The number of kills. Each one costs the group's session timeout of 6 s. */
const kills = Number(process.env.MILLRACE_TEST_KILLS ?? 1);
const inputs = 4;
const outputs = 3;
const membersMax = 3;
const settleMsMax = 30_000 + kills * 15_000;

export function transformerSuite(engine: () => Engine): void {
  describe('transformers of one group', () => {
    let admin: Admin;
    let producer: Producer;
    let reader: TestMember;

    beforeAll(() => {
      const place = { ...reach(engine()), clientId: 'transformer-test', logger: silentLogger };
      admin = connectAdmin(place);
      producer = connectProducer(place);
      reader = new TestMember(engine(), 'reader-without-group', [], { isolation: 'read_committed' });
    });
    afterAll(() => Promise.all([admin.close(), producer.close(), reader.close()]));

    /** Sends records until `stop`, which resolves to their number. */
    function keepSending(topic: string): { stop(): Promise<number> } {
      let count = 0;
      let stopped = false;
      const sending = (async () => {
        while (!stopped) {
          await producer.send(
            Array.from({ length: 10 }, () => ({
              topic,
              key: `key-${count % 17}`,
              value: `record ${count++}`,
            })),
          );
          await delay(100);
        }
      })();
      const stop = async () => {
        stopped = true;
        await sending;
        return count;
      };
      return { stop };
    }

    const byKey = (records: readonly ConsumedRecord[]) => {
      const values: Record<string, number[]> = {};
      for (const { key, value } of records)
        (values[String(key)] ??= []).push(Number(String(value).split(' ')[1]));
      return values;
    };

    it(
      'L39 transform each record once, in order per key, while members join, leave and are killed',
      async () => {
        const random = seededRandom(seed);
        const groupId = uniqueName('transformers');
        const input = uniqueName('input');
        const output = uniqueName('output');
        await admin.createTopics([declare(input, inputs), declare(output, outputs)]);
        const members: Transformer[] = [];
        const worked = new Set<string>();
        const join = async (transactionalId = uniqueName('transformer')) => {
          const { member, transform } = upperCasing(output);
          const joining = connectTransformer({
            ...reach(engine()),
            clientId: transactionalId,
            logger: silentLogger,
            groupId,
            transactionalId,
            topics: [input],
            member,
            transform: (records) => (worked.add(transactionalId), transform(records)),
          });
          members.push(joining);
          await joining.start();
        };
        const leave = () => members.splice(Math.floor(random() * members.length), 1)[0]?.close();
        const change = async () => {
          await (members.length < 2 || (members.length < membersMax && random() < 0.5) ? join() : leave());
          await delay(random() * 200);
        };
        const load = keepSending(input);
        await join();

        for (let kill = 0; kill < kills; kill += 1) {
          const victim = uniqueName('transformer');
          const killed = await startClientProcess(
            './transactions/transforming.program.ts',
            engine(),
            groupId,
            victim,
            input,
            output,
          );
          await delay(random() * 100);
          await Promise.all([killed.kill(), change()]);
          await join(victim); // aborts the victim's open transaction, which blocks all readers
          for (let round = 0; round < 3; round += 1) await change();
        }
        const count = await load.stop();

        const handled = async () =>
          (await admin.committedOffsets(groupId)).reduce((sum, { offset }) => sum + Number(offset), 0);
        await until(handled, (records) => records >= count, settleMsMax);
        await Promise.all(members.map((member) => member.close()));
        const seen = byKey(
          await readRecords(reader.consumer, fromStart(output, outputs), count, settleMsMax),
        );
        const expected: Record<string, number[]> = {};
        for (let index = 0; index < count; index += 1) (expected[`key-${index % 17}`] ??= []).push(index);
        expect({ seed, seen }).toEqual({ seed, seen: expected });
        const ends = await reader.consumer.endOffsets(fromStart(output, outputs));
        const rest = await reader.consumer.fetch(ends);
        expect(rest.flatMap(({ records }) => records)).toEqual([]);
        expect(worked.size).toBeGreaterThan(1);
      },
      120_000 + kills * 60_000,
    );

    it('read a recreated input topic from its beginning', async () => {
      const groupId = uniqueName('transformers');
      const input = uniqueName('input');
      const output = uniqueName('output');
      await admin.createTopics([declare(input, 1), declare(output, 1)]);
      const place = { ...reach(engine()), clientId: groupId, logger: silentLogger };
      const transformer = connectTransformer({
        ...place,
        groupId,
        transactionalId: groupId,
        topics: [input],
        ...upperCasing(output),
      });
      const send = (...values: readonly string[]) =>
        producer.send(values.map((value) => ({ topic: input, key: 'k', value })));
      const transformed = (count: number) => readRecords(reader.consumer, fromStart(output, 1), count);
      try {
        await transformer.start();
        await send('first', 'second');
        expect((await transformed(2)).map(textOf)).toEqual(['FIRST', 'SECOND']);

        await admin.deleteTopics([input]);
        await admin.createTopics([declare(input, 1)]);
        await send('of the new topic');

        expect((await transformed(3)).map(textOf)).toEqual(['FIRST', 'SECOND', 'OF THE NEW TOPIC']);
      } finally {
        await transformer.close();
      }
    });

    it('read an input topic from its beginning if it was recreated while a transaction was open', async () => {
      const groupId = uniqueName('transformers');
      const input = uniqueName('input');
      const output = uniqueName('output');
      await admin.createTopics([declare(input, 1), declare(output, 1)]);
      const place = { ...reach(engine()), clientId: groupId, logger: silentLogger };
      const send = (...values: readonly string[]) =>
        producer.send(values.map((value) => ({ topic: input, key: 'k', value })));
      const { member, transform } = upperCasing(output);
      let isMadeAnew = false;
      const transformer = connectTransformer({
        ...place,
        groupId,
        transactionalId: groupId,
        topics: [input],
        member,
        transform: async (records) => {
          if (!isMadeAnew) {
            isMadeAnew = true;
            await admin.deleteTopics([input]);
            await admin.createTopics([declare(input, 1)]);
            await send('of the new topic');
          }
          return transform(records);
        },
      });
      const seen = async () =>
        (await reader.consumer.fetch(fromStart(output, 1))).flatMap(({ records }) => records.map(textOf));
      try {
        await transformer.start();
        await send('first', 'second', 'third');
        await until(seen, (values) => values.includes('OF THE NEW TOPIC'), 30_000);
      } finally {
        await transformer.close();
      }
    });
  });
}
