import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { avroSerde, RegistryClient, schemaIdOf } from '@millrace/schema-registry';
import { consumed, produced, serdes, StreamsBuilder } from '@millrace/streams';
import { sharedStack } from '@millrace/test-support/stack';
import { runServiceProcess, type ServiceProcess } from '@millrace/testing/service';
import { until } from '@millrace/testing/within';
import { runTopology } from './run-topology.ts';
import { StackLog } from './stack-log.ts';

const log = new StackLog(sharedStack());
let served: ServiceProcess;
let registry: RegistryClient;
beforeAll(async () => {
  served = runServiceProcess(join(import.meta.dirname, '../../../apps/registry/src'), {
    REGISTRY_PORT: '0',
    REGISTRY_TOPIC: 'guides-schemas',
    REGISTRY_GROUP: 'guides-schemas',
    KAFKA_BOOTSTRAP_SERVERS: log.bootstrapServers,
    LOG_LEVEL: 'error',
  });
  registry = new RegistryClient({ url: (await served.ready).url });
});
afterAll(async () => {
  served.kill('SIGTERM');
  await served.ended;
  await log.close();
});

interface UserEvent {
  readonly user_id: string;
  readonly action: string;
  readonly timestamp: number;
}
const fields = [
  { name: 'user_id', type: 'string' },
  { name: 'action', type: 'string' },
  { name: 'timestamp', type: 'long' },
];
const page = { name: 'page', type: 'string', default: '/' };
const recordOf = (name: string, ...of: readonly object[]) =>
  JSON.stringify({ type: 'record', name, fields: of });

describe('a topology on topics with Avro', () => {
  it('G39 reads events of an older schema and of its own, and writes records of another one', async () => {
    await log.newTopic('user-events', 1);
    await log.newTopic('page-views', 1);
    const topic = 'user-events';
    const older = await avroSerde<UserEvent>({ registry, topic, schema: recordOf('UserEvent', ...fields) });
    const events = await avroSerde<UserEvent & { readonly page: string }>({
      registry,
      topic,
      schema: recordOf('UserEvent', ...fields, page),
    });
    const views = await avroSerde<{ readonly page: string; readonly seenAt: number }>({
      registry,
      topic: 'page-views',
      schema: recordOf('PageView', page, { name: 'seenAt', type: 'long' }),
    });
    const builder = new StreamsBuilder();
    builder
      .stream(topic, consumed(serdes.string, events))
      .filter((_user, { action }) => action === 'view')
      .mapValues((event) => ({ page: event.page, seenAt: event.timestamp }))
      .to('page-views', produced(serdes.string, views));
    await using _app = await runTopology(builder.build(), log.bootstrapServers);

    const event = { user_id: '123', action: 'view', timestamp: 1_705_315_200_000 };
    const values = [
      older.encode(event),
      events.encode({ ...event, action: 'click', page: '/cart' }),
      events.encode({ ...event, page: '/lamp' }),
    ];
    await log.producer.send(values.map((value) => ({ topic, key: event.user_id, value })));

    const written = await until(
      () => log.committed('page-views'),
      (records) => records.length >= 2,
    );
    expect(written.map(({ value }) => schemaIdOf(value!))).toEqual([views.id, views.id]);
    expect(written.map(({ value }) => views.decode(value!))).toEqual([
      { page: '/', seenAt: event.timestamp },
      { page: '/lamp', seenAt: event.timestamp },
    ]);
  });
});
