import type { ConsumerRuntime, PartitionStatus } from '@millrace/streaming-core/consumer';

/**
 * Reports on `/readyz` the parked keys of a consumer, and the partitions on which it handles
 * nothing until an operator acts: `refused` ones, whose stored offset does not match the log, and
 * `blocked` ones, whose next message this process cannot handle. Parked keys are not the fault of
 * the process.
 */
export function consumerHealth(runtime: Pick<ConsumerRuntime, 'status' | 'failure'> | undefined) {
  const partitions = runtime?.status() ?? [];
  const failure = runtime?.failure;
  const refused = inState('refused', partitions);
  const blocked = inState('blocked', partitions);
  const parked = partitions.flatMap(({ topic, partition, parking }) =>
    parking === undefined ? [] : [{ place: `${topic}/${partition}`, ...parking }],
  );
  return {
    works: refused.length === 0 && blocked.length === 0 && failure === undefined,
    details: {
      partitions: partitions.length,
      refused,
      blocked,
      parkedKeys: parked.reduce((sum, { keys }) => sum + keys, 0),
      parkedMessages: parked.reduce((sum, { messages }) => sum + messages, 0),
      waitingForRoom: parked.filter(({ full }) => full).map(({ place }) => place),
      ...(failure && { reason: failure.message }),
    },
  };
}

const inState = (wanted: PartitionStatus['state'], partitions: readonly PartitionStatus[]) =>
  partitions
    .filter(({ state }) => state === wanted)
    .map(({ topic, partition, failure }) => ({
      partition: `${topic}/${partition}`,
      reason: failure?.message ?? '',
    }));
