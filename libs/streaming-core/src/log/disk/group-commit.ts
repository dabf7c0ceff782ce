import type { ProtocolError } from '../../protocol/errors.ts';

/**
 * When an append counts as durable: after an fdatasync that covers it (`commit`), or at once, with
 * a regular fdatasync (`interval`) or without one (`none`).
 */
export type FlushPolicy = 'commit' | 'interval' | 'none';

interface Group {
  endOffset: bigint;
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (cause: ProtocolError) => void;
}

interface GroupCommitOptions {
  readonly policy: FlushPolicy;
  /** Everything below this offset is certainly on disk at the start. */
  readonly flushedOffset: bigint;
  /** Syncs everything that was written so far. Never called again after a failure. */
  readonly sync: () => Promise<void>;
  readonly onFlushed: () => void;
  /** Returns the error that waiters get. */
  readonly onFailed: (cause: unknown) => ProtocolError;
}

/**
 * Returned when there is nothing to wait for. A caller that compares with it can continue in the
 * same turn.
 */
export const durableAtOnce = Promise.resolve();

/**
 * Group commit of one partition. One sync is in flight, and everything that was written before it
 * began waits for it; later writes form the next group. A sync begins after the events of the
 * current turn of the event loop, so that requests that were read together share one.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #flushedOffset: bigint;
  #writtenOffset: bigint;
  #inFlight: Group | undefined;
  #waiting: Group | undefined;
  #running: Promise<void> | undefined;
  #failure: ProtocolError | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#flushedOffset = options.flushedOffset;
    this.#writtenOffset = options.flushedOffset;
  }

  /** Everything below this offset is on disk. */
  get flushedOffset(): bigint {
    return this.#flushedOffset;
  }

  /** Call this after a write that ends at the offset. */
  wrote(endOffset: bigint): Promise<void> {
    this.#writtenOffset = endOffset;
    return this.durable(endOffset);
  }

  /** Resolves once everything below the offset is durable under the policy. */
  durable(endOffset: bigint): Promise<void> {
    if (this.#options.policy !== 'commit' || endOffset <= this.#flushedOffset) return durableAtOnce;
    if (this.#inFlight !== undefined && endOffset <= this.#inFlight.endOffset) return this.#inFlight.done;
    return this.#join(endOffset);
  }

  /** Syncs everything that is not synced yet, whatever the policy. */
  flush(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return this.#writtenOffset <= this.#flushedOffset ? durableAtOnce : this.#join(this.#writtenOffset);
  }

  /** Rejects all waiters, now and later. */
  fail(cause: ProtocolError): void {
    this.#failure ??= cause;
    for (const group of [this.#inFlight, this.#waiting]) group?.reject(this.#failure);
    this.#waiting = undefined;
  }

  /** Resolves when no sync is in flight, so that the files can be closed. Never rejects. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  #join(endOffset: bigint): Promise<void> {
    this.#waiting ??= newGroup();
    if (endOffset > this.#waiting.endOffset) this.#waiting.endOffset = endOffset;
    const { done } = this.#waiting;
    this.#running ??= this.#run();
    if (this.#failure !== undefined) this.fail(this.#failure);
    return done;
  }

  async #run(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting !== undefined) {
      const group = this.#waiting;
      group.endOffset = this.#writtenOffset;
      this.#waiting = undefined;
      this.#inFlight = group;
      await this.#commit(group);
      this.#inFlight = undefined;
    }
    this.#running = undefined;
  }

  async #commit(group: Group): Promise<void> {
    try {
      await this.#options.sync();
    } catch (error) {
      return this.fail(this.#failure ?? this.#options.onFailed(error));
    }
    if (this.#failure !== undefined) return;
    this.#flushedOffset = group.endOffset;
    group.resolve();
    this.#options.onFlushed();
  }
}

function newGroup(): Group {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  done.catch(() => undefined); // producers with acks=0 or 1 do not wait for it
  return { endOffset: 0n, done, resolve, reject };
}
