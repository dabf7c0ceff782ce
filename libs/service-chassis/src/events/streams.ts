import {
  decideAndAppend,
  executeCommand,
  loadState,
  lockStream,
  type Decided,
  type Decider,
  type DomainEvent,
  type EventStore,
  type ReadOptions,
  type Rejected,
  type VersionedState,
} from '@millrace/event-sourcing';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { z } from 'zod';
import { decodeCursor, pageFrom, pageOf, type Page } from '../http/pagination.ts';
import { requestTransaction } from '../database/request-transaction.ts';
import { currentMetadata, recording } from './recording.ts';

/** An event as `/history` shows it: without what is personal. */
export const historyItem = z.object({
  version: z.number().int(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  eventId: z.string(),
  recordedAt: z.string(),
  correlationId: z.string(),
  causationId: z.string(),
});
export const historyPage = pageOf(historyItem).describe('Events of one stream, oldest first');
export type HistoryItem = z.infer<typeof historyItem>;

/** What controllers do with streams; each call is a transaction of its own, or part of the request's where it has one. Message handlers use the store, in their batch's transaction. */
export interface Streams {
  /** Loads, decides, appends; tries again after a conflict. The metadata is that of the running request. */
  execute<Command, Event extends DomainEvent, State, Code extends string>(
    decider: Decider<Command, Event, State, Code>,
    stream: string,
    command: Command,
  ): Promise<Decided<Event, State> | Rejected<Code>>;
  /** State now, at a version or at a moment; version 0 where there was nothing yet. */
  load<Event extends DomainEvent, State>(
    decider: Pick<Decider<never, Event, State>, 'initialState' | 'evolve'>,
    stream: string,
    asOf?: Pick<ReadOptions, 'toVersion' | 'at'>,
  ): Promise<VersionedState<State>>;
  history(
    stream: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<HistoryItem>>;
}

export const STREAMS = Symbol('Streams');

export const createStreams = (database: SqlDatabase, store: EventStore): Streams => ({
  async execute(decider, stream, command) {
    const request = { store, decider, stream, command, ...recording(currentMetadata()) };
    const open = requestTransaction();
    if (open === undefined) return executeCommand(database, request);
    if (open.attempt > 1) await lockStream(open.transaction, stream);
    return decideAndAppend({ ...request, transaction: open.transaction });
  },
  load: (decider, stream, asOf) =>
    loadState(requestTransaction()?.transaction ?? database, store, decider, stream, asOf),
  async history(stream, { limit, cursor }) {
    const after = decodeCursor(cursor, z.number().int().min(0)) ?? 0;
    const events = await store.read(database, stream, { fromVersion: BigInt(after + 1), limit: limit + 1 });
    const items = events.map(
      ({ id, version, event: { type, personal: _personal, ...data }, recordedAt, metadata }) => ({
        version: Number(version),
        type,
        data,
        eventId: id,
        recordedAt: recordedAt.toISOString(),
        correlationId: metadata.correlationId,
        causationId: metadata.causationId,
      }),
    );
    return pageFrom(items, limit, (item) => item.version);
  },
});
