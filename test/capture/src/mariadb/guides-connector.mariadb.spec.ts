import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connectConsumer, type FetchedRecord } from '@millrace/streaming-core/client';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { startKafkaConnect, type KafkaConnect } from '@millrace/testing/kafka';
import { ConnectRest } from '../connect-rest.ts';
import { debeziumPlugins } from '../debezium-plugins.ts';
import { MariaDbServer } from './mariadb-server.ts';

/** The guide's source connector, as it is. */
const guidesFile = {
  'connector.class': 'io.debezium.connector.mysql.MySqlConnector',
  'database.hostname': 'localhost',
  'database.port': '3306',
  'database.user': 'debezium',
  'database.password': 'dbz',
  'database.server.id': '184054',
  'database.server.name': 'mysql',
  'table.include.list': 'inventory.customers',
  'database.history.kafka.bootstrap.servers': 'kafka:9092',
  'database.history.kafka.topic': 'schema-changes.inventory',
};

/** The names that Debezium 2 has given to settings of the guide's file. */
const newNames = new Map([
  ['database.server.name', 'topic.prefix'],
  ['database.history.kafka.bootstrap.servers', 'schema.history.internal.kafka.bootstrap.servers'],
  ['database.history.kafka.topic', 'schema.history.internal.kafka.topic'],
]);
const withNewNames = (config: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(config).map(([name, value]) => [newNames.get(name) ?? name, value]));

const account = `
  CREATE DATABASE inventory;
  CREATE TABLE inventory.customers (id INT PRIMARY KEY, name VARCHAR(50), email VARCHAR(100));
  INSERT INTO inventory.customers VALUES (1, 'Eve', 'eve@example.com');
  CREATE USER debezium IDENTIFIED BY 'dbz';
  GRANT SELECT, RELOAD, LOCK TABLES, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO debezium;`;

let broker: TestBroker;
let database: MariaDbServer;
let worker: KafkaConnect;
beforeAll(async () => {
  broker = await startTestBroker({ settings: { 'group.initial.rebalance.delay.ms': '0' } });
  database = await MariaDbServer.start();
  await database.sql(account);
  worker = await startWorker();
}, 600_000);
afterAll(async () => {
  await worker?.kill();
  await database?.stop();
  await broker?.stop();
}, 60_000);

const json = 'org.apache.kafka.connect.json.JsonConverter';

async function startWorker(): Promise<KafkaConnect> {
  return startKafkaConnect({
    bootstrapServers: broker.bootstrapServers,
    pluginPath: await debeziumPlugins(),
    settings: {
      'key.converter': json,
      'key.converter.schemas.enable': 'false',
      'value.converter': json,
      'value.converter.schemas.enable': 'false',
    },
  });
}

let readers = 0;

/** The committed records of a topic from its beginning, up to the first one that is the last. */
async function recordsUpTo(topic: string, isLast: (text: string) => boolean): Promise<FetchedRecord[]> {
  readers += 1;
  const found: FetchedRecord[] = [];
  await using consumer = connectConsumer({
    bootstrapServers: [broker.bootstrapServers],
    clientId: 'mariadb-test',
    groupId: `reader-${readers}`,
    topics: [topic],
    autoOffsetReset: 'earliest',
    isolation: 'read_committed',
    signal: AbortSignal.timeout(120_000),
  });
  for await (const record of consumer) {
    found.push(record);
    if (isLast(`${String(record.key)} ${String(record.value)}`)) return found;
  }
  throw new Error(`the topic ${topic} has no such record, but ${JSON.stringify(found.map(shown))}`);
}

/** What a test compares of a change: operation, key, and the row before and after it. */
function shown({ key, value }: FetchedRecord) {
  const { id } = JSON.parse(String(key)) as { readonly id: number };
  if (value === null) return { id, value: null };
  const { op, before, after } = JSON.parse(String(value)) as {
    readonly op: string;
    readonly before: object | null;
    readonly after: object | null;
  };
  return { id, op, before, after };
}

it("U07 G40 the guide's file runs on Kafka's own Connect, whose changes and state are on this broker", async () => {
  const atHand = {
    ...guidesFile,
    'connector.class': 'io.debezium.connector.mariadb.MariaDbConnector',
    'database.hostname': '127.0.0.1',
    'database.port': String(database.port),
    'database.history.kafka.bootstrap.servers': broker.bootstrapServers,
    // This broker creates no topics by itself.
    'topic.creation.default.partitions': '1',
    'topic.creation.default.replication.factor': '1',
  };
  const rest = new ConnectRest(worker.url);
  await expect(rest.create('mysql-source', atHand)).rejects.toThrow('topic.prefix');
  await rest.create('mysql-source', withNewNames(atHand));
  await rest.running('mysql-source');
  const topic = 'mysql.inventory.customers';
  await recordsUpTo(topic, (text) => text.includes('eve@example.com'));

  await database.sql(`
    USE inventory;
    INSERT INTO customers VALUES (123, 'John', 'john@old.com');
    UPDATE customers SET email = 'john@new.com' WHERE id = 123;
    START TRANSACTION;
    UPDATE customers SET email = 'never' WHERE id = 123;
    ROLLBACK;
    DELETE FROM customers WHERE id = 123;
    INSERT INTO customers VALUES (2, 'Bob', NULL);`);
  const eve = { id: 1, name: 'Eve', email: 'eve@example.com' };
  const john = { id: 123, name: 'John', email: 'john@old.com' };
  const moved = { ...john, email: 'john@new.com' };
  const changes = [
    { id: 1, op: 'r', before: null, after: eve },
    { id: 123, op: 'c', before: null, after: john },
    { id: 123, op: 'u', before: john, after: moved },
    { id: 123, op: 'd', before: moved, after: null },
    { id: 123, value: null },
    { id: 2, op: 'c', before: null, after: { id: 2, name: 'Bob', email: null } },
  ];
  const seen = await recordsUpTo(topic, (text) => text.includes('Bob'));
  expect(seen.map(shown)).toEqual(changes);
  expect(JSON.parse(String(seen[2]?.value))).toMatchObject({
    source: { connector: 'mariadb', name: 'mysql', db: 'inventory', table: 'customers', server_id: 1 },
  });
  await recordsUpTo('schema-changes.inventory', (text) => text.includes('CREATE TABLE'));
  await recordsUpTo('connect-configs', (text) => text.startsWith('connector-mysql-source '));
  await recordsUpTo('connect-status', (text) => text.startsWith('status-connector-mysql-source '));
  // An offset of the snapshot would let the connector take another one.
  await recordsUpTo(
    'connect-offsets',
    (text) => text.startsWith('["mysql-source",{"server":"mysql"}] ') && !text.includes('"snapshot"'),
  );

  await worker.kill();
  await database.sql(`INSERT INTO inventory.customers VALUES (3, 'Ada', NULL)`);
  worker = await startWorker();
  await new ConnectRest(worker.url).running('mysql-source');
  // It goes on from its offset: what came again after the kill are changes, and no second snapshot.
  const all = (await recordsUpTo(topic, (text) => text.includes('Ada'))).map(shown);
  const ada = { id: 3, op: 'c', before: null, after: { id: 3, name: 'Ada', email: null } };
  expect(all.slice(0, changes.length)).toEqual(changes);
  expect(all.at(-1)).toEqual(ada);
  expect(all.slice(changes.length).map(({ op }) => op)).not.toContain('r');
}, 600_000);
