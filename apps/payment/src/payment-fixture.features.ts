import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountEvents, paymentCommands, paymentEvents } from '@millrace/contracts';
import { createLogger, newId, readConfig, serviceMigrations, startService, type RunningService } from '@millrace/service-chassis';
import { startBroker } from '@millrace/streaming-core/broker';
import { connectAdmin, connectGroupConsumer, connectProducer } from '@millrace/streaming-core/client';
import type { Message, TopicDeclaration } from '@millrace/streaming-core/contract';
import { migrate, silentLogger } from '@millrace/streaming-core/postgres';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { settings } from './config.ts';
import { paymentModule } from './payment.module.ts';

const declared = [paymentCommands, paymentEvents, accountEvents].map(({ declaration }) => declaration);
const deadLetters = declared.map((declaration): TopicDeclaration => ({ ...declaration, name: `${declaration.name}.dlq`, partitions: 1 }));

export interface PublishedMessage {
  readonly message: Message;
  readonly headers: ReadonlyMap<string, string>;
}

/** The payment service over HTTP and the log, on a database and a broker of its own. */
export interface PaymentFixture {
  readonly database: TestDatabase;
  readonly bootstrapServers: string;
  readonly logs: string[];
  readonly service: () => RunningService;
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: Json; headers: Headers }>;
  /** Puts a command on `payment-commands` as another service's relay would, and returns its id. */
  command(message: Message, id?: string): Promise<string>;
  /** Every message on a topic for one key, in order. */
  published(topic: string, key: string): Promise<readonly PublishedMessage[]>;
  restart(): Promise<void>;
  /** Closes the broker, and returns the way to bring it back at its address with its data. */
  loseBroker(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

// What a test reads out of an answer is checked by its expectations.
export type Json = Record<string, unknown> & { readonly items?: readonly Record<string, unknown>[] };

export async function openPayment(): Promise<PaymentFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-payment-'));
  const database = await createTestDatabase();
  await migrate(database.sql, serviceMigrations({ service: 'payment', folder: join(import.meta.dirname, 'migrations') }));
  let broker = await startBroker({ dataFolder: folder, port: 0 });
  const { port } = broker;
  const bootstrapServers = [`127.0.0.1:${port}`];
  const connection = { bootstrapServers, clientId: 'test', logger: silentLogger };
  const admin = connectAdmin(connection);
  await admin.createTopics([...declared, ...deadLetters]);
  const producer = connectProducer(connection);
  const reader = connectGroupConsumer({ ...connection, groupId: newId(), topics: declared.map(({ name }) => name), fetchMaxWaitMs: 10 });
  const logs: string[] = [];

  const config = readConfig(settings, {
    PAYMENT_PORT: '0',
    PAYMENT_DATABASE_URL: database.url,
    KAFKA_BOOTSTRAP_SERVERS: bootstrapServers.join(),
  });
  const logger = createLogger({ service: 'payment', level: 'debug', write: (line) => logs.push(line) });
  const start = async () => {
    const started = await startService({ name: 'payment', config, logger, module: paymentModule });
    await started.started;
    return started;
  };
  let service = await start();

  return {
    database,
    bootstrapServers: bootstrapServers.join(),
    logs,
    service: () => service,
    async call(method, path, body, headers = {}) {
      const answer = await fetch(service.url + path, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as Json, headers: answer.headers };
    },
    async command(message, id = newId()) {
      const key = String(message.orderId);
      const headers = {
        ce_id: id,
        ce_source: '/millrace/order',
        ce_type: message.type,
        ce_time: new Date().toISOString(),
        ce_subject: key,
        ce_dataschema: `/schemas/payment-commands/${message.type}/1`,
        ce_correlationid: `story-${key}`,
        ce_causationid: 'test',
        ce_specversion: '1.0',
      };
      await producer.send([{ topic: 'payment-commands', key, value: JSON.stringify(message), headers }]);
      return id;
    },
    async published(topic, key) {
      const partitions = declared.find(({ name }) => name === topic)?.partitions ?? 1;
      const positions = Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 0n }));
      const records = (await reader.fetch(positions)).flatMap((answer) => answer.records);
      return records
        .filter((record) => record.key?.toString() === key)
        .map((record) => ({ message: JSON.parse(String(record.value)) as Message, headers: record.headers }));
    },
    async restart() {
      await service.stop();
      service = await start();
    },
    async loseBroker() {
      await broker.close();
      return async () => {
        broker = await startBroker({ dataFolder: folder, port });
      };
    },
    async close() {
      await service.stop();
      await Promise.all([producer.close(), reader.close(), admin.close()]);
      await broker.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function until<Value>(look: () => Promise<Value>, wanted: (value: Value) => boolean, limitMs = 10_000): Promise<Value> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const value = await look();
    if (wanted(value)) return value;
    if (performance.now() > deadline) throw new Error(`not in time; last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
