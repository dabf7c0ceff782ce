import { SqlTransaction, type Queryable, type TransactionState } from '@millrace/streaming-core/postgres';
import type { RecordedEvent } from './event-store.ts';
import type { Folding, VersionedState } from './decider.ts';
import { sealedPartOf } from './personal-parts.ts';

/**
 * The part of a stream that a transaction has loaded, and the events that it has appended. The
 * version is certain while the transaction holds the stream's lock. Otherwise the write checks it.
 */
export interface KnownStream {
  /**
   * True if the transaction holds the stream's lock, so that no other transaction can append before
   * this one ends.
   */
  readonly locked: boolean;
  /** The stream's version before this transaction. */
  readonly stored: bigint;
  /** The stored events of the versions `from` to `stored`, if they were loaded with the lock. */
  readonly loaded?: { readonly from: bigint; readonly events: readonly RecordedEvent[] };
  /** The events that this transaction has appended, in the order of their versions. */
  readonly own: RecordedEvent[];
  /** The state that each decider has folded so far, including the transaction's own events. */
  readonly folded: Map<Folding<never, unknown>, FoldedState<unknown>>;
}

export interface FoldedState<State> extends VersionedState<State> {
  /** False if the state may hold personal data, so that it must not outlive the transaction. */
  readonly isKeepable: boolean;
}

export const versionOf = ({ stored, own }: KnownStream): bigint => stored + BigInt(own.length);

/**
 * Remembers what a transaction (one object) has declared, locked, loaded and appended. A load in
 * the transaction can then do without a statement, and sees events that the unit of work has not
 * written yet.
 */
class TransactionStreams {
  /**
   * The streams that may be appended to. Undefined if none were declared, which allows every
   * stream.
   */
  declared: ReadonlySet<string> | undefined;
  /** Whether the transaction appends to a stream as a new one that it has not read. */
  assumesNew = false;
  readonly #known = new Map<string, KnownStream>();
  readonly #written = new Set<string>();
  #subjects = new Set<string>();

  know(stream: string, known: Omit<KnownStream, 'own' | 'folded'>): KnownStream {
    const entry: KnownStream = { ...known, own: [], folded: new Map() };
    this.#known.set(stream, entry);
    for (const { event } of known.loaded?.events ?? []) {
      const part = sealedPartOf(event);
      if (part !== undefined) this.#subjects.add(part.subject);
    }
    return entry;
  }

  /**
   * Returns the subjects whose sealed parts were loaded since the last call, so that the first read
   * of a batch can load the keys for all of its streams.
   */
  takeSubjects(): ReadonlySet<string> {
    const taken = this.#subjects;
    if (taken.size > 0) this.#subjects = new Set();
    return taken;
  }

  find(stream: string): KnownStream | undefined {
    return this.#known.get(stream);
  }

  /**
   * Records that the stream's events are in the database. If the stream is not locked, it is
   * forgotten, so that the next load reads it again: the write may have run in a separate
   * transaction.
   */
  written(stream: string): void {
    this.#written.add(stream);
    if (this.#known.get(stream)?.locked === false) this.#known.delete(stream);
  }

  /**
   * Returns the version up to which the stream's events are certainly committed. Returns undefined
   * if the events that a load returns may include some of this transaction.
   */
  committedVersion(stream: string, loaded: bigint): bigint | undefined {
    const known = this.#known.get(stream);
    if (known !== undefined) return known.stored;
    return this.#written.has(stream) ? undefined : loaded;
  }
}

const transactionStreams: TransactionState<TransactionStreams> = { create: () => new TransactionStreams() };

/** A database that reads outside of a transaction knows nothing of its streams. */
export const streamsOf = (reader: Queryable): TransactionStreams =>
  reader instanceof SqlTransaction ? reader.state(transactionStreams) : new TransactionStreams();

/**
 * Lets a transaction append to a stream as a new one without reading it. If the stream exists, the
 * write rejects with `WrongExpectedVersionError`, so the work must be repeated in a transaction
 * that does not assume this (`optimisticTransaction`). A stream that the transaction has locked or
 * appended to stays as it is known.
 */
export function assumeNew(transaction: SqlTransaction, stream: string): void {
  const streams = streamsOf(transaction);
  if (streams.find(stream) !== undefined) return;
  streams.know(stream, { locked: false, stored: 0n, loaded: { from: 1n, events: [] } });
  streams.assumesNew = true;
}

/**
 * Assumes the same of a stream that usually begins with another one, if the transaction assumes
 * that this other one is new.
 */
export function assumeNewAsWell(transaction: SqlTransaction, stream: string): void {
  if (streamsOf(transaction).assumesNew) assumeNew(transaction, stream);
}
