import { Module, type DynamicModule } from '@nestjs/common';
import {
  postgresEventStore,
  publishEvents,
  type DomainEvent,
  type EventStore,
  type InlineProjection,
  type PublicMessagesOf,
} from '@millrace/event-sourcing';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { SERVICE, type ServiceIdentity } from '../config/service.ts';
import { DATABASE, QUIET_DATABASE } from '../database/database.module.ts';
import { LIVE_EVENTS } from '../live/live-events.ts';
import { liveProviders } from '../live/live-providers.ts';
import { VERSION_WAITS } from '../live/version-waits.ts';
import { checkTables } from '../read-model/check-tables.ts';
import { keepsReadModel } from '../read-model/inline-projection.ts';
import { newId } from './recording.ts';
import { createStreams, STREAMS } from './streams.ts';

export const EVENT_STORE = Symbol('EventStore');

export interface EventStoreModuleOptions<Event extends DomainEvent> {
  /** Tables of their read models are compared with what they declare before the service starts. */
  readonly inline?: readonly InlineProjection[];
  /** What others are told about an event, and what it commands; nothing where absent. */
  readonly publicMessages?: PublicMessagesOf<Event>;
}

/** The service's streams: provides `EVENT_STORE` for message handlers, and `STREAMS`, `LIVE_EVENTS` and `VERSION_WAITS` for controllers, everywhere. Needs `DatabaseModule`. */
@Module({})
export class EventStoreModule {
  static forRoot<Event extends DomainEvent>({
    inline = [],
    publicMessages = () => [],
  }: EventStoreModuleOptions<Event>): DynamicModule {
    return {
      module: EventStoreModule,
      global: true,
      providers: [
        {
          provide: EVENT_STORE,
          inject: [SERVICE, QUIET_DATABASE],
          useFactory: async ({ name }: ServiceIdentity, database: SqlDatabase) => {
            await checkTables(
              database,
              inline.filter(keepsReadModel).map(({ readModel }) => readModel),
            );
            return postgresEventStore({
              inline,
              publish: publishEvents({ source: `/millrace/${name}`, newId }, publicMessages),
            });
          },
        },
        {
          provide: STREAMS,
          inject: [DATABASE, EVENT_STORE],
          useFactory: (database: SqlDatabase, store: EventStore) => createStreams(database, store),
        },
        ...liveProviders,
      ],
      exports: [EVENT_STORE, STREAMS, LIVE_EVENTS, VERSION_WAITS],
    };
  }
}
