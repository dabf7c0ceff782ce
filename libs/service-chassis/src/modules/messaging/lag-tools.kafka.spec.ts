import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { startBroker } from '@millrace/streaming-core/broker';
import {
  connectAdmin,
  connectGroupConsumer,
  connectProducer,
  type ProducerRecord,
} from '@millrace/streaming-core/client';
import { topic } from '@millrace/streaming-core/contract';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { appendToOutbox } from '@millrace/streaming-core/outbox';
import { migrate, streamingCoreMigrations } from '@millrace/streaming-core/postgres';
import { kafkaTool } from '@millrace/testing/kafka';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { within } from '@millrace/testing/within';
import { z } from 'zod';
import { readConfig } from '../../ground/config/read-config.ts';
import { serviceConfig } from '../../ground/config/service-config.ts';
import { DatabaseModule } from '../../database/database.module.ts';
import { chassisMigrations } from '../../database/required-migrations.ts';
import { newId } from '../events/recording.ts';
import { startService } from '../../boot/operated-service.ts';
import type { RunningService } from '../../boot/start-service.ts';
import { Handles } from './consumer-transport.ts';
import { MessagingModule } from './messaging.module.ts';

const commands = topic(
  'ledger-commands',
  { key: 'entryId', partitions: 2, retention: 'unlimited' },
  { Enter: z.strictObject({ entryId: z.string() }) },
);

@Controller()
class LedgerMessages {
  @Handles(commands.Enter)
  enter(): Promise<void> {
    return Promise.resolve();
  }
}

@Module({})
class LedgerModule {}

/** Returns what Kafka's own tool shows for a group: topic, partition, current offset, end, lag. */
async function describeByTool(bootstrapServers: string, group: string): Promise<readonly string[]> {
  const args = ['--bootstrap-server', bootstrapServers, '--describe', '--group', group];
  const output = await kafkaTool('consumer.group.ConsumerGroupCommand', args);
  const rows = output.split('\n').map((line) => line.trim().split(/\s+/));
  return rows
    .filter(([name]) => name === group)
    .map((columns) => columns.slice(1, 6).join(' '))
    .sort();
}

const until = within(60_000);

interface LogUnderTest {
  readonly bootstrapServers: string;
  close(): Promise<void>;
}

/** Our broker, and the Kafka that this project's setup has started. */
const engines: Readonly<Record<string, () => Promise<LogUnderTest>>> = {
  'the embedded broker': async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'millrace-lag-'));
    const broker = await startBroker({ dataFolder, port: 0 });
    const close = async () => {
      await broker.close();
      await rm(dataFolder, { recursive: true, force: true });
    };
    return { bootstrapServers: `127.0.0.1:${broker.port}`, close };
  },
  'Apache Kafka': () =>
    Promise.resolve({
      bootstrapServers: process.env.MILLRACE_TEST_BROKER ?? '',
      close: () => Promise.resolve(),
    }),
};

