import type { NodeContext } from '../processor/node-context.ts';

/**
 * When an aggregation that emits at window close looks for closed windows: at most once per emit
 * interval of the wall clock, and only if the close time has advanced (KIP-825). The close time of
 * the last look is committed with the offsets, so that nothing is emitted twice after a restart.
 */
export class CloseEmission {
  readonly #context: NodeContext;
  readonly #storeName: string;
  #nextLookMs = 0;
  #lastCloseMs: number | undefined;

  constructor(context: NodeContext, storeName: string) {
    this.#context = context;
    this.#storeName = storeName;
    this.#lastCloseMs = context.committedMetadata(storeName);
  }

  /** The close time of the last look, or undefined before the first one. */
  get lastCloseMs(): number | undefined {
    return this.#lastCloseMs;
  }

  /** Whether to look now. A call that the interval allows starts the next interval. */
  isDue(closeTimeMs: number): boolean {
    const nowMs = this.#context.wallClockMs;
    if (nowMs < this.#nextLookMs) return false;
    this.#nextLookMs = nowMs + this.#context.emitIntervals.windowedAggregationMs;
    return this.#lastCloseMs === undefined || this.#lastCloseMs < closeTimeMs;
  }

  emittedUpTo(closeTimeMs: number): void {
    this.#lastCloseMs = closeTimeMs;
    this.#context.setCommittedMetadata(this.#storeName, closeTimeMs);
  }
}
