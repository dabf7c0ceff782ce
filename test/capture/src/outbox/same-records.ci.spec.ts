import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectProducer, type ConsumedRecord } from '@millrace/streaming-core/client';
import type { TopicDeclaration } from '@millrace/streaming-core/contract';
import {
  appendRows,
  appendToOutbox,
  connectorOfOutbox,
  createRelay,
  type OutboxMessage,
  type OutboxRow,
  type Relay,
} from '@millrace/streaming-core/outbox';
import { eventSourcingMigrations } from '@millrace/event-sourcing';
import { createPersonalData } from '@millrace/personal-data';
import { migrate, streamingCoreMigrations } from '@millrace/streaming-core/postgres';
import { systemClock } from '@millrace/streaming-core/runtime';
import {
  createTestDatabase,
  createTestKeys,
  startPostgresServer,
  type PostgresServer,
  type TestDatabase,
} from '@millrace/testing/postgres';
import { freePorts } from '@millrace/testing/kafka';
import { seededRandom } from '@millrace/testing/random';
import { until } from '@millrace/testing/within';
import { ConnectProcess } from '../connect-process.ts';
import { captureOf } from '../connect-rest.ts';
import { PublishedLog } from './published-log.ts';
import { parcels, writeParcel } from './sealed-parcels.ts';

const topics: readonly TopicDeclaration[] = [
  { name: 'order-events', key: 'orderId', partitions: 6, retention: 'unlimited', cleanup: 'delete' },
  { name: 'order-events.dlq', key: 'orderId', partitions: 1, retention: 'unlimited', cleanup: 'delete' },
];

describe('the outbox of orders, published by the relay to one log and by a connector to another', () => {
  let server: PostgresServer;
  let database: TestDatabase;
  let logs: readonly [PublishedLog, PublishedLog];
  let worker: ConnectProcess;
  const relays: Relay[] = [];
  let handing: Relay;

  beforeAll(async () => {
    [server, ...logs] = await Promise.all([
      startPostgresServer(),
      PublishedLog.open([...topics, parcels]),
      PublishedLog.open([...topics, parcels]),
    ]);
    database = await createTestDatabase(server.url);
    await migrate(database.sql, [
      { library: 'streaming-core', folder: streamingCoreMigrations },
      { library: 'event-sourcing', folder: eventSourcingMigrations },
    ]);
    // Two relays of one outbox have a cursor each.
    await database.pool.query(
      `INSERT INTO relay_cursor (name, incarnation) SELECT 'copy', id FROM store_incarnation`,
    );
    const [port = 0] = await freePorts(1);
    worker = await ConnectProcess.start(logs[1].bootstrapServers, port);
    const control = connectorOfOutbox({ url: worker.url, name: 'outbox', databaseUrl: database.url });
    handing = startRelay({ connector: { control, publishes: true } }, logs[1]);
    await until(
      () => handing.status(),
      ({ follows }) => follows,
      60_000,
    );
  }, 240_000);
  afterAll(async () => {
    await Promise.all(relays.map((relay) => relay.stop()));
    await worker?.end('SIGKILL');
    await Promise.all(logs?.map((log) => log.close()) ?? []);
    await server?.stop();
  });

  function startRelay(options: Partial<Parameters<typeof createRelay>[0]>, log: PublishedLog): Relay {
    const relay = createRelay({
      database: database.sql,
      producer: connectProducer(log.connection('relay')),
      holder: randomUUID(),
      ...options,
    });
    relays.push(relay);
    relay.start();
    return relay;
  }

  it('M62 is equal byte for byte on both: partition, key, value and headers, in the same order', async () => {
    startRelay({ name: 'copy' }, logs[0]);
    const rows = await writeOrders(database);

    const [relayed, captured] = await Promise.all(
      logs.map((log) =>
        log.read(
          topics.map(({ name }) => name),
          rows,
        ),
      ),
    );

    expect(captured!.length).toBe(rows);
    expect(byPartition(captured!)).toEqual(byPartition(relayed!));
    await until(
      () => handing.status(),
      ({ oldestUnpublishedAgeMs, failure }) => oldestUnpublishedAgeMs === null && failure === undefined,
      60_000,
    );
  }, 240_000);

  it('U10 shows personal data only sealed, also on the topics of the tables outbox and event', async () => {
    const keys = await createTestKeys(server.url);
    try {
      const personalData = createPersonalData({ database: keys.sql, clock: systemClock });
      await writeParcel(database.sql, personalData, people[0]);
      await worker.rest.create('tables', captureOf(database, 'raw', 'public.event,public.outbox'));
      // The snapshot has the first row of each table, and the stream the second.
      await logs[1].read(['raw.public.event'], 1);
      await writeParcel(database.sql, personalData, people[1]);
      const { rows } = await database.pool.query<{ count: number }>(
        'SELECT count(*)::integer AS count FROM outbox',
      );

      const counts = { [parcels.name]: 2, 'raw.public.event': 2, 'raw.public.outbox': rows[0]!.count };
      for (const [topic, count] of Object.entries(counts)) {
        const text = textOf(await logs[1].read([topic], count));
        for (const { id, name, street } of people) {
          expect(text).toMatch(new RegExp(String.raw`sealed\\*": ?1, ?\\*"subject\\*": ?\\*"${id}\\*"`));
          expect(text).not.toContain(name);
          expect(text).not.toContain(street);
        }
      }
    } finally {
      await keys.drop();
    }
  }, 240_000);
});

