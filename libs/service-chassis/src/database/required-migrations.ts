import { join } from 'node:path';
import { eventSourcingMigrations } from '@millrace/event-sourcing';
import { type Logger, pause, systemClock } from '@millrace/streaming-core/runtime';
import {
  pendingMigrations,
  streamingCoreMigrations,
  type MigrationFolder,
  type SqlDatabase,
} from '@millrace/streaming-core/postgres';
import { ServiceError } from '../ground/errors.ts';

/** The folder of this library's migrations. The path is the same from `src` and from `dist`. */
export const chassisMigrations: MigrationFolder = {
  library: 'service-chassis',
  folder: join(import.meta.dirname, '../../migrations'),
};

const migrationsMissing = (missing: readonly string[], waitMsMax: number): ServiceError =>
  new ServiceError(
    'migrations_missing',
    `the database lacks ${missing.join(', ')} after ${waitMsMax} ms: run the setup step (npm start does)`,
  );

export interface ServiceMigrations {
  readonly service: string;
  /**
   * The folder of the service's own migrations: `../src/migrations` next to the module, a path that
   * works from `src/` and from `dist/`.
   */
  readonly folder: string;
  /**
   * The migrations of further libraries, such as the saga's. They are applied before the service's
   * own.
   */
  readonly libraries?: readonly MigrationFolder[];
}

/** The migrations of a service's database, in the order in which the setup step applies them. */
export const serviceMigrations = ({
  service,
  folder,
  libraries = [],
}: ServiceMigrations): readonly MigrationFolder[] => [
  { library: 'streaming-core', folder: streamingCoreMigrations },
  { library: 'event-sourcing', folder: eventSourcingMigrations },
  ...libraries,
  chassisMigrations,
  { library: service, folder },
];

export interface ReadModelMigrations {
  readonly service: string;
  /** The folder of the read model's own migrations: `../src/migrations/read` next to the module. */
  readonly folder: string;
}

/** The migrations that a read model adds to the database that it lives in. */
export const readModelTables = ({ service, folder }: ReadModelMigrations): MigrationFolder => ({
  library: `${service}-read`,
  folder,
});

/**
 * The migrations of a read database: the consumer's tables, so that an offset and its effect share
 * one transaction, and the read model's.
 */
export const readDatabaseMigrations = (readModel: ReadModelMigrations): readonly MigrationFolder[] => [
  { library: 'streaming-core', folder: streamingCoreMigrations },
  readModelTables(readModel),
];

export interface MigrationWait {
  readonly waitMsMax: number;
  readonly logger: Logger;
  readonly retryDelayMs?: number;
}

/**
 * Waits for the setup step, and logs that once. Rejects with `migrations_missing`, or with the
 * error of the migration runner, such as one about a changed file.
 */
export async function waitForMigrations(
  database: SqlDatabase,
  folders: readonly MigrationFolder[],
  { waitMsMax, logger, retryDelayMs = 200 }: MigrationWait,
): Promise<void> {
  const deadline = systemClock.monotonic() + waitMsMax;
  for (let attempt = 1; folders.length > 0; attempt++) {
    const missing = (await pendingMigrations(database, folders)).map(
      ({ library, name }) => `${library}/${name}`,
    );
    if (missing.length === 0) return;
    if (systemClock.monotonic() + retryDelayMs > deadline) throw migrationsMissing(missing, waitMsMax);
    if (attempt === 1)
      logger.info({ missing }, `waiting up to ${waitMsMax} ms for the setup step to apply migrations`);
    await pause(systemClock, retryDelayMs);
  }
}
