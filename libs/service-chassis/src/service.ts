/** The entry point for the main program and the module of a service. */
export { ConfigError, readConfig } from './config/read-config.ts';
export { COMMITS, type Commits } from './database/commits.ts';
export { DATABASE, DatabaseModule, QUIET_DATABASE } from './database/database.module.ts';
export {
  chassisMigrations,
  readDatabaseMigrations,
  readModelTables,
  serviceMigrations,
} from './database/required-migrations.ts';
export { EventStoreModule } from './events/event-store.module.ts';
export { EVENT_STORE, REBUILDS } from './events/event-store.tokens.ts';
export { newId } from './events/recording.ts';
export { STREAMS, type CallAnswer, type Streams } from './events/streams.ts';
export { bootService } from './lifecycle/boot-service.ts';
export { provideLifecycle, type Component } from './lifecycle/lifecycle.ts';
export { startService, type RunningService, type ServiceDefinition } from './lifecycle/start-service.ts';
export { wokenByCommits } from './lifecycle/woken-by-commits.ts';
export { createStreamVersions, type StreamVersions } from './live/stream-versions.ts';
export { createLogger, LOGGER } from './logging/logger.ts';
export { minus, plus } from './read-model/increment.ts';
export { inlineProjection, type ReadModelProjection } from './read-model/inline-projection.ts';
export { PersonalDataModule } from './personal/personal-data.module.ts';
export { HOLDER, PERSONAL_DATA } from './personal/personal-data.tokens.ts';
export type { ErasedSubject, PersonalRecords } from './personal/personal-records.ts';
export { READ_DATABASE } from './read-model/read-database.ts';
export { ReadModelModule } from './read-model/read-model.module.ts';
export { readModel, type EventStamp, type MessageStamp, type ReadModel } from './read-model/read-model.ts';
export {
  topicProjection,
  type GrowingTopicProjection,
  type TopicProjection,
} from './read-model/topic-projection.ts';
