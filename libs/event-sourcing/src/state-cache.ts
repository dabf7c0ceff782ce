import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { DomainEvent } from './decider.ts';
import type { Folding, VersionedState } from './state.ts';

export interface StateCacheLimits {
  /** States kept for each decider; the one that was not asked for the longest goes first. */
  readonly statesMax: number;
  /** Streams shorter than this are folded each time: reading a few events costs no more than looking for new ones. */
  readonly versionMin: bigint;
}

export const defaultStateCacheLimits: StateCacheLimits = Object.freeze({ statesMax: 2_000, versionMin: 32n });

type AnyFolding = Folding<DomainEvent, unknown>;

/**
 * Committed states of long streams, so that a hot stream is not folded from its first event for every command. Right whatever others write:
 * events are append only, so a committed state is for ever the fold of the events up to its version, and a reader goes on from there. A
 * state that a transaction's own, not yet committed events went into is never kept.
 */
export class StateCache {
  readonly #limits: StateCacheLimits;
  readonly #states = new WeakMap<AnyFolding, Map<string, VersionedState<unknown>>>();

  constructor(limits: Partial<StateCacheLimits> = {}) {
    this.#limits = { ...defaultStateCacheLimits, ...limits };
  }

  find<Event extends DomainEvent, State>(folding: Folding<Event, State>, stream: string): VersionedState<State> | undefined {
    return this.#statesOf(folding).get(stream) as VersionedState<State> | undefined;
  }

  keep<Event extends DomainEvent, State>(folding: Folding<Event, State>, stream: string, state: VersionedState<State>): void {
    if (state.version < this.#limits.versionMin) return;
    const states = this.#statesOf(folding);
    states.delete(stream); // to the end of the map's order: asked for last
    states.set(stream, state);
    const [oldest] = states.keys();
    if (states.size > this.#limits.statesMax && oldest !== undefined) states.delete(oldest);
  }

  #statesOf<Event extends DomainEvent, State>(folding: Folding<Event, State>): Map<string, VersionedState<unknown>> {
    const key = folding as unknown as AnyFolding;
    const states = this.#states.get(key) ?? new Map<string, VersionedState<unknown>>();
    this.#states.set(key, states);
    return states;
  }
}

const written = new WeakMap<SqlTransaction, Set<string>>();

/** What this transaction writes may yet be rolled back. */
export function noteWritten(transaction: SqlTransaction, streams: readonly string[]): void {
  const known = written.get(transaction) ?? new Set<string>();
  for (const stream of streams) known.add(stream);
  written.set(transaction, known);
}

export const isWritten = (transaction: SqlTransaction, stream: string): boolean => written.get(transaction)?.has(stream) ?? false;
