import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import { avroSerde, RegistryClient } from '@millrace/schema-registry';
import { connectAdmin, connectProducer } from '@millrace/streaming-core/client';
import { until } from '@millrace/testing/within';
import { confluentJdbcSink } from '../../connectors/jdbc-sink/confluent-jdbc-sink.ts';
import { openSinkDatabase, type SinkDatabase } from '../../connectors/jdbc-sink/sink-database.fixture.ts';
import { parquetSink } from '../../connectors/parquet-sink/parquet-sink-connector.ts';
import { CaptureWorld } from '../../connectors/postgres-cdc/capture.fixture.ts';
import { postgresConnector } from '../../connectors/postgres-cdc/postgres-connector.ts';
import { avroConverter, pluginTable, type ConnectConfig } from '../../index.ts';
import { openSuite, type Suite } from '../../open-suite.fixture.ts';
import { startTestRegistry, type TestRegistry } from '../../registry.fixture.ts';
import { countingSource } from '../../tiny-connectors.fixture.ts';
import type { TestWorker } from '../../worker.fixture.ts';

const plugins = pluginTable({
  connectors: [postgresConnector(), countingSource, confluentJdbcSink, parquetSink],
  converters: [avroConverter],
});
const limitMs = 60_000;

let suite: Suite;
let served: TestRegistry;
let worker: TestWorker;
let sinks: SinkDatabase;
beforeAll(async () => {
  suite = await openSuite();
  served = await startTestRegistry({ bootstrapServers: suite.broker.bootstrapServers });
  worker = await suite.worker({ plugins, flushIntervalMs: 100 });
  sinks = await openSinkDatabase();
}, 120_000);
afterAll(async () => {
  await worker?.stop();
  await served?.[Symbol.asyncDispose]();
  await sinks?.close();
  await suite?.close();
});

const avro = (part: 'key' | 'value', url = served.url): ConnectConfig => ({
  [`${part}.converter`]: 'io.confluent.connect.avro.AvroConverter',
  [`${part}.converter.schema.registry.url`]: url,
  [`${part}.converter.ignore.default.for.nullables`]: 'true',
});
const unwrap = {
  transforms: 'unwrap',
  'transforms.unwrap.type': 'io.debezium.transforms.ExtractNewRecordState',
};
const jdbc = (topics: string, table: string, more: ConnectConfig = {}): ConnectConfig => ({
  'connector.class': 'io.confluent.connect.jdbc.JdbcSinkConnector',
  'connection.url': sinks.connection['connection.url']!,
  'connection.user': sinks.connection['connection.user']!,
  'connection.password': sinks.connection['connection.password']!,
  topics,
  'table.name.format': table,
  'auto.create': 'true',
  ...more,
});
const rowsWhen = (table: string, count: number) =>
  until(
    () => sinks.rowsOf(table).catch(() => []),
    ({ length }) => length === count,
    limitMs,
  );

/** A connector that runs would use the slot of the database, which cannot be dropped then. */
async function endCapture(world: CaptureWorld): Promise<void> {
  await worker.request('DELETE', '/connectors/capture');
  await until(
    () => worker.worker.tasks,
    (tasks) => tasks.every(({ connector }) => connector !== 'capture'),
    limitMs,
  );
  await world.close();
}

const customers = `CREATE TABLE customers
  (id int PRIMARY KEY, name text, balance numeric(10,2) NOT NULL, born date, seen timestamp, level smallint DEFAULT 3)`;

