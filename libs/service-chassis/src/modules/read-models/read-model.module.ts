import { Module, type DynamicModule } from '@nestjs/common';
import { systemClock, type DurationMs } from '@millrace/streaming-core/runtime';
import { DataSource } from 'typeorm';
import type { MigrationFolder } from '@millrace/streaming-core/postgres';
import { SERVICE, type ServiceIdentity } from '../../ground/config/service-config.ts';
import { provide, provideClosing, token } from '../../ground/provide.ts';
import { QUIET_DATABASE } from '../../database/database.tokens.ts';
import { HEALTH, type CheckResult } from '../../observability/health/health.ts';
import { LIFECYCLE, provideLifecycle, type Lifecycle } from '../../ground/lifecycle/lifecycle.ts';
import {
  createStreamVersions,
  createVersionWaits,
  type EntityClass,
  type StreamVersions,
  type TopicProjection,
  type VersionWaits,
} from '@millrace/read-models';
import { LOGGER } from '../../ground/logging/logger.ts';
import { createMessageBus, topicsOf } from '../messaging/message-bus.ts';
import { MESSAGING_METRICS } from '../../observability/metrics/messaging-metrics.ts';
import { GROUP_WATCHES } from '../../observability/watch/group-watches.ts';
import { createProjector } from './projector.ts';
import { openReadDatabase, READ_DATABASE, READ_ENTITIES, type OwnReadDatabase } from './read-database.ts';

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
  /** Returns the waits for rows of this entity, by their keys. */
  of(entity: EntityClass): VersionWaits;
}

interface StoppableWaits extends ReadWaits {
  stop(): void;
}

/** Waits until a row of a read model that follows topics has reached a version, for `?wait=`. */
export const READ_WAITS = token<StoppableWaits>('ReadWaits');

const OWN_DATABASE = token<OwnReadDatabase | undefined>('read database of its own');

/** Contains only read models whose rows have versions. */
type ReadVersions = ReadonlyMap<EntityClass, StreamVersions>;

const VERSIONS = token<ReadVersions>('versions of the read models');

/**
 * Read models that follow the topics asynchronously, as the group `SERVICE-projector` (role
 * `projector`). They are in the service's database or in a separate one, whose outage does not
 * affect writes. Provides `READ_DATABASE`, `READ_ENTITIES` and `READ_WAITS` everywhere. Needs `DatabaseModule`.
 */
@Module({})
export class ReadModelModule {
  static forRoot(options: ReadModelModuleOptions): DynamicModule {
    return {
      module: ReadModelModule,
      global: true,
      providers: [
        provide(OWN_DATABASE, [SERVICE], ({ name }) => openOwn(options, `millrace-${name}-read`)),
        provideClosing(OWN_DATABASE, (own) => own?.close()),
        provide(READ_DATABASE, [OWN_DATABASE, QUIET_DATABASE], (own, service) => own?.database ?? service),
        provide(
          READ_ENTITIES,
          [OWN_DATABASE, DataSource],
          (own, service) =>
            own?.entities ?? { of: (entity) => Promise.resolve(service.getRepository(entity)) },
        ),
        provide(
          VERSIONS,
          [READ_DATABASE, LOGGER],
          (database, logger) =>
            new Map(
              options.projections.flatMap(({ entity, versions: statement }) =>
                statement === undefined
                  ? []
                  : [[entity, createStreamVersions({ database, statement, clock: systemClock, logger })]],
              ),
            ),
        ),
        provide(READ_WAITS, [VERSIONS, SERVICE], readWaits),
        readAnswers,
        projectorOf(options),
      ],
      exports: [READ_DATABASE, READ_ENTITIES, READ_WAITS],
    };
  }
}

const openOwn = (
  { url, poolSize, projections }: ReadModelModuleOptions,
  applicationName: string,
): OwnReadDatabase | undefined =>
  url === undefined
    ? undefined
    : openReadDatabase({
        url,
        poolSize,
        applicationName,
        entities: projections.map(({ entity }) => entity),
      });

function readWaits(versions: ReadVersions, { config }: ServiceIdentity): StoppableWaits {
  const waits = new Map(
    [...versions].map(([entity, each]) => [
      entity,
      createVersionWaits({ versions: each, config, absentMayCome: true }),
    ]),
  );
  return {
    of(entity) {
      const known = waits.get(entity);
      if (known === undefined)
        throw new TypeError(`${entity.name} has no versions, or is not an entity of this ReadModelModule`);
      return known;
    },
    stop: () => waits.forEach((each) => each.stop()),
  };
}

const readAnswers = provideLifecycle(
  { name: 'answers that wait for a read model', role: 'api' },
  [VERSIONS, READ_WAITS],
  (versions, waits) => ({
    start: () => versions.forEach((each) => each.start()),
    async stop() {
      waits.stop();
      await Promise.all([...versions.values()].map((each) => each.stop()));
    },
  }),
);

const projectorOf = ({ projections, url, migrations, delayMs }: ReadModelModuleOptions) =>
  provideLifecycle(
    { name: 'projector', role: 'projector' },
    [SERVICE, READ_DATABASE, VERSIONS, HEALTH, LIFECYCLE, LOGGER, GROUP_WATCHES, MESSAGING_METRICS],
    ({ name, config }, database, versions, health, lifecycle, logger, groups, messages) => {
      const group = `${name}-projector`;
      const handlers = projections.flatMap((projection) =>
        wakingReaders(projection, versions.get(projection.entity)),
      );
      const bus = createMessageBus({
        group,
        config,
        reads: handlers.map(({ message }) => message.topic),
        lingerMs: delayMs,
        database,
        quietDatabase: database,
        logger,
        commandTopics: [],
      });
      const projector = createProjector({
        bus,
        group,
        database,
        separate: url !== undefined,
        migrations,
        tables: projections.map(({ checked }) => checked),
        handlers,
        logger,
      });
      const { partitions } = projector;
      const topics = topicsOf(handlers);
      health.add('projector', () => withoutHarm(projector.status(), lifecycle));
      groups.watch({ group, database, reader: bus.lagReader, topics: () => topics, partitions });
      messages.observeGroup({ group, partitions });
      messages.observeClient(group);
      return projector;
    },
  );

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
