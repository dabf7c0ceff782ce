import { ClientError } from '../../errors/client-error.ts';
import type { TopicPartition } from '../../types.ts';
import { nameOf } from '../../partition-names.ts';
import { HeldPartition, type Taken } from './held-partition.ts';

/** The partitions that are assigned to a consumer. */
export class HeldPartitions {
  readonly #held = new Map<string, HeldPartition>();
  #all: readonly HeldPartition[] = [];
  #inTurn: HeldPartition | undefined;

  get all(): readonly HeldPartition[] {
    return this.#all;
  }

  get bufferedBytes(): number {
    return this.#all.reduce((sum, { bufferedBytes }) => sum + bufferedBytes, 0);
  }

  add(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) this.#held.set(nameOf(at), new HeldPartition(at));
    this.#all = [...this.#held.values()];
  }

  remove(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) this.#held.delete(nameOf(at));
    this.#all = [...this.#held.values()];
  }

  has(at: TopicPartition): boolean {
    return this.#held.has(nameOf(at));
  }

  /** Rejects partitions that other members own. */
  of(at: TopicPartition): HeldPartition {
    const held = this.#held.get(nameOf(at));
    if (held === undefined)
      throw new ClientError('not_member', `${nameOf(at)} is not assigned to this consumer at the moment`);
    return held;
  }

  /** Takes all of a fetch answer from one partition before the next partition has its turn. */
  take<Content>(from: (held: HeldPartition) => Taken<Content> | undefined): Taken<Content> | undefined {
    const all = this.#all;
    const start = this.#inTurn === undefined ? 0 : Math.max(0, all.indexOf(this.#inTurn));
    for (let step = 0; step < all.length; step += 1) {
      const held = all[(start + step) % all.length]!;
      const taken = held.canDeliver ? from(held) : undefined;
      if (taken === undefined) continue;
      this.#inTurn = held.isWithinAnswer ? held : all[(start + step + 1) % all.length];
      return taken;
    }
    return undefined;
  }
}
