import { connectAdmin } from '@millrace/streaming-core/client';
import { declareDeadLetters, type Topic } from '@millrace/streaming-core/contract';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { migrate, streamingCoreMigrations } from '@millrace/streaming-core/postgres';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { chassisMigrations } from '../../database/required-migrations.ts';

/**
 * The result of the setup step for a service: a log with its topic, and a database with the
 * libraries' tables.
 */
export interface LogAndDatabase {
  readonly broker: TestBroker;
  readonly database: TestDatabase;
  close(): Promise<void>;
}

export async function openLogAndDatabase({
  declaration,
}: Pick<Topic, 'declaration'>): Promise<LogAndDatabase> {
  const [database, broker] = await Promise.all([createTestDatabase(), startTestBroker()]);
  await migrate(database.sql, [
    { library: 'streaming-core', folder: streamingCoreMigrations },
    chassisMigrations,
  ]);
  const admin = connectAdmin({
    bootstrapServers: [`127.0.0.1:${broker.port}`],
    clientId: 'setup',
    logger: silentLogger,
  });
  await admin.createTopics([declaration, declareDeadLetters(declaration)]);
  await admin.close();
  return {
    broker,
    database,
    async close() {
      await broker.stop();
      await database.drop();
    },
  };
}
