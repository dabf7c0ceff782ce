import { setNewest } from '@millrace/streaming-core/runtime';
import type { StateSchema } from './decider.ts';
import type { VersionedState } from './folding.ts';
import { dueSnapshotsMax, keptVersionsMax } from './limits.ts';

export interface SnapshotSettings {
  /** A stream gets a new snapshot after so many events; 0: none are taken. */
  readonly everyEvents: number;
}

export const defaultSnapshotSettings: SnapshotSettings = Object.freeze({ everyEvents: 1_000 });

export interface DueSnapshot {
  readonly kind: 'take';
  readonly stream: string;
  readonly schema: StateSchema<unknown>;
  readonly committed: VersionedState<unknown>;
}

/** A snapshot that cannot be used and is to be deleted. */
export interface UselessSnapshot {
  readonly kind: 'drop';
  readonly stream: string;
  readonly schema: StateSchema<unknown>;
  readonly version: bigint;
  readonly reason: string;
}

/**
 * What loads have noticed and leave to the background: streams that have grown by enough events since their last snapshot, and snapshots
 * that are useless. A load only notes it in memory. Only the latest state of a stream waits.
 */
export class DueSnapshots {
  readonly everyEvents: bigint;
  readonly #waiting = new Map<string, DueSnapshot | UselessSnapshot>();
  /** By stream and schema: the version of the last snapshot as far as this process knows. */
  readonly #lastVersions = new Map<string, bigint>();
  #listener = () => {};

  constructor({ everyEvents }: SnapshotSettings) {
    this.everyEvents = BigInt(everyEvents);
  }

  /** Calls the listener whenever there is something to do. */
  onDue(listener: () => void): void {
    this.#listener = listener;
  }

  /** The state is a fold of committed events only. */
  loaded(schema: StateSchema<unknown>, stream: string, committed: VersionedState<unknown>): void {
    if (this.everyEvents === 0n || committed.version < this.everyEvents) return;
    const lastVersion = this.#lastVersions.get(keyOf(schema, stream)) ?? 0n;
    if (committed.version - lastVersion >= this.everyEvents)
      this.#add({ kind: 'take', stream, schema, committed });
  }

  found(schema: StateSchema<unknown>, stream: string, version: bigint): void {
    this.#note(keyOf(schema, stream), version);
  }

  useless(snapshot: Omit<UselessSnapshot, 'kind'>): void {
    this.#add({ kind: 'drop', ...snapshot });
  }

  /** The longest waiting. A state that is handed out is not due again before the next events, whatever becomes of it. */
  next(): DueSnapshot | UselessSnapshot | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [key, work] = first;
    this.#waiting.delete(key);
    if (work.kind === 'take') this.#note(keyOf(work.schema, work.stream), work.committed.version);
    return work;
  }

  #add(work: DueSnapshot | UselessSnapshot): void {
    const key = `${work.kind} ${keyOf(work.schema, work.stream)}`;
    if (!this.#waiting.has(key) && this.#waiting.size >= dueSnapshotsMax) return;
    this.#waiting.set(key, work);
    this.#listener();
  }

  #note(key: string, version: bigint): void {
    setNewest(this.#lastVersions, key, version, keptVersionsMax);
  }
}

const keyOf = (schema: StateSchema<unknown>, stream: string): string => `${schema.hash} ${stream}`;
