export { ConfigError, readConfig } from './config/read-config.ts';
export { readModelConfig } from './config/read-model-config.ts';
export { roleNames, type Role } from './config/roles.ts';
export { sagaConfig } from './config/saga-config.ts';
export { serviceConfig, type ServiceConfig } from './config/service-config.ts';
export { SERVICE, type ServiceIdentity } from './config/service.ts';
export { setting, type ConfigOf, type Setting, type Settings } from './config/setting.ts';
export { wholeNumber } from './config/whole-number.ts';
export { safeInteger } from './database/columns.ts';
export { COMMITS, type Commits } from './database/commits.ts';
export { DatabaseUnreachableError, type DatabaseOptions } from './database/data-source.ts';
export {
  DATABASE,
  DatabaseModule,
  QUIET_DATABASE,
  type DatabaseModuleOptions,
} from './database/database.module.ts';
export { ENTITIES, type Entities } from './database/entities.ts';
export { inlineProjection, ProjectionError, type RowTools } from './database/inline-projection.ts';
export {
  chassisMigrations,
  MigrationsMissingError,
  readDatabaseMigrations,
  readModelTables,
  serviceMigrations,
  type ReadModelMigrations,
  type ServiceMigrations,
} from './database/required-migrations.ts';
export { entityManagerOf, typeOrmDatabase } from './database/typeorm-database.ts';
export { asOfQuery, readOptionsOf, type AsOf } from './events/as-of.ts';
export { EVENT_STORE, EventStoreModule, type EventStoreModuleOptions } from './events/event-store.module.ts';
export { currentMetadata, metadataOf, newId, recording } from './events/recording.ts';
export {
  createStreams,
  historyItem,
  historyPage,
  STREAMS,
  type HistoryItem,
  type Streams,
} from './events/streams.ts';
export { HEALTH, type Check, type CheckResult, type Health, type HealthReport } from './health/health.ts';
export { LongLived } from './http/admission.ts';
export { Describe, Undocumented, type CallDescription } from './http/describe.ts';
export {
  decodeCursor,
  encodeCursor,
  pageFrom,
  pageLimitMax,
  pageOf,
  pageQuery,
  type Page,
} from './http/pagination.ts';
export { notFound, ProblemError, type FieldError, type Problem } from './http/problem.ts';
export {
  EVENT_STREAMS,
  type EventStreamRequest,
  type EventStreams,
  type Progress,
} from './live/event-streams.ts';
export { VERSION_WAITS, waitQuery, type VersionWait, type VersionWaits } from './live/version-waits.ts';
export { bootService, type BootOptions } from './lifecycle/boot-service.ts';
export { LIFECYCLE, provideLifecycle, type Component, type Lifecycle } from './lifecycle/lifecycle.ts';
export { startService, type RunningService, type ServiceDefinition } from './lifecycle/start-service.ts';
export { wokenByCommits, type WakefulWorker } from './lifecycle/woken-by-commits.ts';
export type { Logger } from '@millrace/streaming-core/contract';
export { createLogger, LOGGER } from './logging/logger.ts';
export { currentContext, runInContext, type RequestContext } from './logging/request-context.ts';
export { ConsumerTransport, MessagingError, type CreateRuntime } from './messaging/consumer-transport.ts';
export { Handles, type HandlesOptions } from './messaging/handles.ts';
export { kafkaEngine } from './messaging/kafka-engine.ts';
export type { CreateMessagingEngine, EngineOptions, MessagingEngine } from './messaging/messaging-engine.ts';
export {
  MessagingModule,
  type MessagingModuleOptions,
  type Reactions,
} from './messaging/messaging.module.ts';
export { METRICS, type Metrics } from './metrics/metrics.ts';
export { provideSagaWatch } from './watch/saga-watch.ts';
export { READ_DATABASE } from './read-model/read-database.ts';
export {
  READ_WAITS,
  ReadModelModule,
  type ReadModelModuleOptions,
  type ReadWaits,
} from './read-model/read-model.module.ts';
export { changesOf, topicProjection, type TopicProjection } from './read-model/topic-projection.ts';
