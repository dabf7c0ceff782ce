import { Module, type DynamicModule } from '@nestjs/common';
import { alive, liveAnswers, provideLifecycle } from '@millrace/service-chassis/app';
import { days, seconds } from '@millrace/streaming-core/runtime';
import { SessionController } from './access/session.controller.ts';
import type { ConsoleConfig } from './config.ts';
import { ApplicationsController } from './applications/applications.controller.ts';
import { ConnectorsController } from './connectors/connectors.controller.ts';
import { DeadLettersController } from './dead-letters/dead-letters.controller.ts';
import { EventFeeds } from './event-streams/event-feeds.ts';
import { EventStreamsController } from './event-streams/event-streams.controller.ts';
import { FaultsController } from './faults/faults.controller.ts';
import { GroupReader } from './groups/group-reader.ts';
import { GroupsController } from './groups/groups.controller.ts';
import { Jobs, JobsController } from './jobs/jobs.ts';
import { Sources } from './live/sources.ts';
import { OverviewController } from './overview/overview.controller.ts';
import { OverviewReader } from './overview/overview-reader.ts';
import { ProjectionsController } from './projections/projections.controller.ts';
import { SagaReader } from './sagas/saga-reader.ts';
import { SagasController } from './sagas/sagas.controller.ts';
import { SchemasController } from './schemas/schemas.controller.ts';
import { SpanStore } from './trace/spans/span-store.ts';
import { TraceController } from './trace/trace.controller.ts';
import { TraceReader } from './trace/trace-reader.ts';
import { LogConnections } from './system/log-connections.ts';
import { shopControllers, shopProviders } from './shop/shop-parts.ts';
import { OperatorsController } from './system/operators.controller.ts';
import { CONSOLE_CONFIG, System } from './system/system.ts';
import { MessageReader } from './topics/message-reader.ts';
import { TopicReader } from './topics/topic-reader.ts';
import { TopicsController } from './topics/topics.controller.ts';

const liveLimits = {
  liveEventsMax: 100,
  liveEventsHeartbeatMs: seconds(15),
  liveEventsLifetimeMs: days(1),
  liveEventsStallMsMax: seconds(30),
};

@Module({})
class ConsoleModule {}

export const consoleModule = (config: ConsoleConfig): DynamicModule => ({
  module: ConsoleModule,
  controllers: [
    SessionController,
    OverviewController,
    DeadLettersController,
    SagasController,
    TraceController,
    TopicsController,
    GroupsController,
    EventStreamsController,
    ProjectionsController,
    ApplicationsController,
    ConnectorsController,
    SchemasController,
    OperatorsController,
    JobsController,
    ...shopControllers,
    ...(config.faults ? [FaultsController] : []),
  ],
  providers: [
    { provide: CONSOLE_CONFIG, useValue: config },
    System,
    Sources,
    ...liveAnswers({ limits: liveLimits, heartbeat: alive }),
    Jobs,
    OverviewReader,
    SagaReader,
    TraceReader,
    LogConnections,
    TopicReader,
    MessageReader,
    EventFeeds,
    GroupReader,
    provideLifecycle({ name: 'connections to Kafka' }, [LogConnections], (connections) => ({
      start: () => undefined,
      stop: () => connections.close(),
    })),
    ...shopProviders,
    { provide: SpanStore, useFactory: () => new SpanStore() },
    provideLifecycle({ name: 'jobs' }, [Jobs], (jobs) => ({
      start: () => undefined,
      stop: () => jobs.stopAll(),
    })),
  ],
});
