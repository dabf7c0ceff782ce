import { setNewest, type Clock } from '../../runtime/index.ts';
import type { TopicPartition } from '../../client/index.ts';
import type { ConsumerLimits } from './limits.ts';
import { nameOf, type InboxMessage } from './open-batch.ts';

interface Admitted {
  readonly atMs: number;
  /** A record is admitted again when its batch is retried. */
  readonly record: string;
}

/**
 * Admits one copy of a message per interval. Memory is bounded: once a message is forgotten, its
 * next copy may be admitted early. A copy is never refused because of other messages.
 */
export class DuplicateRate {
  readonly #clock: Clock;
  readonly #limits: Pick<ConsumerLimits, 'duplicateEveryMs' | 'duplicatesMax'>;
  /** The last admission of each message, in the order of admission. */
  readonly #admitted = new Map<string, Admitted>();

  constructor(clock: Clock, limits: Pick<ConsumerLimits, 'duplicateEveryMs' | 'duplicatesMax'>) {
    this.#clock = clock;
    this.#limits = limits;
  }

  admits(copy: InboxMessage & TopicPartition & { readonly offset: bigint }): boolean {
    const name = nameOf(copy);
    const record = `${copy.topic}/${copy.partition}/${copy.offset}`;
    const atMs = this.#clock.monotonic();
    const last = this.#admitted.get(name);
    if (last !== undefined && last.record !== record && atMs - last.atMs < this.#limits.duplicateEveryMs)
      return false;
    setNewest(this.#admitted, name, { atMs, record }, this.#limits.duplicatesMax);
    return true;
  }
}
