import type { AnyFolding, PostgresEventStore, Rebuilds, Recorder } from '@millrace/event-sourcing';
import { token } from '../../ground/provide.ts';

/** How a service folds its streams, by what their names begin with, such as `order-`. */
export type FoldingByPrefix = Readonly<Record<string, AnyFolding>>;

/**
 * The store of a service's own streams, for code that reads events. To record a decision, use
 * `COMMAND_HANDLER`.
 *
 * @example
 * ```ts
 * import { Inject, Injectable } from '@nestjs/common';
 * import { DATABASE, EVENT_STORE } from '@millrace/service-chassis/service';
 * import type { EventStore } from '@millrace/event-sourcing';
 * import type { SqlDatabase } from '@millrace/streaming-core/postgres';
 *
 * @Injectable()
 * export class RoomEvents {
 *   constructor(
 *     @Inject(EVENT_STORE) private readonly store: EventStore,
 *     @Inject(DATABASE) private readonly database: SqlDatabase,
 *   ) {}
 *
 *   of = (roomId: string) => this.store.read(this.database, `room-${roomId}`);
 * }
 * ```
 */
export const EVENT_STORE = token<PostgresEventStore>('EventStore');
/** How the decisions of the service are recorded, without the sagas that they start. */
export const RECORDER = token<Recorder<never>>('Recorder');
export const FOLDINGS = token<FoldingByPrefix>('FoldingByPrefix');
/** The rebuilds of the service's inline read models. */
export const REBUILDS = token<Rebuilds>('Rebuilds');
