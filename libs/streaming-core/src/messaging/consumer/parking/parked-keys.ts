import type { ParkedKey } from './parked-store.ts';
import type { ParkingChanges } from './parked-message.ts';

/** The parked keys of a partition, by digest, as its owner remembers them. */
export class ParkedKeys {
  #keys: Map<string, ParkedKey>;

  constructor(keys: readonly ParkedKey[]) {
    this.#keys = byDigest(keys);
  }

  get size(): number {
    return this.#keys.size;
  }

  get messages(): number {
    return [...this.#keys.values()].reduce((sum, { messages }) => sum + messages, 0);
  }

  /** The number of parked messages of one key. */
  messagesOf(digest: string): number {
    return this.#keys.get(digest)?.messages ?? 0;
  }

  /** The key that is due first. */
  get next(): ParkedKey | undefined {
    let next: ParkedKey | undefined;
    for (const key of this.#keys.values())
      if (next === undefined || key.retryAtMs < next.retryAtMs) next = key;
    return next;
  }

  replace(keys: readonly ParkedKey[]): void {
    this.#keys = byDigest(keys);
  }

  /**
   * Applies the changes of a committed batch. When a parked message is gone, the next one of its
   * key is due at once.
   */
  apply({ parked = [], unparked, postponed }: ParkingChanges, nowMs: number): void {
    for (const { digest, retryAtMs } of parked) {
      const known = this.#keys.get(digest) ?? { digest, retryAtMs, messages: 0 };
      this.#keys.set(digest, { ...known, messages: known.messages + 1 });
    }
    if (unparked !== undefined) this.#unpark(unparked.digest, nowMs);
    if (postponed !== undefined) this.postpone(postponed.message.digest, postponed.retryAtMs);
  }

  postpone(digest: string, retryAtMs: number): void {
    const known = this.#keys.get(digest);
    if (known !== undefined) this.#keys.set(digest, { ...known, retryAtMs });
  }

  forget(digest: string): void {
    this.#keys.delete(digest);
  }

  #unpark(digest: string, nowMs: number): void {
    const messages = this.messagesOf(digest) - 1;
    if (messages > 0) this.#keys.set(digest, { digest, messages, retryAtMs: nowMs });
    else this.#keys.delete(digest);
  }
}

const byDigest = (keys: readonly ParkedKey[]) => new Map(keys.map((key) => [key.digest, key]));
