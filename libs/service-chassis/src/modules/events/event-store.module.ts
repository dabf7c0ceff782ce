import { Module, type DynamicModule, type InjectionToken } from '@nestjs/common';
import {
  assertReadable,
  createRebuilds,
  createSnapshotTaker,
  inlineProjections,
  postgresEventStore,
  publishEvents,
  type DomainEvent,
  type EventTypes,
  type InlineProjection,
  type PublicMessagesOf,
  type Recorder,
} from '@millrace/event-sourcing';
import { systemClock } from '@millrace/streaming-core/runtime';
import { SERVICE } from '../../ground/config/service-config.ts';
import { provide } from '../../ground/provide.ts';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { DATABASE, QUIET_DATABASE } from '../../database/database.tokens.ts';
import { provideLifecycle } from '../../ground/lifecycle/lifecycle.ts';
import { LIVE_EVENTS, liveProviders, VERSION_WAITS } from './live-providers.ts';
import { LOGGER } from '../../ground/logging/logger.ts';
import { checkTables, readModelProjections } from '@millrace/read-models';
import { holderIfAny, outboxWith, personalDataIfAny } from '../personal/personal-data.tokens.ts';
import { rebuildWatchProvider } from './rebuild-watch.ts';
import { EVENT_STORE, FOLDINGS, REBUILDS, RECORDER, type FoldingByPrefix } from './event-store.tokens.ts';
import { createCommandHandler, COMMAND_HANDLER } from './command-handler.ts';

/** The part of a `SagaEngine` that recording needs. */
interface StartsSagas {
  readonly startFrom: NonNullable<Recorder['startSagas']>;
}

export interface EventStoreModuleOptions<Event extends DomainEvent, State, Call> {
  /**
   * The event types of every domain with streams in this database, sagas included. The service does
   * not boot on stored events that they do not cover. Without them, nothing is checked.
   */
  readonly events?: readonly EventTypes[];
  /** The deciders of the same domains. Operators see the states of these streams. */
  readonly states?: FoldingByPrefix;
  /**
   * Projections that run in the transaction that stores the event. Before the service starts, the tables
   * of their read models are compared with the declarations.
   */
  readonly inline?: readonly InlineProjection[];
  /**
   * The public messages and commands that follow from an event, or one function for each domain that
   * publishes (`messagesAbout`). The default is none.
   */
  readonly publicMessages?: PublicMessagesOf<Event, State> | readonly PublicMessagesOf<DomainEvent>[];
  /** Turns a call of the domain into a request. Required if the domain makes external calls. */
  readonly externalCall?: Recorder<Call>['externalCall'];
  /** Starts sagas from the public messages: `SAGA_ENGINE`, if a definition starts locally. */
  readonly starts?: InjectionToken;
}

/**
 * The service's streams. Provides `COMMAND_HANDLER`, `EVENT_STORE`, `REBUILDS`, `LIVE_EVENTS` and
 * `VERSION_WAITS` everywhere. Needs `DatabaseModule`.
 */
@Module({})
export class EventStoreModule {
  static forRoot<Event extends DomainEvent, State, Call>({
    events,
    states = {},
    inline = [],
    publicMessages = [],
    externalCall,
    starts,
  }: EventStoreModuleOptions<Event, State, Call>): DynamicModule {
    const messagesOf = [publicMessages].flat() as readonly PublicMessagesOf<DomainEvent>[];
    return {
      module: EventStoreModule,
      global: true,
      providers: [
        provide(EVENT_STORE, [QUIET_DATABASE, SERVICE, holderIfAny], async (database, { config }, holder) => {
          await checkTables(
            database,
            readModelProjections(inline).map(({ checked }) => checked),
          );
          const snapshots = { everyEvents: config.snapshotEveryEvents };
          const store = postgresEventStore({ events, holder, snapshots });
          await assertReadable(database, store.settings.catalog);
          return store;
        }),
        { provide: FOLDINGS, useValue: states },
        provide(
          RECORDER,
          [EVENT_STORE, SERVICE, personalDataIfAny, holderIfAny],
          (store, { name }, personalData, holder) => ({
            store,
            projections: inlineProjections(inline),
            publish: publishEvents(
              { source: `/millrace/${name}`, appendToOutbox: outboxWith(personalData) },
              (event: DomainEvent, state: unknown) => messagesOf.flatMap((each) => each(event, state)),
            ),
            externalCall,
            holder,
          }),
        ),
        {
          provide: COMMAND_HANDLER,
          inject: [DATABASE, RECORDER, ...(starts === undefined ? [] : [starts])],
          useFactory: (database: SqlDatabase, recorder: Recorder<Call>, sagas?: StartsSagas) =>
            createCommandHandler(database, { ...recorder, startSagas: sagas?.startFrom }),
        },
        provideLifecycle(
          { name: 'snapshots' },
          [QUIET_DATABASE, EVENT_STORE, LOGGER],
          (database, { snapshots }, logger) =>
            createSnapshotTaker({ database, due: snapshots.due, clock: systemClock, logger }),
        ),
        provide(
          REBUILDS,
          [QUIET_DATABASE, DATABASE, EVENT_STORE, LOGGER],
          (database, callersDatabase, { settings }, logger) =>
            createRebuilds({
              database,
              callersDatabase,
              projections: readModelProjections(inline),
              catalog: settings.catalog,
              holder: settings.holder,
              clock: systemClock,
              logger,
            }),
        ),
        provideLifecycle({ name: 'rebuilds', role: 'worker' }, [REBUILDS], (rebuilds) => rebuilds),
        rebuildWatchProvider,
        ...liveProviders,
      ],
      exports: [EVENT_STORE, RECORDER, REBUILDS, COMMAND_HANDLER, LIVE_EVENTS, VERSION_WAITS],
    };
  }
}
