import type { TopicPartition } from '@millrace/streaming-core/client';
import { FencedError, type OwnedPartition, type OwnershipListener } from '@millrace/streaming-core/consumer';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';

/**
 * A start partition that this process owns, and the work that must be settled before its timers
 * fire.
 */
export interface HeldPartition {
  readonly owned: OwnedPartition;
  /**
   * The number of disruptions so far; the assignment is the first. After each one, due timers have
   * to be moved before any timer fires.
   */
  disruptions: number;
  /** The number of disruptions that are settled. */
  settled: number;
  lost: boolean;
  readonly transactions: Set<Promise<unknown>>;
}

export const mayFire = ({ disruptions, settled, lost }: HeldPartition): boolean =>
  !lost && settled === disruptions;

/**
 * Runs work in the partition's epoch-checked transaction. Once the partition is lost, rejects with
 * `FencedError` without starting a transaction.
 */
export async function inTransaction<Result>(
  { owned, lost, transactions }: HeldPartition,
  work: (transaction: SqlTransaction) => Promise<Result>,
): Promise<Result> {
  if (lost) throw new FencedError(`${owned.topic}/${owned.partition} is no longer owned by this process`);
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
 * Follows what the consumer runtime reports about the start topics. `settle` moves the due timers
 * of a disrupted partition. Nothing in that partition fires before this is done, so the order of
 * `onOwned` and `onDisrupted` does not matter.
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
        if (held?.owned.epoch !== owned.epoch) return; // lost, or not assigned yet: onOwned will settle it
        held.disruptions++; // counted first, so that a running poll of the timers stops
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
