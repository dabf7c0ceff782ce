import type { TraceContext } from '@millrace/streaming-core/contract';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { DomainEvent } from './decider.ts';
import type { DueSnapshots } from './due-snapshots.ts';
import type { StateCache } from './state-cache.ts';

/** Where an event comes from: request or message, and whose story it belongs to. */
export interface EventMetadata extends TraceContext {
  readonly correlationId: string;
  readonly causationId: string;
}

/** An event with its version: stored, or on its way into the store with its transaction. */
export interface RecordedEvent<Event extends DomainEvent = DomainEvent> {
  readonly id: string;
  readonly stream: string;
  /** 1 for the first event of a stream. */
  readonly version: bigint;
  readonly event: Event;
  readonly schemaVersion: number;
  readonly metadata: EventMetadata;
  readonly recordedAt: Date;
}

/** `none`: the stream must not exist; `any`: no check; a number: exactly this version. */
export type ExpectedVersion = bigint | 'none' | 'any';

export interface StreamAppend<Event extends DomainEvent = DomainEvent> {
  readonly stream: string;
  readonly expected: ExpectedVersion;
  readonly events: readonly Event[];
}

export interface AppendOptions {
  readonly metadata: EventMetadata;
  /** Ids (UUIDv7), one per event in the order of the appends; ids and time are arguments. */
  readonly newId: () => string;
  readonly now: Date;
}

export interface ReadOptions {
  /** State as of this version, inclusive. */
  readonly toVersion?: bigint;
  /** State as of this moment, inclusive. */
  readonly at?: Date;
  readonly fromVersion?: bigint;
  readonly limit?: number;
}

export interface FromSnapshotOptions {
  readonly schemaHash: string;
  /** No event after this version. */
  readonly toVersion?: bigint;
  readonly limit: number;
}

/** A snapshot as it is stored. */
export interface FoundSnapshot {
  readonly version: bigint;
  readonly state: unknown;
  /** Whether the stream has the event that the snapshot ends with. */
  readonly fits: boolean;
}

/** The first events after the snapshot; from the first on where there is none, or none that fits. */
export interface FromSnapshot {
  readonly snapshot?: FoundSnapshot;
  readonly events: readonly RecordedEvent[];
}

/** Snapshots of streams: read by loads, taken by `createSnapshotTaker` in the background. */
export interface Snapshots {
  readonly due: DueSnapshots;
  /** One statement. */
  read(transaction: SqlTransaction, stream: string, options: FromSnapshotOptions): Promise<FromSnapshot>;
}

/**
 * Streams of events on PostgreSQL. `append` is one call over one or several streams, all or nothing, locked in sorted order under
 * collation "C"; rejects with `WrongExpectedVersionError` (expected, actual). Inline projections run in the same
 * transaction. `read` sees what the transaction has appended; as of a moment (`at`) it sees what is stored.
 */
export interface EventStore {
  /** Where `loadState` keeps what it folded; folds from the first event where absent. */
  readonly states?: StateCache;
  /** Where `loadState` begins for deciders that declare `snapshots`, when nothing is kept; nowhere where absent. */
  readonly snapshots?: Snapshots;
  append(
    transaction: SqlTransaction,
    appends: readonly StreamAppend[],
    options: AppendOptions,
  ): Promise<readonly RecordedEvent[]>;
  read(transaction: SqlTransaction, stream: string, options?: ReadOptions): Promise<readonly RecordedEvent[]>;
  /**
   * The stored events of these streams that a message has caused, by stream and version. A stream
   * that is not completely in memory is searched from the time of the message on, for at most
   * `searchedEventsMax` events.
   */
  readCaused(
    transaction: SqlTransaction,
    streams: readonly string[],
    messageId: string,
  ): Promise<readonly RecordedEvent[]>;
}
