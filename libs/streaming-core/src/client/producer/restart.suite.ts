import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { groupBy } from '@millrace/testing';
import { kcat } from '@millrace/testing/kcat';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import { controlOf, delay, newTopic, reach, type Engine } from '../client.fixture.ts';
import { connectProducer } from './producer.ts';

const records = 21_800;
const rounds = 2;
const recordsPerRound = records / rounds;
const recordsPerSend = 100;
const concurrentSends = 4;
const keys = 50;
const outageMs = 500;

const keyOf = (number: number) => `key-${number % keys}`;
const numbers = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

/**
 * Repeats the restart in which @platformatic/kafka 2.12.1 writes hundreds of records twice and some
 * out of order. After kill -9, Apache Kafka recognizes only the last batch of a producer. When an
 * earlier batch fails, that library concludes that the broker has lost the producer's state, and
 * writes the batch again with a new producer id.
 */
export function restartSuite(engine: () => Engine): void {
  describe('a producer whose broker is killed while four sends are in flight', () => {
    let admin: Admin;
    const connection = () => ({ ...reach(engine()), clientId: 'restart-test', logger: silentLogger });

    beforeAll(() => {
      admin = connectAdmin(connection());
    });
    afterAll(() => admin.close());

    async function restart(): Promise<void> {
      await controlOf(engine()).kill();
      await delay(outageMs);
      await controlOf(engine()).start();
    }

    it('L40 writes each of 21,800 records once and in order per key, as a foreign client counts', async () => {
      const topic = await newTopic(admin, 6);
      const producer = connectProducer(connection());
      for (let round = 0; round < rounds; round += 1) {
        const end = (round + 1) * recordsPerRound;
        let next = round * recordsPerRound;
        let restarting: Promise<void> | undefined;
        const sendOneAfterAnother = async () => {
          while (next < end) {
            const first = next;
            next += recordsPerSend;
            if (end - next < recordsPerRound / 2) restarting ??= restart();
            await producer.send(
              numbers(first, recordsPerSend).map((number) => ({
                topic,
                key: keyOf(number),
                value: `${number}`,
              })),
            );
          }
        };
        await Promise.all(Array.from({ length: concurrentSends }, sendOneAfterAnother));
        await restarting;
      }
      await producer.close();

      const servers = engine().bootstrapServers.join(',');
      const text = await kcat(['-b', servers, '-C', '-q', '-e', '-t', topic, '-f', '%k %s\n']);
      const found = groupBy(text.trim().split('\n'), (line) => line.split(' ')[0]);
      const sent = groupBy(
        numbers(0, records).map((number) => `${keyOf(number)} ${number}`),
        (line) => line.split(' ')[0],
      );
      expect(found.size).toBe(keys);
      for (const [key, lines] of found) expect(lines).toEqual(sent.get(key));
    }, 120_000);
  });
}
