import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { freePorts, startKafkaConnect, type KafkaConnect } from '@millrace/testing/kafka';
import { createTestDatabase, startPostgresServer, type TestDatabase } from '@millrace/testing/postgres';
import { ConnectProcess } from '../connect-process.ts';
import { captureOf, ConnectRest, type ConnectorConfig } from '../connect-rest.ts';
import { debeziumPlugins } from '../debezium-plugins.ts';

/** A worker with a broker of its own, so that both sides write topics of the same names. */
export interface Side {
  readonly name: 'millrace' | 'debezium';
  readonly broker: TestBroker;
  readonly rest: ConnectRest;
  readonly pid: number;
}

/** One database, and our worker and Kafka's Connect with Debezium beside each other. */
export interface TwoSides extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly millrace: Side;
  readonly debezium: Side;
  sql(...statements: readonly string[]): Promise<void>;
}

export interface TwoSidesOptions {
  readonly print?: (line: string) => void;
  /** Settings of the worker of Kafka's own Connect, in addition to its defaults. */
  readonly javaSettings?: Readonly<Record<string, string>>;
}

export async function openTwoSides(options: TwoSidesOptions = {}): Promise<TwoSides> {
  const parts = new AsyncDisposableStack();
  try {
    const server = await startPostgresServer();
    parts.defer(() => server.stop());
    const database = await createTestDatabase(server.url);
    parts.defer(() => database.pool.end());
    const brokerSettings = { settings: { 'group.initial.rebalance.delay.ms': '0' } };
    const brokers = [await startTestBroker(brokerSettings), await startTestBroker(brokerSettings)] as const;
    for (const broker of brokers) parts.defer(() => broker.stop());
    const java = await startDebezium(brokers[1].bootstrapServers, options);
    parts.defer(() => java.kill());
    const [port = 0] = await freePorts(1);
    const worker = await ConnectProcess.start(brokers[0].bootstrapServers, port);
    parts.defer(() => worker.end('SIGKILL'));
    return {
      database,
      millrace: { name: 'millrace', broker: brokers[0], rest: worker.rest, pid: worker.pid },
      debezium: { name: 'debezium', broker: brokers[1], rest: new ConnectRest(java.url), pid: java.pid },
      async sql(...statements) {
        for (const statement of statements) await database.pool.query(statement);
      },
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

/** The flags with which Kafka's own scripts start its Connect. */
const javaFlags = [
  '-Xms256M',
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
];

/** Starts Kafka's own Connect with Debezium's connectors, with the flags of Kafka. */
const startDebezium = async (
  bootstrapServers: string,
  { print, javaSettings }: TwoSidesOptions,
): Promise<KafkaConnect> =>
  startKafkaConnect({
    bootstrapServers,
    pluginPath: await debeziumPlugins(print),
    settings: {
      ...jsonConverters(true),
      'offset.storage.partitions': '1',
      'status.storage.partitions': '1',
      'offset.flush.interval.ms': '60000',
      ...javaSettings,
    },
    heapMegabytesMax: 2_048,
    javaFlags,
  });

export interface CaptureOptions {
  /** The first part of the topics, and with the side the name of slot and publication. */
  readonly prefix: string;
  readonly tables: string;
  /** Whether keys and values have their schemas beside them. */
  readonly schemas: boolean;
}

/** The same configuration for both sides, but for the slot. */
export function captureConfig(
  database: TestDatabase,
  { name }: Side,
  { prefix, tables, schemas }: CaptureOptions,
): ConnectorConfig {
  const slot = `${prefix}_${name}`;
  // Our records have no such headers, which name the connector and its run.
  const ofDebezium = { 'extended.headers.enabled': 'false' };
  return {
    ...captureOf(database, prefix, tables),
    'plugin.name': 'pgoutput',
    'slot.name': slot,
    'publication.name': slot,
    'publication.autocreate.mode': 'filtered',
    'skipped.operations': 'none',
    'heartbeat.interval.ms': '0',
    'topic.creation.default.partitions': '1',
    'topic.creation.default.replication.factor': '1',
    ...jsonConverters(schemas),
    ...(name === 'debezium' && ofDebezium),
  };
}

/** Keys and values as JSON, with or without their schemas. */
export const jsonConverters = (schemas: boolean): ConnectorConfig => ({
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'key.converter.schemas.enable': String(schemas),
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': String(schemas),
});
