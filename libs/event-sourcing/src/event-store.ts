import type { TraceContext } from '@millrace/streaming-core/contract';
import type { SqlTransaction, Queryable } from '@millrace/streaming-core/postgres';
import type { DomainEvent } from './decider.ts';
import type { DueSnapshots } from './snapshots.ts';
import type { StateCache } from './state-cache.ts';

/**
 * The ids of an event's cause and of its correlation, the saga that asked for it, who acted, and
 * the trace context. Everything but the actor goes on to the messages that the event leads to.
 */
export interface EventMetadata extends TraceContext {
  readonly correlationId: string;
  readonly causationId: string;
  /** The name of the saga whose command is the cause, or led to it. */
  readonly saga?: string;
  /** The operator, user or program that asked for the event, as its service knows them. */
  readonly actor?: string;
}

/** An event with its version. It is stored, or will be when its transaction commits. */
export interface RecordedEvent<Event extends DomainEvent = DomainEvent> {
  readonly id: string;
  readonly stream: string;
  /** 1 for the first event of a stream. */
  readonly version: bigint;
  /** The event in its present version, if the store knows the type. */
  readonly event: Event;
  /** The version of `event`. */
  readonly schemaVersion: number;
  readonly metadata: EventMetadata;
  readonly recordedAt: Date;
}

/**
 * `none` requires that the stream has no events, a number requires exactly that version, and `any`
 * requires nothing.
 */
export type ExpectedVersion = bigint | 'none' | 'any';

export interface StreamAppend<Event extends DomainEvent = DomainEvent> {
  readonly stream: string;
  readonly expected: ExpectedVersion;
  readonly events: readonly Event[];
}

export interface AppendOptions {
  /**
   * Makes an append idempotent: if the cause (`metadata.causationId`, a command's id) has already
   * added events to these streams, returns those and writes nothing. Locks the streams. Finds the
   * earlier events as `readCaused` does.
   */
  readonly once?: boolean;
  readonly metadata: EventMetadata;
  /** Returns a new UUIDv7. It is called once for each event, in the order of the appends. */
  readonly newId: () => string;
  readonly now: Date;
}

export interface OpenOptions {
  /**
   * False for a reader that drops personal parts: no key is asked for, and parts that are sealed are
   * returned as `erased`. The default is true.
   */
  readonly opens?: boolean;
}

export interface ReadOptions extends OpenOptions {
  /** Reads the stream as of this version, inclusive. */
  readonly toVersion?: bigint;
  /** Reads the stream as of this moment, inclusive. */
  readonly at?: Date;
  readonly fromVersion?: bigint;
  readonly limit?: number;
}

export interface FromSnapshotOptions {
  readonly schemaHash: string;
  /** The last version to read. */
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

/**
 * A snapshot and the first events after it. Without a snapshot that fits, the events begin with the
 * first of the stream.
 */
export interface FromSnapshot {
  readonly snapshot?: FoundSnapshot;
  readonly events: readonly RecordedEvent[];
}

/**
 * The snapshots of streams. Loads read them, and `createSnapshotTaker` takes them in the
 * background.
 */
interface Snapshots {
  readonly due: DueSnapshots;
  /** Sends one statement. */
  read(transaction: Queryable, stream: string, options: FromSnapshotOptions): Promise<FromSnapshot>;
}

/**
 * Stores streams of events in PostgreSQL. `append` adds to one or several streams, all or nothing.
 * It locks them in sorted order under collation "C". It rejects with `WrongExpectedVersionError`,
 * which has the expected and the actual version.
 * `read` sees what the transaction has appended; as of a moment (`at`) it sees only what is stored.
 */
export interface EventStore {
  /** Keeps the states that `loadState` has folded. Without it, no state is kept between loads. */
  readonly states?: StateCache;
  /**
   * Lets `loadState` begin from a snapshot if no state is kept and the decider declares
   * `snapshots`. Without it, no snapshots are read.
   */
  readonly snapshots?: Snapshots;
  append(
    transaction: SqlTransaction,
    appends: readonly StreamAppend[],
    options: AppendOptions,
  ): Promise<readonly RecordedEvent[]>;
  read(transaction: Queryable, stream: string, options?: ReadOptions): Promise<readonly RecordedEvent[]>;
  /**
   * Returns the stored events of these streams that a message has caused, by stream and version. A
   * stream that is not completely in memory is searched from the time of the message onwards, for
   * at most `searchedEventsMax` events.
   */
  readCaused(
    transaction: SqlTransaction,
    streams: readonly string[],
    messageId: string,
  ): Promise<readonly RecordedEvent[]>;
  /**
   * Returns the first stored events of a correlation, of all streams, in the order in which they
   * were recorded.
   */
  readCorrelated(
    transaction: Queryable,
    correlationId: string,
    options: OpenOptions & { readonly limit: number },
  ): Promise<readonly RecordedEvent[]>;
}
