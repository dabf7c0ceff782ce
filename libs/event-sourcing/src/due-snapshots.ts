import { setNewest } from '@millrace/streaming-core/runtime';
import type { StateSchema } from './decider.ts';
import type { VersionedState } from './folding.ts';
import { dueSnapshotsMax, keptVersionsMax } from './limits.ts';

export interface SnapshotSettings {
  /** The number of events after which a stream gets a new snapshot. With 0, none are taken. */
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
 * Collects the work that loads notice and leave to the background: streams that have grown by
 * enough events since their last snapshot, and snapshots that cannot be used. The work is kept in
 * memory only. For each stream, only the latest state is kept.
 */
export class DueSnapshots {
  readonly everyEvents: bigint;
  readonly #waiting = new Map<string, DueSnapshot | UselessSnapshot>();
  /** The version of the last snapshot that this process knows of, by schema and stream. */
  readonly #lastVersions = new Map<string, bigint>();
  #listener = () => {};

  constructor({ everyEvents }: SnapshotSettings) {
    this.everyEvents = BigInt(everyEvents);
  }

  /** Calls the listener whenever there is something to do. */
  onDue(listener: () => void): void {
    this.#listener = listener;
  }

  /** Records a load. The state must be a fold of committed events only. */
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

  /**
   * Returns the work that has waited longest. Whether or not its snapshot is then taken, the stream
   * is due again only after `everyEvents` further events.
   */
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