const people = [
  { id: 'person-1', name: 'Ada Lovelace', street: 'Mill Lane 1' },
  { id: 'person-2', name: 'Konrad Zuse', street: 'Straße der Ärzte 2' },
] as const;

/** The bytes of the records, with those of keys and headers, as UTF-8. */
const textOf = (records: readonly ConsumedRecord[]): string =>
  records
    .flatMap(({ key, value, headers }) => [key, value, ...[...headers].flat()])
    .map((part) => part?.toString() ?? '')
    .join('\n');

/** Writes what the tables of a service get, and returns the number of rows. */
async function writeOrders({ sql }: TestDatabase): Promise<number> {
  const random = seededRandom(7);
  let rows = 0;
  for (let number = 0; number < 60; number += 1) {
    const messages = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
      orderEvent(`order-${Math.floor(random() * 12)}`, number),
    );
    const isRolledBack = number % 10 === 3;
    await sql
      .transaction(async (transaction) => {
        await appendToOutbox(transaction, messages);
        if (isRolledBack) throw new Error('rolled back');
      })
      .catch((error: Error) => expect(error.message).toBe('rolled back'));
    if (!isRolledBack) rows += messages.length;
  }
  await sql.transaction((transaction) => appendRows(transaction, rowsOfTheirOwn));
  return rows + rowsOfTheirOwn.length;
}

function orderEvent(orderId: string, number: number): OutboxMessage {
  const id = randomUUID();
  return {
    topic: 'order-events',
    key: orderId,
    message: { type: 'OrderPlaced', orderId, text: `Grüße, \u0001 "${'ß'.repeat(number * 40)}" 🎈`, number },
    attributes: {
      id: number % 2 === 0 ? id : id.toUpperCase(),
      source: '/millrace/order',
      type: 'OrderPlaced',
      time: '2026-11-28T01:00:00.000Z',
      subject: orderId,
      dataSchema: number % 3 === 0 ? '' : '/schemas/order-events/OrderPlaced/1',
      correlationId: `story ${number}`,
      causationId: id,
      ...(number % 4 === 0 && { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }),
      ...(number % 8 === 0 && { tracestate: 'a=1' }),
      ...(number % 5 === 0 && { saga: 'fulfillment', streamVersion: number }),
    },
  };
}

const none = {
  source: null,
  subject: null,
  time: null,
  dataschema: null,
  correlationid: null,
  causationid: null,
  traceparent: null,
} as const;

/** A dead letter with a value, one without anything, and a message that was sent again. */
const rowsOfTheirOwn: readonly OutboxRow[] = [
  {
    ...none,
    id: randomUUID(),
    topic: 'order-events.dlq',
    key: 'order-1',
    type: 'OrderPlaced',
    payload: '{"type":"OrderPlaced"}',
    headers: { ce_id: randomUUID(), ce_type: 'OrderPlaced', 'content-type': 'text/plain', dlq_attempts: '3' },
  },
  {
    ...none,
    id: randomUUID(),
    topic: 'order-events.dlq',
    key: null,
    type: 'unknown',
    payload: null,
    headers: { dlq_reason: 'Error: größer', 'ünïcode "name"': '' },
  },
  {
    ...none,
    id: randomUUID(),
    topic: 'order-events',
    key: 'order-1',
    type: 'OrderPlaced',
    payload: '{}',
    headers: { ce_id: randomUUID(), ce_specversion: '1.0', redrives: '1' },
  },
];

const byPartition = (records: readonly ConsumedRecord[]) =>
  Object.groupBy(
    records.map(({ topic, partition, key, value, headers }) => ({
      place: `${topic} ${partition}`,
      key: key?.toString('hex'),
      value: value?.toString('hex'),
      headers: [...headers].sort(([left], [right]) => (left < right ? -1 : 1)),
    })),
    ({ place }) => place,
  );
