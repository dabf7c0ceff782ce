import type { TaskPlan } from '../assignment/tasks.ts';
import { keepsRecentRows } from '../state/open-window-store.ts';
import { RECENT_BYTES_MAX } from '../state/store-limits.ts';
import type { Topology } from '../topology/topology.ts';

/** The memory that each task of a process may use, so that all together stay within the limits. */
export interface TaskShares {
  /** The memory for the updates that the caches of the task hold back. */
  readonly cacheBytesMax: number;
  /** The memory for the newest rows of each store of a stream join. */
  readonly recentBytesMax: number;
}

/** The memory for the newest rows of all stores of stream joins: 32 MiB, or 4 MiB for each of 8 stores. */
const allRecentBytesMax = 8 * RECENT_BYTES_MAX;

export function taskShares(
  plans: readonly Pick<TaskPlan, 'id'>[],
  topology: Pick<Topology, 'subTopologies'>,
  { cacheBytesMax }: { readonly cacheBytesMax: number },
): TaskShares {
  const stores = plans.flatMap((plan) => topology.subTopologies.find(isOf(plan))?.stores ?? []);
  const recentStores = stores.filter(keepsRecentRows).length;
  return {
    cacheBytesMax: Math.floor(cacheBytesMax / Math.max(1, plans.length)),
    recentBytesMax: Math.min(RECENT_BYTES_MAX, Math.floor(allRecentBytesMax / Math.max(1, recentStores))),
  };
}

const isOf =
  ({ id }: Pick<TaskPlan, 'id'>) =>
  (subTopology: { readonly id: number }): boolean =>
    subTopology.id === id.subTopology;
