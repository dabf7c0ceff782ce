import { seconds } from '../runtime/clock.ts';
import type { LogSettings } from './log-settings.ts';
import type { SegmentedPartitionLog } from './partition-log.ts';
import type { ProducerStates } from './producers/producer-states.ts';
import type { OfflinePartitionLog } from './recovery/open-partition.ts';
import type { RepeatedWork } from '../runtime/polling.ts';

export type OpenPartition = SegmentedPartitionLog | OfflinePartitionLog;

type Partitions = ReadonlyMap<string, OpenPartition>;

interface Cleanup {
  readonly background: RepeatedWork;
  /** Called each time, because the settings may change. */
  readonly settings: () => LogSettings;
}

const producerCountIntervalMs = seconds(1);

const othersFirst = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Starts retention, compaction and the expiry of producers in the background. */
export function startCleanup(partitions: Partitions, { background, settings }: Cleanup): void {
  const { cleanerEnabled, clock, producersMax } = settings();
  background.every(
    () => settings().retentionCheckIntervalMs,
    () => enforceRetention(partitions),
  );
  if (cleanerEnabled)
    background.every(
      () => settings().cleanerBackoffMs,
      () => compactDirtiest(partitions),
    );
  background.every(
    () => settings().producerIdExpirationCheckIntervalMs,
    async () => {
      for (const producers of producerStates(partitions)) producers.forgetOld(clock.now());
    },
  );
  background.every(
    () => producerCountIntervalMs,
    async () => limitProducers(producerStates(partitions), { producersMax, nowMs: clock.now() }),
  );
}

/** Lets waiting work use the thread before each partition. */
async function enforceRetention(partitions: Partitions): Promise<void> {
  for (const partition of [...partitions.values()]) {
    await othersFirst();
    await partition.deleteExpired();
  }
}

/** Compacts all partitions that are due, the dirtiest first. */
async function compactDirtiest(partitions: Partitions): Promise<void> {
  const due: Array<{ readonly partition: OpenPartition; readonly dirtyRatio: number }> = [];
  for (const partition of [...partitions.values()]) {
    await othersFirst();
    const dirtyRatio = partition.compaction.due()?.dirtyRatio;
    if (dirtyRatio !== undefined) due.push({ partition, dirtyRatio });
  }
  for (const { partition } of due.sort((one, other) => other.dirtyRatio - one.dirtyRatio))
    await partition.compact();
}

const producerStates = (partitions: Partitions): readonly ProducerStates[] =>
  [...partitions.values()].flatMap(({ producerStates: producers }) => producers ?? []);

/**
 * A client that floods a partition with producers makes that partition forget, not others: the
 * partitions with the most producers forget first.
 */
function limitProducers(
  states: readonly ProducerStates[],
  { producersMax, nowMs }: { readonly producersMax: number; readonly nowMs: number },
): void {
  const share = fairShare(
    states.map(({ size }) => size),
    producersMax,
  );
  for (const producers of states) if (producers.size > share) producers.forgetOld(nowMs, share);
}

/**
 * The limit for each size, so that all sizes together do not exceed the total. Sizes below the
 * limit are not reduced.
 */
export function fairShare(sizes: readonly number[], total: number): number {
  let left = total;
  for (const [index, size] of sizes.toSorted((one, other) => one - other).entries()) {
    const share = Math.floor(left / (sizes.length - index));
    if (size > share) return share;
    left -= size;
  }
  return Infinity;
}

/** The highest producer id that any partition knows, or -1 if there is none. */
export function highestProducerId(partitions: Iterable<OpenPartition>): bigint {
  let highest = -1n;
  for (const partition of partitions) {
    if (partition.unavailable !== undefined) continue;
    for (const { producerId } of partition.producers()) if (producerId > highest) highest = producerId;
  }
  return highest;
}
