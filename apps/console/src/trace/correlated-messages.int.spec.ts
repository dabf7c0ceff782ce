import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectAdmin, connectLogReader, connectProducer } from '@millrace/streaming-core/client';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { CorrelatedMessages } from './correlated-messages.ts';

const cluster = {
  bootstrapServers: [process.env.MILLRACE_TEST_BROKER ?? ''],
  clientId: 'console-test',
  clock: systemClock,
  logger: silentLogger,
};
const orders = `orders-${randomUUID()}`;
const payments = `payments-${randomUUID()}`;
const correlation = randomUUID();
const begin = Date.now() - 600_000;
const window = { fromMs: begin, toMs: begin + 60_000 };

const log = { admin: connectAdmin(cluster), reader: connectLogReader(cluster) };
afterAll(() => Promise.all([log.admin.close(), log.reader.close()]));

async function write(topic: string, type: string, afterMs: number, of: string = correlation): Promise<void> {
  await using producer = connectProducer(cluster);
  const headers = { ce_id: type, ce_type: type, ce_correlationid: of };
  await producer.send([
    { topic, partition: 0, key: null, value: '{}', headers, timestampMs: begin + afterMs },
  ]);
}

describe('the messages of a correlation', () => {
  beforeAll(async () => {
    await log.admin.topics.create([orders, payments].map((name) => ({ name, partitions: 2 })));
    await write(orders, 'Before', -1_000);
    await write(orders, 'Created', 1_000);
    await write(orders, 'OfAnother', 2_000, 'another');
    await write(payments, 'Paid', 3_000);
  });

  const typesOf = ({ messages }: Awaited<ReturnType<CorrelatedMessages['read']>>) =>
    messages.map(({ event }) => event['type']).toSorted();

  it('are found on all topics within the time, and a later scan reads only what is new', async () => {
    const messages = new CorrelatedMessages(correlation);
    const first = await messages.read(log, window);
    expect(typesOf(first)).toEqual(['Created', 'Paid']);
    expect(first.failure).toBeUndefined();
    expect(first.scan).toMatchObject({ from: new Date(begin).toISOString(), stopped: null });
    expect(first.scan.topics).toBeGreaterThanOrEqual(2);

    await write(orders, 'Completed', 4_000);
    await write(orders, 'After', 61_000);
    const second = await messages.read(log, window);
    expect(typesOf(second)).toEqual(['Completed', 'Created', 'Paid']);
    expect(second.scan.records - first.scan.records).toBe(1);
  });

  it('are looked for from an earlier time if the correlation began earlier', async () => {
    const messages = new CorrelatedMessages(correlation);
    await messages.read(log, window);

    expect(typesOf(await messages.read(log, { ...window, fromMs: begin - 5_000 }))).toContain('Before');
  });

  it('are incomplete beyond the limit of records, and the scan says why', async () => {
    const messages = new CorrelatedMessages(correlation, { recordsMax: 2, messagesMax: 10 });

    expect((await messages.read(log, window)).scan).toMatchObject({
      records: 2,
      stopped: '2 records were read',
    });
  });

  it('are those found before if the log cannot be read', async () => {
    const messages = new CorrelatedMessages(correlation);
    const found = await messages.read(log, window);
    await using admin = connectAdmin({
      ...cluster,
      bootstrapServers: ['127.0.0.1:1'],
      operationTimeoutMs: 500,
    });

    const later = await messages.read({ ...log, admin }, window);
    expect(later.messages).toEqual(found.messages);
    expect(later.failure).toMatch(/^the topics cannot be read: /);
  });
});
