import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../runtime/index.ts';
import { connectAdmin, type Admin } from './admin/admin.ts';
import { newTopic, reach, uniqueName, type Engine } from './client.fixture.ts';
import { connectLogReader } from './consumer/open-log-reader.ts';
import { quickConsumer } from './consumer/managed/consumer.fixture.ts';
import { watchOperations } from './operation-reports.fixture.ts';
import { connectProducer } from './producer/producer.ts';
import { connectTransactionalProducer } from './transactions/transactional-producer.ts';

/** Tests what the client reports to subscribers of its tracing channels. */
export function operationsSuite(engine: () => Engine): void {
  describe('Q02 the reports of a client', () => {
    let admin: Admin;
    let topic: string;
    const place = () => ({ ...reach(engine()), clientId: uniqueName('reports'), logger: silentLogger });
    const record = (value: string) => ({ topic, key: null, value, partition: 0 });

    beforeAll(async () => {
      admin = connectAdmin(place());
      topic = await newTopic(admin, 1);
    });
    afterAll(() => admin.close());

    it('cover sends, polls, what a loop has in hand, and commits', async () => {
      const client = place();
      const ofClient = <Report extends { readonly clientId: string }>(ended: readonly Report[]) =>
        ended.filter(({ clientId }) => clientId === client.clientId);
      const sends = watchOperations('send');
      const polls = watchOperations('poll');
      const inHand: string[] = [];
      const processed = watchOperations('process', ({ records }) => inHand.push(`${records[0]?.value}`));
      const commits = watchOperations('commit');
      const groupId = uniqueName('reports');
      {
        await using producer = connectProducer(client);
        await producer.send([record('a')]);
        producer.post([record('b')]);
        await producer.flush();
        await using consumer = quickConsumer(engine(), { ...client, groupId, topics: [topic] });
        for await (const { offset } of consumer) {
          if (offset === 0n) continue;
          expect(inHand).toEqual(['a', 'b']);
          expect(processed.ended).toHaveLength(1);
          await consumer.commit();
          break;
        }
      }
      for (const { stop } of [sends, polls, processed, commits]) stop();

      expect(ofClient(sends.ended)).toMatchObject([
        { bootstrapServers: client.bootstrapServers, result: [{ topic, partition: 0, offset: 0n }] },
        { records: [{ topic, bodyBytes: 1 }], result: [{ offset: 1n }] },
      ]);
      expect(ofClient(polls.ended)).toContainEqual(
        expect.objectContaining({ groupId, positions: [{ topic, partition: 0, offset: 0n }] }),
      );
      expect(ofClient(processed.ended)).toMatchObject([
        { groupId, topic, partition: 0, records: [{ offset: 0n }] },
        { records: [{ offset: 1n }] },
      ]);
      expect(ofClient(commits.ended)).toContainEqual(
        expect.objectContaining({ groupId, offsets: [{ topic, partition: 0, offset: 2n }] }),
      );
    });

    it('cover the sends of a transaction, and the polls of a reader without a group', async () => {
      const client = place();
      const sends = watchOperations('send', ({ clientId, records }) => {
        if (clientId === client.clientId) for (const one of records) one.traceparent = 'set by a subscriber';
      });
      const polls = watchOperations('poll');
      const producer = connectTransactionalProducer({ ...client, transactionalId: client.clientId });
      const sent = await producer.transaction((transaction) => transaction.send([record('c')]));
      await producer.close();
      await using reader = connectLogReader(client);
      const read = await until(
        () => reader.fetch([{ topic, partition: 0, offset: sent[0]!.offset }]),
        ([answer]) => (answer?.records.length ?? 0) > 0,
      );
      for (const { stop } of [sends, polls]) stop();

      expect(sends.ended.filter(({ clientId }) => clientId === client.clientId)).toMatchObject([
        { result: sent },
      ]);
      expect(read[0]?.records[0]?.headers.get('traceparent')).toBe('set by a subscriber');
      expect(polls.ended.at(-1)).toMatchObject({ clientId: client.clientId, result: read });
    });
  });
}
