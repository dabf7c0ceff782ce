/** The entry point for the main program and the module of a service. */
export { ConfigError, readConfig } from './ground/config/read-config.ts';
export { COMMITS, wokenByCommits, type Commits } from './database/commits.ts';
export { DatabaseModule } from './database/database.module.ts';
export { DATABASE, QUIET_DATABASE } from './database/database.tokens.ts';
export {
  chassisMigrations,
  readDatabaseMigrations,
  readModelTables,
  serviceMigrations,
} from './database/required-migrations.ts';
export { ENTITIES, type Entities } from './database/request-transaction.ts';
export { EventStoreModule } from './modules/events/event-store.module.ts';
export { EVENT_STORE, REBUILDS } from './modules/events/event-store.tokens.ts';
export { newId } from './modules/events/recording.ts';
export {
  COMMAND_HANDLER,
  type CommandHandler,
  type InternalCause,
} from './modules/events/command-handler.ts';
export { bootService, startService } from './boot/operated-service.ts';
export { LOG_CLIENT } from './ground/config/log-client-config.ts';
export { HEALTH } from './observability/health/health.ts';
export { figureGauge, METRICS } from './observability/metrics/metrics.ts';
export { GROUP_WATCHES } from './observability/watch/group-watches.ts';
export { WATCHER, type Watch } from './observability/watch/watcher.ts';
export { provideLifecycle, type Component } from './ground/lifecycle/lifecycle.ts';
export { provide, provideClosing, token, type Token } from './ground/provide.ts';
export type { RunningService, ServiceDefinition } from './boot/start-service.ts';
export { createLogger, LOGGER } from './ground/logging/logger.ts';
export { PersonalDataModule } from './modules/personal/personal-data.module.ts';
export { HOLDER, PERSONAL_DATA } from './modules/personal/personal-data.tokens.ts';
export type { ErasedSubject, PersonalRecords } from './modules/personal/subject-erasures.ts';
export { ReadModelModule } from './modules/read-models/read-model.module.ts';
