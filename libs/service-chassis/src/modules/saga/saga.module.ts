import { Module, type DynamicModule } from '@nestjs/common';
import {
  loadState,
  postgresEventStore,
  type DomainEvent,
  type EventStore,
  type Folding,
  type Recorder,
} from '@millrace/event-sourcing';
import {
  createSagaEngine,
  sagaEventTypes,
  type SagaDefinition,
  type SagaEngine,
  type StartVersions,
} from '@millrace/saga';
import { systemClock, type DurationMs, type Logger } from '@millrace/streaming-core/runtime';
import type { AppendToOutbox } from '@millrace/streaming-core/outbox';
import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import { SERVICE } from '../../ground/config/service-config.ts';
import { ifAny, provide } from '../../ground/provide.ts';
import { DATABASE } from '../../database/database.module.ts';
import { RECORDER } from '../events/event-store.tokens.ts';
import { newId } from '../events/recording.ts';
import { provideLifecycle } from '../../ground/lifecycle/lifecycle.ts';
import { LOGGER } from '../../ground/logging/logger.ts';
import type { MessagingModuleOptions } from '../messaging/messaging.module.ts';
import { outboxWith, personalDataIfAny } from '../personal/personal-data.tokens.ts';
import { SAGA_ENGINE } from './saga-engine.token.ts';
import { localCommandHandler, type LocalCommands } from './local-command.ts';
import { sagaWatchProvider } from './saga-watch.ts';

/** The private stream from which the saga reads the personal data for its commands. */
interface PersonalSource<Event extends DomainEvent, State> {
  stream(sagaId: string): string;
  readonly decider: Folding<Event, State>;
  /**
   * Returns the personal data, or throws if the stream does not have it. The definition's
   * `personal` schema checks the result.
   */
  of(state: State, sagaId: string): unknown;
}

export interface SagaModuleOptions<Event extends DomainEvent, State, Command = never> {
  /** Every version that may still have live instances. */
  readonly definitions: readonly SagaDefinition[];
  /**
   * The version that new instances of a saga start with. A saga that is left out starts with its
   * newest version.
   */
  readonly startVersions?: StartVersions;
  /**
   * The source of personal data for the definitions that declare `personal`. The data is read in the
   * transaction that sends a command and stored nowhere else.
   */
  readonly personal?: PersonalSource<Event, State>;
  /** Decides the commands of local pivots. Required if a definition has one. */
  readonly local?: LocalCommands<Command, Event, State>;
  /**
   * How long the engine waits for a reply before it sends a command again. Neither this nor
   * `stepResends` is part of a version: an instance that started under other settings waits for its
   * current timer, and follows the new settings from its next command on.
   */
  readonly stepTimeoutMs: DurationMs;
  readonly stepResends: number;
}

/**
 * The store of saga streams. It has no projections and publishes nothing, since only the saga reads
 * them.
 */
const store = postgresEventStore({ events: [sagaEventTypes] });

/**
 * Runs sagas on the consumer of the service, with their timers (role `worker`) on the partitions
 * that the process owns, and with their metrics and alarms. Provides `SAGA_ENGINE` everywhere. Pass
 * `SagaModule.reactions` to `MessagingModule`, and `SAGA_ENGINE` as `starts` to `EventStoreModule` if
 * a definition starts locally. Needs `DatabaseModule` and the tables of `sagaMigrations`. The service
 * does not boot while a live instance needs a version that is not among the definitions.
 */
@Module({})
export class SagaModule {
  /**
   * Tells `MessagingModule` about the handlers of the sagas, and the topics that they read or send
   * commands to.
   */
  static readonly reactions: NonNullable<MessagingModuleOptions['reactions']> = {
    inject: [SAGA_ENGINE],
    useFactory: ({ handlers, ownership, skipGuard, topics }: SagaEngine) => ({
      handlers,
      ownership: [ownership],
      skipGuards: [skipGuard],
      topics,
    }),
  };

  static forRoot<Event extends DomainEvent, State, Command = never>(
    options: SagaModuleOptions<Event, State, Command>,
  ): DynamicModule {
    return {
      module: SagaModule,
      global: true,
      providers: [
        provide(
          SAGA_ENGINE,
          [SERVICE, DATABASE, LOGGER, personalDataIfAny, ifAny(RECORDER)],
          async ({ name }, database, logger, personalData, recorder = { store }) => {
            const toOutbox = outboxWith(personalData);
            const engine = engineOf(options, { service: name, database, logger, toOutbox, recorder });
            await engine.assertLiveVersionsKnown(database);
            return engine;
          },
        ),
        sagaWatchProvider,
        provideLifecycle({ name: 'saga timers', role: 'worker' }, [SAGA_ENGINE], ({ timers }) => timers),
      ],
      exports: [SAGA_ENGINE],
    };
  }
}

interface EngineParts {
  readonly service: string;
  readonly database: SqlDatabase;
  readonly logger: Logger;
  /** Seals the personal data of commands. */
  readonly toOutbox: AppendToOutbox;
  /** Records decisions on the service's own streams. */
  readonly recorder: Recorder;
}

const engineOf = <Event extends DomainEvent, State, Command>(
  {
    definitions,
    startVersions,
    personal,
    local,
    stepTimeoutMs,
    stepResends,
  }: SagaModuleOptions<Event, State, Command>,
  { service, database, logger, toOutbox, recorder }: EngineParts,
): SagaEngine => {
  const namesOf = (chosen: readonly SagaDefinition[]) => new Set(chosen.map(({ name }) => name));
  const readPersonalData = namesOf(definitions.filter((each) => each.personal !== undefined));
  const decideLocally = namesOf(
    definitions.filter(({ steps }) => steps.some((step) => step.kind === 'pivot' && step.local)),
  );
  return createSagaEngine({
    definitions,
    startVersions,
    store,
    appendToOutbox: toOutbox,
    database,
    source: `/millrace/${service}`,
    clock: systemClock,
    newId,
    settings: { stepTimeoutMs, resendsMax: stepResends },
    logger,
    ...(personal && {
      personal: (transaction: SqlTransaction, sagaId: string) =>
        readPersonal(personal, { events: recorder.store, transaction, sagaId }),
    }),
    ...(local && { local: localCommandHandler(recorder, local) }),
    alsoLocks: (sagaId: string, name: string) => [
      ...(personal !== undefined && readPersonalData.has(name) ? [personal.stream(sagaId)] : []),
      ...(local !== undefined && decideLocally.has(name) ? [local.stream(sagaId)] : []),
    ],
  });
};

async function readPersonal<Event extends DomainEvent, State>(
  { stream, decider, of }: PersonalSource<Event, State>,
  { events, transaction, sagaId }: { events: EventStore; transaction: SqlTransaction; sagaId: string },
): Promise<unknown> {
  const { state } = await loadState(transaction, events, decider, stream(sagaId));
  return of(state, sagaId);
}
