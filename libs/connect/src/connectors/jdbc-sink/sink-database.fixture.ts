import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import type { SinkConnector } from '../../plugin/connector.ts';
import type { ConnectConfig } from '../../plugin/setting.ts';
import { startSink, type StartedSink } from '../sink-task.fixture.ts';
import { confluentJdbcSink } from './confluent-jdbc-sink.ts';

/** The settings of the guides' sink, G41. */
export const guides = { 'auto.create': 'true', 'insert.mode': 'upsert', 'pk.mode': 'record_key' };

export interface SinkDatabase {
  readonly database: TestDatabase;
  /** The settings with which a sink reaches the database. */
  readonly connection: ConnectConfig;
  start(
    config: ConnectConfig,
    more?: { connector?: SinkConnector; tolerates?: boolean },
  ): Promise<StartedSink>;
  rowsOf(table: string): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

/** Creates a database of its own, and starts sinks that write into it. */
export async function openSinkDatabase(): Promise<SinkDatabase> {
  const database = await createTestDatabase();
  const { host, username, password } = new URL(database.url);
  const connection = {
    'connection.url': `jdbc:postgresql://${host}/${database.name}`,
    'connection.user': username,
    'connection.username': username,
    'connection.password': password,
  };
  const started: StartedSink[] = [];
  return {
    database,
    connection,
    async start(config, more) {
      const sink = await startSink({
        connector: confluentJdbcSink,
        ...more,
        config: { ...connection, ...config },
      });
      started.push(sink);
      return sink;
    },
    rowsOf: async (table) =>
      (await database.pool.query(`SELECT * FROM ${table} ORDER BY 1`)).rows as unknown[],
    async close() {
      for (const { task } of started) await task.stop();
      await database.drop();
    },
  };
}
