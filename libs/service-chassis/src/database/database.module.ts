import { DATABASE, QUIET_DATABASE } from './database.tokens.ts';
import { Module, type DynamicModule } from '@nestjs/common';
import type { MigrationFolder, SqlDatabase } from '@millrace/streaming-core/postgres';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Logger } from '@millrace/streaming-core/runtime';
import { DATABASE_CLIENT, type DatabaseClientIdentity } from '../ground/config/database-config.ts';
import { provide, provideClosing, token } from '../ground/provide.ts';
import { HEALTH, type Health } from '../observability/health/health.ts';
import { LOGGER } from '../ground/logging/logger.ts';
import { METRICS, type Metrics } from '../observability/metrics/metrics.ts';
import { WATCHER, type Watcher } from '../observability/watch/watcher.ts';
import { watchWrites } from '../observability/watch/database-watches.ts';
import { COMMITS, createCommits } from './commits.ts';
import { connect, createDataSource, type DatabaseOptions } from './data-source.ts';
import { ENTITIES, entitiesOf, joiningRequests } from './request-transaction.ts';
import { reportPool } from '../observability/telemetry/reports.ts';
import { waitForMigrations } from './required-migrations.ts';
import { typeOrmDatabase } from './typeorm-database.ts';

export interface DatabaseModuleOptions extends Omit<DatabaseOptions, 'applicationName'> {
  /**
   * The migrations that the setup step applies (`serviceMigrations`). The service waits until none
   * is missing.
   */
  readonly migrations?: readonly MigrationFolder[];
}

/**
 * One pool per app, for raw SQL and entities alike. Provides `DATABASE`, `QUIET_DATABASE`,
 * `ENTITIES`, `COMMITS` and a repository of each entity (`@InjectRepository`) everywhere.
 */
@Module({})
export class DatabaseModule {
  static forRoot(options: DatabaseModuleOptions): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      imports: [TypeOrmModule.forFeature([...(options.entities ?? [])])],
      providers: [
        provide(COMMITS, [], createCommits),
        {
          provide: DataSource,
          inject: [DATABASE_CLIENT, LOGGER],
          useFactory: (app: DatabaseClientIdentity, logger: Logger) => open(options, app, logger),
        },
        provide(DATABASE, [DataSource, COMMITS], (source, commits) =>
          joiningRequests(typeOrmDatabase(source, { onCommit: commits.announce, findWorker: commits.find })),
        ),
        provide(QUIET_DATABASE, [DataSource], (source) => typeOrmDatabase(source)),
        provide(token<void>('database health'), [HEALTH, QUIET_DATABASE, WATCHER, METRICS], checkDatabase),
        provide(ENTITIES, [DataSource], entitiesOf),
        provideClosing(DataSource, (source) => (source.isInitialized ? source.destroy() : undefined)),
      ],
      exports: [DataSource, DATABASE, QUIET_DATABASE, COMMITS, ENTITIES, TypeOrmModule],
    };
  }
}

async function open(
  options: DatabaseModuleOptions,
  { name, config }: DatabaseClientIdentity,
  logger: Logger,
): Promise<DataSource> {
  const source = createDataSource({ ...options, applicationName: `millrace-${name}` });
  const limits = { waitMsMax: config.startupWaitMs, logger };
  await connect(source, { url: options.url, ...limits });
  reportPool(options.url, source);
  try {
    await waitForMigrations(typeOrmDatabase(source), options.migrations ?? [], limits);
    return source;
  } catch (error) {
    await source.destroy();
    throw error;
  }
}

function checkDatabase(health: Health, database: SqlDatabase, watcher: Watcher, { registry }: Metrics): void {
  const writes = watchWrites({ database, registry });
  watcher.add(writes.watch);
  health.add('database', async () => {
    await database.query('SELECT 1');
    const refusal = writes.refusal();
    return refusal === undefined ? { healthy: true } : { healthy: false, details: { reason: refusal } };
  });
}
