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
  hasLocalPivot,
  sagaEventTypes,
  type DueTimer,
  type SagaDefinition,
  type SagaEngine,
  type SagaEngineOptions,
  type StartVersions,
  type TimedProcess,
} from '@millrace/saga';
import { systemClock, type DurationMs, type Logger } from '@millrace/streaming-core/runtime';
import type { AppendToOutbox, OutboxMessage } from '@millrace/streaming-core/outbox';
import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import { SERVICE } from '../../ground/config/service-config.ts';
import { ifAny, provide } from '../../ground/provide.ts';
import { DATABASE } from '../../database/database.tokens.ts';
import { createCommandHandler, type CommandHandler, type InternalCause } from '../events/command-handler.ts';
import { RECORDER } from '../events/event-store.tokens.ts';
import { newId } from '../events/recording.ts';
import { provideLifecycle } from '../../ground/lifecycle/lifecycle.ts';
import { LOGGER } from '../../ground/logging/logger.ts';
import type { MessagingModuleOptions } from '../messaging/messaging.module.ts';
import { outboxWith, personalDataIfAny } from '../personal/personal-data.tokens.ts';
import { SAGA_ENGINE } from './saga-engine.token.ts';
import { localCommandHandler, type LocalCommands } from './local-command.ts';
import { OPERATED_PROCESSES, type ProcessInstances } from './operated-processes.ts';
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

/** What a saga of a service needs from the service's own streams. */
interface SagaSources<
  PersonalEvent extends DomainEvent,
  PersonalState,
  Command,
  Event extends DomainEvent,
  State,
> {
  /**
   * The source of the personal data that the definition declares. The data is read in the transaction
   * that sends a command and stored nowhere else.
   */
  readonly personal?: PersonalSource<PersonalEvent, PersonalState>;
  /** Decides the command of a local pivot. Required if the definition has one. */
  readonly local?: LocalCommands<Command, Event, State>;
}

/** A saga that a service runs, with the types of its sources erased. */
export interface ServiceSaga {
  /** Every version that may still have live instances. */
  readonly versions: readonly SagaDefinition[];
  readonly readPersonal?: (
    recorder: Recorder,
    transaction: SqlTransaction,
    sagaId: string,
  ) => Promise<unknown>;
  readonly decideLocally?: (recorder: Recorder) => LocalDecision;
  /** The service's own streams that the saga reads or writes. */
  readonly streams: (sagaId: string) => readonly string[];
}
type LocalDecision = NonNullable<SagaEngineOptions['local']>;

/**
 * Declares a saga of a service: every version that may still have live instances, and the sources
 * that they need.
 */
export function serviceSaga<
  Command,
  Event extends DomainEvent,
  State,
  PersonalEvent extends DomainEvent = Event,
  PersonalState = State,
>(
  versions: readonly SagaDefinition[],
  { personal, local }: SagaSources<PersonalEvent, PersonalState, Command, Event, State> = {},
): ServiceSaga {
  const lacks = versions.find((each) => each.personal !== undefined && personal === undefined);
  if (lacks !== undefined)
    throw new Error(`saga ${lacks.name}: it declares personal data: give its module the option personal`);
  const reads = personal !== undefined && versions.some((each) => each.personal !== undefined);
  const decides = local !== undefined && versions.some(hasLocalPivot);
  return {
    versions,
    ...(reads && {
      readPersonal: ({ store: events }, transaction, sagaId) =>
        readPersonal(personal, { events, transaction, sagaId }),
    }),
    ...(decides && { decideLocally: (recorder) => localCommandHandler(recorder, local) }),
    streams: (sagaId) => [
      ...(reads ? [personal.stream(sagaId)] : []),
      ...(decides ? [local.stream(sagaId)] : []),
    ],
  };
}

/** A timed process of a service, which decides on the service's own streams. */
export interface ServiceProcess extends Omit<TimedProcess, 'fire'> {
  /**
   * Does what is due: records decisions with `commands` and `cause`, on the streams that `locks`
   * declares. Resolves to the time after which the timer fires again, or to undefined if it is no
   * longer needed.
   */
  fire(commands: CommandHandler, cause: InternalCause, timer: DueTimer): Promise<DurationMs | undefined>;
  /** Shows the instances to operators, and raises `saga_age` for one that waits for too long. */
  readonly instances?: ProcessInstances;
}

export interface SagaModuleOptions {
  readonly sagas: readonly ServiceSaga[];
  /** The processes that are not sagas and whose timers the service fires. */
  readonly timedProcesses?: readonly ServiceProcess[];
  /**
   * The version that new instances of a saga start with. A saga that is left out starts with its
   * newest version.
   */
  readonly startVersions?: StartVersions;
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
 * Runs sagas on the consumer of the service, with their timers and those of timed processes (role
 * `worker`) on the partitions that the process owns, and with their metrics and alarms. Provides `SAGA_ENGINE` everywhere. Pass
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

  static forRoot(options: SagaModuleOptions): DynamicModule {
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
            await engine.prepare(database);
            return engine;
          },
        ),
        provide(OPERATED_PROCESSES, [], () =>
          (options.timedProcesses ?? []).flatMap(({ name, instances }) =>
            instances === undefined ? [] : [{ name, instances }],
          ),
        ),
        sagaWatchProvider,
        provideLifecycle({ name: 'saga timers', role: 'worker' }, [SAGA_ENGINE], ({ timers }) => timers),
      ],
      exports: [SAGA_ENGINE, OPERATED_PROCESSES],
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

function engineOf(
  { sagas, timedProcesses = [], startVersions, stepTimeoutMs, stepResends }: SagaModuleOptions,
  { service, database, logger, toOutbox, recorder }: EngineParts,
): SagaEngine {
  const byName = new Map(sagas.flatMap((each) => each.versions.map(({ name }) => [name, each] as const)));
  const local = new Map<string, LocalDecision>();
  for (const [name, { decideLocally }] of byName)
    if (decideLocally !== undefined) local.set(name, decideLocally(recorder));
  const commands = createCommandHandler(database, recorder);
  return createSagaEngine({
    definitions: sagas.flatMap(({ versions }) => versions),
    startVersions,
    timedProcesses: timedProcesses.map((process) => ({
      ...process,
      fire: (transaction, timer) => process.fire(commands, { transaction, metadata: timer.metadata }, timer),
    })),
    store,
    appendToOutbox: toOutbox,
    database,
    source: `/millrace/${service}`,
    clock: systemClock,
    newId,
    settings: { stepTimeoutMs, resendsMax: stepResends },
    logger,
    personal: async (transaction, sagaId, name) =>
      byName.get(name)?.readPersonal?.(recorder, transaction, sagaId),
    ...(local.size > 0 && {
      local: async (transaction: SqlTransaction, command: OutboxMessage, name: string) =>
        (await local.get(name)?.(transaction, command, name)) ?? [],
    }),
    alsoLocks: (sagaId, name) => byName.get(name)?.streams(sagaId) ?? [],
  });
}

async function readPersonal<Event extends DomainEvent, State>(
  { stream, decider, of }: PersonalSource<Event, State>,
  { events, transaction, sagaId }: { events: EventStore; transaction: SqlTransaction; sagaId: string },
): Promise<unknown> {
  const { state } = await loadState(transaction, events, decider, stream(sagaId));
  return of(state, sagaId);
}
