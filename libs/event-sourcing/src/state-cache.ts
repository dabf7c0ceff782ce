import { setNewest } from '@millrace/streaming-core/runtime';
import type { DomainEvent } from './decider.ts';
import { keptVersionsMax } from './limits.ts';
import type { AnyFolding, Folding, VersionedState } from './folding.ts';

export interface StateCacheLimits {
  /** States kept for each decider; the one that was not asked for the longest goes first. */
  readonly statesMax: number;
  /** Streams shorter than this are folded each time: reading a few events costs no more than looking for new ones. */
  readonly versionMin: bigint;
}

export const defaultStateCacheLimits: StateCacheLimits = Object.freeze({ statesMax: 2_000, versionMin: 32n });

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

/** By stream: from which version on some cache of this process can go on. A hint for what to load, right or wrong. */
const keptVersions = new Map<string, bigint>();

/** 0 where no state of the stream was kept. */
export const keptVersion = (stream: string): bigint => keptVersions.get(stream) ?? 0n;
