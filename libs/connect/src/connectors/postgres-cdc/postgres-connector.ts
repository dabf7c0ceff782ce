import { systemClock, type Clock } from '@millrace/streaming-core/runtime';
import { ConnectError } from '../../plugin/connect-error.ts';
import type { SourceConnector } from '../../plugin/connector.ts';
import type { ConnectConfig, SettingError } from '../../plugin/setting.ts';
import { CaptureTask } from './capture-task.ts';
import { connectTo, databaseError } from './connection.ts';
import { debeziumVersion } from './envelope.ts';
import { selectTables } from './publication.ts';
import { captureSettings, ignoredSettings, toCaptureSettings } from './settings.ts';
import { findSlot } from './slot.ts';
import { TableSelection } from './table-selection.ts';

/** Captures the changes of a PostgreSQL database, with the settings and records of Debezium's connector. */
export const postgresConnector = (clock: Clock = systemClock): SourceConnector => ({
  kind: 'source',
  class: 'io.debezium.connector.postgresql.PostgresConnector',
  aliases: ['PostgresConnector', 'postgres-cdc'],
  taskClass: 'io.debezium.connector.postgresql.PostgresConnectorTask',
  version: debeziumVersion,
  settings: captureSettings,
  ignored: ignoredSettings,
  check: checkDatabase,
  createTask: () => new CaptureTask(clock),
  keptLogBytes,
});

/** Connects as the task will, and looks for reasons why it could not run. */
async function checkDatabase(config: ConnectConfig): Promise<readonly SettingError[]> {
  const settings = toCaptureSettings(config);
  try {
    const client = await connectTo({ address: settings.database, application: 'millrace-cdc:check' });
    try {
      const { rows } = await client.query<{ level: string; replicates: string }>(
        `SELECT current_setting('wal_level') AS level, (rolreplication OR rolsuper)::text AS replicates
          FROM pg_roles WHERE rolname = current_user`,
      );
      const { level, replicates } = rows[0]!;
      if (level !== 'logical')
        return [
          problem(
            'database.hostname',
            `the server has wal_level = ${level}: set it to logical and restart the server`,
          ),
        ];
      if (replicates !== 'true')
        return [
          problem(
            'database.user',
            `it may not replicate: ALTER ROLE "${settings.database.user}" REPLICATION`,
          ),
        ];
      await selectTables(client, new TableSelection(settings)).catch((error: unknown) => {
        throw Object.assign(databaseError(error), { setting: 'table.include.list' });
      });
      return [];
    } finally {
      await client.end();
    }
  } catch (error) {
    const failure = databaseError(error) as Error & { setting?: string };
    if (!(failure instanceof ConnectError)) throw failure;
    return [problem(failure.setting ?? 'database.hostname', failure.message)];
  }
}

async function keptLogBytes(config: ConnectConfig): Promise<number> {
  const { database, slot } = toCaptureSettings(config);
  const client = await connectTo({ address: database, application: 'millrace-cdc:watch' });
  try {
    return Number((await findSlot(client, slot))?.kept ?? 0);
  } finally {
    await client.end();
  }
}

const problem = (setting: string, message: string): SettingError => ({ setting, message });
