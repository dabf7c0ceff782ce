import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { RecordedEvent } from './event-store.ts';
import type { Folding, VersionedState } from './folding.ts';

/** What a transaction knows of a stream: because it holds its lock, or because it goes to write to it (then the write checks it). */
export interface KnownStream {
  /** Held until the transaction ends: nobody else can append. */
  readonly locked: boolean;
  /** The version before this transaction. */
  readonly stored: bigint;
  /** Stored events from a version on up to `stored`, where they were loaded with the lock. */
  readonly loaded?: { readonly from: bigint; readonly events: readonly RecordedEvent[] };
  /** Appended by this transaction, in the order of versions. */
  readonly own: RecordedEvent[];
  /** What was folded so far, own events included. Goes with the transaction. */
  readonly folded: Map<Folding<never, unknown>, VersionedState<unknown>>;
}

export const versionOf = ({ stored, own }: KnownStream): bigint => stored + BigInt(own.length);

/**
 * The streams of one transaction (the same object): what it has declared and locked, what it has loaded, and what it has appended, so that a
 * load within it needs no statement and sees what a unit of work has not yet written.
 */
export class TransactionStreams {
  /** Streams that may be appended to; all of them where nothing was declared. */
  declared: ReadonlySet<string> | undefined;
  readonly #known = new Map<string, KnownStream>();
  readonly #written = new Set<string>();

  know(stream: string, known: Omit<KnownStream, 'own' | 'folded'>): KnownStream {
    const entry: KnownStream = { ...known, own: [], folded: new Map() };
    this.#known.set(stream, entry);
    return entry;
  }

  find(stream: string): KnownStream | undefined {
    return this.#known.get(stream);
  }

  /** Its events are in the database now. Without a declared lock the database is asked again: this may have been a transaction of its own. */
  written(stream: string): void {
    this.#written.add(stream);
    if (this.#known.get(stream)?.locked === false) this.#known.delete(stream);
  }

  /** Up to which version a stream's events are committed for sure; undefined where own events may be among those that a load returns. */
  committedVersion(stream: string, loaded: bigint): bigint | undefined {
    const known = this.#known.get(stream);
    if (known !== undefined) return known.stored;
    return this.#written.has(stream) ? undefined : loaded;
  }
}

const transactions = new WeakMap<SqlTransaction, TransactionStreams>();

export function streamsOf(transaction: SqlTransaction): TransactionStreams {
  const known = transactions.get(transaction) ?? new TransactionStreams();
  transactions.set(transaction, known);
  return known;
}
