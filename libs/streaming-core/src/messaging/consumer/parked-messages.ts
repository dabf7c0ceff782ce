import { createHash } from 'node:crypto';
import type { ConsumedRecord } from '../../client/index.ts';
import { ConsumerError } from './consumer-error.ts';

/**
 * A message to insert into `parked_message`: one that failed, or one that waits behind another of
 * its key.
 */
export interface ToPark {
  readonly record: ConsumedRecord;
  readonly digest: string;
  readonly parkedAtMs: number;
  readonly retryAtMs: number;
  readonly attemptsInPlace: number;
  /** Absent for a message that waits and has not been tried. */
  readonly error?: Error;
}

/** The first message of a parked key. */
export interface ParkedMessage {
  readonly position: string;
  readonly digest: string;
  readonly record: ConsumedRecord;
  readonly parkedAtMs: number;
  readonly attemptsInPlace: number;
  readonly retries: number;
}

interface Postponed {
  readonly message: ParkedMessage;
  readonly retryAtMs: number;
  readonly error: Error;
}

/** The changes to the parked messages of a partition that a batch makes in its transaction. */
export interface ParkingChanges {
  readonly parked?: readonly ToPark[];
  /** A message that was handled or became a dead letter. */
  readonly unparked?: ParkedMessage;
  readonly postponed?: Postponed;
}

/** True once an operator has given the message up. The time of parking is then 0 or -Infinity. */
export const isGivenUp = (parkedAtMs: number): boolean => parkedAtMs <= 0;

/** There is no room for another parked message. The transaction was rolled back. */
export class ParkingFullError extends ConsumerError {
  override readonly name = 'ParkingFullError';

  constructor(message: string) {
    super('parking_full', message);
  }
}

/** Used instead of a key where the key could be too long. */
export const digestOf = (key: Buffer | string): string => createHash('sha256').update(key).digest('base64');

export interface ParkedKey {
  readonly digest: string;
  readonly messages: number;
  readonly retryAtMs: number;
}

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