describe.each(Object.entries(engines))("Kafka's own lag tool on %s", (_name, open) => {
  let log: LogUnderTest;
  let database: TestDatabase;
  let service: RunningService;
  const userEvents = {
    name: `user-events-${newId()}`,
    key: 'none',
    partitions: 3,
    retention: 'unlimited',
    cleanup: 'delete',
  } as const;
  const group = `analytics-group-${newId()}`;
  const closing: Array<{ close(): Promise<void> }> = [];

  beforeAll(async () => {
    [log, database] = await Promise.all([open(), createTestDatabase()]);
    await migrate(database.sql, [
      { library: 'streaming-core', folder: streamingCoreMigrations },
      chassisMigrations,
    ]);
    const connection = {
      bootstrapServers: [log.bootstrapServers],
      clientId: 'analytics',
      logger: silentLogger,
    };
    const admin = connectAdmin(connection);
    await admin.createTopics([commands.declaration, userEvents]);
    const producer = connectProducer(connection);
    await producer.send([...records(0, 1_500), ...records(1, 2_100)]);
    const member = connectGroupConsumer({
      ...connection,
      groupId: group,
      topics: [userEvents.name],
      sessionTimeoutMs: 30_000,
    });
    closing.push(member, producer, admin);
    await member.start({ onRevoked: () => Promise.resolve(), onAssigned: () => Promise.resolve() });
    await member.commit(
      [1_000n, 2_000n].map((offset, partition) => ({ topic: userEvents.name, partition, offset })),
    );
    service = await startLedger();
  }, 120_000);
  afterAll(async () => {
    await service?.stop();
    for (const client of closing) await client.close();
    await database?.drop();
    await log?.close();
  });

  const records = (partition: number, count: number): ProducerRecord[] =>
    Array.from({ length: count }, (_, n) => ({
      topic: userEvents.name,
      key: null,
      value: String(n),
      partition,
    }));

  async function startLedger(): Promise<RunningService> {
    const config = readConfig(serviceConfig('ledger', 0), {
      LEDGER_DATABASE_URL: database.url,
      KAFKA_BOOTSTRAP_SERVERS: log.bootstrapServers,
      LAG_GROUPS: group,
      WATCH_EVERY_MS: '200',
    });
    const module = {
      module: LedgerModule,
      imports: [
        DatabaseModule.forRoot({ url: config.databaseUrl, poolSize: 5, entities: [] }),
        MessagingModule.forRoot({ commands: [commands], events: [] }),
      ],
      controllers: [LedgerMessages],
    };
    const started = await startService({
      name: 'ledger',
      config,
      logger: silentLogger,
      module: () => module,
    });
    await started.started;
    return started;
  }

  /** Returns topic, partition and lag of a group as our own metric shows them. */
  async function lagByMetric(of: string): Promise<readonly string[]> {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    const series = [
      ...text.matchAll(
        /^kafka_consumer_group_lag\{group="([^"]+)",topic="([^"]+)",partition="(\d+)".*\} (\S+)$/gm,
      ),
    ];
    return series
      .filter(([, found]) => found === of)
      .map(([, , name, partition, lag]) => `${name} ${partition} ${lag}`);
  }

  it('R10 shows a lag of 500 and 100 for the offsets 1000 of 1500 and 2000 of 2100, as our metric does', async () => {
    await until(async () => (await lagByMetric(group)).length > 0);

    expect(await describeByTool(log.bootstrapServers, group)).toEqual([
      `${userEvents.name} 0 1000 1500 500`,
      `${userEvents.name} 1 2000 2100 100`,
      `${userEvents.name} 2 - 0 -`, // a member owns it, and nobody has committed an offset
    ]);
    expect(await lagByMetric(group)).toEqual([`${userEvents.name} 0 500`, `${userEvents.name} 1 100`]);
  }, 60_000);

  it('R10 shows the offsets of a Millrace service, which are in PostgreSQL, and no lag', async () => {
    const ids = Array.from({ length: 40 }, () => newId());
    const told = {
      source: '/test',
      type: 'Enter',
      time: new Date().toISOString(),
      dataSchema: '/schemas/Enter/1',
    };
    await database.sql.transaction((transaction) =>
      appendToOutbox(
        transaction,
        ids.map((id) => {
          const attributes = { ...told, id, subject: id, correlationId: id, causationId: id };
          return {
            topic: commands.declaration.name,
            key: id,
            message: commands.Enter({ entryId: id }),
            attributes,
          };
        }),
      ),
    );
    const handled = async () => {
      const { rows } = await database.sql.query<{ partition: number; next_offset: string }>(
        `SELECT partition, next_offset FROM consumer_offset WHERE consumer_group = 'ledger' ORDER BY partition`,
      );
      return rows.map(
        ({ partition, next_offset: offset }) => `ledger-commands ${partition} ${offset} ${offset} 0`,
      );
    };
    const total = async () => (await handled()).reduce((sum, row) => sum + Number(row.split(' ')[2]), 0);
    await until(async () => (await total()) === ids.length);

    let seen: readonly string[] = [];
    await until(async () => {
      // the offsets in Kafka follow within about a second
      seen = await describeByTool(log.bootstrapServers, 'ledger');
      return seen.join() === (await handled()).join();
    });
    expect(seen).toHaveLength(2);
    const caughtUp = ['ledger-commands 0 0', 'ledger-commands 1 0'];
    await until(
      async () => (await lagByMetric('ledger')).join() === caughtUp.join(),
      'the metric, which is updated every 200 ms',
    );
  }, 120_000);
});