describe('the converter for Avro', () => {
  it('N48 writes the changes of a table, which the serde, PostgreSQL and Parquet read', async () => {
    const world = await CaptureWorld.open(
      customers,
      `INSERT INTO customers VALUES (1, 'Ada', 12.34, '1815-12-10', '2024-01-15 10:40:00.123456', 1), (2, NULL, -0.5, NULL, NULL, NULL)`,
    );
    try {
      const topic = 'shop.public.customers';
      await worker.run('capture', {
        'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
        ...world.config(),
        ...avro('key'),
        ...avro('value'),
      });
      const [first] = await suite.records(topic, 2);

      const registry = new RegistryClient({ url: served.url });
      const { schema } = await registry.version(`${topic}-value`, 'latest');
      const serde = await avroSerde<object>({ registry, schema, topic, autoRegister: false, bigints: true });
      expect(serde.decode(first!.value!)).toMatchObject({
        op: 'r',
        before: null,
        after: { id: 1, name: 'Ada', seen: 1_705_315_200_123_456n, level: 1 },
      });
      const { schema: key } = await registry.version(`${topic}-key`, 'latest');
      const keys = await avroSerde<object>({
        registry,
        schema: key,
        topic,
        isKey: true,
        autoRegister: false,
      });
      expect(keys.decode(first!.key!)).toEqual({ id: 1 });

      const read = { ...avro('key'), ...avro('value'), ...unwrap };
      await worker.run(
        'table',
        jdbc(topic, 'copied', { ...read, 'insert.mode': 'upsert', 'pk.mode': 'record_key' }),
      );
      const path = join(suite.folder, 'lake');
      await worker.run('files', {
        'connector.class': 'parquet-sink',
        topics: topic,
        path,
        'roll.rows': '2',
        ...read,
      });
      const copied = await rowsWhen('copied', 2);
      const original = (await world.sql('SELECT * FROM customers ORDER BY 1')) as readonly object[];
      expect(copied).toEqual(original);

      const connection = await (await DuckDBInstance.create()).connect();
      const sql = `SELECT id, name, balance::text AS balance, born::text AS born FROM read_parquet('${path}/*/*/*.parquet') ORDER BY id`;
      const rows = await until(
        async () => (await connection.runAndReadAll(sql).catch(() => undefined))?.getRowObjectsJson() ?? [],
        ({ length }) => length === 2,
        limitMs,
      );
      connection.closeSync();
      expect(rows).toEqual([
        { id: 1, name: 'Ada', balance: '12.34', born: '1815-12-10' },
        { id: 2, name: null, balance: '-0.50', born: null },
      ]);
    } finally {
      await endCapture(world);
    }
  }, 180_000);

  /** Writes records of `{ n }`, and between them bytes that no serializer has written. */
  async function send(topic: string, values: ReadonlyArray<number | Buffer>): Promise<void> {
    const schema = JSON.stringify({ type: 'record', name: 'N', fields: [{ name: 'n', type: 'int' }] });
    const serde = await avroSerde({ registry: new RegistryClient({ url: served.url }), schema, topic });
    await using admin = connectAdmin(suite.connection());
    await admin.topics.create([{ name: topic, partitions: 1 }]);
    await using producer = connectProducer(suite.connection());
    await producer.send(
      values.map((value) => ({
        topic,
        key: 'k',
        value: typeof value === 'number' ? serde.encode({ n: value }) : value,
      })),
    );
  }

  it('N35 fails at a record that is not Avro or has an unknown schema, and names its place', async () => {
    await send('torn', [1, Buffer.from('{"n":2}')]);
    await worker.request('POST', '/connectors', {
      name: 'torn',
      config: jdbc('torn', 'torn', { ...avro('value') }),
    });
    const { body } = await until(
      () => worker.request('GET', '/connectors/torn/status'),
      (answer) => answer.body?.tasks?.[0]?.state === 'FAILED',
      limitMs,
    );
    expect(body.tasks[0].trace).toContain(
      'VALUE_CONVERTER of topic torn, partition 0, offset 1: the bytes do not begin with 0 and the id of a schema',
    );
  }, 90_000);

  it('N35 sends records that are not Avro to the dead letter queue with errors.tolerance=all', async () => {
    const unknown = Buffer.from([0, 0, 1, 0, 0, 2]);
    const short = Buffer.from([0, 0, 0, 0, 1]);
    await send('mixed', [1, Buffer.from('text'), unknown, short, 2]);
    await worker.run(
      'mixed',
      jdbc('mixed', 'mixed', {
        ...avro('value'),
        'errors.tolerance': 'all',
        'errors.deadletterqueue.topic.name': 'mixed-dead',
        'errors.deadletterqueue.context.headers.enable': 'true',
      }),
    );
    const dead = await suite.records('mixed-dead', 3);
    const told = dead.map(({ headers }) => [
      headers.get('__connect.errors.offset'),
      headers.get('__connect.errors.exception.message'),
    ]);
    expect(Object.fromEntries(told)).toEqual({
      1: expect.stringContaining('no serializer of a registry wrote them'),
      2: expect.stringContaining('Schema 65536 not found'),
      3: expect.stringContaining('the bytes do not match schema 1'),
    });
    expect(await rowsWhen('mixed', 2)).toEqual([{ n: 1 }, { n: 2 }]);
  }, 90_000);

  it('N35 waits for a registry that is away, as long as errors.retry.timeout says', async () => {
    await send('waiting', [1]);
    let asked = 0;
    const away = createServer((_request, response) => {
      asked += 1;
      response.writeHead(503).end();
    }).listen(0, '127.0.0.1');
    await once(away, 'listening');
    const { port } = away.address() as AddressInfo;
    await worker.run(
      'waiting',
      jdbc('waiting', 'waiting', {
        ...avro('value', `http://127.0.0.1:${port}`),
        'errors.retry.timeout': '60000',
        'errors.retry.delay.max.ms': '300',
      }),
    );
    await until(
      () => asked,
      (count) => count > 1,
      limitMs,
    );
    away.closeAllConnections();
    away.close();
    await using back = await startTestRegistry({ bootstrapServers: suite.broker.bootstrapServers, port });
    expect(await rowsWhen('waiting', 1)).toEqual([{ n: 1 }]);
    await worker.request('DELETE', '/connectors/waiting');
    expect(back.url).toContain(String(port));
  }, 120_000);

  it('N48 writes with the latest schema if use.latest.version is set', async () => {
    const fields = [
      { name: 'n', type: 'int' },
      { name: 'since', type: 'string', default: 'today' },
    ];
    const schema = JSON.stringify({ type: 'record', name: 'Few', fields });
    const registry = new RegistryClient({ url: served.url });
    const serde = await avroSerde({ registry, schema, topic: 'few' });
    await worker.run('few', {
      'connector.class': 'counting',
      topic: 'few',
      count: '1',
      ...avro('value'),
      'value.converter.auto.register.schemas': 'false',
      'value.converter.use.latest.version': 'true',
    });
    const [written] = await suite.records('few', 1);
    expect(serde.decode(written!.value!)).toEqual({ n: 1, since: 'today' });
  }, 60_000);

  it('N32 rejects each wrong setting with the remedy', async () => {
    const { body } = await worker.request('PUT', '/connector-plugins/JdbcSinkConnector/config/validate', {
      ...jdbc('any', 'any'),
      name: 'wrong',
      'key.converter': 'AvroConverter',
      ...avro('value', 'localhost:8081'),
      'value.converter.value.subject.name.strategy': 'PerTopic',
      'value.converter.schema.registry.urls': 'x',
    });
    const configs = body.configs as { value: { name: string; errors: string[] } }[];
    const wrong = configs.filter(({ value }) => value.errors.length > 0).map(({ value }) => value);
    expect(Object.fromEntries(wrong.map(({ name, errors }) => [name, errors.join()]))).toEqual({
      'key.converter.schema.registry.url': expect.stringContaining('Missing required configuration'),
      'value.converter.schema.registry.url': expect.stringContaining('begins with http:// or https://'),
      'value.converter.value.subject.name.strategy': expect.stringContaining('use one of TopicNameStrategy'),
      'value.converter.schema.registry.urls': expect.stringContaining('has no setting'),
    });
  });
});
