import type { Clock, DurationMs } from '@millrace/streaming-core/runtime';
import type { KeyRecord } from './key-names.ts';

interface CachedKey {
  readonly record: KeyRecord;
  /** When the statement was sent that found the record. */
  readonly askedAtMs: DurationMs;
}

export interface KeyCacheOptions {
  readonly clock: Clock;
  readonly cacheMs: DurationMs;
  readonly keysMax: number;
}

/**
 * Holds the keys that were used last, and none longer than `cacheMs` after it was asked for. So a
 * key that another process destroys is out of use here after that time.
 */
export class KeyCache {
  readonly #options: KeyCacheOptions;
  /** In the order of use, the least recent first. */
  readonly #keys = new Map<string, CachedKey>();
  #purges = 0;

  constructor(options: KeyCacheOptions) {
    this.#options = options;
  }

  get(name: string): KeyRecord | undefined {
    const cached = this.#keys.get(name);
    if (cached === undefined) return undefined;
    this.#keys.delete(name);
    if (this.#options.clock.monotonic() - cached.askedAtMs >= this.#options.cacheMs) return undefined;
    this.#keys.set(name, cached);
    return cached.record;
  }

  /** Call this before the statement is sent. It returns a function that keeps the answers. */
  asking(): (name: string, record: KeyRecord) => void {
    const askedAtMs = this.#options.clock.monotonic();
    const purges = this.#purges;
    return (name, record) => {
      if (purges !== this.#purges) return; // the answer may be older than an erasure by this process
      this.#keys.delete(name);
      this.#keys.set(name, { record, askedAtMs });
      if (this.#keys.size > this.#options.keysMax) this.#dropLeastRecent();
    };
  }

  /** Forgets all keys, among them those that are being asked for. */
  purge(): void {
    this.#purges += 1;
    this.#keys.clear();
  }

  #dropLeastRecent(): void {
    for (const name of this.#keys.keys()) {
      this.#keys.delete(name);
      return;
    }
  }
}
