/** The limits of the stores of one task. The names are those of the application's settings. */
export interface StoreLimits {
  /** The longest key of a store, as bytes. */
  readonly storeKeyBytesMax: number;
  /** The memory that all buffers of `suppress` without limits of their own may take together. */
  readonly suppressBytesMax: number;
}

/** Limits keys to 1 MiB, and buffers not at all, as in Kafka Streams. */
export const defaultStoreLimits: StoreLimits = Object.freeze({
  storeKeyBytesMax: 1_048_576,
  suppressBytesMax: Infinity,
});

/** The memory for the newest rows of a stream join's store. SQLite takes as much for its file. */
export const RECENT_BYTES_MAX = 4_194_304;

/** The memory of a waiting update beside its bytes: 860 to 920 with Node 24. */
const rowOverheadBytes = 900;

/** Estimates the memory of the buffers of one task that have no limits of their own. */
export class SuppressBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor({ suppressBytesMax }: Pick<StoreLimits, 'suppressBytesMax'>) {
    this.#bytesMax = suppressBytesMax;
  }

  resize({ rows, bytes }: { readonly rows: number; readonly bytes: number }): void {
    this.#bytes += rows * rowOverheadBytes + bytes;
  }

  /** Throws `SuppressBytesExceeded`, which ends the application under any policy. */
  requireRoom(storeName: string): void {
    if (this.#bytes > this.#bytesMax) throw new SuppressBytesExceeded(storeName, this.#bytes, this.#bytesMax);
  }
}

/**
 * The buffers of `suppress` have no room. Without this error they would grow until the process is
 * out of memory.
 */
export class SuppressBytesExceeded extends Error {
  override readonly name = 'SuppressBytesExceeded';

  constructor(storeName: string, bytes: number, bytesMax: number) {
    super(
      `The store ${storeName} got an update for which the buffers of suppress in this task have no room: they ` +
        `take about ${bytes} bytes, and suppressBytesMax is ${bytesMax}. Raise it, or give suppress(...) a shorter ` +
        'time or limits of its own (recordsMax, bytesMax)',
    );
  }
}
