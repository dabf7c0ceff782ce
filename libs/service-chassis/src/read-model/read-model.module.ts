import { Inject, Injectable, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { storedLag } from '@millrace/streaming-core/consumer';
import { systemClock, type DurationMs, type Logger } from '@millrace/streaming-core/runtime';
import type { MigrationFolder, SqlDatabase } from '@millrace/streaming-core/postgres';
import { retryOf } from '../ground/config/retry-settings.ts';
import { SERVICE, type ServiceIdentity } from '../ground/config/service.ts';
import { QUIET_DATABASE } from '../database/database.module.ts';
import { HEALTH, type CheckResult, type Health } from '../observability/health/health.ts';
import { LIFECYCLE, provideLifecycle, type Lifecycle } from '../ground/lifecycle/lifecycle.ts';
import { createStreamVersions, type StreamVersions } from '../live/stream-versions.ts';
import { createVersionWaits, type VersionWaits } from '../live/version-waits.ts';
import { LOGGER } from '../ground/logging/logger.ts';
import { inboxRetentionMs } from '../modules/messaging/inbox-retention.ts';
import { createMessageBus, topicsOf } from '../modules/messaging/message-bus.ts';
import { MESSAGING_METRICS, type MessagingMetrics } from '../observability/metrics/messaging-metrics.ts';
import { DEAD_LETTERS, type DeadLetters } from '../observability/watch/dead-letter-watch.ts';
import { PARKED, type Parked } from '../observability/watch/parked-watch.ts';
import { LAGS, type Lags } from '../observability/watch/lag-watch.ts';
import { WATCHER, type Watcher } from '../observability/watch/watcher.ts';
import { createProjector } from './projector.ts';
import { openReadDatabase, READ_DATABASE, type OwnReadDatabase } from './read-database.ts';
import type { ReadModelTable } from './read-model.ts';
import type { TopicProjection } from './topic-projection.ts';

export interface ReadModelModuleOptions {
  /**
   * The database of the read models. By default they are in the service's database, where its setup
   * has created their tables.
   */
  readonly url?: string | undefined;
  readonly poolSize: number;
  /**
   * The time that a message waits before it is handled. All messages that arrive in the meantime
   * share its transaction.
   */
  readonly delayMs: DurationMs;
  /**
   * The migrations that the setup step applies to a separate database (`readDatabaseMigrations`).
   */
  readonly migrations: readonly MigrationFolder[];
  readonly projections: readonly TopicProjection[];
}

/** Lets callers read their own writes in a read model that follows the topics. */
export interface ReadWaits {
  /** Returns the waits for rows of this read model, by their keys. */
  of(readModel: ReadModelTable): VersionWaits;
}

export const READ_WAITS = Symbol('ReadWaits');

const OWN_DATABASE = Symbol('read database of its own');
const VERSIONS = Symbol('versions of the read models');

/** Contains only read models whose rows have versions. */
type ReadVersions = ReadonlyMap<ReadModelTable, StreamVersions>;

@Injectable()
class ReadPoolCloser implements OnApplicationShutdown {
  constructor(@Inject(OWN_DATABASE) private readonly own: OwnReadDatabase | undefined) {}

  async onApplicationShutdown(): Promise<void> {
    await this.own?.close();
  }
}

/**
 * Read models that follow the topics asynchronously, as the group `SERVICE-projector` (role
 * `projector`). They are in the service's database or in a separate one, whose outage does not
 * affect writes. Provides `READ_DATABASE` and `READ_WAITS` everywhere. Needs `DatabaseModule`.
 */
@Module({})
export class ReadModelModule {
  static forRoot(options: ReadModelModuleOptions): DynamicModule {
    return {
      module: ReadModelModule,
      global: true,
      providers: [
        {
          provide: OWN_DATABASE,
          inject: [SERVICE],
          useFactory: ({ name }: ServiceIdentity) => openOwn(options, `millrace-${name}-read`),
        },
        {
          provide: READ_DATABASE,
          inject: [OWN_DATABASE, QUIET_DATABASE],
          useFactory: (own: OwnReadDatabase | undefined, service: SqlDatabase) => own?.database ?? service,
        },
        {
          provide: VERSIONS,
          inject: [READ_DATABASE, LOGGER],
          useFactory: (database: SqlDatabase, logger: Logger): ReadVersions =>
            versionsOf(options.projections, database, logger),
        },
        { provide: READ_WAITS, inject: [VERSIONS, SERVICE], useFactory: readWaits },
        readAnswers,
        projectorOf(options),
        ReadPoolCloser,
      ],
      exports: [READ_DATABASE, READ_WAITS],
    };
  }
}

const openOwn = (
  { url, poolSize }: ReadModelModuleOptions,
  applicationName: string,
): OwnReadDatabase | undefined =>
  url === undefined ? undefined : openReadDatabase({ url, poolSize, applicationName });

const versionsOf = (
  projections: readonly TopicProjection[],
  database: SqlDatabase,
  logger: Logger,
): ReadVersions =>
  new Map(
    projections.flatMap(({ readModel, versions: statement }) =>
      statement === undefined
        ? []
        : [[readModel, createStreamVersions({ database, statement, clock: systemClock, logger })]],
    ),
  );

interface StoppableWaits extends ReadWaits {
  stop(): void;
}

function readWaits(versions: ReadVersions, { config }: ServiceIdentity): StoppableWaits {
  const waits = new Map(
    [...versions].map(([readModel, each]) => [
      readModel,
      createVersionWaits({ versions: each, config, absentMayCome: true }),
    ]),
  );
  return {
    of(readModel) {
      const known = waits.get(readModel);
      if (known === undefined)
        throw new TypeError(
          `${readModel.rows.name} has no versions, or is not a read model of this ReadModelModule`,
        );
      return known;
    },
    stop: () => waits.forEach((each) => each.stop()),
  };
}

const readAnswers = provideLifecycle({
  name: 'answers that wait for a read model',
  role: 'api',
  inject: [VERSIONS, READ_WAITS],
  useFactory: (versions: ReadVersions, waits: StoppableWaits) => ({
    start: () => versions.forEach((each) => each.start()),
    async stop() {
      waits.stop();
      await Promise.all([...versions.values()].map((each) => each.stop()));
    },
  }),
});

type ProjectorParts = [
  ServiceIdentity,
  SqlDatabase,
  ReadVersions,
  Health,
  Lifecycle,
  Logger,
  Watcher,
  Lags,
  DeadLetters,
  Parked,
  MessagingMetrics,
];

const projectorOf = ({ projections, url, migrations, delayMs }: ReadModelModuleOptions) =>
  provideLifecycle({
    name: 'projector',
    role: 'projector',
    inject: [
      SERVICE,
      READ_DATABASE,
      VERSIONS,
      HEALTH,
      LIFECYCLE,
      LOGGER,
      WATCHER,
      LAGS,
      DEAD_LETTERS,
      PARKED,
      MESSAGING_METRICS,
    ],
    useFactory: (
      ...[
        { name, config },
        database,
        versions,
        health,
        lifecycle,
        logger,
        watcher,
        lags,
        deadLetters,
        parked,
        messages,
      ]: ProjectorParts
    ) => {
      const group = `${name}-projector`;
      const { instance, bootstrapServers, security } = config;
      const connection = {
        service: group,
        instance,
        bootstrapServers,
        security,
        lingerMs: delayMs,
        retry: retryOf(config),
      };
      const handlers = projections.flatMap((projection) =>
        wakingReaders(projection, versions.get(projection.readModel)),
      );
      const bus = createMessageBus({
        ...connection,
        database,
        quietDatabase: database,
        logger,
        commandTopics: [],
        inboxRetentionMs: inboxRetentionMs(
          config.inboxRetentionDays,
          handlers.map(({ message }) => message.topic),
        ),
      });
      const projector = createProjector({
        bus,
        group,
        database,
        separate: url !== undefined,
        migrations,
        readModels: projections.map(({ readModel }) => readModel),
        handlers,
        logger,
      });
      health.add('projector', () => withoutHarm(projector.status(), lifecycle));
      const topics = topicsOf(handlers);
      deadLetters.watch(bus.lagReader, () => topics);
      watcher.add(lags.watch(group, () => storedLag({ database, reader: bus.lagReader, group, topics })));
      watcher.add(parked.watch(group, database, projector.partitions));
      messages.observeGroup({ group, partitions: projector.partitions });
      messages.observeClient(group);
      return projector;
    },
  });

/**
 * Reports the projector as healthy but degraded in a process with other roles. Those work without
 * the read models, so the process stays ready, and the details show the failure.
 */
const withoutHarm = (status: CheckResult, lifecycle: Lifecycle): CheckResult => ({
  ...status,
  healthy: status.healthy || (['api', 'worker', 'relay'] as const).some((role) => lifecycle.has(role)),
});

const wakingReaders = ({ handlers }: TopicProjection, versions: StreamVersions | undefined) =>
  handlers.map((handler) => ({ ...handler, committed: () => versions?.notify() }));
