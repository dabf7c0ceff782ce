import { setNewest } from '@millrace/streaming-core/runtime';
import type { DomainEvent, AnyFolding, Folding, VersionedState } from './decider.ts';
import { keptVersionsMax } from './limits.ts';

export interface StateCacheLimits {
  /** The number of states kept for each decider. The least recently used state is dropped first. */
  readonly statesMax: number;
  /**
   * Streams shorter than this are folded at each load, since reading a few events costs no more
   * than looking for new ones.
   */
  readonly versionMin: bigint;
}

const defaultStateCacheLimits: StateCacheLimits = Object.freeze({ statesMax: 2_000, versionMin: 32n });

/**
 * Keeps committed states of long streams, so that a busy stream is not folded from its first event
 * for every command. The states stay correct whatever other processes write: events are never
 * changed, so a committed state is always the fold of the events up to its version, and a reader
 * continues from there. A state that includes uncommitted events of a transaction is never kept.
 */
export class StateCache {
  readonly #limits: StateCacheLimits;
  readonly #states = new WeakMap<AnyFolding, Map<string, VersionedState<unknown>>>();

  constructor(limits: Partial<StateCacheLimits> = {}) {
    this.#limits = { ...defaultStateCacheLimits, ...limits };
  }

  find<Event extends DomainEvent, State>(
    folding: Folding<Event, State>,
    stream: string,
  ): VersionedState<State> | undefined {
    return this.#statesOf(folding).get(stream) as VersionedState<State> | undefined;
  }

  keep<Event extends DomainEvent, State>(
    folding: Folding<Event, State>,
    stream: string,
    state: VersionedState<State>,
  ): void {
    if (state.version < this.#limits.versionMin) return;
    setNewest(this.#statesOf(folding), stream, state, this.#limits.statesMax);
    setNewest(keptVersions, stream, state.version, keptVersionsMax);
  }

  #statesOf<Event extends DomainEvent, State>(
    folding: Folding<Event, State>,
  ): Map<string, VersionedState<unknown>> {
    const key = folding as unknown as AnyFolding;
    const states = this.#states.get(key) ?? new Map<string, VersionedState<unknown>>();
    this.#states.set(key, states);
    return states;
  }
}

/**
 * The version of each stream at which some cache of this process has kept a state. It is a hint
 * about what to load, and may be wrong.
 */
const keptVersions = new Map<string, bigint>();

/** Returns the version at which a state of the stream was kept, or 0. */
export const keptVersion = (stream: string): bigint => keptVersions.get(stream) ?? 0n;
