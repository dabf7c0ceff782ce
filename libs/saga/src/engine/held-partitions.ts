import type { TopicPartition } from '@millrace/streaming-core/client';
import { FencedError, type OwnedPartition, type OwnershipListener } from '@millrace/streaming-core/consumer';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';

/** A start partition that this process owns now, and what has to be minded before its timers fire. */
export interface HeldPartition {
  readonly owned: OwnedPartition;
  /** The assignment is the first. Due timers have to be moved after each before any fires. */
  disruptions: number;
  /** How many of them are dealt with. */
  settled: number;
  lost: boolean;
  readonly transactions: Set<Promise<unknown>>;
}

export const mayFire = ({ disruptions, settled, lost }: HeldPartition): boolean =>
  !lost && settled === disruptions;

/** The partition's epoch-checked transaction. Rejects with `FencedError` once the partition was given back, without starting one. */
export async function inTransaction<Result>(
  { owned, lost, transactions }: HeldPartition,
  work: (transaction: SqlTransaction) => Promise<Result>,
): Promise<Result> {
  if (lost) throw new FencedError(`${owned.topic}/${owned.partition} was given back`);
  const transaction = owned.transaction(work);
  transactions.add(transaction);
  return transaction.finally(() => transactions.delete(transaction));
}

export interface HeldPartitions {
  readonly ownership: OwnershipListener;
  all(): readonly HeldPartition[];
}

const idOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;

/**
 * Follows what the consumer runtime says about the start topics. `settle` moves the due timers of a disrupted partition; until it
 * has, nothing of that partition fires, so the order of `onOwned` and `onDisrupted` does not matter.
 */
export function holdPartitions(
  startTopics: ReadonlySet<string>,
  settle: (held: HeldPartition) => Promise<void>,
): HeldPartitions {
  const partitions = new Map<string, HeldPartition>();

  return {
    all: () => [...partitions.values()],
    ownership: {
      onOwned(owned) {
        const known = partitions.get(idOf(owned));
        if (!startTopics.has(owned.topic) || known?.owned.epoch === owned.epoch) return;
        if (known !== undefined) known.lost = true;
        partitions.set(idOf(owned), {
          owned,
          disruptions: 1,
          settled: 0,
          lost: false,
          transactions: new Set(),
        });
      },
      async onDisrupted(owned) {
        const held = partitions.get(idOf(owned));
        if (held?.owned.epoch !== owned.epoch) return; // not yet owned, which settles anyway, or no more
        held.disruptions++; // at once: a look at the timers that is under way stops here
        await settle(held);
      },
      async onLost(partition) {
        const held = partitions.get(idOf(partition));
        if (held === undefined) return;
        partitions.delete(idOf(partition));
        held.lost = true;
        await Promise.allSettled(held.transactions);
      },
    },
  };
}
