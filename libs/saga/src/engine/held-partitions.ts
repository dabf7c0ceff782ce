import type { OwnedPartition, OwnershipListener } from '@millrace/streaming-core/consumer';
import type { TopicPartition } from '@millrace/streaming-core/client';

/** A start partition that this process owns now, and what has to be minded before its timers fire. */
export interface HeldPartition {
  readonly owned: OwnedPartition;
  /** The assignment is the first. Due timers have to be moved after each before any fires. */
  disruptions: number;
  /** How many of them are dealt with. */
  settled: number;
  lost: boolean;
  /** Work on one partition runs one after the other; it never rejects. */
  work: Promise<void>;
}

export const mayFire = ({ disruptions, settled, lost }: HeldPartition): boolean => !lost && settled === disruptions;

export interface HeldPartitions {
  readonly ownership: OwnershipListener;
  all(): readonly HeldPartition[];
}

const idOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;

/** Runs `work` after whatever runs on the partition now; the caller's promise rejects if it does, the queue goes on. */
export function inTurn<Result>(held: HeldPartition, work: () => Promise<Result>): Promise<Result> {
  const turn = held.work.then(work);
  held.work = turn.then(
    () => undefined,
    () => undefined,
  );
  return turn;
}

/**
 * Follows what the consumer runtime says about the start topics. `settle` moves the due timers of a disrupted partition; until it
 * has, nothing of that partition fires, so the order of `onOwned` and `onDisrupted` does not matter.
 */
export function holdPartitions(startTopics: ReadonlySet<string>, settle: (held: HeldPartition) => Promise<void>): HeldPartitions {
  const partitions = new Map<string, HeldPartition>();

  function hold(owned: OwnedPartition): void {
    const known = partitions.get(idOf(owned));
    if (known?.owned.epoch === owned.epoch) return;
    if (known !== undefined) known.lost = true;
    partitions.set(idOf(owned), { owned, disruptions: 1, settled: 0, lost: false, work: known?.work ?? Promise.resolve() });
  }

  return {
    all: () => [...partitions.values()],
    ownership: {
      onOwned(owned) {
        if (startTopics.has(owned.topic)) hold(owned);
      },
      async onDisrupted(owned) {
        const held = partitions.get(idOf(owned));
        if (held?.owned.epoch !== owned.epoch) return; // not yet owned, which settles anyway, or no more
        held.disruptions++; // at once: a look at the timers that is under way stops here
        await inTurn(held, () => settle(held));
      },
      async onLost(partition) {
        const held = partitions.get(idOf(partition));
        if (held === undefined) return;
        partitions.delete(idOf(partition));
        held.lost = true;
        await held.work;
      },
    },
  };
}
