import { byText, type ProcessState } from './task-copies.ts';

/** The processes to share tasks among, with what they have already been given. */
export interface Sharing {
  readonly processes: readonly ProcessState[];
  /** How many tasks each process has from other sub-topologies. */
  readonly loads: ReadonlyMap<string, number>;
  /** How many of the tasks each process runs now. */
  readonly held: ReadonlyMap<string, number>;
}

/**
 * Returns how many of `taskCount` tasks each process gets, in proportion to its capacity. What is
 * left over goes to the processes with the least load, then to those that hold more than their
 * share already, so that nothing moves without need.
 */
export function quotasOf(taskCount: number, { processes, loads, held }: Sharing): Map<string, number> {
  const capacity = processes.reduce((sum, process) => sum + process.capacity, 0);
  const quotas = new Map(
    processes.map((process) => [process.processId, Math.floor((taskCount * process.capacity) / capacity)]),
  );
  const quotaOf = ({ processId }: ProcessState) => quotas.get(processId) ?? 0;
  const relativeLoad = (process: ProcessState) =>
    ((loads.get(process.processId) ?? 0) + quotaOf(process)) / process.capacity;
  const holdsMore = (process: ProcessState) => Number((held.get(process.processId) ?? 0) > quotaOf(process));
  const ranked = processes.toSorted(
    (one, other) =>
      relativeLoad(one) - relativeLoad(other) ||
      holdsMore(other) - holdsMore(one) ||
      byText(one.processId, other.processId),
  );
  const shared = [...quotas.values()].reduce((sum, quota) => sum + quota, 0);
  for (const { processId } of ranked.slice(0, taskCount - shared))
    quotas.set(processId, (quotas.get(processId) ?? 0) + 1);
  return quotas;
}
