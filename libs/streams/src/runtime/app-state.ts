/**
 * - `created`: not started
 * - `rebalancing`: waiting for the tasks of this process
 * - `restoring`: restoring state from the changelogs; not ready
 * - `running`: processing
 * - `closing`, `closed`: stopped by the application
 * - `failed`: stopped by an error
 */
export type StreamsState =
  'created' | 'rebalancing' | 'restoring' | 'running' | 'closing' | 'closed' | 'failed';

const following: Readonly<Record<StreamsState, readonly StreamsState[]>> = {
  created: ['rebalancing', 'closing', 'failed'],
  rebalancing: ['restoring', 'running', 'closing', 'failed'],
  restoring: ['rebalancing', 'running', 'closing', 'failed'],
  running: ['rebalancing', 'restoring', 'closing', 'failed'],
  closing: ['closed'],
  closed: [],
  failed: [],
};

/** The state of an application, and the listeners to its changes. */
export class AppState {
  readonly #listeners = new Set<(state: StreamsState, before: StreamsState) => void>();
  #state: StreamsState = 'created';

  get current(): StreamsState {
    return this.#state;
  }

  onChange(listener: (state: StreamsState, before: StreamsState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Returns false if the state cannot follow the present one, for instance after a failure. */
  change(next: StreamsState): boolean {
    const before = this.#state;
    if (!following[before].includes(next)) return false;
    this.#state = next;
    for (const listener of this.#listeners) listener(next, before);
    return true;
  }
}
